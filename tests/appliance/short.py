"""`make image-test-short`: one start of the image, one session, by touches and the button's line.

The clinic's broker is away while the person is there, as it is in many rooms: what is answered stands on the card, and
comes to the clinic when the broker is back. The log of every write of the card is kept: later cuts begin from it.
"""

import shutil
from pathlib import Path

from firmware_config.image.recipe.__main__ import CARD
from firmware_config.image.recipe.place import VAR
from kiosk.journey.events import Box
from tests.appliance import heard, pace, visit
from tests.appliance.counted import Clinic, counted
from tests.appliance.emulator import Emulator, Machine, copied, emptied
from tests.appliance.expected import missing
from tests.appliance.joining import (
    CLINIC,
    NEW_BOX,
    PACKAGE_S,
    WAIT_S_MAX,
    Say,
    furnished,
    insert,
    joined,
    set_on_the_box,
)
from tests.appliance.kept import keep
from tests.appliance.qmp import EmulatorError
from tests.appliance.resident import Resident
from tests.appliance.table import Row
from tests.support.house import STAFF_PIN, House

FOLDER = VAR / "run" / "short"
BEFORE = "clinic-before"
"""The clinic's records as they were before the session: what a cut box reports to."""
FIRST = "first.img"
"""The card as it was before its first start."""


def short(say: Say) -> list[Row]:
    """Raises EmulatorError with what was not as it should be."""
    folder = emptied("short")
    house = furnished(folder)
    try:
        house.start(*CLINIC)
        say("a clinic of invented people on this machine, and the code on the card")

        def before(card: Path) -> None:
            insert(house, folder, card)
            set_on_the_box(folder, card)
            copied(card, folder / FIRST)

        with Emulator(folder, CARD, Machine(logged=True), before=before) as box:
            person = joined(house, box, say)
            _staff(box, person, say)
            _session(house, box, person, say)
            keep(folder, person.steps)
            say("the session is in the clinic's database, and the box says so")
            clinic = counted(house.clinic_home / "clinic.db", NEW_BOX)
            box.switch_off()
        sound = _sound(folder, clinic.gain_db, say)
        return [_row(house, clinic, person, sound, say), _pace(house, sound, person.turn_s)]
    finally:
        house.stop()


def _staff(box: Emulator, person: Resident, say: Say) -> None:
    """The technician's file took: by the kiosk's own word, and by the door that its PIN opens."""
    box.until_told("the technician's file is used: chevet-box.toml: service.pin, voice.espeak", WAIT_S_MAX)
    person.twin.box(Box(name=NEW_BOX, service="set"))
    visit.staff(person, STAFF_PIN)
    say("staff's menu opens by the PIN of chevet-box.toml")


def _session(house: House, box: Emulator, person: Resident, say: Say) -> None:
    house.stop("ingest", "broker")
    shutil.copytree(house.clinic_home, box.folder / BEFORE)
    say("the clinic's broker is away")
    visit.before(person)
    visit.listen(person, PACKAGE_S)
    visit.after(person)
    house.start("broker", "ingest")
    say("the clinic's broker is back")
    db = house.clinic_home / "clinic.db"
    box.until(
        lambda: not missing(person.twin.kept.told, counted(db, NEW_BOX)),
        WAIT_S_MAX,
        f"not in the clinic's database: {missing(person.twin.kept.told, counted(db, NEW_BOX))}",
    )
    visit.in_record(person)


def _row(house: House, clinic: Clinic, person: Resident, sound: heard.Heard, say: Say) -> Row:
    lost = missing(person.twin.kept.told, clinic)
    (session,) = [one for one in house.sessions() if one["box"] == NEW_BOX]
    gaps = session["gaps_total"]
    say(f"the player counted {gaps} gaps; outcome {session['outcome']}; level {clinic.gain_db} dB")
    why = heard.amiss(sound, gaps)
    if session["outcome"] != "heard_whole" or why:
        raise EmulatorError(f"the report says {session['outcome']}, {gaps} gaps; the recording: {why or sound}")
    told = (
        f"{len(person.steps)} screens as the box draws them; {sound.in_order} of {sound.frames} frames heard in order"
    )
    return Row("one session, the broker away and back", f"{told}, {gaps} gaps", lost=len(lost), twice=len(clinic.twice))


def _pace(house: House, sound: heard.Heard, turn_s: float) -> Row:
    """A row of its own: a machine that is too slow for it has shown the rest all the same."""
    told = pace.last(house.clinic_home / "clinic.db", NEW_BOX)
    why = "no clock tells it" if told is None else pace.amiss(told, sound.thrown_away / heard.RATE_HZ, turn_s)
    limit = f"at most {pace.late_s_max(turn_s):.1f} s of neither, a turn taking {turn_s:.1f} s"
    return Row("the sound beside the box's clock", why or f"{told}; {limit}", boots=0, within=not why)


def _sound(folder: Path, gain_db: float, say: Say) -> heard.Heard:
    package = heard.expected(folder / "packages" / "riviere", gain_db)
    sound = heard.compared(heard.recorded(folder / "heard.wav"), package)
    said = f"broken at {sound.breaks or 'no place'}, missing there: {sound.missing}"
    say(f"heard: {sound.in_order} of {sound.frames} frames in order, {said}")
    return sound
