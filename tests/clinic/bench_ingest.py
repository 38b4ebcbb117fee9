"""From a box's message to the clinic's answer, on a real broker and a real ingest process.

    python -m tests.clinic.bench_ingest [--json] [--postgresql URL] [--reports 200] [--burst 1000]

echo: the way through the broker and back with no clinic in it, the floor of what follows.
alone: one report at a time on an idle system, from the publish to the acknowledgement that says it is in the record.
three: an evaluation, a listening and an evaluation at once, as at the end of a care, to the answer for the last.
burst: reports per second when a box brings a long backlog; page: what a page's write waits meanwhile.
"""

import argparse
import contextlib
import json
import os
import select
import sqlite3
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from clinic.home import Home
from mqtt_bridge.contract import wire
from mqtt_bridge.mqtt.paho import PahoClient
from mqtt_bridge.mqtt.port import Address, Connected, Delivered, Mailbox
from tests.clinic.box import CLINIC, Box, evaluation, listening
from tests.clinic.parts import Commands, Link, furnished, running

SPACED_S = 0.05


def main(argv: list[str] | None = None) -> int:
    arguments = _parser().parse_args(argv)
    told = measure(arguments.postgresql, arguments.reports, arguments.burst)
    if arguments.json:
        print(json.dumps(told, indent=1))
    else:
        print("\n".join(f"{name:22} {value}" for name, value in told.items()))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--postgresql", metavar="URL", help="an empty database (default: SQLite)")
    parser.add_argument("--reports", type=int, default=200, help="measured one by one (default: 200)")
    parser.add_argument("--burst", type=int, default=1000, help="given at once (default: 1000)")
    return parser


def measure(postgresql: str | None, reports: int, burst: int) -> dict[str, Any]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("CHEVET_", "DJANGO_"))}
    database = ("--database", postgresql) if postgresql else ()
    told: dict[str, Any] = {"database": "postgresql" if postgresql else f"sqlite {sqlite3.sqlite_version}"}
    told["load_before"] = round(os.getloadavg()[0], 2)
    with furnished(environment, *database) as commands, running(commands, "broker"):
        link = Link(commands.home.parent / "box")
        with _echo(commands):
            link.start()
            told |= _spread("echo_ms", [_spaced(partial(_echoed, link), n) for n in range(reports)])
        with running(commands, "ingest") as ingest:
            ingest.line()
            meter = Meter(link)
            meter.take(evaluation("before", (1, 2, 3, 4, 5), session="warm"))
            told |= _spread("alone_ms", [_spaced(meter.alone, n) for n in range(reports)])
            told |= _spread("three_ms", [_spaced(meter.three, n) for n in range(reports // 4)])
            with _page(commands.home, on=postgresql is None) as waits:
                told["burst_per_s"] = round(meter.burst(burst))
            told |= _spread("page_write_ms", waits)
        link.client.stop()
    return told


class Meter:
    """Gives reports to the box's link, and waits for the answer that has them."""

    def __init__(self, link: Link) -> None:
        self._link, self._given = link, 0

    def take(self, *contents: Any) -> float:
        letters = [self._link.box.report(content) for content in contents]
        began = time.perf_counter()
        for letter in letters:
            self._link.client.publish(self._link.box.up, letter)
        self._given += len(letters)
        self._link.until(lambda _: self._link.in_record == self._given, s_max=600)
        return (time.perf_counter() - began) * 1000

    def alone(self, n: int) -> float:
        return self.take(evaluation("after", (1, 2, 3, 4, 5), "Merci.", session=f"alone-{n}"))

    def three(self, n: int) -> float:
        name = f"three-{n}"
        before = evaluation("before", (1, 2, 3, 4, 5), session=name)
        return self.take(before, listening(name), evaluation("after", (1, 2, 3, 4, 5), "Merci.", session=name))

    def burst(self, count: int) -> float:
        told = [evaluation("before", (1, 2, 3, 4, 5), session=f"burst-{n}") for n in range(count)]
        return count / self.take(*told) * 1000


def _spaced(act: Callable[[int], float], n: int) -> float:
    time.sleep(SPACED_S)
    return act(n)


def _spread(name: str, values: list[float]) -> dict[str, float]:
    if len(values) < 2:
        return {}
    cut = statistics.quantiles(values, n=100, method="inclusive")
    return {f"{name}_p50": round(cut[49], 2), f"{name}_p99": round(cut[98], 2), f"{name}_max": round(max(values), 2)}


@contextlib.contextmanager
def _echo(commands: Commands) -> Iterator[None]:
    """Under ingest's own certificate: gives back on `ack` what came on `up`."""
    home, mailbox, over = Home(commands.home), Mailbox(), threading.Event()
    broker, mine = home.configuration().broker, home.ingest
    files = (home.broker / "ca.pem", mine / "ingest.crt", mine / "ingest.key")
    client = PahoClient(Address(broker.host, broker.port, "bench-echo", *files), mailbox)
    client.start((wire.topic(CLINIC, "+", "up"),), None)
    ready = threading.Event()

    def serve() -> None:
        while not over.is_set():
            select.select([mailbox], [], [], 0.1)
            for event in mailbox.take():
                if isinstance(event, Connected):
                    ready.set()
                if isinstance(event, Delivered):
                    client.publish(wire.topic(CLINIC, "box-12", "ack"), event.payload)
                    client.settle(event.token)

    thread = threading.Thread(target=serve)
    thread.start()
    ready.wait(30)
    try:
        yield
    finally:
        over.set()
        thread.join()
        client.stop()


def _echoed(link: Link, _n: int) -> float:
    payload = Box(link.enrolled.clinic).report(evaluation("after", (1, 2, 3, 4, 5), "Merci."))
    began = time.perf_counter()
    link.client.publish(link.box.up, payload)
    while True:
        select.select([link.mailbox], [], [], 5)
        for event in link.mailbox.take():
            if isinstance(event, Delivered):
                link.client.settle(event.token)
                return (time.perf_counter() - began) * 1000


@contextlib.contextmanager
def _page(home: Path, *, on: bool) -> Iterator[list[float]]:
    """A page's small write, again and again on SQLite's one lock; how long each took."""
    waits: list[float] = []
    over = threading.Event()

    def write() -> None:
        record = sqlite3.connect(home / "clinic.db", timeout=20, isolation_level=None)
        while not over.wait(0.02):
            began = time.perf_counter()
            record.execute("BEGIN IMMEDIATE")
            record.execute("UPDATE people_patient SET room = room")
            record.execute("COMMIT")
            waits.append((time.perf_counter() - began) * 1000)
        record.close()

    thread = threading.Thread(target=write)
    if on:
        thread.start()
    try:
        yield waits
    finally:
        over.set()
        if on:
            thread.join()


if __name__ == "__main__":
    raise SystemExit(main())
