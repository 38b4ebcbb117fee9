"""A clinic with a real broker (TLS 1.3, client certificates) and as many boxes as are asked for, on the disk."""

import contextlib
import os
import re
import select
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from clinic.home import Home
from mqtt_bridge import enrolment
from mqtt_bridge.contract import wire
from mqtt_bridge.mqtt.paho import PahoClient
from mqtt_bridge.mqtt.port import Address, Connected, Mailbox, Sent
from tests.bench.wire.enrolling import name
from tests.clinic.box import CLINIC, Box, evaluation, listening
from tests.clinic.parts import Commands, Process, furnished, running
from tests.support.process import ProcessError

UP = f"{wire.ROOT}/{CLINIC}/+/up"
LOOK_S = 0.05
LETTER_BYTES_MAX = 4096
"""Of the reports of the bench, amply: by it a queue's bytes allow what its number does."""
Letter = tuple[str, bytes]
"""(topic, payload)."""


@dataclass(frozen=True)
class Rig:
    commands: Commands
    folder: Path

    @property
    def home(self) -> Home:
        return Home(self.commands.home)

    @property
    def database(self) -> Path:
        return self.commands.home / "clinic.db"

    def enrol(self, first: int, count: int) -> list[enrolment.Enrolment]:
        words = [str(self.folder / "boxes"), str(first), str(count)]
        command = [sys.executable, "-m", "tests.bench.wire.enrolling", *words]
        environment = {**self.commands.environment, "DJANGO_SETTINGS_MODULE": "clinic.settings"}
        subprocess.run(command, env=environment, check=True)
        return [enrolment.load(self.folder / "boxes" / name(n)) for n in range(first, first + count)]

    def address(self, client_id: str) -> Address:
        """At the broker, under ingest's own certificate."""
        broker, mine = self.home.configuration().broker, self.home.ingest
        files = (self.home.broker / "ca.pem", mine / "ingest.crt", mine / "ingest.key")
        return Address(broker.host, broker.port, client_id, *files, receive_max=500)

    def ingest(self, environment: dict[str, str] | None = None) -> Process:
        commands = Commands(self.commands.home, {**self.commands.environment, **(environment or {})})
        commands.environment["CHEVET_CLINIC_HOME"] = str(self.commands.home)
        process = Process(commands, "ingest")
        process.line()
        return process


@contextlib.contextmanager
def rig(*init: str, waiting_max: int = 0) -> Iterator[Rig]:
    """With its broker running; everything is gone afterwards. waiting_max: of a queue, if the house's is too short."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("CHEVET_", "DJANGO_"))}
    with furnished(kept, *init) as commands, _broker(commands, waiting_max):
        yield Rig(commands, commands.home.parent)


@contextlib.contextmanager
def _broker(commands: Commands, waiting_max: int) -> Iterator[Process]:
    if not waiting_max:
        with running(commands, "broker") as process:
            yield process
        return
    commands.run("broker", "--write")
    file = _lengthen(Home(commands.home).broker / "mosquitto.conf", waiting_max)
    program = shutil.which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin") or "mosquitto"
    with running(commands, "-c", str(file), program=(program,)) as process:
        yield process


def _lengthen(file: Path, most: int) -> Path:
    """Its queues, before it starts: mosquitto 2.0.11 does not take these when it reads its configuration again."""
    told = re.sub(r"^max_queued_messages \d+", f"max_queued_messages {most}", file.read_text(), flags=re.MULTILINE)
    told = re.sub(r"^max_queued_bytes \d+", f"max_queued_bytes {most * LETTER_BYTES_MAX}", told, flags=re.MULTILINE)
    file.write_text(told)
    return file


def cares(box: Box, sessions: int, since: str = "s", patient: str = "martin") -> list[Letter]:
    """The three reports of each session: 700 to 1,000 bytes, sealed and signed."""
    letters: list[Letter] = []
    for number in range(sessions):
        session = f"{since}-{number}"
        before = evaluation("before", (1, 2, 3, 4, 5), "J’ai mal dormi.", session=session)
        after = evaluation("after", (1, 2, 3, 4, 5), "Merci.", session=session)
        letters += [(box.up, box.report(content, patient=patient)) for content in (before, listening(session), after)]
    return letters


def publish(address: Address, letters: Sequence[Letter], s_max: float = 60) -> None:
    """Give these to the broker as their box, and wait until it has taken them. Raises ProcessError."""
    mailbox, until_s, taken = Mailbox(), time.monotonic() + s_max, 0
    client = PahoClient(address, mailbox)
    client.start((letters[0][0].replace("/up", "/down"),), None)
    try:
        while taken < len(letters):
            if time.monotonic() > until_s:
                raise ProcessError(f"the broker took {taken} of {len(letters)} letters in {s_max:.0f} s")
            select.select([mailbox], [], [], 1)
            for event in mailbox.take():
                if isinstance(event, Connected):
                    for topic, payload in letters:
                        client.publish(topic, payload)
                taken += isinstance(event, Sent) and event.accepted
    finally:
        client.stop()


def count(database: Path, query: str) -> int:
    """Rows, looked at without writing; 0 while the table is not there or somebody is writing."""
    try:
        with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=5)) as reader:
            found = reader.execute(query).fetchone()
            return int(found[0]) if found else 0
    except sqlite3.OperationalError:
        return 0
