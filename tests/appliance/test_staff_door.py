"""Staff's door of the emulated box, tried without the emulator: the technician's file, the way there, what is seen."""

from dataclasses import replace
from pathlib import Path
from typing import cast

from msgspec import structs

from kiosk.journey.events import Box
from kiosk.journey.views import Frame, ServiceView, View
from kiosk.shell import box_file
from mqtt_bridge.contract.identity import Period
from mqtt_bridge.seal import code_matches
from tests.appliance import eyes, visit
from tests.appliance.emulator import SIZE, Emulator
from tests.appliance.joining import technicians_file
from tests.appliance.resident import Resident, unjudged
from tests.appliance.twin import Twin
from tests.support.house import STAFF_PIN
from tests.support.words_of_care import plan


class Unseen(Resident):
    """Somebody before no screen: what they touch, the journey alone is told."""

    def see(self, name: str, seconds_max: float = 0.0) -> None:
        self.seen.append(self.twin.view)

    def touch(self, target: str, height: int | None = None) -> None:
        self.twin.target(target, SIZE)
        self.twin.touch(target, height)


def before_home(service: str) -> Unseen:
    twin = Twin(structs.replace(plan(), period=Period(start_ms=0, end_ms=2**42)), 10.0)
    twin.box(Box(name="chevet-2", service=service))
    return Unseen(cast("Emulator", None), twin, lambda _: None)


def kinds(views: list[View]) -> list[str]:
    return [type(one).__name__ for one in views]


def test_the_file_on_the_card_is_one_that_the_box_takes(tmp_path: Path) -> None:
    file = tmp_path / box_file.NAME
    file.write_text(technicians_file())
    found = box_file.read(file)
    assert box_file.named(found) == ("service.pin", "voice.espeak")
    assert found.service is not None
    assert code_matches(found.service.pin, STAFF_PIN)


def test_the_door_opens_by_six_digits_and_leads_home_again() -> None:
    person = before_home("set")
    visit.staff(person, STAFF_PIN)
    assert kinds(person.seen) == ["CodeView"] * 6 + ["ServiceView"]
    assert type(person.twin.view).__name__ == "HomeView"


def test_what_the_box_says_of_itself_is_not_judged_and_everything_else_is() -> None:
    person = before_home("set")
    visit.staff(person, STAFF_PIN)
    menu = person.seen[-1]
    assert isinstance(menu, ServiceView)
    other = replace(menu, lines=("Boîte : une autre, et ce qu’elle dit d’elle-même est autre aussi.",) * 6)
    but = unjudged(menu)
    wanted, said_otherwise = (eyes.drawn(one, Frame(), SIZE) for one in (menu, other))
    assert eyes.apart(wanted, said_otherwise) > eyes.SHARE_MAX
    assert eyes.apart(wanted, said_otherwise, but) == 0.0
    for elsewhere in (person.seen[0], person.twin.view):
        assert eyes.apart(wanted, eyes.drawn(elsewhere, Frame(), SIZE), but) > eyes.SHARE_MAX
