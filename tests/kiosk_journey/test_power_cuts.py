"""A power cut, or a kill, at any instant: what was answered is kept, and the record is true."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.journey.draft import RESUME_MS
from kiosk.journey.events import Sound, SoundReported
from mqtt_bridge.contract.report import Evaluation, Listening
from tests.support.journey import Walker


def test_the_questions_go_on_where_they_were() -> None:
    walker = Walker()
    walker.touch("care:riviere")
    walker.touch("cone", 6)
    walker.touch("continue")
    walker.power_cut()
    assert walker.view.step == 3  # type: ignore[union-attr]
    walker.touch("back")
    assert walker.view.value == 6  # type: ignore[union-attr]


def test_after_a_long_cut_what_was_answered_is_kept_and_home_is_shown() -> None:
    walker = Walker()
    walker.touch("care:riviere")
    walker.touch("cone", 6)
    walker.touch("continue")
    walker.power_cut(minutes=RESUME_MS / 60_000 + 1)
    assert walker.screen == "HomeView"
    (report,) = walker.reports
    assert isinstance(report, Evaluation)
    assert report.response.status == "stopped"
    assert report.response.score("angoisse") == 6


def test_a_session_that_was_playing_is_interrupted_by_a_power_cut() -> None:
    walker = Walker()
    walker.to_playing()
    for second in (5, 10, 11, 12):
        walker.sound("playing", second)
    walker.power_cut(same_boot=False)
    walker.feel(SoundReported(walker.clock(), Sound("idle")))
    report = walker.reports[-1]
    assert isinstance(report, Listening)
    assert (report.outcome, report.cause, report.frames_exact) == ("interrupted", "power-lost", False)
    assert report.frames_played == 10 * 48_000  # committed every ten seconds: a lower bound
    assert walker.view.lines[-1] == "Vous pouvez le recommencer du début."  # type: ignore[union-attr]


def test_a_kiosk_that_was_killed_finds_the_session_where_it_is() -> None:
    walker = Walker()
    walker.to_playing()
    session = walker.session
    walker.power_cut()
    walker.sound("playing", 7, session=session)
    assert walker.screen == "PlayingView"
    walker.sound("ended", 10, "heard_whole", session=session)
    assert walker.screen == "ConeView"
    assert [r.session for r in walker.reports] == [session, session]


def test_a_kiosk_killed_between_the_button_and_the_disk_adopts_the_sound() -> None:
    walker = Walker()
    walker.to_ready()
    session = walker.session
    walker.power_cut()
    walker.sound("playing", 1, session=session)
    assert walker.screen == "PlayingView"


def test_a_care_that_was_ready_is_made_ready_again() -> None:
    walker = Walker()
    walker.to_ready()
    walker.power_cut()
    effects = walker.feel(SoundReported(walker.clock(), Sound("idle")))
    assert "Prepare" in [type(effect).__name__ for effect in effects]
    assert walker.screen == "ReadyView"


TOUCHES = st.sampled_from(
    [
        "care:riviere", "continue", "back", "decline", "plus", "minus", "stop", "yes", "no", "softer", "louder", "done",
        "help", "key:a", "key:shift", "key:backspace", "wake", "choose",
    ]
)  # fmt: skip
STEPS = st.one_of(
    TOUCHES.map(lambda target: ("touch", target)),
    st.integers(0, 10).map(lambda height: ("cone", height)),
    st.just(("press", 0)),
    st.sampled_from(["ready", "playing", "ended", "idle", "gone"]).map(lambda phase: ("sound", phase)),
    st.sampled_from([1_000, 60_000, 5 * 60_000, 16 * 60_000, 13 * 3600_000]).map(lambda ms: ("wait", ms)),
    st.sampled_from(["kill", "cut", "night"]).map(lambda kind: ("power", kind)),
)


@given(st.lists(STEPS, max_size=80))
@settings(max_examples=400, deadline=None, derandomize=True)
def test_whatever_is_touched_and_whenever_the_power_goes(steps: list[tuple[str, str | int]]) -> None:
    walker = Walker()
    for kind, value in steps:
        _do(walker, kind, value)
        assert walker.view is not None  # every state can be shown
    _check_record(walker)


def _do(walker: Walker, kind: str, value: str | int) -> None:
    match kind:
        case "touch":
            walker.touch(str(value))
        case "cone":
            walker.touch("cone", int(value))
            walker.touch("continue")
        case "press":
            walker.press()
        case "wait":
            walker.wait_ms(int(value))
        case "power":
            walker.power_cut(same_boot=value != "cut", minutes=600 if value == "night" else 0.1)
        case "sound":
            _sound(walker, str(value))


def _sound(walker: Walker, phase: str) -> None:
    from kiosk.journey.events import PlayerGone

    session = walker.draft.session if walker.draft else walker.session
    if phase == "gone":
        walker.feel(PlayerGone(walker.clock()))
    elif phase == "ended":
        walker.sound("ended", 10, "heard_whole", session=session)
    elif phase == "idle":
        walker.feel(SoundReported(walker.clock(), Sound("idle")))
    else:
        walker.sound(phase, 1, session=session)  # type: ignore[arg-type]


def _check_record(walker: Walker) -> None:
    """One listening and one evaluation of each moment at most for each session; nothing answered is missing."""
    keys = [(r.session, "listening" if isinstance(r, Listening) else r.moment) for r in walker.reports]
    assert len(keys) == len(set(keys))
    for report in walker.reports:
        if isinstance(report, Evaluation):
            assert all(bool(i.answer) != bool(i.absent_reason) for i in report.response.item)
