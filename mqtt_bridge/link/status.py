"""What the link would tell a technician: reports pending, arrived, held, and packages; read from the two databases."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from sqlite3 import DatabaseError
from typing import get_args

from mqtt_bridge import outbox
from mqtt_bridge.contract.codec import Word
from mqtt_bridge.contract.packages import PackageOffer
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.database import open_reader
from mqtt_bridge.link.care import in_care
from mqtt_bridge.link.fetching import part_of, whole_of
from mqtt_bridge.link.packages import Row, Stage
from mqtt_bridge.link.reading import LinkReader, Truth, truth_of
from mqtt_bridge.outbox import Told


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


class Level(Word, frozen=True):
    """Reports of one priority. in_record: the clinic's database has them, readable; held: it has them, unreadable."""

    priority: int
    pending: int = 0
    in_record: int = 0
    held: int = 0


class Status(Word, frozen=True):
    """What the box keeps and has been told. `levels`: the counts again, by priority; answered: the clinic, last."""

    pending: int
    in_record: int
    held: int
    orders: int
    ledger: str | None
    packages: tuple[PackageStatus, ...]
    levels: tuple[Level, ...] = ()
    answered: Stamp | None = None


def read_status(bedside: Path, link: Path) -> Status:
    """Raises nothing: a database that is not there yet has nothing in it. The spool stands beside link.db."""
    reader = LinkReader(link)
    told = [one for path in (bedside, link) for one in _told(path, reader)]
    counts = Counter((name.priority, truth) for name, truth in told)
    levels = tuple(_level(priority, counts) for priority in sorted({priority for priority, _ in counts}))
    care = in_care(bedside)
    return Status(
        pending=sum(level.pending for level in levels),
        in_record=sum(level.in_record for level in levels),
        held=sum(level.held for level in levels),
        orders=len(reader.orders()),
        ledger=reader.ledger(),
        packages=tuple(_package(row, link.with_name("spool"), care=care) for row in reader.packages()),
        levels=levels,
        answered=reader.answered(),
    )


def _level(priority: int, counts: Counter[tuple[int, Truth]]) -> Level:
    pending, in_record, held = (counts[priority, truth] for truth in get_args(Truth))
    return Level(priority=priority, pending=pending, in_record=in_record, held=held)


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


def _told(path: Path, reader: LinkReader) -> Iterator[tuple[outbox.Name, Truth]]:
    """Every row of a file and where it is. One look at each acknowledgement: a month of rows may be there."""
    acks: dict[str, Told | None] = {}
    for name in _names(path):
        if name.epoch not in acks:
            acks[name.epoch] = reader.ack(name.epoch)
        yield name, truth_of(acks[name.epoch], name.seq)


def _names(path: Path) -> list[outbox.Name]:
    try:
        connection = open_reader(path)
        if connection is None:
            return []
        with closing(connection):
            return list(outbox.names(connection))
    except DatabaseError:
        return []  # the self-test looks at the files themselves
