"""What the link would tell a technician: reports pending, arrived, held, and packages; read from the two databases."""

from contextlib import closing, suppress
from pathlib import Path
from sqlite3 import DatabaseError

from mqtt_bridge import outbox
from mqtt_bridge.contract.codec import Word
from mqtt_bridge.contract.packages import PackageOffer
from mqtt_bridge.database import open_reader
from mqtt_bridge.link.care import in_care
from mqtt_bridge.link.fetching import part_of, whole_of
from mqtt_bridge.link.packages import Row, Stage
from mqtt_bridge.link.reading import LinkReader


class PackageStatus(Word, frozen=True):
    """One package of the clinic's. `reason`: a code, why it was refused or is not here yet; sizes are the archive's."""

    id: str
    fingerprint: str
    stage: Stage
    reason: str
    paused: bool
    version: str = ""
    title: str = ""
    received_bytes: int = 0
    size_bytes: int = 0


class Status(Word, frozen=True):
    """Counts of reports that the box keeps. in_record: the clinic's database has them, readable."""

    pending: int
    in_record: int
    held: int
    orders: int
    ledger: str | None
    packages: tuple[PackageStatus, ...]


def read_status(bedside: Path, link: Path) -> Status:
    """Raises nothing: a database that is not there yet has nothing in it. The spool stands beside link.db."""
    reader = LinkReader(link)
    counts = {"pending": 0, "in_record": 0, "held": 0}
    for path in (bedside, link):
        for row in _rows(path):
            counts[reader.truth(row.epoch, row.seq)] += 1
    care = in_care(bedside)
    return Status(
        pending=counts["pending"],
        in_record=counts["in_record"],
        held=counts["held"],
        orders=len(reader.orders()),
        ledger=reader.ledger(),
        packages=tuple(_package(row, link.with_name("spool"), care=care) for row in reader.packages()),
    )


def _package(row: Row, spool: Path, *, care: bool) -> PackageStatus:
    offer = row.word if isinstance(row.word, PackageOffer) else None
    return PackageStatus(
        id=row.id,
        fingerprint=row.word.package.fingerprint,
        stage=row.stage,
        reason=row.reason,
        paused=care and row.stage in ("offered", "withdrawn"),
        version=offer.version if offer else "",
        title=offer.title if offer else "",
        received_bytes=_received(spool, offer) if offer and row.stage == "offered" else 0,
        size_bytes=offer.size_bytes if offer else 0,
    )


def _received(spool: Path, offer: PackageOffer) -> int:
    for path in (whole_of(spool, offer.archive), part_of(spool, offer.archive)):
        with suppress(OSError):
            return path.stat().st_size
    return 0


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
