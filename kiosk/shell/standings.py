"""Where the people of the box stand with the clinic (E2), as the box keeps it: a lost link.db greets no dead."""

from typing import Any

from mqtt_bridge.contract.correspondence import Standing, StandingState

TABLE = """CREATE TABLE IF NOT EXISTS standing (
    patient TEXT PRIMARY KEY, state TEXT NOT NULL, serial INTEGER NOT NULL)"""
Standings = tuple[tuple[str, StandingState], ...]


class StandingsKept:
    """On the kiosk's own database. Every method raises sqlite3.Error."""

    def __init__(self, database: Any) -> None:
        self._database = database
        database.execute(TABLE)
        self.serial = int(database.execute("SELECT COALESCE(MAX(serial), 0) FROM standing").fetchone()[0])
        """Of the newest order that the box has seen: what is told on the box is lifted by a later one alone."""

    def take(self, order: Standing, serial: int) -> None:
        """What the clinic says, unless a later word is known already."""
        self._put(order.patient, order.state, serial, ">")

    def died(self, patient: str) -> None:
        """Told on the box, after all orders that it has seen. Within the caller's transaction."""
        self._put(patient, "deceased", self.serial, ">=")

    def all(self) -> Standings:
        """The last told last."""
        rows = self._database.execute("SELECT patient, state FROM standing ORDER BY serial, rowid").fetchall()
        return tuple((str(patient), state) for patient, state in rows)

    def _put(self, patient: str, state: StandingState, serial: int, later: str) -> None:
        query = f"""INSERT INTO standing VALUES (?, ?, ?) ON CONFLICT DO UPDATE
            SET state = excluded.state, serial = excluded.serial WHERE excluded.serial {later} serial"""  # noqa: S608
        self._database.execute(query, (patient, state, serial))
