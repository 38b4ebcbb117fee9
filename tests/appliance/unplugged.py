"""A sound card that is pulled out while a care plays: a USB one, since that is what a person can pull out.

The player asks for its card by name: it is told this one's.
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
_NAMED = (
    "mkdir -p /run/usb; c=$(cat /sys/class/sound/card0/id); sed s/CARD=Intel/CARD=$c/ /etc/chevet/player.toml "
    ">/run/usb/player.toml; grep -c CARD=$c /run/usb/player.toml && "
    "mount --bind /run/usb/player.toml /etc/chevet/player.toml && systemctl restart chevet-player && echo named"
)
"""Over the player's own file, in memory alone."""
LOST = "device-lost"


def unplugged(say: joining.Say) -> list[Row]:
    """Raises EmulatorError: the screen or the report is another."""
    machine = Machine(sound=False, more=door.SHELL, devices=DEVICES)
    with cases.started(say, "unplugged", "home", machine) as (house, person):
        box = person.box
        person.see("home", joining.WAIT_S_MAX)
        box.door.knock(box)
        if "named" not in (said := box.door.ask(_NAMED, box, joining.WAIT_S_MAX)):
            raise EmulatorError(f"unplugged: the player has no USB sound card: {said}")
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
