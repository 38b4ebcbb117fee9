"""What went in and what came out, read from the files of both ends; and a witness who looks on while it happens.

In: what a box's own database says that its people have confirmed. Out: the clinic's table, each letter opened with the
clinic's keys. Nothing of it asks the processes under test.
"""

import sqlite3
import threading
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mqtt_bridge import outbox, seal
from mqtt_bridge.clock import system_clock
from mqtt_bridge.contract import wire
from mqtt_bridge.contract.codec import ContractError, decode
from mqtt_bridge.contract.report import Report, subject_of
from mqtt_bridge.database import open_reader
from mqtt_bridge.link.reading import LinkReader
from mqtt_bridge.link.status import Beside, read_status
from mqtt_bridge.link.status_words import in_words
from mqtt_bridge.outbox import Told
from tests.campaign.house import House

CLOCK = system_clock("always")
LOOK_S = 0.05
BUSY_S = 30.0

Key = tuple[str, str, str, int]
"""(box, stream, epoch, seq)."""


@dataclass(frozen=True)
class Verdict:
    """Counts of reports, and the names of those with which something is wrong."""

    went_in: int
    came_out: int
    lost: tuple[str, ...]
    """Gone: not in the clinic's table, and on no box to be sent any more."""
    waiting: tuple[str, ...]
    """Not in the clinic's table yet, and on its box, which goes on sending it. No loss; but it should have arrived."""
    twice: tuple[str, ...]
    """In the table under two identities."""
    foreign: tuple[str, ...]
    """In the table, and no box has written it."""
    forgotten: tuple[str, ...]
    """Said to be on the box's disk, and not there."""
    aside: tuple[str, ...]
    """Held or quarantined: here nobody sends what could not be read."""
    untrue: tuple[str, ...]
    """« In the record » by the box, when the clinic's table did not have it."""
    plans: tuple[str, ...]
    """The last plan is not in force on the box."""

    @property
    def wrong(self) -> tuple[str, ...]:
        told = {
            "lost": self.lost,
            "still on their box": self.waiting,
            "twice": self.twice,
            "foreign": self.foreign,
            "forgotten": self.forgotten,
            "aside": self.aside,
            "said to be in the record too early": self.untrue,
            "last plans not in force": self.plans,
        }
        return tuple(f"{len(found)} {what}: {', '.join(found[:5])}" for what, found in told.items() if found)


@dataclass
class Judge:
    """Reads only what is new of the clinic's table at each look."""

    house: House
    untrue: list[str] = field(default_factory=list)
    """The witness's; a list that is appended to by another thread."""
    _subjects: dict[Key, str] = field(default_factory=dict)
    _aside: list[str] = field(default_factory=list)
    _last: int = 0

    def __post_init__(self) -> None:
        self._keys = seal.load_secret(self.house.home / "keys" / "clinic.secret")

    def all_landed(self) -> bool:
        """Whether every box knows that all its reports are in the table and has the last plan, and the clinic knows."""
        return all(self._landed(box) for box in self.house.boxes) and not self._plans_missing()

    def arrived(self) -> int:
        """How many reports all boxes together have been told to be in the table."""
        told = [told for box in self.house.boxes for told in _acks(self.house.data(box) / "link.db").values()]
        return sum(one.through + sum(span.last - span.first + 1 for span in one.ranges) for one in told)

    def verdict(self) -> Verdict:
        # What was said is read before what is there: a writer that was late writes on while we read.
        kept = {(box, name) for box in self.house.boxes for name in self.house.kept(box)}
        self._read_clinic()
        written = {key: subject for box in self.house.boxes for key, subject in _written(self.house.data(box), box)}
        own = {key for box in self.house.boxes for key in _links_own(self.house.data(box), box)}
        kiosks = {key: subject for key, subject in self._subjects.items() if key[1] == "kiosk"}
        times = Counter((key[0], subject) for key, subject in kiosks.items())
        on_disk = {(key[0], subject) for key, subject in written.items()}
        absent = {*(written.keys() - kiosks.keys()), *(own - self._subjects.keys())}
        to_send = {key for box in self.house.boxes for key in _to_send(self.house.data(box), box)}
        return Verdict(
            went_in=len(written),
            came_out=len(kiosks),
            lost=_names(absent - to_send),
            waiting=_names(absent & to_send),
            twice=tuple(sorted(name for (_, name), count in times.items() if count > 1)),
            foreign=_names(kiosks.keys() - written.keys()),
            forgotten=tuple(sorted(name for _, name in kept - on_disk)),
            aside=tuple(self._aside),
            untrue=tuple(self.untrue),
            plans=self._plans_missing(),
        )

    def why(self) -> tuple[str, ...]:
        """Of each box from which something waits: what its own link tells of it, in words."""
        lines = []
        for box in self.house.boxes:
            data = self.house.data(box)
            told = read_status(data / "bedside.db", data / "link.db", Beside(self.house.run(box), None, CLOCK))
            if told.pending:
                lines.append(f"{box}: {'; '.join(in_words(told).splitlines())}")
        return tuple(lines)

    def _plans_missing(self) -> tuple[str, ...]:
        """Boxes whose plan in force is not the last that was prescribed, or the clinic does not know that it is."""
        query = """SELECT serial, received_ms FROM plans_order WHERE device_id = ? AND kind IN ('plan', 'stop')
            ORDER BY serial DESC LIMIT 1"""
        missing = []
        with closing(_clinic(self.house)) as record:
            for box in self.house.boxes:
                last = record.execute(query, (box,)).fetchone()
                newest = LinkReader(self.house.data(box) / "link.db").newest("plan")
                if last is not None and (last[1] is None or newest is None or newest.serial != last[0]):
                    missing.append(f"{box}: the plan in force is {newest and newest.serial}, prescribed {last[0]}")
        return tuple(missing)

    def _landed(self, box: str) -> bool:
        data = self.house.data(box)
        told = _acks(data / "link.db")
        for name in ("bedside.db", "link.db"):
            reader = open_reader(data / name)
            if reader is None:
                return False
            with closing(reader):
                kept = list(outbox.kept(reader))
            if any(held.epoch not in told or told[held.epoch].through < held.last for held in kept):
                return False
        return True

    def _read_clinic(self) -> None:
        query = """SELECT id, device_id, stream, epoch, seq, state, payload FROM results_ledgerrow
            WHERE id > ? ORDER BY id"""
        with closing(_clinic(self.house)) as record:
            rows = record.execute(query, (self._last,)).fetchall()
            aside = record.execute("SELECT problem, topic FROM results_quarantine").fetchall()
        self._aside = [f"{problem} ({topic})" for problem, topic in aside]
        for row_id, box, stream, epoch, seq, state, payload in rows:
            self._last = row_id
            key = (str(box), str(stream), str(epoch), int(seq))
            self._subjects[key] = self._subject(bytes(payload))
            if state != "stored":
                self._aside.append(f"held: {_name(key)}")

    def _subject(self, payload: bytes) -> str:
        try:
            letter = seal.read_letter(payload)
            return subject_of(decode(seal.open_body(letter, self._keys), Report).content)
        except ContractError as error:
            return f"unreadable: {error}"


class WitnessLeftError(Exception):
    """The witness has not looked on to the end: nothing is proved."""


class Witness(threading.Thread):
    """Looks at what each box says to be in the record, then at the clinic's table: nothing leaves that table here."""

    def __init__(self, house: House, untrue: list[str]) -> None:
        super().__init__(daemon=True)
        self._house, self._untrue = house, untrue
        self._seen: set[Key] = set()
        self._read: dict[tuple[str, str], Told] = {}
        self._over = threading.Event()
        self.looks = 0

    def run(self) -> None:
        while not self._over.wait(LOOK_S):
            try:
                self.look()
            except sqlite3.Error:
                continue  # a file that is locked, or whose disk is full just now: the next look tells

    def stop(self) -> None:
        self._over.set()
        self.join()

    def check(self) -> None:
        """Raises WitnessLeftError."""
        if not (self.is_alive() and self.looks):
            raise WitnessLeftError(f"the witness of {self._house.folder} has ended after {self.looks} looks")

    def look(self) -> None:
        new = {key for box in self._house.boxes for key in self._said(box)} - self._seen
        if new:
            with closing(_clinic(self._house)) as record:
                there = {key for key in new if _is_in_table(record, key)}
            self._seen |= there
            self._untrue += [_name(key) for key in new - there if _name(key) not in self._untrue]
        self.looks += 1

    def _said(self, box: str) -> Iterable[Key]:
        """What acknowledgements say that were not read before."""
        for epoch, told in _acks(self._house.data(box) / "link.db").items():
            if self._read.get((box, epoch)) != told:
                self._read[box, epoch] = told
                for span in (wire.Range(first=1, last=told.through), *told.ranges):
                    yield from ((box, told.stream, epoch, seq) for seq in range(span.first, span.last + 1))


def _is_in_table(record: sqlite3.Connection, key: Key) -> bool:
    query = "SELECT 1 FROM results_ledgerrow WHERE (device_id, stream, epoch, seq) = (?, ?, ?, ?)"
    return record.execute(query, key).fetchone() is not None


def _acks(link_db: Path) -> dict[str, Told]:
    reader = open_reader(link_db)
    if reader is None:
        return {}
    with closing(reader):
        try:
            rows = reader.execute("SELECT epoch, ack FROM acknowledged").fetchall()
        except sqlite3.OperationalError:  # its tables are not made yet
            return {}
    return {str(epoch): decode(bytes(ack), Told) for epoch, ack in rows}


def _written(data: Path, box: str) -> Iterable[tuple[Key, str]]:
    for subject, epoch, seq in _rows(data / "bedside.db", "SELECT session, epoch, seq FROM result"):
        yield (box, "kiosk", str(epoch), int(seq)), str(subject)


def _to_send(data: Path, box: str) -> Iterable[Key]:
    """What its box will send until it is told that the table has it: on its disk, and of which it was told nothing."""
    told = _acks(data / "link.db")
    for name in ("bedside.db", "link.db"):
        for stream, epoch, seq in _rows(data / name, "SELECT stream, epoch, seq FROM outbox"):
            ack = told.get(str(epoch))
            if ack is None or not ack.has(int(seq)):
                yield box, str(stream), str(epoch), int(seq)


def _links_own(data: Path, box: str) -> Iterable[Key]:
    for epoch, seq in _rows(data / "link.db", "SELECT epoch, seq FROM outbox"):
        yield box, "link", str(epoch), int(seq)


def _rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    reader = open_reader(path)
    if reader is None:
        return []
    with closing(reader):
        return reader.execute(query).fetchall()


def _clinic(house: House) -> sqlite3.Connection:
    return sqlite3.connect(house.home / "clinic.db", timeout=BUSY_S)


def _name(key: Key) -> str:
    box, stream, epoch, seq = key
    return f"{box} {stream} {epoch}/{seq}"


def _names(keys: Iterable[Key]) -> tuple[str, ...]:
    return tuple(_name(key) for key in sorted(keys))
