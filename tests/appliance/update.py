"""Updates by the wire: one that stays, and one that must not. Fetched from the clinic's shelf, tried in slot B.

An update is written at night alone: the person lives where it is night now (the plan's own time zone says where). What
is written, the box's data and the clinic are the real ones.
"""

import datetime as dt
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from tests.appliance import cases, cuts, damage, joining, newer, slots
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
WRITTEN, TRIED, GOOD = "slot B is on trial from its first start", "chevet: slot b", "slot B is good"
BACK = "slot B did not start on trial: back on A"
FORMER = {"BOOT_ORDER": "A", "BOOT_A_LEFT": "3", "BOOT_B_LEFT": "0"}
"""U-Boot's record of a box that came back: slot B is not tried again, and nothing is on trial."""
_OFFER = """SELECT o.state, o.reason, o.remedy FROM shelf_offer o JOIN shelf_package p ON p.fingerprint = o.package_id
WHERE o.device_id = ? AND p.package = 'chevet-system'"""


def where_it_is_night(now: dt.datetime) -> str:
    """A time zone in which it is between two and three. POSIX's sign: west of Greenwich is positive."""
    hours = NIGHT_HOUR - now.astimezone(dt.UTC).hour
    hours = hours if hours >= -12 else hours + 24
    return f"Etc/GMT{-hours:+d}"


def update(say: joining.Say) -> list[Row]:
    """Raises EmulatorError: it was not written, or the box came back from it."""
    with _offered(say, "update", lambda _: newer.SLOT, Machine(logged=True)) as (house, person):
        return [_taken(house, person)]


def bad_update(say: joining.Say) -> list[Row]:
    """Its root is spoilt before it is signed: it is written as it came, and dm-verity refuses it at each start.

    Raises EmulatorError: it was not written, or what came of it is not a return to slot A that the clinic was told of.
    """
    spoilt = partial(damage.spoilt_slot, newer.SLOT)
    with _offered(say, "bad-update", spoilt, Machine()) as (house, person):
        return [_left_again(house, person)]


CASES: dict[str, cases.Case] = {"update": update, "bad-update": bad_update}


@contextmanager
def _offered(
    say: joining.Say, name: str, slot_in: Callable[[Path], Path], machine: Machine
) -> Iterator[tuple[House, Resident]]:
    """A box that keeps a session's reports is started where it is night, and what the slot holds is offered to it."""
    folder = emptied(name)
    kept = cases.card_at("home-pending", folder)
    house = cuts.as_before(folder)
    try:
        _offer(house, slot_in(folder), say)
        twin = Twin(plan_of(house.clinic_home / "clinic.db", joining.NEW_BOX), joining.PACKAGE_S)
        twin.power_cut(kept)
        house.start(*joining.CLINIC)
        with Emulator(folder, folder / "disk.img", machine) as box:
            yield house, Resident(box, twin, say)
    finally:
        house.stop()


def _offer(house: House, slot: Path, say: joining.Say) -> None:
    """Make the update, put it on the shelf, offer it; the plan is that of somebody who sleeps now."""
    file = house.folder / "update.raucb"
    house.clinic("update", "bundle", str(slot), str(file))
    house.clinic("update", "add", str(file))
    file.unlink()
    house.clinic("update", "offer", "--box", joining.NEW_BOX)
    zone, plan = where_it_is_night(dt.datetime.now(dt.UTC)), house.folder / "plan.toml"
    plan.write_text(f'time_zone = "{zone}"\n{(FOLDER / "house" / "plan.toml").read_text()}')
    house.clinic("prescribe", str(plan), "--patient", PATIENT, "--by", CLINICIAN, "--box", joining.NEW_BOX)
    say(f"version {newer.number()} is offered; the person lives in {zone}")


def _taken(house: House, person: Resident) -> Row:
    box, db = person.box, house.clinic_home / "clinic.db"
    written_s, started_s, good_s = (_until(person, db, mark) for mark in (WRITTEN, TRIED, GOOD))
    box.until(lambda: _told(db)[:1] == ("installed",), joining.WAIT_S_MAX, f"the clinic was told {_told(db)}")
    person.twin.record("in_record")
    person.see("home", joining.WAIT_S_MAX)
    if (started := slots.starts(box.serial())) != "ab":
        raise EmulatorError(f"update: started from {started}, not from a, then b")
    has, wanted = cuts.told_at(counted(db, joining.NEW_BOX)), [cuts.told_of(person.twin.kept.told)]
    when = f"written {written_s:.0f} s after power, slot B tried after {started_s:.0f}, good after {good_s:.0f}"
    told = f"{newer.number()} {when}"
    return Row("an update by the wire", told, boots=2, lost=cuts.lost(has, wanted), twice=cuts.more(has, wanted))


def _left_again(house: House, person: Resident) -> Row:
    box, db = person.box, house.clinic_home / "clinic.db"
    written_s, tried_s = (_until(person, db, mark) for mark in (WRITTEN, TRIED))
    back_s = _until(person, db, BACK, unless="installed")
    box.until(lambda: _told(db)[:1] == ("refused",), joining.WAIT_S_MAX, "the clinic was not told that it came back")
    person.say(f"the clinic was told {_told(db)}")
    person.twin.record("in_record")
    person.see("home", joining.WAIT_S_MAX)
    box.until(lambda: slots.record(box.disk) == FORMER, joining.WAIT_S_MAX, "U-Boot's record is another")
    when = f"written {written_s:.0f} s after power, slot B tried after {tried_s:.0f}, slot A back at {back_s:.0f}"
    row = cases.told(house, person, "a bad update by the wire", f"{newer.number()} {when}: {' '.join(_told(db)[:2])}")
    started = slots.starts(box.serial())
    if wrong := otherwise(started, _told(db)):
        raise EmulatorError(f"bad-update: {wrong}")
    return replace(row, boots=len(started))


def otherwise(started: str, told: tuple[str, ...]) -> str:
    """What was not as of a box that gave a spoilt slot B three starts and went back to A by itself; empty: nothing."""
    if started != "abbba":
        return f"started from {started}, not from a, three times b, a"
    return "" if told[:2] == ("refused", "did-not-start") else f"the clinic was told {told}"


def _until(person: Resident, db: Path, mark: str, unless: str = "refused") -> float:
    """Wait for these words of the box; unless: it has told the clinic what these words do not go with.

    Raises EmulatorError.
    """
    box = person.box
    at_s = box.until(lambda: mark in box.serial() or _told(db)[:1] == (unless,), STEP_S_MAX, f"not told: {mark}")
    if mark not in box.serial():
        raise EmulatorError(f"not told: {mark}; the clinic was told {_told(db)}")
    person.say(f"{mark} ({at_s:.0f} s from power)")
    return at_s


def _told(db: Path) -> tuple[str, ...]:
    """What the box last said of the update: state, reason, remedy."""
    database = sqlite3.connect(f"file:{db}?mode=ro", uri=True)
    try:
        return tuple(database.execute(_OFFER, (joining.NEW_BOX,)).fetchone() or ())
    finally:
        database.close()
