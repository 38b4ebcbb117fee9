"""A box that no clinic knows starts, and says so."""

from collections.abc import Callable
from dataclasses import replace

from firmware_config.image.recipe.__main__ import CARD
from kiosk.journey.views import NoticeView
from tests.appliance.emulator import Emulator, emptied
from tests.appliance.joining import WAIT_S_MAX
from tests.appliance.resident import wait_for_view
from tests.appliance.twin import WORDS


def notice(code: str) -> NoticeView:
    """What the box shows when it cannot serve."""
    words = WORDS.notice[code]
    return NoticeView(words.title, words.lines, "", code)


def first_picture() -> NoticeView:
    """What it shows until the kiosk has drawn."""
    return replace(notice("starting"), code="")


def boot(say: Callable[[str], None]) -> None:
    """Raises EmulatorError when a step does not come within its limit, or the screen is another."""
    with Emulator(emptied("boot"), CARD) as box:
        wait_for_view(box, [first_picture()], "first-picture", WAIT_S_MAX)
        say("the picture of the start")
        for what, mark in (
            ("U-Boot chose a slot", "chevet: slot "),
            ("the root is open", "root hash"),
            ("the data partition is mounted", "chevet-data: mounted"),
        ):
            box.until_told(mark, WAIT_S_MAX)
            say(what)
        wait_for_view(box, [notice("not-enrolled")], "first", WAIT_S_MAX)
        say(f"the first screen, as it should be: {box.folder / 'first.png'}")
        box.until_told("is good:", WAIT_S_MAX)
        say("U-Boot's record: this slot is good")
