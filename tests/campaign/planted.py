"""Processes with a fault put in on purpose: a campaign that does not find them proves nothing.

    python -m tests.campaign.planted FAULT ingest|run|writer ...     as the house starts the real one

row-gone-at-puback          the link takes a PUBACK for storage, and remembers that: it sends it no more
row-deleted-once-sent       the kiosk takes « sent » for « landed », and deletes what it has rung the link for
acknowledge-before-commit   ingest answers, and dies before it has committed
write-again-after-a-death   the kiosk writes once more what it is not sure of, under a new number
"""

import argparse
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from mqtt_bridge import enrolment
from mqtt_bridge.clinic_end import ClinicEnd, Outgoing, Read
from mqtt_bridge.clock import system_clock
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.link.end import Effect
from mqtt_bridge.link.folders import Folders
from mqtt_bridge.link.loop import Link
from mqtt_bridge.link.store import Key, LinkStore
from mqtt_bridge.mqtt.paho import PahoClient
from mqtt_bridge.mqtt.port import Client, Mailbox, Sent
from mqtt_bridge.stopping import Stopping
from tests.campaign import writer
from tests.campaign.accidents import Act
from tests.simulation.planted.link import BelievesTheBroker

DELETES_AFTER_S = 1.0
LEAVE_S_MAX = 10.0


class RowGoneAtPuback(BelievesTheBroker):
    """Kept in a file, so that a new link believes it too."""

    file: Path

    def published(self, row: Key, *, accepted: bool, now: Stamp) -> list[Effect]:
        if accepted:
            with self.file.open("a") as gone:
                gone.write(f"{row[0]} {row[1]}\n")
        return super().published(row, accepted=accepted, now=now)

    def remember_gone(self, file: Path) -> None:
        self.file = file
        lines = file.read_text().splitlines() if file.exists() else []
        self.__dict__["_done"] = {(epoch, int(seq)) for epoch, seq in (line.split() for line in lines)}


class AnswersThenDies(ClinicEnd):
    """Inside the transaction that keeps reports of a kiosk: the answer leaves, and the process is gone.

    Each time: on a busy machine six reports may come in two transactions, and one that died at the third was not seen.
    """

    client: Client
    mailbox: Mailbox

    def keep(self, read: Sequence[Read], now_ms: int) -> list[Outgoing]:
        answers = super().keep(read, now_ms)
        tickets = [self.client.publish(answer.topic, answer.payload) for answer in answers]
        if answers and any(one.arrival is not None and one.arrival.identity.stream == "kiosk" for one in read):
            self._wait_until_it_left(tickets[-1])
            os.kill(os.getpid(), signal.SIGKILL)
        return []

    def _wait_until_it_left(self, ticket: int) -> None:
        """The loop cannot take the broker's word meanwhile: we are in its hands."""
        until_s = time.monotonic() + LEAVE_S_MAX
        while time.monotonic() < until_s:
            if any(isinstance(event, Sent) and event.ticket == ticket for event in list(self.mailbox.events)):
                return
            time.sleep(0.01)


class WritesAgain(writer.Writer):
    """What was under way when it died is written once more."""

    def __init__(self, data: Path, run: Path, enrolled: Path) -> None:
        super().__init__(data, run, enrolled)
        self._last = data / "last"
        if self._last.exists():
            self.write(self._last.read_text())

    def write(self, name: str) -> None:
        self._last.write_text(name)
        super().write(name)


class DeletesWhatIsSent(writer.Writer):
    """A second after the link was rung for it, or when it writes again."""

    def __init__(self, data: Path, run: Path, enrolled: Path) -> None:
        super().__init__(data, run, enrolled)
        self._sent_s = 0.0

    def obey(self) -> None:
        if self._sent_s:
            self._delete()
        super().obey()
        self._sent_s = time.monotonic()

    def look(self) -> None:
        super().look()
        if self._sent_s and time.monotonic() - self._sent_s > DELETES_AFTER_S:
            self._delete()

    def _delete(self) -> None:
        self._store._database.execute("DELETE FROM outbox")


def _link(words: list[str]) -> int:
    parser = argparse.ArgumentParser()
    for name in ("--data", "--run", "--enrolment"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--clock", default="always")
    told = parser.parse_args(words)
    folders = Folders(told.data, told.run, told.enrolment)
    enrolled = enrolment.load(folders.enrolment)
    store, mailbox, stopping = LinkStore(folders.link_db, folders.bedside_db, enrolled), Mailbox(), Stopping()
    end = RowGoneAtPuback(enrolled, store)
    end.remember_gone(folders.data / "gone")
    link = Link(end, PahoClient(enrolled.address(), mailbox), mailbox, folders, system_clock("always"))
    link.start(enrolled.place)
    print("link: ready", flush=True)
    while not stopping.asked():
        link.step(stopping.fileno())
    link.stop()
    return 0


def _ingest(words: list[str]) -> int:
    from clinic.commands.common import start_django
    from clinic.home import Home

    home = Home(Path(words[words.index("--home") + 1]))
    os.environ["CHEVET_CLINIC_HOME"] = str(home.folder)
    start_django()
    from clinic.bells import bell_of
    from clinic.ingest.main import address_of
    from clinic.ingest.place import Place
    from clinic.ingest.process import Ingest, Parts
    from clinic.ingest.store import DjangoStore
    from clinic.plans.orders import Pen
    from mqtt_bridge.bell import Bell
    from mqtt_bridge.seal import load_secret

    configuration, keys = home.configuration(), load_secret(home.clinic_keys)
    store, place, mailbox = DjangoStore(Pen(configuration.clinic, keys)), Place.take(home), Mailbox()
    client = PahoClient(address_of(home, configuration, place.client_id(configuration.clinic)), mailbox)
    end = AnswersThenDies(configuration.clinic, keys, store)
    end.client, end.mailbox = client, mailbox

    def ready() -> None:
        print("ingest: ready, with a fault", flush=True)

    parts = Parts(end, store, client, mailbox, Bell(bell_of(home, place.number)), Stopping(), ready)
    Ingest(configuration.clinic, parts).run()
    return 0


def _writer_again(words: list[str]) -> int:
    return writer.main(words, WritesAgain)


def _writer_deletes(words: list[str]) -> int:
    return writer.main(words, DeletesWhatIsSent)


_FAULTS: dict[str, Callable[[list[str]], int]] = {
    "row-gone-at-puback": _link,
    "acknowledge-before-commit": _ingest,
    "write-again-after-a-death": _writer_again,
    "row-deleted-once-sent": _writer_deletes,
}
FAULTS = tuple(_FAULTS)
FOUND_AS = {
    "row-gone-at-puback": "waiting",
    "row-deleted-once-sent": "lost",
    "acknowledge-before-commit": "untrue",
    "write-again-after-a-death": "twice",
}
"""Which count of the verdict must show it."""
PATIENCE_S = {"row-gone-at-puback": 8.0, "row-deleted-once-sent": 8.0}
"""How long what does not come is waited for; of the others until it is seen, at most PATIENCE_S_MAX."""
PATIENCE_S_MAX = 120.0
_ANSWERED = [Act(0.0, "answered", "box-1"), Act(0.0, "answered", "box-2")]
"""Until then a box believes no ledger."""
_FORGOTTEN = [
    *_ANSWERED,
    Act(0.0, "kill", "ingest", 3.0),
    *(Act(0.1 * n, "write", "box-1", name=f"planted-{n}") for n in range(1, 4)),
    Act(0.5, "kept", "box-1", name="planted-3"),
    Act(2.0, "forget", "broker", 0.5),
]
"""Three reports that only the broker had, which forgets them."""
SHOWN_BY: dict[str, list[Act]] = {
    "row-gone-at-puback": _FORGOTTEN,
    "row-deleted-once-sent": [*_FORGOTTEN, Act(2.2, "write", "box-1", name="planted-4")],
    "acknowledge-before-commit": [
        *_ANSWERED,
        *(Act(0.4 * n, "write", f"box-{n % 2 + 1}", name=f"planted-{n}") for n in range(1, 7)),
    ],
    "write-again-after-a-death": [
        Act(0.1, "write", "box-2", name="planted-1"),
        Act(0.2, "kept", "box-2", name="planted-1"),
        Act(0.5, "kill", "box-2 writer", 0.2),
    ],
}
"""What happens in a round that must find the fault. The rest of a campaign may find it too, by chance."""

if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    raise SystemExit(_FAULTS[sys.argv[1]](sys.argv[3:]))
