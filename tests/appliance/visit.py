"""What a resident does: chooses a care, answers, reads, presses the button, listens to the end, answers again."""

from kiosk.journey.views import ConeView, ReadyView, ServiceView, TextView
from tests.appliance.resident import Resident

BEFORE, AFTER = (6, 7, 5, 4, 2), (2, 3, 4, 1, 7)
INDICATORS = ("angoisse", "anxiete", "douleur", "agitation", "plaisir")
COMMENT_BEFORE, COMMENT_AFTER = "dos", "mer"
CARE = "care:riviere"


def staff(person: Resident, pin: str) -> None:
    """From home through staff's door by their PIN, and back: it opens by what a technician's file has set, or not."""
    person.touch("service")
    for number, digit in enumerate(pin):
        person.see(f"pin-{number}")
        person.touch(f"key:{digit}")
    person.twin.staff_code(fits=True)
    assert isinstance(person.twin.view, ServiceView)
    person.see("staff")
    person.touch("back")


def before(person: Resident) -> None:
    """From home to the button."""
    person.see("home")
    person.touch(CARE)
    person.see("who")
    person.touch("option:0")
    person.see("who-me")
    person.touch("continue")
    evaluate(person, "before", BEFORE, COMMENT_BEFORE)
    while isinstance(person.twin.view, TextView):
        page = person.twin.view.page
        person.see(f"page-{page}")
        person.touch("continue")
    assert isinstance(person.twin.view, ReadyView)
    person.twin.sound("ready")
    person.see("ready")


def evaluate(person: Resident, moment: str, heights: tuple[int, ...], comment: str) -> None:
    """Five cones and a word on the screen's keyboard."""
    for indicator, height in zip(INDICATORS, heights, strict=True):
        assert isinstance(person.twin.view, ConeView)
        person.see(f"{moment}-{indicator}")
        person.touch("cone", height)
        person.see(f"{moment}-{indicator}-{height}")
        person.touch("continue")
    person.see(f"{moment}-comment")
    for number, letter in enumerate(comment, 1):
        person.touch(f"key:{letter}")
        person.see(f"{moment}-comment-{comment[:number]}")
    person.touch("continue")


def listen(person: Resident, package_s: float) -> None:
    """Press the button, and touch nothing until the questions come."""
    person.press()
    person.twin.sound("playing", 0.01)
    person.see("playing")
    person.twin.sound("ended", 1.0, "heard_whole")
    person.see("after", package_s + 300)


def after(person: Resident) -> None:
    evaluate(person, "after", AFTER, COMMENT_AFTER)
    person.see("thanks")
    person.touch("done")
    person.twin.record("pending")
    person.see("home-pending")


def in_record(person: Resident) -> None:
    """Nobody touches anything: home says where the answers are."""
    person.twin.record("in_record")
    person.see("in-record")
