"""What the link would tell a technician: reports pending, arrived, held, and packages; read from the two databases."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from sqlite3 import DatabaseError
from typing import NamedTuple

from msgspec import field

from mqtt_bridge import outbox
from mqtt_bridge.contract.codec import Word
from mqtt_bridge.contract.packages import PackageOffer
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.database import open_reader
from mqtt_bridge.honest_time import Known, age_s, honest
from mqtt_bridge.link import presence
from mqtt_bridge.link.care import in_care
from mqtt_bridge.link.equipment import certificate_ms, is_held
from mqtt_bridge.link.fetching import part_of, whole_of
from mqtt_bridge.link.packages import Row, Stage
from mqtt_bridge.link.presence import LinkNow
from mqtt_bridge.link.reading import LinkReader, Truth, truth_of
from mqtt_bridge.outbox import Told
from mqtt_bridge.time_floor import read_floor


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
    """Reports of one priority. in_record: the clinic's database has them, readable; held: it has them, unreadable.

    oldest, oldest_s: of the pending ones, when it was written and how long ago; held_oldest, held_oldest_s: the same of
    the held ones; None: not known. in_record_first_ms, in_record_last_ms: when the first and the last of those in the
    record were there at the latest, by the clinic's own time.
    """

    priority: int
    pending: int = 0
    in_record: int = 0
    held: int = 0
    oldest: Stamp | None = None
    oldest_s: int | None = None
    held_oldest: Stamp | None = None
    held_oldest_s: int | None = None
    in_record_first_ms: int | None = None
    in_record_last_ms: int | None = None


class Clock(Word, frozen=True):
    """What the box goes by. machine_off_ms: its own clock less the clinic's time, where that is known in this boot."""

    now: Stamp
    surely_ms: int
    machine_off_ms: int | None = None


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
    answered_s: int | None = None
    calls_first: bool = False
    """Whether that answer said that calls for help and alerts are read first there."""
    runs: bool = False
    """Whether a link holds link.db."""
    link: LinkNow | None = None
    """What it last told of itself; of one that does not run any more it is the last word before it was killed."""
    clock: Clock | None = None
    certificate_ms: int | None = None
    unreadable: dict[str, str] = field(default_factory=dict)
    """Files of which nothing is counted here, and why: what waits in them, or was acknowledged, is not known."""


class Beside(NamedTuple):
    """What stands beside the two databases: the link's run folder, the box's certificate, its machine's clock."""

    run: Path | None = None
    certificate: Path | None = None
    machine: Callable[[], Stamp] | None = None


NOTHING = Beside()


class _Placed(NamedTuple):
    """One row and where it is. landed_ms: it was at the clinic by then, by the clinic's time."""

    name: outbox.Name
    truth: Truth
    landed_ms: int | None


def read_status(bedside: Path, link: Path, beside: Beside = NOTHING) -> Status:
    """Raises nothing: a database that is not there yet has nothing in it, one that cannot be read is named.

    The spool stands beside link.db.
    """
    reader = LinkReader(link)
    clock = _clock(bedside, reader, beside.machine) if beside.machine else None
    told = [one for path in (bedside, link) for one in _told(path, reader)]
    levels = tuple(_levels(told, clock.now if clock else None))
    care, answered = in_care(bedside), reader.answered()
    return Status(
        pending=sum(level.pending for level in levels),
        in_record=sum(level.in_record for level in levels),
        held=sum(level.held for level in levels),
        orders=len(reader.orders()),
        ledger=reader.ledger(),
        packages=tuple(_package(row, link.with_name("spool"), care=care) for row in reader.packages()),
        levels=levels,
        answered=answered,
        answered_s=_age_s(answered, clock.now if clock else None),
        calls_first=reader.clinic_hears_urgent(),
        runs=is_held(link.with_name(f"{link.name}.lock")),
        link=presence.read(beside.run) if beside.run else None,
        clock=clock,
        certificate_ms=certificate_ms(beside.certificate) if beside.certificate else None,
        unreadable={path.name: problem for path in (bedside, link) if (problem := _problem(path))},
    )


def _problem(path: Path) -> str:
    """Why some table of a file cannot be read; empty when every one can, or there is no file yet."""
    try:
        connection = open_reader(path)
        if connection is None:
            return ""
        with closing(connection):
            for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                connection.execute(f'SELECT COUNT(*) FROM "{table}"').fetchone()  # noqa: S608  # a name of its own
    except DatabaseError as error:
        return str(error)
    return ""


def _clock(bedside: Path, reader: LinkReader, machine: Callable[[], Stamp]) -> Clock:
    known, raw = Known(reader.clinic_time(), read_floor(bedside)), machine()
    now = honest(raw, known)
    answer = known.answered_since(raw)
    off_ms = None if answer is None else raw.wall_ms - answer.at_ms(raw.monotonic_ms)
    return Clock(now=now, surely_ms=known.floor_ms(now), machine_off_ms=off_ms)


def _levels(told: list[_Placed], now: Stamp | None) -> Iterator[Level]:
    counts = Counter((one.name.priority, one.truth) for one in told)
    first: dict[tuple[int, Truth], outbox.Name] = {}
    landed: dict[int, list[int]] = {}
    for one in told:
        first.setdefault((one.name.priority, one.truth), one.name)  # they come in the order in which they were written
        if one.truth == "in_record" and one.landed_ms is not None:
            landed.setdefault(one.name.priority, []).append(one.landed_ms)
    for priority in sorted({priority for priority, _ in counts}):
        times_ms = landed.get(priority, [])
        oldest, held = (_written(first.get((priority, truth))) for truth in ("pending", "held"))
        yield Level(
            priority=priority,
            pending=counts[priority, "pending"],
            in_record=counts[priority, "in_record"],
            held=counts[priority, "held"],
            oldest=oldest,
            oldest_s=_age_s(oldest, now),
            held_oldest=held,
            held_oldest_s=_age_s(held, now),
            in_record_first_ms=min(times_ms, default=None),
            in_record_last_ms=max(times_ms, default=None),
        )


def _written(name: outbox.Name | None) -> Stamp | None:
    return name.recorded if name else None


def _age_s(then: Stamp | None, now: Stamp | None) -> int | None:
    return age_s(then, now) if then and now else None


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


def _told(path: Path, reader: LinkReader) -> Iterator[_Placed]:
    """Every row of a file and where it is. One look at each acknowledgement: a month of rows may be there."""
    acks: dict[str, Told | None] = {}
    for name in _names(path):
        if name.epoch not in acks:
            acks[name.epoch] = reader.ack(name.epoch)
        ack = acks[name.epoch]
        yield _Placed(name, truth_of(ack, name.seq), outbox.landed_ms(name, ack))


def _names(path: Path) -> list[outbox.Name]:
    try:
        connection = open_reader(path)
        if connection is None:
            return []
        with closing(connection):
            return list(outbox.names(connection))
    except DatabaseError:
        return []  # `_problem` tells why
