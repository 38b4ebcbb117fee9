"""What each part of keeping a report costs by itself: receive, verify and open, decode, insert, acknowledge."""

import contextlib
import select
import sqlite3
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import msgspec
import psycopg
from psycopg.sql import SQL, Identifier, Placeholder
from psycopg.types.json import JsonbDumper

from mqtt_bridge import seal
from mqtt_bridge.contract import wire
from mqtt_bridge.contract.codec import decode, encode
from mqtt_bridge.contract.report import Report
from mqtt_bridge.mqtt.paho import PahoClient
from mqtt_bridge.mqtt.port import Address, Delivered, Mailbox
from tests.bench.wire import bare
from tests.bench.wire.rig import UP, Letter
from tests.clinic.box import CLINIC

ROUNDS = 3
TABLES = (
    "results_ledgerrow",
    "results_session",
    "results_evaluation",
    "results_listening",
    "results_answer",
    "coordination_task",
)
RECEIVE_S_MAX = 120.0
_Link: TypeAlias = psycopg.Connection[tuple[Any, ...]]
_Cursor: TypeAlias = psycopg.Cursor[tuple[Any, ...]]
Row = TypeVar("Row")
_ALL = SQL("SELECT * FROM {} ORDER BY id")
_LIKE = SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL)")
_INSERT = SQL("INSERT INTO {} VALUES ({})")


class Parts(msgspec.Struct, frozen=True):
    """Microseconds a report. bare_receive: the bare loop's, without its INSERT; not in the total."""

    receive: float
    verify_and_open: float
    decode: float
    insert: float
    acknowledge: float
    bare_receive: float

    @property
    def total(self) -> float:
        return self.receive + self.verify_and_open + self.decode + self.insert + self.acknowledge

    @property
    def rate(self) -> float:
        """What one thread could keep in a second, if nothing else were to do."""
        return 1e6 / self.total

    @property
    def bare_total(self) -> float:
        """With the bare loop's receiving in the place of our client's."""
        return self.total - self.receive + self.bare_receive


def subscribe(address: Address) -> None:
    """Leave a session behind at the broker, which fills it."""
    mailbox = Mailbox()
    client = PahoClient(address, mailbox)
    client.start((UP,), None)
    select.select([mailbox], [], [], 30)
    mailbox.take()
    client.stop()


def receive_us(address: Address, wanted: int) -> float:
    """Our own client, which takes every message and settles it, and does nothing else."""
    mailbox, until_s, taken, began_s = Mailbox(), time.monotonic() + RECEIVE_S_MAX, 0, 0.0
    client = PahoClient(address, mailbox)
    client.start((UP,), None)
    while taken < wanted and time.monotonic() < until_s:
        select.select([mailbox], [], [], 1)
        for event in mailbox.take():
            if isinstance(event, Delivered):
                began_s = began_s or time.monotonic()
                client.settle(event.token)
                taken += 1
    took_s = time.monotonic() - began_s
    client.stop()
    return took_s / max(taken, 1) * 1e6


def bare_receive_us(address: Address, wanted: int) -> float:
    """The bare loop, which takes every message and settles it, and does nothing else."""
    return bare.receive_us(address, UP, wanted)


def read_us(
    letters: Sequence[Letter], keys: dict[str, seal.PublicKeys], clinic: seal.SecretKeys
) -> tuple[float, float]:
    """(verify and open, decode)."""

    def verify_and_open() -> list[bytes]:
        return [seal.open_body(seal.verify(raw, keys[topic]), clinic) for topic, raw in letters]

    plain = verify_and_open()
    return (
        _each_us(verify_and_open, len(letters)),
        _each_us(lambda: [decode(one, Report) for one in plain], len(letters)),
    )


def acknowledge_us(clinic: seal.SecretKeys) -> float:
    """To write and sign one acknowledgement."""
    ack = wire.Ack(ledger="0" * 16, serial=1, stream="kiosk", epoch="0" * 16, through=500, server_ms=10**12)

    def sign() -> None:
        for _ in range(500):
            letter = wire.Letter(kind="ack", clinic=CLINIC, box="b", signer=clinic.public.verify_id, body=encode(ack))
            seal.sign(letter, clinic)

    return _each_us(sign, 500)


def insert_us(full: Path, empty: Path, batch: int) -> float:
    """The very rows that ingest wrote, into the same tables of another file, by sqlite3 alone, so many at once."""
    with contextlib.closing(sqlite3.connect(full)) as source:
        reports = source.execute("SELECT COUNT(*) FROM results_ledgerrow").fetchone()[0]
        rows = {table: source.execute(f"SELECT * FROM {table} ORDER BY id").fetchall() for table in TABLES}  # noqa: S608  # our own words
    database = sqlite3.connect(empty, isolation_level=None)
    mode = "PRAGMA journal_mode=TRUNCATE"
    for pragma in (mode, "PRAGMA synchronous=FULL", "PRAGMA foreign_keys=OFF"):
        database.execute(pragma)
    began_s, count = time.monotonic(), -(-reports // batch)
    for number in range(count):
        database.execute("BEGIN IMMEDIATE")
        for table, all_rows in rows.items():
            some = all_rows[number * len(all_rows) // count : (number + 1) * len(all_rows) // count]
            if some:
                marks = ", ".join("?" * len(some[0]))
                database.executemany(f"INSERT INTO {table} VALUES ({marks})", some)  # noqa: S608  # our own words
        database.execute("COMMIT")
    took_s: float = time.monotonic() - began_s
    database.close()
    return took_s / int(reports) * 1e6


def insert_postgresql_us(url: str, batch: int) -> float:
    """The very rows that ingest wrote, into the same tables of another schema, by psycopg alone, so many at once.

    Like `insert_us` with a statement for each table and batch, its rows prepared beforehand; every commit is synced.
    """
    with psycopg.connect(url, autocommit=True) as link:
        link.adapters.register_dumper(dict, JsonbDumper)
        link.adapters.register_dumper(list, JsonbDumper)
        rows = {table: link.execute(_ALL.format(Identifier(table))).fetchall() for table in TABLES}

        def insert(cursor: _Cursor, table: Identifier, some: Sequence[tuple[object, ...]]) -> None:
            marks = SQL(", ").join(Placeholder() * len(some[0]))
            cursor.executemany(_INSERT.format(table, marks), some)

        return _alone_us(link, rows, batch, insert)


def copy_postgresql_us(url: str, batch: int) -> float:
    """The same by COPY, raw: nothing is faster, and it can neither skip what is there nor say what was."""
    with psycopg.connect(url, autocommit=True) as link:
        rows = {table: _copied(link, table) for table in TABLES}

        def copy(cursor: _Cursor, table: Identifier, some: Sequence[bytes]) -> None:
            with cursor.copy(SQL("COPY {} FROM STDIN").format(table)) as taken:
                taken.write(b"".join(some))

        return _alone_us(link, rows, batch, copy)


def _alone_us(
    link: _Link,
    rows: Mapping[str, Sequence[Row]],
    batch: int,
    put: Callable[[_Cursor, Identifier, Sequence[Row]], None],
) -> float:
    """Into empty tables like ours, in transactions of so many reports."""
    link.execute("DROP SCHEMA IF EXISTS alone CASCADE; CREATE SCHEMA alone")
    for table in TABLES:
        link.execute(_LIKE.format(Identifier("alone", table), Identifier(table)))
    reports = len(rows[TABLES[0]])
    began_s, count = time.monotonic(), -(-reports // batch)
    for number in range(count):
        with link.transaction(), link.cursor() as cursor:
            for table, all_rows in rows.items():
                some = all_rows[number * len(all_rows) // count : (number + 1) * len(all_rows) // count]
                if some:
                    put(cursor, Identifier("alone", table), some)
    return (time.monotonic() - began_s) / reports * 1e6


def _copied(link: _Link, table: str) -> list[bytes]:
    with link.cursor().copy(SQL("COPY (SELECT * FROM {} ORDER BY id) TO STDOUT").format(Identifier(table))) as copy:
        return b"".join(map(bytes, copy)).splitlines(keepends=True)


def _each_us(work: Callable[[], object], count: int) -> float:
    """The median of a few rounds."""
    took = []
    for _ in range(ROUNDS):
        began_s = time.monotonic()
        work()
        took.append((time.monotonic() - began_s) / count * 1e6)
    return statistics.median(took)
