"""What happens in a round, drawn from its seed: reports, and accidents of every kind at random instants.

The seed decides what is done and when; real processes are never twice at the same point. Whatever a round breaks is
put right at its end.
"""

import random
import re
from dataclasses import dataclass
from typing import Literal

from tests.campaign.ordering import Order

What = Literal[
    "write",
    "kept",
    "answered",
    "order",
    "kill",
    "kill-in-start",
    "forget",
    "cut",
    "half-open",
    "stop",
    "fill",
    "overflow",
]
"""kept, answered: nothing but to wait until a report is on the disk, until the clinic has once answered the box.
forget: the broker is killed, its files deleted. half-open: nothing is carried, and the broker dies meanwhile."""

TOLD: dict[What, str] = {
    "kill": "kill -9 of a process",
    "kill-in-start": "kill -9 again, while it was starting",
    "forget": "broker killed, and all that it kept deleted",
    "cut": "network of a box or of ingest cut",
    "half-open": "half-open connection: silence, and another broker after it",
    "stop": "process stopped (SIGSTOP) for 0.2 to 3 s",
    "fill": "disk of a box or of the clinic full",
    "overflow": "1,200 messages at once into the broker's queue of 1,000",
}
LONG: dict[What, str] = {
    "stop": "process stopped (SIGSTOP) for 120 to 300 s",
    "cut": "network cut for 70 to 180 s, longer than two keep-alives",
    "half-open": "half-open connection for 70 to 180 s: found by its keep-alive, or by nobody",
}
LONG_S_MIN = 60.0
"""Nothing that is drawn by chance lasts so long."""
STARTED_AGAIN = "that ended by itself, and was started again"
REMEDIED = "that did not start any more, until what it kept was deleted"
STOP_EVERY, SILENCE_EVERY, OVERFLOW_EVERY, ORDER_EVERY = 40, 25, 25, 10
"""In so many rounds once: a long stop (twelve in 500, three of each kind of part), a long cut and a long silence in
turn, a flood, a plan. By turn and not by chance: each is there."""
STOP_S, SILENCE_S = (120.0, 300.0), (70.0, 180.0)
"""A link finds a dead connection within two keep-alives of 30 s."""
REPORTS_MEANWHILE = 3
"""Of each box, while something lasts long."""
ORDERS: dict[int, Order] = {5: "plan", 8: "message", 2: "standing"}
"""In which of ten rounds staff do what: a plan for one box; a message, and a consent withdrawn and given again, for
all boxes of the person."""
STOPPED_IN_TURN = ("broker", "ingest", "link", "writer")
OVERFLOW_REPORTS = 1200
SHORT_S_MAX = 5.0
"""When all that is short has ended."""
_WEIGHTS: dict[What, float] = {
    "kill": 7, "kill-in-start": 2, "forget": 2, "cut": 3, "half-open": 1.5, "stop": 2, "fill": 2,
}  # fmt: skip


@dataclass(frozen=True)
class Act:
    """Something that is done at an instant of a round (seconds), and undone `for_s` later where it can be undone."""

    at_s: float
    what: What
    whom: str
    for_s: float = 0.0
    name: str = ""
    """Of a report, or what is ordered."""

    @property
    def is_long(self) -> bool:
        return self.for_s >= LONG_S_MIN

    @property
    def told(self) -> str:
        return LONG[self.what] if self.is_long else TOLD[self.what]


@dataclass(frozen=True)
class Scene:
    """Who is there: names of boxes and of parts, and whether there are small disks to fill."""

    boxes: tuple[str, ...]
    parts: tuple[str, ...]
    disks: tuple[str, ...]
    parties: tuple[str, ...]
    """Who has a network of their own."""


def drawn(seed: int, scene: Scene) -> list[Act]:
    """What happens in the round of this seed, in order."""
    chance = random.Random(seed)  # noqa: S311  # not a secret
    span_s = chance.uniform(0.4, 1.5)
    acts = [act for box in scene.boxes for act in _reports(chance, seed, box, span_s)]
    weights = {what: weight for what, weight in _WEIGHTS.items() if what != "fill" or scene.disks}
    kinds = chance.choices(list(weights), list(weights.values()), k=chance.choice((1, 2, 3, 3, 5)))
    acts += [_accident(chance, what, scene, span_s) for what in kinds]
    if seed % ORDER_EVERY in ORDERS:
        acts.append(
            Act(chance.uniform(0, span_s), "order", chance.choice(scene.boxes), name=ORDERS[seed % ORDER_EVERY])
        )
    if seed % OVERFLOW_EVERY == OVERFLOW_EVERY // 4:
        acts.append(Act(span_s, "overflow", chance.choice(scene.boxes), name=f"flood-{seed}"))
    return sorted([*acts, *_long(chance, seed, scene)], key=lambda act: act.at_s)


def _long(chance: random.Random, seed: int, scene: Scene) -> list[Act]:
    """What lasts minutes, once the short accidents of its round are over, and what people answer meanwhile."""
    at_s = SHORT_S_MAX
    if seed % STOP_EVERY == STOP_EVERY // 2:
        kind = STOPPED_IN_TURN[seed // STOP_EVERY % len(STOPPED_IN_TURN)]
        whom = chance.choice([part for part in scene.parts if kind_of(part) == kind])
        long = Act(at_s, "stop", whom, chance.uniform(*STOP_S))
    elif seed % SILENCE_EVERY == SILENCE_EVERY // 2:
        turn = seed // SILENCE_EVERY
        whom = scene.parties[turn // 2 % len(scene.parties)]
        long = Act(at_s, "half-open" if turn % 2 else "cut", whom, chance.uniform(*SILENCE_S))
    else:
        return []
    later = [
        Act(at_s + chance.uniform(0, long.for_s), "write", box, name=f"{box}-{seed}.2-{number}")
        for box in scene.boxes
        for number in range(1, REPORTS_MEANWHILE + 1)
    ]
    return [long, *later]


def kind_of(part: str) -> str:
    """« box-1 link » is a link, « ingest-2 » is an ingest."""
    return re.sub(r"-\d+$", "", part.rsplit(maxsplit=1)[-1])


def _reports(chance: random.Random, seed: int, box: str, span_s: float) -> list[Act]:
    count = chance.randrange(1, 7)
    return [Act(chance.uniform(0, span_s), "write", box, name=f"{box}-{seed}-{n}") for n in range(1, count + 1)]


def _accident(chance: random.Random, what: What, scene: Scene, span_s: float) -> Act:
    at_s, for_s = chance.uniform(0, span_s), chance.uniform(0.2, 1.5)
    match what:
        case "kill" | "kill-in-start":
            return Act(at_s, what, chance.choice(scene.parts), for_s)
        case "stop":
            return Act(at_s, what, chance.choice(scene.parts), chance.uniform(0.2, 3.0))
        case "cut" | "half-open":
            return Act(at_s, what, chance.choice(scene.parties), for_s)
        case "fill":
            return Act(at_s, what, chance.choice(scene.disks), chance.uniform(0.3, 2.5))
        case _:
            return Act(at_s, what, "broker", for_s)
