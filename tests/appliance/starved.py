"""The control of « no gap »: a player that is stopped for longer than its buffer must count it, and the clock show it.

The recording cannot: the emulator's file has no silence between two streams, and after this one the frames go on.
"""

from dataclasses import replace
from pathlib import Path

from tests.appliance import cases, door, joining, looked_over, pace, visit
from tests.appliance.counted import counted
from tests.appliance.emulator import Machine
from tests.appliance.qmp import EmulatorError
from tests.appliance.resident import Resident
from tests.appliance.table import Row

STOPPED_S = 11
"""Longer than the device's buffer of a second and what the clock may be late, shorter than the player's watchdog."""
SILENT_S_MIN = STOPPED_S / 2
"""What must be counted of it at once, at least."""
_STOP = f"systemctl kill -s STOP chevet-player; sleep {STOPPED_S}; systemctl kill -s CONT chevet-player"


def starved(say: joining.Say) -> list[Row]:
    """And what the box's self-test says, since this start has a card, a clinic and the door.

    Raises EmulatorError: the silence was not counted, or would not have been seen if it had not been.
    """
    with cases.started(say, "starved", "home", Machine(more=door.SHELL)) as (house, person):
        person.see("home", joining.WAIT_S_MAX)
        person.box.door.knock(person.box)
        visit.before(person)
        _listen(person)
        house.start("broker", "ingest")
        db = house.clinic_home / "clinic.db"
        outcomes = _outcomes(person, db)
        told = pace.last(db, joining.NEW_BOX)
        looked, turn_s = looked_over.look(person.box, joining.WAIT_S_MAX), person.turn_s
    if outcomes != ["heard_whole"] or told is None:
        raise EmulatorError(f"starved: the care was told as {outcomes}: {told}")
    if why := unseen(told, turn_s):
        raise EmulatorError(f"starved: {why}")
    seen = f"{told.gaps_total} gaps, {max(told.gaps_s):.1f} s the longest: {told}"
    return [Row("control: the player is starved", seen), looked]


def _listen(person: Resident) -> None:
    person.press()
    person.twin.sound("playing", 0.01)
    person.see("playing")
    person.box.door.ask(_STOP, person.box)
    person.twin.sound("ended", 1.0, "heard_whole")
    person.see("after", joining.PACKAGE_S + joining.WAIT_S_MAX)


def _outcomes(person: Resident, db: Path) -> list[str]:
    """Of the cares that the clinic was told of, once there is one. Raises EmulatorError."""
    found = list[str]()

    def there() -> bool:
        found[:] = counted(db, joining.NEW_BOX).listenings.values()
        return bool(found)

    person.box.until(there, joining.WAIT_S_MAX, "the clinic was told of no care")
    return found


def unseen(told: pace.Pace, turn_s: float = 0.0) -> str:
    """Why the injected silence is not seen in this report; empty: it is, by the count, and the clock needs it."""
    longest_s = max(told.gaps_s, default=0.0)
    if longest_s < SILENT_S_MIN:
        return f"stopped for {STOPPED_S} s, and the longest gap of {told.gaps_total} is {longest_s:.2f} s: {told}"
    if why := pace.amiss(told, turn_s=turn_s):
        return why
    if not pace.amiss(replace(told, gaps_s=tuple(gap for gap in told.gaps_s if gap != longest_s)), turn_s=turn_s):
        return (
            f"had nobody counted {longest_s:.2f} s, the clock would not have told: {told}, a turn taking {turn_s:.1f} s"
        )
    return ""
