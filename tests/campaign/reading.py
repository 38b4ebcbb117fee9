"""What the files of a box say, read past the processes that write them."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

from mqtt_bridge.contract.codec import decode
from mqtt_bridge.database import open_reader
from mqtt_bridge.outbox import Told

Key = tuple[str, str, str, int]
"""(box, stream, epoch, seq)."""


def acks(link_db: Path) -> dict[str, Told]:
    reader = open_reader(link_db)
    if reader is None:
        return {}
    with closing(reader):
        try:
            rows = reader.execute("SELECT epoch, ack FROM acknowledged").fetchall()
        except sqlite3.OperationalError:  # its tables are not made yet
            return {}
    return {str(epoch): decode(bytes(ack), Told) for epoch, ack in rows}


def written(data: Path, box: str) -> Iterable[tuple[Key, str]]:
    for subject, epoch, seq in rows(data / "bedside.db", "SELECT session, epoch, seq FROM result"):
        yield (box, "kiosk", str(epoch), int(seq)), str(subject)


def to_send(data: Path, box: str) -> Iterable[Key]:
    """What its box will send until it is told that the table has it: on its disk, and of which it was told nothing."""
    told = acks(data / "link.db")
    for name in ("bedside.db", "link.db"):
        for stream, epoch, seq in rows(data / name, "SELECT stream, epoch, seq FROM outbox"):
            ack = told.get(str(epoch))
            if ack is None or not ack.has(int(seq)):
                yield box, str(stream), str(epoch), int(seq)


def links_own(data: Path, box: str) -> Iterable[Key]:
    for epoch, seq in rows(data / "link.db", "SELECT epoch, seq FROM outbox"):
        yield box, "link", str(epoch), int(seq)


def rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    reader = open_reader(path)
    if reader is None:
        return []
    with closing(reader):
        return reader.execute(query).fetchall()


def name(key: Key) -> str:
    box, stream, epoch, seq = key
    return f"{box} {stream} {epoch}/{seq}"


def names(keys: Iterable[Key]) -> tuple[str, ...]:
    return tuple(name(key) for key in sorted(keys))
