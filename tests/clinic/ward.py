"""A clinic on PostgreSQL with several boxes and several ingest processes, each of them real; counted in and out."""

import contextlib
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

import psycopg

from clinic.ingest.place import Place
from clinic.ingest.share import Share
from mqtt_bridge.contract import wire
from mqtt_bridge.enrolment import Enrolment
from mqtt_bridge.mqtt.paho import PahoClient
from mqtt_bridge.mqtt.port import Connected, Delivered, Event, Mailbox, Sent
from tests.bench.wire.enrolling import name as name_of
from tests.bench.wire.rig import Rig
from tests.clinic.box import CLINIC, Box, evaluation
from tests.support.process import Process

LOOK_S, KEPT_S_MAX = 0.05, 120.0
NAMES = tuple(Place(number, -1).client_id(CLINIC) for number in (1, 2))
"""Of both processes, as the broker and the leases know them."""
BOXES = 6


def numbers() -> int:
    """The first of BOXES boxes in a row of which both processes have two or more: their names tell, on any machine."""
    for first in count(1):
        topics = [wire.topic(CLINIC, name_of(first + n), "up") for n in range(BOXES)]
        if 2 <= sum(Share(NAMES[0], NAMES).is_mine(topic) for topic in topics) <= BOXES - 2:
            return first
    raise AssertionError("there is no end to numbers")


class Bedside:
    """One box on the broker: what it has sent, and how much of it the clinic's database has told it."""

    def __init__(self, enrolled: Enrolment, epoch: str) -> None:
        self.box = Box(enrolled.clinic, enrolled.place.box, enrolled.keys, epoch=epoch)
        self.sent = self.taken = self.through = 0
        self._mailbox = Mailbox()
        self._client = PahoClient(enrolled.address(), self._mailbox)
        self._client.start((wire.topic(CLINIC, self.box.name, "ack"),), None)
        self._until(lambda event: isinstance(event, Connected))

    def say(self, payload: bytes) -> None:
        self._client.publish(self.box.up, payload)

    def report(self) -> None:
        """One more, and never again: nothing here sends anything twice."""
        self.sent += 1
        told = evaluation("before", (1, 2, 3, 4, 5), session=f"{self.box.epoch}-{self.sent}")
        self.say(self.box.report(told))

    def ask(self) -> None:
        """Until the answer covers everything."""
        self.say(self.box.hello((wire.Held(stream="kiosk", epoch=self.box.epoch, last=self.sent),)))
        self._until(lambda _: self.through == self.sent)

    def stop(self) -> None:
        self._client.stop()
        self._mailbox.close()

    def _until(self, seen: Callable[[Event], bool]) -> None:
        until_s = time.monotonic() + KEPT_S_MAX
        while time.monotonic() < until_s:
            select.select([self._mailbox], [], [], 1.0)
            for event in self._mailbox.take():
                self._take(event)
                if seen(event):
                    return
        raise AssertionError(f"{self.box.name} waited in vain: {self.through} of {self.sent} are in the record")

    def _take(self, event: Event) -> None:
        if isinstance(event, Sent):
            self.taken += event.accepted
        if isinstance(event, Delivered):
            self._client.settle(event.token)
            ack = self.box.ack(event.payload)
            self.through = max(self.through, ack.through if ack.epoch == self.box.epoch else 0)


class Ingest(Process):
    """One that tells what it has seen of the others."""

    def views(self) -> list[int]:
        """How many processes it has seen to share the boxes, one after the other."""
        said = self._log.read_text(errors="replace")
        return [int(found) for found in re.findall(r"(\d+) ingest processes share the boxes", said)]


@dataclass
class Ward:
    rig: Rig
    url: str
    enrolled: list[Enrolment]
    epochs: Iterator[int] = field(default_factory=lambda: count(1))

    @contextlib.contextmanager
    def boxes(self) -> Iterator[list[Bedside]]:
        """Each in an epoch of this test's own."""
        epoch, made = f"{next(self.epochs):016x}", list[Bedside]()
        try:
            for one in self.enrolled:
                made.append(Bedside(one, epoch))
            yield made
        finally:
            for box in made:
                box.stop()

    @contextlib.contextmanager
    def ingests(self) -> Iterator[tuple[Ingest, Ingest]]:
        """Both, once each knows of the other."""
        first, second = (self.ingest(number) for number in (1, 2))
        try:
            first.start()
            second.start()
            self.until_both_know(first, second)
            yield first, second
        finally:
            for one in (first, second):
                if one.running():
                    one.signal(signal.SIGCONT)
                    one.kill()

    def ingest(self, number: int) -> Ingest:
        log = self.rig.folder / f"ingest-{number}-{next(self.epochs)}.log"
        command = [sys.executable, "-m", "clinic.cli", "ingest"]
        return Ingest(f"ingest {number}", command, "ingest: ready", log, self.rig.commands.environment)

    def rows(self, epoch: str) -> int:
        with psycopg.connect(self.url) as link:
            asked = "SELECT COUNT(*) FROM results_ledgerrow WHERE epoch = %s AND state = 'stored'"
            found = link.execute(asked, [epoch]).fetchone()
        return int(found[0]) if found else 0

    def leases(self) -> set[str]:
        """Whose stand in the database, whether they have lapsed or not."""
        with psycopg.connect(self.url) as link:
            return {name for (name,) in link.execute("SELECT name FROM results_ingestlease")}

    def quarantine(self) -> list[tuple[str, str, int]]:
        """(kind, topic, how often)."""
        with psycopg.connect(self.url) as link:
            return list(link.execute("SELECT kind, topic, times FROM results_quarantine"))

    def until_both_know(self, first: Ingest, second: Ingest) -> None:
        self.until(lambda: first.views()[-1:] == second.views()[-1:] == [2])

    def until_kept(self, boxes: list[Bedside]) -> None:
        """Everything that they have sent is in the ledger, without anything being sent again."""
        wanted, epoch = sum(one.sent for one in boxes), boxes[0].box.epoch
        self.until(lambda: self.rows(epoch) == wanted)

    def until(self, true: Callable[[], bool]) -> None:
        until_s = time.monotonic() + KEPT_S_MAX
        while not true():
            assert time.monotonic() < until_s, "it did not come true in time"
            time.sleep(LOOK_S)


def made(rig: Rig, url: str) -> Ward:
    return Ward(rig, url, rig.enrol(numbers(), BOXES))


def create(cluster: str, name: str) -> str:
    """The URL of a database that is new."""
    subprocess.run(["psql", "-q", cluster.format(name="postgres"), "-c", f"CREATE DATABASE {name}"], check=True)
    return cluster.format(name=name)


def environment_of(rig: Rig) -> dict[str, str]:
    return {**rig.commands.environment, "DJANGO_SETTINGS_MODULE": "clinic.settings"}
