"""Updates by a stick that a technician puts into the running box: an older one is refused, then a newer one stays.

The stick is a USB disk with FAT on it, as one that was bought; QEMU puts it in and takes it out while the box runs.
"""

import os
import shutil
from contextlib import suppress
from pathlib import Path

from firmware_config.image.recipe.place import VAR, in_bench
from firmware_config.image.recipe.root import version
from kiosk.appliance.stick import STICK_NAME
from tests.appliance import cases, cuts, joining, newer, slots, update
from tests.appliance.emulator import Emulator, Machine, emptied
from tests.appliance.qmp import EmulatorError
from tests.appliance.resident import Resident
from tests.appliance.table import Row
from tests.appliance.twin import Twin, plan_of
from tests.support.house import House

PULLED_S = 10.0
"""Between two sticks, as of a person: put in at once, the second was taken for a reset of the first; QEMU ended."""
USB = ("-device", "qemu-xhci,id=usb")
MIB = 2**20
ROOM_MIB = 64
"""Of the stick, beside the bundle: what FAT needs itself."""
_MAKE = (
    "truncate -s {size}M {stick}; mkfs.fat -F 32 -n UPDATE {stick} >/dev/null; mcopy -i {stick} {bundle} ::{name}; "
    "rm {bundle}"
)


def by_stick(say: joining.Say) -> list[Row]:
    """Raises EmulatorError: the older one was not refused as such, or the newer one is not what the box runs."""
    folder = emptied("stick")
    kept = cases.card_at("home-pending", folder)
    house = cuts.as_before(folder)
    sticks = [made(house, folder, slot) for slot in (older(folder), newer.SLOT)]
    twin = Twin(plan_of(house.clinic_home / "clinic.db", joining.NEW_BOX), joining.PACKAGE_S)
    twin.power_cut(kept)
    try:
        house.start(*joining.CLINIC)
        with Emulator(folder, folder / "disk.img", Machine(devices=USB)) as box:
            person = Resident(box, twin, say)
            twin.record("in_record")
            person.see("home", joining.WAIT_S_MAX)
            return _both(house, person, sticks)
    finally:
        house.stop()


def _both(house: House, person: Resident, sticks: list[Path]) -> list[Row]:
    box, old = person.box, former()
    put_in(box, sticks[0], 1)
    refused_s = _until(person, f"update stick {old}: refused not-newer", f"update stick {old}: writing")
    pull_out(box, sticks[0])
    until_s = box.uptime_s() + PULLED_S
    box.until(lambda: box.uptime_s() > until_s, joining.WAIT_S_MAX, "time does not pass")
    put_in(box, sticks[1], 2)
    refused = f"update stick {newer.number()}: refused"
    written_s, tried_s, good_s = (_until(person, mark, refused) for mark in (update.WRITTEN, update.TRIED, update.GOOD))
    person.see("home-again", joining.WAIT_S_MAX)
    row = cases.told(house, person, "an older and a newer update by a stick", "")
    if (started := slots.starts(box.serial())) != "ab":
        raise EmulatorError(f"stick: started from {started}, not from a, then b")
    told = (
        f"{old} refused after {refused_s:.0f} s, `not-newer`; {newer.number()} written {written_s:.0f} s after power, "
    )
    told += f"slot B tried after {tried_s:.0f}, good after {good_s:.0f}"
    return [Row(row.name, told, boots=2, lost=row.lost, twice=row.twice)]


def _until(person: Resident, mark: str, unless: str) -> float:
    """Wait for these words; unless: the words by which they never come. Raises EmulatorError."""
    box = person.box
    at_s = box.until(
        lambda: mark in box.serial() or unless in box.serial(), update.STEP_S_MAX, f"stick: not told: {mark}"
    )
    if mark not in box.serial():
        raise EmulatorError(f"stick: the box said « {unless} », not « {mark} »")
    person.say(f"{mark} ({at_s:.0f} s from power)")
    return at_s


def older(folder: Path) -> Path:
    """What a slot of the image holds, under a lower number. Its files share their bytes with the build's."""
    slot = folder / "older"
    shutil.copytree(VAR / "slot", slot, copy_function=os.link, ignore=shutil.ignore_patterns("version"))
    (slot / "version").write_text(f"{former()}\n")
    return slot


def former() -> str:
    """One less than the image's own version. Raises ImageError."""
    year, month, day = version().split(".")
    return f"{year}.{month}.{int(day) - 1}"


def made(house: House, folder: Path, slot: Path) -> Path:
    """A stick with what the clinic signs of this slot, under the name that a box looks for."""
    bundle, stick = folder / f"{slot.name}.raucb", folder / f"{slot.name}.fat"
    house.clinic("update", "bundle", str(slot), str(bundle))
    size = bundle.stat().st_size // MIB + 1 + ROOM_MIB
    here = folder.relative_to(VAR)
    names = {"stick": f"{here}/{stick.name}", "bundle": f"{here}/{bundle.name}", "name": STICK_NAME}
    in_bench(_MAKE.format(size=size, **names), told="mcopy")
    return stick


def put_in(box: Emulator, stick: Path, port: int) -> None:
    """Read-only: what a box writes to a stranger's stick is nothing. port: of the machine's USB."""
    file = {"driver": "file", "filename": f"{box.inside}/{stick.name}", "read-only": True}
    disk = {"driver": "raw", "node-name": stick.stem, "read-only": True, "file": file}
    box.qmp.ask("blockdev-add", **disk)
    box.qmp.ask(
        "device_add", driver="usb-storage", id=stick.stem, bus="usb.0", port=str(port), drive=stick.stem, removable=True
    )


def pull_out(box: Emulator, stick: Path) -> None:
    """Raises EmulatorError: QEMU does not let go of it."""
    box.qmp.ask("device_del", id=stick.stem)

    def is_out() -> bool:
        with suppress(EmulatorError):  # held until the device is gone
            box.qmp.ask("blockdev-del", **{"node-name": stick.stem})
            return True
        return False

    box.until(is_out, joining.WAIT_S_MAX, "stick: it cannot be pulled out")
