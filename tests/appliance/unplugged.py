"""A sound card that is pulled out while a care plays: a USB one, since that is what a person can pull out.

The player asks for its card by name; this one takes the name of the emulator's own, which is not there.
"""

from kiosk.journey.views import NoticeView
from tests.appliance import cases, door, joining, visit
from tests.appliance.counted import counted
from tests.appliance.emulator import Machine
from tests.appliance.qmp import EmulatorError
from tests.appliance.resident import Resident
from tests.appliance.table import Row

CARD = "card"
DEVICES = (
    *("-audiodev", "none,id=ear", "-device", "qemu-xhci,id=usb"),
    *("-device", f"usb-audio,id={CARD},bus=usb.0,audiodev=ear"),
)
"""Nothing is recorded: that a card consumes what it is given is enough."""
_NAMED = "echo Intel >/sys/class/sound/card0/id; cat /sys/class/sound/card0/id"
LOST = "device-lost"


def unplugged(say: joining.Say) -> list[Row]:
    """Raises EmulatorError: the screen or the report is another."""
    machine = Machine(sound=False, more=door.SHELL, devices=DEVICES)
    with cases.started(say, "unplugged", "home", machine) as (house, person):
        box = person.box
        person.see("home", joining.WAIT_S_MAX)
        box.door.knock(box)
        box.until(
            lambda: box.door.ask(_NAMED, box)[-1:] == ["Intel"], joining.WAIT_S_MAX, "the box has no USB sound card"
        )
        visit.before(person)
        words = _pulled_out(person)
        house.start("broker", "ingest")
        row = cases.told(house, person, "the sound card pulled out", f"{words}; `{LOST}`")
        cause = counted(house.clinic_home / "clinic.db", joining.NEW_BOX).cause
    if cause != LOST:
        raise EmulatorError(f"unplugged: the clinic was told of {cause!r}, not of {LOST!r}")
    return [row]


def _pulled_out(person: Resident) -> str:
    """While the care plays; what the screen says then."""
    person.press()
    person.twin.sound("playing", 0.01)
    person.see("playing")
    person.box.qmp.ask("device_del", id=CARD)
    person.twin.sound("ended", 0.2, "failed", LOST)
    person.see("sound-lost", joining.WAIT_S_MAX)
    view = person.twin.view
    assert isinstance(view, NoticeView)
    person.touch("done")
    return f"« {view.title} {view.lines[0]} »"
