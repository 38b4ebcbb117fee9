"""A witness who looks on: what a box says to be in the record must be in the clinic's table by then."""

import threading
from collections.abc import Iterable

from mqtt_bridge.contract import wire
from mqtt_bridge.outbox import Told
from tests.campaign.database import NotNow, Reader
from tests.campaign.house import House
from tests.campaign.reading import Key, acks, name

LOOK_S = 0.05


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
            except NotNow:
                continue  # the next look tells

    def stop(self) -> None:
        self._over.set()
        self.join()

    def check(self) -> None:
        """Raises WitnessLeftError."""
        if not (self.is_alive() and self.looks):
            raise WitnessLeftError(f"the witness of {self._house.folder} has ended after {self.looks} looks")

    def look(self) -> None:
        said = {(box, epoch): told for box in self._house.boxes for epoch, told in self._acks_of(box).items()}
        new = {key for (box, epoch), told in said.items() for key in _said(box, epoch, told)} - self._seen
        if new:
            with self._house.reader() as record:
                there = {key for key in new if _is_in_table(record, key)}
            self._seen |= there
            self._untrue += [name(key) for key in new - there if name(key) not in self._untrue]
        self._read |= said  # once the table was looked at: a database that was dead is asked again
        self.looks += 1

    def _acks_of(self, box: str) -> dict[str, Told]:
        """Acknowledgements that were not read before."""
        told = acks(self._house.data(box) / "link.db")
        return {epoch: ack for epoch, ack in told.items() if self._read.get((box, epoch)) != ack}


def _said(box: str, epoch: str, told: Told) -> Iterable[Key]:
    for span in (wire.Range(first=1, last=told.through), *told.ranges):
        yield from ((box, told.stream, epoch, seq) for seq in range(span.first, span.last + 1))


def _is_in_table(record: Reader, key: Key) -> bool:
    query = "SELECT 1 FROM results_ledgerrow WHERE (device_id, stream, epoch, seq) = (?, ?, ?, ?)"
    return bool(record.rows(query, key))
