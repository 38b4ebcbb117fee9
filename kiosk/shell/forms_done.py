"""When each person last sent each form: a table of bedside.db, in clear, without any answer (docs/threats.md).

A row enters in the transaction of the report that carries the answers. A form that was left is not done.
"""

from typing import Any

from kiosk.journey.events import Done, Forms
from kiosk.shell.lived import Lived
from mqtt_bridge.contract.report import FormAnswered
from mqtt_bridge.contract.stamp import Stamp

TABLE = """CREATE TABLE IF NOT EXISTS form_done (
    patient TEXT NOT NULL, request TEXT NOT NULL, lived_ms INTEGER NOT NULL, PRIMARY KEY (patient, request))"""


class FormsDone:
    """On the kiosk's own database. Every method raises sqlite3.Error."""

    def __init__(self, database: Any) -> None:
        self._database = database
        database.execute(TABLE)

    def add(self, patient: str, report: FormAnswered, lived: Lived) -> None:
        """This form was answered to its end. Within the caller's transaction."""
        if report.response.status == "completed":
            row = (patient, report.request, lived.lived_ms)
            self._database.execute("INSERT OR REPLACE INTO form_done VALUES (?, ?, ?)", row)

    def told(self, patient: str, lived: Lived, now: Stamp) -> Forms:
        """What this person has sent; times are CLOCK_BOOTTIME, below zero in an earlier boot."""
        query = "SELECT request, lived_ms FROM form_done WHERE patient = ? ORDER BY request"
        rows = self._database.execute(query, (patient,)).fetchall()
        done = tuple(Done(str(request), now.monotonic_ms - (lived.lived_ms - at_ms)) for request, at_ms in rows)
        return Forms(patient, done, _wall_at_0_ms(lived, now))


def _wall_at_0_ms(lived: Lived, now: Stamp) -> int | None:
    """The wall time at CLOCK_BOOTTIME 0, as far as it is surely past; None: no clock was ever trusted.

    With a trusted clock it is not needed, and would change with each correction.
    """
    if now.trusted or not lived.anchor_boot:
        return None
    return lived.anchor_wall_ms + lived.lived_ms - lived.anchor_lived_ms - now.monotonic_ms
