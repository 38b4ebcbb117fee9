"""What the link would tell a technician: what is pending, arrived, held; read from the two databases."""

from contextlib import closing
from pathlib import Path
from sqlite3 import DatabaseError

from mqtt_bridge import outbox
from mqtt_bridge.contract.codec import Word
from mqtt_bridge.database import open_reader
from mqtt_bridge.link.reading import LinkReader


class Status(Word, frozen=True):
    """Counts of reports that the box keeps. in_record: the clinic's database has them, readable."""

    pending: int
    in_record: int
    held: int
    orders: int
    ledger: str | None


def read_status(bedside: Path, link: Path) -> Status:
    """Raises nothing: a database that is not there yet has nothing in it."""
    reader = LinkReader(link)
    counts = {"pending": 0, "in_record": 0, "held": 0}
    for path in (bedside, link):
        for row in _rows(path):
            counts[reader.truth(row.epoch, row.seq)] += 1
    return Status(
        pending=counts["pending"],
        in_record=counts["in_record"],
        held=counts["held"],
        orders=len(reader.orders()),
        ledger=reader.ledger(),
    )


def _rows(path: Path) -> list[outbox.Row]:
    try:
        connection = open_reader(path)
        if connection is None:
            return []
        with closing(connection):
            epochs = list(outbox.kept(connection))
            return [row for held in epochs for row in outbox.rows(connection, held.epoch, 0, held.last)]
    except DatabaseError:
        return []  # the self-test looks at the files themselves
