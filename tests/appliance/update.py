"""An update by the wire that stays: fetched from the clinic's shelf, written into slot B, tried there, found healthy.

An update is written at night alone: the person lives where it is night now (the plan's own time zone says where). What
is written, the box's data and the clinic are the real ones.
"""

import datetime as dt
import sqlite3
from pathlib import Path

from tests.appliance import cases, cuts, joining, newer
from tests.appliance.counted import counted
from tests.appliance.emulator import Emulator, Machine, emptied
from tests.appliance.qmp import EmulatorError
from tests.appliance.resident import Resident
from tests.appliance.short import FOLDER
from tests.appliance.table import Row
from tests.appliance.twin import Twin, plan_of
from tests.support.house import CLINICIAN, PATIENT, House

NIGHT_HOUR = 2
STEP_S_MAX = 3600.0
_OFFER = """SELECT o.state, o.reason, o.remedy FROM shelf_offer o JOIN shelf_package p ON p.fingerprint = o.package_id
WHERE o.device_id = ? AND p.package = 'chevet-system'"""


def where_it_is_night(now: dt.datetime) -> str:
    """A time zone in which it is between two and three. POSIX's sign: west of Greenwich is positive."""
    hours = NIGHT_HOUR - now.astimezone(dt.UTC).hour
    hours = hours if hours >= -12 else hours + 24
    return f"Etc/GMT{-hours:+d}"


def update(say: joining.Say) -> list[Row]:
    """Raises EmulatorError: it was not written, or the box came back from it."""
    folder = emptied("update")
    kept = cases.card_at("home-pending", folder)
    house = cuts.as_before(folder)
    try:
        number = _offered(house, say)
        twin = Twin(plan_of(house.clinic_home / "clinic.db", joining.NEW_BOX), joining.PACKAGE_S)
        twin.power_cut(kept)
        house.start(*joining.CLINIC)
        with Emulator(folder, folder / "disk.img", Machine(logged=True)) as box:
            return [_taken(house, Resident(box, twin, say), number)]
    finally:
        house.stop()


def _offered(house: House, say: joining.Say) -> str:
    """Make the update, put it on the shelf, offer it; the plan is that of somebody who sleeps now."""
    number, file = newer.number(), house.folder / "update.raucb"
    house.clinic("update", "bundle", str(newer.SLOT), str(file))
    house.clinic("update", "add", str(file))
    file.unlink()
    house.clinic("update", "offer", "--box", joining.NEW_BOX)
    zone, plan = where_it_is_night(dt.datetime.now(dt.UTC)), house.folder / "plan.toml"
    plan.write_text(f'time_zone = "{zone}"\n{(FOLDER / "house" / "plan.toml").read_text()}')
    house.clinic("prescribe", str(plan), "--patient", PATIENT, "--by", CLINICIAN, "--box", joining.NEW_BOX)
    say(f"version {number} is offered; the person lives in {zone}")
    return number


def _taken(house: House, person: Resident, number: str) -> Row:
    box, db = person.box, house.clinic_home / "clinic.db"
    written_s = _until(person, db, "slot B is on trial from its first start")
    started_s = _until(person, db, "chevet: slot b")
    good_s = _until(person, db, "slot B is good")
    box.until(lambda: _told(db)[:1] == ("installed",), joining.WAIT_S_MAX, f"the clinic was told {_told(db)}")
    person.twin.record("in_record")
    person.see("home", joining.WAIT_S_MAX)
    has, wanted = cuts.told_at(counted(db, joining.NEW_BOX)), [cuts.told_of(person.twin.kept.told)]
    told = (
        f"{number} written {written_s:.0f} s after power, slot B tried after {started_s:.0f}, good after {good_s:.0f}"
    )
    return Row("an update by the wire", told, boots=2, lost=cuts.lost(has, wanted), twice=cuts.more(has, wanted))


def _until(person: Resident, db: Path, mark: str) -> float:
    """Wait for these words of the box, or for its refusal. Raises EmulatorError."""
    box = person.box
    at_s = box.until(
        lambda: mark in box.serial() or _told(db)[:1] == ("refused",), STEP_S_MAX, f"update: not told: {mark}"
    )
    if mark not in box.serial():
        raise EmulatorError(f"update: the box says {_told(db)}")
    person.say(f"{mark} ({at_s:.0f} s from power)")
    return at_s


def _told(db: Path) -> tuple[str, ...]:
    """What the box last said of the update: state, reason, remedy."""
    database = sqlite3.connect(f"file:{db}?mode=ro", uri=True)
    try:
        return tuple(database.execute(_OFFER, (joining.NEW_BOX,)).fetchone() or ())
    finally:
        database.close()
