"""The kiosk as far as the wire knows it, in a process of its own: its real store, told by a socket what to write.

    python -m tests.campaign.writer DATA RUN ENROLMENT

It prints `kept NAME` once a report is on the disk, as the screen changes only then, `refused NAME` when the disk did
not take it, and `applied KIND SERIAL` once a plan or a word on where the person stands holds. Like the shell it
reserves room before a session, rings the link, opens what the clinic has written, and notes what has landed.
"""

import select
import socket
import sqlite3
import sys
from pathlib import Path

from kiosk.journey.effects import Write
from kiosk.shell.letters import Post
from kiosk.shell.orders import plan_in_force
from kiosk.shell.store import BedsideStore, StorageError
from mqtt_bridge import enrolment
from mqtt_bridge.bell import POLL_S, Bell, ring
from mqtt_bridge.clock import system_clock
from mqtt_bridge.contract.care import PlanReference
from mqtt_bridge.contract.report import Content, HelpAsked
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.link.reading import LinkReader
from mqtt_bridge.stopping import Stopping
from tests.clinic.box import evaluation, listening

PLAN = PlanReference(patient="martin", plan="plan-martin", version=1)
HELP_EVERY = 7


def content_of(name: str, now: Stamp) -> Content:
    """One report, recognised by its subject: `name`, which ends in a number."""
    number = int(name.rpartition("-")[2])
    if number % HELP_EVERY == 0:
        return HelpAsked(help=name, asked=now)
    if number % 3 == 0:
        return listening(name, started=now)
    return evaluation("before" if number % 3 == 1 else "after", (1, 2, 3, "declined", 5), f"mot {number}", name)


class Writer:
    """One kiosk's store, its bell, and the hand that tells it what to write."""

    def __init__(self, data: Path, run: Path, enrolled: Path) -> None:
        """Raises StorageError."""
        self._link, self._link_bell = LinkReader(data / "link.db"), run / "link.bell"
        self._store = BedsideStore(data / "bedside.db", enrolment.load(enrolled), self._link.clinic_reads)
        self._clock, self._enrolled = system_clock("always"), enrolment.load(enrolled)
        self._held: dict[str, int] = {}
        self._post = Post(self._link, self._enrolled, self._store.take_standing)
        self.bell = Bell(run / "kiosk.bell")
        self.hand = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        path = run / "writer.sock"
        path.unlink(missing_ok=True)
        self.hand.bind(str(path))

    def obey(self) -> None:
        """« NAME » is one report; « NAME xN » is N of them, NAME.1-1 to NAME.1-N."""
        name, _, times = self.hand.recv(200).decode().partition(" x")
        names = [f"{name}.1-{number}" for number in range(1, int(times) + 1)] if times else [name]
        for one in names:
            self.write(one)
        ring(self._link_bell)

    def write(self, name: str) -> None:
        now = self._clock()
        self._store.reserve()
        try:
            self._store.write(Write(now, (content_of(name, now),), PLAN, None))
        except StorageError as error:
            print(f"refused {name}: {error}", flush=True)
        else:
            print(f"kept {name}", flush=True)

    def look(self) -> None:
        """What has landed, as the shell notes it."""
        try:
            for epoch in self._store.epochs():
                ack = self._link.ack(epoch)
                if ack is not None:
                    self._store.landed(ack)
            self._post.look()
            self._tell()
        except (StorageError, sqlite3.Error) as error:  # a full disk refuses to read, too
            print(f"writer: {error}", flush=True)

    def _tell(self) -> None:
        """Which orders hold, when they are others than before."""
        now, newest = self._clock(), self._link.newest("plan")
        if newest is not None and plan_in_force(self._link, self._enrolled, now, 0).problem != "unsigned":
            self._hold("plan", newest.serial)
        for (serial,) in self._store._database.execute("SELECT serial FROM standing").fetchall():
            self._hold("standing", int(serial))

    def _hold(self, kind: str, serial: int) -> None:
        if self._held.get(kind) != serial:
            self._held[kind] = serial
            print(f"applied {kind} {serial}", flush=True)


def main(folders: list[str], make: type[Writer] = Writer) -> int:
    try:
        writer = make(*map(Path, folders))
    except StorageError as error:
        print(f"writer: {error}", flush=True)
        return 1
    stopping = Stopping()
    print("writer: ready", flush=True)
    while not stopping.asked():
        ready, _, _ = select.select([writer.hand.fileno(), writer.bell.fileno(), stopping.fileno()], [], [], POLL_S)
        if writer.bell.fileno() in ready:
            writer.bell.silence()
        if writer.hand.fileno() in ready:
            writer.obey()
        writer.look()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
