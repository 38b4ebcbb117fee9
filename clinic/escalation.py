"""When what waits is passed on, and to whom: pure rules, in minutes, set in clinic.toml under [escalation].

A list shows it; nobody is called. Chevet is no emergency service, and a box that was asked for help says so.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

from mqtt_bridge.contract.codec import Word

Minutes = Annotated[int, Meta(ge=1, le=44_640)]
"""At most 31 days."""
Steps = Annotated[tuple[Minutes, ...], Meta(min_length=1, max_length=4)]
"""From when it arrived, or was taken, or was due: the deadline of whoever has it, then of those it is passed on to."""
Rung = Literal["nurse", "coordinating-nurse", "advanced-practice-nurse", "therapist", "physician", "referent"]
REFERENT: Rung = "referent"
"""Every patient whose access is validated has one; so the ladder never ends at nobody."""
MINUTE_MS = 60_000
_DAY = 24 * 60


class Rules(Word, frozen=True):
    """[escalation] of clinic.toml. `ladder`: to which roles of the patient's team, one after the other."""

    ladder: Annotated[tuple[Rung, ...], Meta(min_length=1, max_length=4)] = ("coordinating-nurse", "physician")
    help: Steps = (10, 30)
    strong_pain: Steps = (60, 240)
    comment: Steps = (_DAY, 3 * _DAY)
    answers: Steps = (_DAY, 3 * _DAY)
    message: Steps = (_DAY, 3 * _DAY)
    delivery: Steps = (240, _DAY)
    task: Steps = (60, _DAY)
    other: Steps = (7 * _DAY, 14 * _DAY)

    def __post_init__(self) -> None:
        for kind in self.__struct_fields__:
            steps = getattr(self, kind)
            if kind != "ladder" and list(steps) != sorted(set(steps)):
                raise ValueError(f"[escalation] {kind} = {list(steps)}: each step is later than the one before")

    def steps(self, kind: str) -> tuple[int, ...]:
        """Of a kind of entry, as the work list names it; `other` for those without a line of their own."""
        found: tuple[int, ...] = getattr(self, kind.replace("-", "_"), self.other) if kind != "ladder" else self.other
        return found


@dataclass(frozen=True)
class Escalation:
    """`to`: the role that it is passed on to, empty before the deadline; `then`: the next one, and from when."""

    deadline_ms: int
    late: bool
    step: int
    to: str
    then: str
    then_ms: int | None


def escalate(
    rules: Rules, kind: str, from_ms: int, now_ms: int, present: frozenset[str], due_ms: int | None = None
) -> Escalation:
    """Where something that still waits stands.

    from_ms: when it arrived, or was taken by somebody since. present: the roles in the patient's team; a rung that
    nobody there has is left out. due_ms: its own deadline, from which the steps are counted instead.
    """
    rungs = [rung for rung in rules.ladder if rung in present and rung != REFERENT]
    rungs.append(REFERENT)
    steps = [(due_ms if due_ms is not None else from_ms) + minutes * MINUTE_MS for minutes in rules.steps(kind)]
    step = sum(at_ms <= now_ms for at_ms in steps)
    deadline_ms = due_ms if due_ms is not None else steps[0]
    ahead = step < len(steps) and step < len(rungs)
    return Escalation(
        deadline_ms=deadline_ms,
        late=deadline_ms <= now_ms,
        step=step,
        to=rungs[min(step, len(rungs)) - 1] if step else "",
        then=rungs[step] if ahead else "",
        then_ms=steps[step] if ahead else None,
    )
