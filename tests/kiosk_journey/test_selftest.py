"""The self-test with its staff: what only a human being can say, what the box found, on which line it stands."""

from typing import get_args

import pytest

from kiosk.journey import effects
from kiosk.journey.chapters.selftest import ASKED, STANDS_ON
from kiosk.journey.events import Examined, Filler
from kiosk.journey.places.service import POINTS, Examining, Menu
from kiosk.journey.views import SelfTestView, TouchTestView
from mqtt_bridge.contract.report import Finding, SelfTested
from tests.support.at_a_box import in_the_menu
from tests.support.journey import WORDS, Walker

SAID = WORDS.service


def asked_of(walker: Walker) -> str:
    assert isinstance(walker.view, SelfTestView)
    return walker.view.question


def test_a_self_test_asks_measures_and_is_kept() -> None:
    walker = in_the_menu()
    assert effects.Examine() in walker.touch("test")
    assert asked_of(walker) == SAID.ask["screen"]
    assert effects.Light("on") in walker.touch("yes")
    walker.touch("no")  # the light
    walker.touch("yes")
    assert asked_of(walker) == SAID.ask["button"], "only the button itself says that it works"
    sound = walker.press()
    assert any(isinstance(one, effects.TestSound) for one in sound)
    walker.touch("yes")
    assert isinstance(walker.view, TouchTestView)
    for point in POINTS:
        assert isinstance(walker.view, TouchTestView)
        walker.touch(f"point:{point}")
    assert asked_of(walker) == "", "the box is still looking"
    walker.touch("yes")
    assert isinstance(walker.journey.place, Examining)
    disk = Finding(check="disk", fine=False, told="the card is full")
    walker.feel(Examined(walker.clock(), (disk,)))
    assert asked_of(walker) == SAID.keep
    told = [one.told for one in walker.view.findings if one.state == "failed"]  # type: ignore[attr-defined]
    assert told == [SAID.remedies["light"], SAID.remedies["disk"]]
    walker.touch("yes")
    (report,) = [one for one in walker.told if isinstance(one, SelfTested)]
    assert [(one.check, one.fine) for one in report.findings] == [
        ("screen", True), ("light", False), ("button", True), ("sound", True), ("touch", True), ("disk", False),
    ]  # fmt: skip
    write = next(one for one in reversed(walker.effects) if isinstance(one, effects.Write) and one.reports)
    assert write.plan is None, "a self-test belongs to nobody's record"


def test_what_cannot_be_done_is_said_and_a_test_may_be_left() -> None:
    walker = in_the_menu()
    walker.touch("test")
    for target in ("yes", "yes", "no", "no", "skip"):
        walker.touch(target)
    place = walker.journey.place
    assert isinstance(place, Examining)
    assert [one.fine for one in place.asked] == [True, True, False, False, False]
    walker.touch("back")
    assert isinstance(walker.journey.place, Menu)
    assert not [one for one in walker.told if isinstance(one, SelfTested)]
    walker.feel(Examined(walker.clock(), ()))  # nobody waits for it any more
    assert isinstance(walker.journey.place, Menu)


@pytest.mark.parametrize(
    ("check", "fine", "disk", "told"),
    [
        ("key-stand-in", False, True, SAID.key_known),
        ("key-stand-in", False, False, SAID.remedies["disk"]),
        ("key-tpm2", True, True, ""),
    ],
)
def test_a_key_that_everybody_knows_stands_on_the_line_of_the_memory(
    check: str,
    fine: bool,  # noqa: FBT001
    disk: bool,  # noqa: FBT001
    told: str,
) -> None:
    walker = in_the_menu()
    walker.touch("test")
    found = (Finding(check="disk", fine=disk, told=""), Finding(check=check, fine=fine, told=""))
    walker.feel(Examined(walker.clock(), found))
    view = walker.view
    assert isinstance(view, SelfTestView)
    (line,) = [one for one in view.findings if one.label == SAID.checks["disk"]]
    assert (line.state, line.told) == ("failed" if told else "fine", told)
    assert not [one for one in view.findings if one.label.startswith("key")]


@pytest.mark.parametrize(("file", "room"), [(True, True), (True, False), (False, True), (False, False)])
def test_a_technicians_file_that_is_refused_stands_on_the_line_of_the_room(*, file: bool, room: bool) -> None:
    walker = in_the_menu()
    walker.touch("test")
    found = (Finding(check="room", fine=room), Finding(check="box-file", fine=file, told="line 2"))
    walker.feel(Examined(walker.clock(), found))
    assert isinstance(walker.view, SelfTestView)
    shown = [(one.label, one.state) for one in walker.view.findings if one.state in ("fine", "failed")]
    ill = room and not file
    assert shown == [(SAID.checks["box-file" if ill else "room"], "fine" if file and room else "failed")]


@pytest.mark.parametrize("by", get_args(Filler))
def test_what_to_do_about_a_full_card_depends_on_what_fills_it(by: Filler) -> None:
    walker = in_the_menu()
    walker.touch("test")
    found = (Finding(check="disk", fine=True), Finding(check="room", fine=False, told="3 MB free"))
    walker.feel(Examined(walker.clock(), found, by))
    assert told_beside(walker, "disk") == ("fine", ""), "a full card is no spoilt one"
    assert told_beside(walker, "room") == ("failed", SAID.full_of[by])
    walker.touch("back")
    walker.touch("test")
    walker.feel(Examined(walker.clock(), found))
    assert told_beside(walker, "room") == ("failed", SAID.remedies["room"]), "what fills it is not known"


def told_beside(walker: Walker, check: str) -> tuple[str, str]:
    """State and words of one line of the self-test."""
    assert isinstance(walker.view, SelfTestView)
    (line,) = [one for one in walker.view.findings if one.label == SAID.checks[check]]
    return line.state, line.told


@pytest.mark.parametrize("check", ["sound-card", "level", "network"])
@pytest.mark.parametrize("fine", [True, False])
def test_what_the_machine_answers_stands_on_the_line_that_it_belongs_to(check: str, *, fine: bool) -> None:
    walker, line = in_the_menu(), STANDS_ON[check]
    walker.touch("test")
    walker.feel(Examined(walker.clock(), (Finding(check=line, fine=True), Finding(check=check, fine=fine))))
    assert told_beside(walker, line) == (("fine", "") if fine else ("failed", SAID.remedies[check]))
    assert isinstance(walker.view, SelfTestView)
    assert len(walker.view.findings) == len(ASKED) + 1


def test_what_a_human_says_is_fine_and_the_machine_not_is_not_fine() -> None:
    walker = in_the_menu()
    walker.touch("test")
    found = (Finding(check="button-line", fine=False, told="down"), Finding(check="frames", fine=False, told="none"))
    walker.feel(Examined(walker.clock(), found))
    assert told_beside(walker, "screen") == ("asked", ""), "it is asked all the same"
    walker.touch("yes")
    assert told_beside(walker, "screen") == ("failed", SAID.remedies["frames"])
    walker.touch("yes")
    walker.press()
    assert told_beside(walker, "button") == ("failed", SAID.remedies["button-line"])
