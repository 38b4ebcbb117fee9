"""What went in and what came out, read from the files of both ends.

In: what a box's own database says that its people have confirmed. Out: the clinic's table, each letter opened with the
clinic's keys. Nothing of it asks the processes under test.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from mqtt_bridge import outbox, seal
from mqtt_bridge.clock import system_clock
from mqtt_bridge.contract.codec import ContractError, decode
from mqtt_bridge.contract.report import Report, subject_of
from mqtt_bridge.database import open_reader
from mqtt_bridge.link.reading import LinkReader
from mqtt_bridge.link.status import Beside, read_status
from mqtt_bridge.link.status_words import in_words
from tests.campaign import reading
from tests.campaign.house import House
from tests.campaign.reading import Key

CLOCK = system_clock("always")
FLOOD = "flood-"
"""What the names of a flood's reports begin with."""


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
    orders: tuple[str, ...]
    """Messages, or the last word on where a person stands, that a box does not have, or of which the clinic does not
    know it; and orders that a box has applied after a later one."""
    floods: int
    """Of those that went in: written for a flood, and given to the broker by it."""

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
            "orders missing, or applied out of order": self.orders,
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
    _read: set[int] = field(default_factory=set)
    """Ids of rows: two processes may commit theirs in another order than they were numbered."""

    def __post_init__(self) -> None:
        self._keys = seal.load_secret(self.house.home / "keys" / "clinic.secret")

    def all_landed(self) -> bool:
        """Whether every box knows that all its reports are in the table and has the last plan, and the clinic knows."""
        landed = all(self._landed(box) for box in self.house.boxes)
        return landed and not self._plans_missing() and not self._orders_missing()

    def arrived(self) -> int:
        """How many reports all boxes together have been told to be in the table."""
        told = [told for box in self.house.boxes for told in reading.acks(self.house.data(box) / "link.db").values()]
        return sum(one.through + sum(span.last - span.first + 1 for span in one.ranges) for one in told)

    def verdict(self) -> Verdict:
        # What was said is read before what is there: a writer that was late writes on while we read.
        kept = {(box, name) for box in self.house.boxes for name in self.house.kept(box)}
        self._read_clinic()
        written = {
            key: subject for box in self.house.boxes for key, subject in reading.written(self.house.data(box), box)
        }
        own = {key for box in self.house.boxes for key in reading.links_own(self.house.data(box), box)}
        kiosks = {key: subject for key, subject in self._subjects.items() if key[1] == "kiosk"}
        times = Counter((key[0], subject) for key, subject in kiosks.items())
        on_disk = {(key[0], subject) for key, subject in written.items()}
        absent = {*(written.keys() - kiosks.keys()), *(own - self._subjects.keys())}
        to_send = {key for box in self.house.boxes for key in reading.to_send(self.house.data(box), box)}
        return Verdict(
            went_in=len(written),
            came_out=len(kiosks),
            lost=reading.names(absent - to_send),
            waiting=reading.names(absent & to_send),
            twice=tuple(sorted(name for (_, name), count in times.items() if count > 1)),
            foreign=reading.names(kiosks.keys() - written.keys()),
            forgotten=tuple(sorted(name for _, name in kept - on_disk)),
            aside=tuple(self._aside),
            untrue=tuple(self.untrue),
            plans=self._plans_missing(),
            orders=(*self._orders_missing(), *self._backwards()),
            floods=sum(subject.startswith(FLOOD) for subject in written.values()),
        )

    def came(self, box: str, name: str) -> tuple[set[int], set[int]]:
        """Of the reports that a box has written under this name: their numbers, and those in the clinic's table."""
        written = [key for key, subject in reading.written(self.house.data(box), box) if subject.startswith(f"{name}.")]
        epochs = {key[2] for key in written}
        query = "SELECT epoch, seq FROM results_ledgerrow WHERE device_id = ? AND stream = 'kiosk'"
        with self.house.reader() as record:
            there = {int(seq) for epoch, seq in record.rows(query, (box,)) if epoch in epochs}
        numbers = {key[3] for key in written}
        return numbers, numbers & there

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
        with self.house.reader() as record:
            for box in self.house.boxes:
                last = next(iter(record.rows(query, (box,))), None)
                newest = LinkReader(self.house.data(box) / "link.db").newest("plan")
                if last is not None and (last[1] is None or newest is None or newest.serial != last[0]):
                    missing.append(f"{box}: the plan in force is {newest and newest.serial}, prescribed {last[0]}")
        return tuple(missing)

    def _orders_missing(self) -> tuple[str, ...]:
        """Every message, and the last standing: on its box, and known to be."""
        query = """SELECT kind, serial, received_ms FROM plans_order
            WHERE device_id = ? AND kind IN ('message', 'standing') ORDER BY serial"""
        missing = []
        with self.house.reader() as record:
            for box in self.house.boxes:
                told = record.rows(query, (box,))
                standings = [row for row in told if row[0] == "standing"]
                messages = LinkReader(self.house.data(box) / "link.db").serials("message")
                held = reading.rows(self.house.data(box) / "bedside.db", "SELECT serial FROM standing")
                there = {"message": set(messages), "standing": {int(serial) for (serial,) in held}}
                wanted = [row for row in told if row[0] == "message"] + standings[-1:]
                missing += [
                    f"{box}: {kind} {serial}"
                    for kind, serial, received in wanted
                    if received is None or serial not in there[kind]
                ]
        return tuple(missing)

    def _backwards(self) -> tuple[str, ...]:
        """Orders that a box's writer has applied after one with a higher serial."""
        found = []
        for box in self.house.boxes:
            applied = self.house.applied(box)
            found += [f"{box}: {kind} {later} after {earlier}" for kind, earlier, later in _falls(applied)]
        return tuple(found)

    def _landed(self, box: str) -> bool:
        data = self.house.data(box)
        told = reading.acks(data / "link.db")
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
        query = """SELECT id, device_id, stream, epoch, seq, payload FROM results_ledgerrow
            WHERE id >= ? ORDER BY id"""
        held = "SELECT device_id, stream, epoch, seq FROM results_ledgerrow WHERE state <> 'stored'"
        with self.house.reader() as record:
            new = {row_id for (row_id,) in record.rows("SELECT id FROM results_ledgerrow")} - self._read
            rows = record.rows(query, (min(new),)) if new else []
            aside = record.rows("SELECT problem, topic FROM results_quarantine")
            kept = [f"held: {reading.name((box, stream, epoch, seq))}" for box, stream, epoch, seq in record.rows(held)]
        self._aside = [*(f"{problem} ({topic})" for problem, topic in aside), *kept]
        for row_id, box, stream, epoch, seq, payload in rows:
            if row_id not in self._read:
                self._read.add(row_id)
                self._subjects[str(box), str(stream), str(epoch), int(seq)] = self._subject(bytes(payload))

    def _subject(self, payload: bytes) -> str:
        try:
            letter = seal.read_letter(payload)
            return subject_of(decode(seal.open_body(letter, self._keys), Report).content)
        except ContractError as error:
            return f"unreadable: {error}"


def _falls(applied: Sequence[tuple[str, int]]) -> Iterable[tuple[str, int, int]]:
    """(kind, serial, lower serial that came after it)."""
    highest: dict[str, int] = {}
    for kind, serial in applied:
        if serial < highest.get(kind, 0):
            yield kind, highest[kind], serial
        highest[kind] = max(serial, highest.get(kind, 0))
