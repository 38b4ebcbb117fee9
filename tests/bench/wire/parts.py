"""What each part of keeping a report costs by itself: receive, verify and open, decode, insert, acknowledge."""

import contextlib
import select
import sqlite3
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from mqtt_bridge import seal
from mqtt_bridge.contract import wire
from mqtt_bridge.contract.codec import decode, encode
from mqtt_bridge.contract.report import Report
from mqtt_bridge.mqtt.paho import PahoClient
from mqtt_bridge.mqtt.port import Address, Delivered, Mailbox
from tests.bench.wire.rig import UP, Letter
from tests.clinic.box import CLINIC

ROUNDS = 3
TABLES = ("results_ledgerrow", "results_session", "results_evaluation", "results_listening", "results_answer")
RECEIVE_S_MAX = 120.0


class Parts(msgspec.Struct, frozen=True):
    """Microseconds a report."""

    receive: float
    verify_and_open: float
    decode: float
    insert: float
    acknowledge: float

    @property
    def total(self) -> float:
        return self.receive + self.verify_and_open + self.decode + self.insert + self.acknowledge

    @property
    def rate(self) -> float:
        """What one thread could keep in a second, if nothing else were to do."""
        return 1e6 / self.total


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


def _each_us(work: Callable[[], object], count: int) -> float:
    """The median of a few rounds."""
    took = []
    for _ in range(ROUNDS):
        began_s = time.monotonic()
        work()
        took.append((time.monotonic() - began_s) / count * 1e6)
    return statistics.median(took)
