"""A box whose clock stands at the beginning of time: what is answered under it, and the hour that the clinic has."""

import sqlite3
import time
from dataclasses import dataclass, replace
from pathlib import Path

from mqtt_bridge.contract.report import Evaluation
from tests.appliance import cases, joining, visit
from tests.appliance.counted import counted
from tests.appliance.emulator import Machine
from tests.appliance.qmp import EmulatorError
from tests.appliance.resident import Resident
from tests.appliance.table import Row

WRONG_S_MIN = 86_400.0
"""So far from the true hour the raw stamp must be, or nothing is shown. systemd sets a clock of 1970 to its own age."""
LATE_S = 5.0
"""Between the touch by this machine's clock and the kiosk's stamp of it, beside the error that the clinic tells."""
_LAST = """
SELECT s.session, e.wall_ms, e.trusted, s.started_ms, s.error_ms, s.time_source FROM results_evaluation e
JOIN results_session s ON s.id = e.session_id WHERE s.device_id = ? ORDER BY e.id DESC LIMIT 1
"""


@dataclass(frozen=True)
class Told:
    """Of the last evaluation: what the box believed, and what the clinic says; error_s None: nothing bounds it."""

    session: str
    raw_s: float
    trusted: bool
    at_s: float
    error_s: float | None
    source: str


def last(clinic_db: Path, box: str) -> Told:
    """Raises sqlite3.Error; EmulatorError: there is none."""
    database = sqlite3.connect(f"file:{clinic_db}?mode=ro", uri=True)
    try:
        row = database.execute(_LAST, (box,)).fetchone()
    finally:
        database.close()
    if row is None:
        raise EmulatorError(f"1970: no evaluation of {box} in {clinic_db}")
    error_s = None if row[4] is None else row[4] / 1000
    return Told(row[0], row[1] / 1000, bool(row[2]), row[3] / 1000, error_s, row[5])


def year_1970(say: joining.Say) -> list[Row]:
    """Certificates are « not yet valid » there. Raises EmulatorError: the hour is told otherwise than it was known."""
    with cases.started(say, "1970", "thanks", Machine(clock="1970-01-01T00:00:00")) as (house, person):
        box, db = person.box, house.clinic_home / "clinic.db"
        person.twin.record("pending")
        person.see("home", joining.WAIT_S_MAX)
        began_s = time.time()
        visit.before(person)
        ended_s = time.time()
        house.start("broker", "ingest")
        first = _came(person, db)
        row = cases.told(house, person, "the clock at 1970", "")
        house.stop("broker")
        house.start("broker")  # a second greeting tells of the first one's exchange
        box.until(
            lambda: last(db, joining.NEW_BOX).source == "exchange", joining.WAIT_S_MAX, "the hour stays uncertain"
        )
        second = last(db, joining.NEW_BOX)
    if why := amiss(first, second, began_s, ended_s):
        raise EmulatorError(f"1970: {why}")
    seen = f"{first.source} ({abs(first.raw_s - began_s) / 86_400:.0f} days wrong), then right by the exchange"
    return [replace(row, told=f"answered under it; the clinic has the hour {seen}; the reports came")]


def _came(person: Resident, db: Path) -> Told:
    """What was answered now, as the clinic has it as soon as it has it: after what the card held before."""
    wanted = sum(isinstance(report, Evaluation) for report in person.twin.kept.told)
    person.box.until(
        lambda: len(counted(db, joining.NEW_BOX).evaluations) >= wanted, joining.WAIT_S_MAX, "the answers did not come"
    )
    return last(db, joining.NEW_BOX)


def amiss(first: Told, second: Told, began_s: float, ended_s: float) -> str:
    """What is not as it should be of answers given in between, when they came and later; empty: nothing."""
    if first.trusted or abs(first.raw_s - began_s) < WRONG_S_MIN:
        return f"the box's own clock was right, or trusted: {first}"
    if (first.source, first.error_s) != ("uncertain", None):
        return f"the clinic was sure of an hour that nobody had told: {first}"
    if (second.session, second.raw_s) != (first.session, first.raw_s) or second.error_s is None:
        return f"{first} became {second}"
    apart_s = second.error_s + LATE_S
    if not began_s - apart_s <= second.at_s <= ended_s + apart_s:
        return f"corrected to another hour than {began_s:.0f} to {ended_s:.0f}: {second}"
    return ""
