"""Whatever is touched around a care, and whenever the power goes: needs, help and stops are told once and truly."""

from collections import Counter
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from kiosk.journey.events import PlayerGone, Sound, SoundReported
from kiosk.journey.helping import AGAIN_MS
from kiosk.journey.views import HomeView
from mqtt_bridge.contract.care import CarePlan
from mqtt_bridge.contract.framing import Hours, Limits
from mqtt_bridge.contract.identity import Period
from mqtt_bridge.contract.need import Condition, NeedRule
from mqtt_bridge.contract.report import Evaluation, HelpAsked, Listening, NeedTold, StopExplained
from tests.support.remembering import Remembering
from tests.support.words_of_care import plan, request

PER_DAY = 2
RULE = NeedRule(
    id="crise", conditions=(Condition(item="angoisse", at_least=7),), offer="ancre", reason="Angoisse.", moment="both"
)
TARGETS = (
    "care:riviere", "care:ancre", "continue", "back", "decline", "keep", "help", "ask", "done", "skip", "reason:pain",
    "garden", "more", "stop", "yes", "no", "wake", "choose", "choose:others",
)  # fmt: skip
WALKS = st.tuples(st.sampled_from(["questions", "ready", "playing", "stopped", "heard"]), st.integers(0, 10))
STEPS = st.one_of(
    WALKS.map(lambda walk: ("walk", f"{walk[0]} {walk[1]}")),
    WALKS.map(lambda walk: ("walk", f"{walk[0]} {walk[1]}")),
    st.sampled_from(TARGETS).map(lambda target: ("touch", target)),
    st.integers(0, 10).map(lambda height: ("answer", height)),
    st.integers(0, 10).map(lambda height: ("answers", height)),
    st.just(("press", 0)),
    st.sampled_from(["ask done", "ask", "done"]).map(lambda targets: ("help", targets)),
    st.sampled_from(["ready", "playing", "ended", "stopped", "idle", "gone"]).map(lambda phase: ("sound", phase)),
    st.sampled_from([1_000, 5 * 60_000, 16 * 60_000, 7 * 3600_000]).map(lambda ms: ("wait", ms)),
    st.sampled_from(["kill", "cut", "night"]).map(lambda kind: ("power", kind)),
    st.sampled_from(["trusted", "untrusted", "read"]).map(lambda what: ("told", what)),
)


def care_plan() -> CarePlan:
    river = structs.replace(request(), limits=Limits(per_day_max=PER_DAY, hours=(Hours(start="07:00", end="21:00"),)))
    anchor = structs.replace(request("ancre", "crisis"), limits=Limits(interval_s_min=1800))
    return structs.replace(plan(river, anchor), needs=(RULE,), period=Period(start_ms=0, end_ms=4 * 10**12))


@given(st.lists(STEPS, min_size=8, max_size=60))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_whatever_is_touched_and_whenever_the_power_goes(steps: list[tuple[str, str | int]]) -> None:
    walker = Remembering(care_plan())
    for kind, value in steps:
        _do(walker, kind, value)
        assert walker.view is not None  # every state can be shown
        if isinstance(walker.view, HomeView):
            assert len(walker.view.tiles) <= 3
    _check(walker)


def _do(walker: Remembering, kind: str, value: str | int) -> None:
    match kind:
        case "touch":
            walker.touch(str(value))
        case "answer":
            walker.touch("cone", int(value))
            walker.touch("continue")
        case "answers":
            walker.evaluate(*(int(value),) * 5)
        case "walk":
            _walk(walker, *str(value).split())
        case "help":
            for target in ("help", *str(value).split()):
                walker.touch(target)
        case "press":
            walker.press()
        case "wait":
            walker.wait_ms(int(value))
        case "power":
            walker.power_cut(same_boot=value != "cut", minutes=600 if value == "night" else 0.1)
        case "told":
            _tell(walker, str(value))
        case _:
            _sound(walker, str(value))


def _walk(walker: Remembering, where: str, height: str) -> None:
    """As far as the screens let one: from home to the questions, all is ready, the sound, its end."""
    for target in ("done", "skip", "keep", "back", "choose", "care:riviere", "care:ancre"):
        walker.touch(target)
    walker.evaluate(*(int(height),) * 5)
    if where == "questions":
        return
    walker.touch("keep" if int(height) % 2 else "care:ancre")
    while walker.screen == "TextView":
        walker.touch("continue")
    _sound(walker, "ready")
    if where == "ready":
        return
    walker.press()
    _sound(walker, "playing")
    if where != "playing":
        _sound(walker, "ended" if where == "heard" else where)
        walker.touch("reason:pain")
        walker.evaluate(*(10 - int(height),) * 5)


def _tell(walker: Remembering, what: str) -> None:
    """The clock is trusted, or not any more; or somebody reads the last request for help."""
    if what != "read":
        walker.clock.trusted = what == "trusted"
    elif walker.journey.help is not None:
        walker.read.add(walker.journey.help.help)
        walker.wait_ms(0)


def _sound(walker: Remembering, phase: str) -> None:
    session = walker.draft.session if walker.draft else walker.session
    if phase == "gone":
        walker.feel(PlayerGone(walker.clock()))
    elif phase == "idle":
        walker.feel(SoundReported(walker.clock(), Sound("idle")))
    elif phase in ("ended", "stopped"):
        walker.sound("ended", 10, "heard_whole" if phase == "ended" else "stopped", session=session)
    else:
        walker.sound(phase, 1, session=session)  # type: ignore[arg-type]


def _check(walker: Remembering) -> None:
    _told_once(walker)
    _asked_rarely(walker)
    reasons = [one.session for one in walker.told if isinstance(one, StopExplained)]
    stopped = [one.session for one in walker.told if isinstance(one, Listening) and one.outcome == "stopped"]
    assert set(reasons) <= set(stopped)
    assert len(reasons) == len(set(reasons))


def _told_once(walker: Remembering) -> None:
    needs = Counter((one.session, one.rule) for one in walker.told if isinstance(one, NeedTold))
    given = Counter((one.session, one.moment) for one in walker.told if isinstance(one, Evaluation))
    assert max(given.values(), default=0) <= 1
    assert max(needs.values(), default=0) <= len(("before", "after"))  # one rule may speak at both moments
    sources = {one.session: one for one in walker.told if isinstance(one, Evaluation) and one.given_in is None}
    for one in walker.told:
        if isinstance(one, Evaluation) and one.given_in is not None:
            assert one.response == sources[one.given_in].response


def _asked_rarely(walker: Remembering) -> None:
    """Two requests are an hour apart, unless the first was read. Identities are never used twice."""
    asked = [one for one in walker.told if isinstance(one, HelpAsked)]
    assert len({one.help for one in asked}) == len(asked)
    unread = [one for one in asked if one.help not in walker.read]
    for first, second in pairwise(unread):
        if first.asked.boot == second.asked.boot:
            assert second.asked.monotonic_ms - first.asked.monotonic_ms >= AGAIN_MS
