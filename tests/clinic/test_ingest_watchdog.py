"""systemd hears from ingest's loop as long as it turns, and no longer; while there is no broker, that it starts."""

import select
import socket
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from django.db import connection

from clinic.ingest.process import Limits
from clinic.ingest.store import DjangoStore
from mqtt_bridge.clinic_store import Arrival, Kept
from tests.clinic.conftest import Clinic
from tests.clinic.test_process import FaultyStore, Loop, deliver, letters

READY, ALIVE, STARTING = b"READY=1", b"WATCHDOG=1", b"EXTEND_TIMEOUT_USEC=400000"
IDLE = Limits(pause_ms=0, look_for_orders_s=600, away_s_max=600)
"""Nothing wakes the loop but what arrives, and the watchdog."""
WATCHDOG_S = 0.4


@pytest.fixture
def unit(tmp_path: Path) -> Iterator[socket.socket]:
    """Where systemd listens."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        yield listening


@pytest.fixture
def told_by_its_unit(tmp_path: Path, unit: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    monkeypatch.setenv("WATCHDOG_USEC", str(round(WATCHDOG_S * 1e6)))


def heard(unit: socket.socket, seconds: float = 0) -> list[bytes]:
    """All that was said; where nothing was, what is said within this time."""
    found: list[bytes] = []
    while select.select([unit], [], [], 0 if found else seconds)[0]:
        found.append(unit.recv(100))
    return found


@pytest.mark.usefixtures("told_by_its_unit")
@pytest.mark.django_db(databases=["default", "audit"])
def test_an_idle_loop_says_that_it_turns(clinic: Clinic, tmp_path: Path, unit: socket.socket) -> None:
    loop, words = Loop(clinic, tmp_path), list[bytes]()

    def told_often() -> bool:
        words.extend(heard(unit))
        return words.count(ALIVE) > 8

    loop.run(told_often, IDLE)
    assert words[0] == STARTING, "before the broker's word"
    assert words.count(READY) == 1
    assert set(words[words.index(READY) :]) == {READY, ALIVE}


@pytest.mark.usefixtures("told_by_its_unit")
@pytest.mark.django_db(databases=["default", "audit"])
def test_without_a_broker_it_starts_for_as_long_as_its_loop_turns(
    clinic: Clinic, tmp_path: Path, unit: socket.socket
) -> None:
    loop, words = Loop(clinic, tmp_path), list[bytes]()
    loop.client.connect = lambda: None  # type: ignore[method-assign]  # no network

    def told_often() -> bool:
        words.extend(heard(unit))
        return len(words) > 4

    loop.run(told_often, IDLE)
    assert set(words) == {STARTING}


class Away(FaultyStore):
    """At each try the watchdog has been told since the one before."""

    def __init__(self, away: int, unit: socket.socket) -> None:
        super().__init__(away)
        self._unit = unit

    def keep_all(self, arrivals: Sequence[Arrival]) -> list[Kept]:
        assert ALIVE in heard(self._unit)
        return super().keep_all(arrivals)


@pytest.mark.usefixtures("told_by_its_unit")
@pytest.mark.django_db(databases=["default", "audit"])
@pytest.mark.skipif(
    connection.vendor == "postgresql",
    reason="a lost connection is given up, and with it the transaction that this test stands in: SQLite stays",
)
def test_a_database_that_is_away_is_no_standstill(clinic: Clinic, tmp_path: Path, unit: socket.socket) -> None:
    """Seven tries, whose own delays would come to more than the watchdog allows."""
    loop = Loop(clinic, tmp_path, Away(7, unit))
    loop.run(drained(unit, deliver(loop, clinic, letters(clinic, 1))), IDLE)
    assert len(loop.sent("/ack")) == 1
    assert [wait for wait in loop.waits_s if wait] == [0.05, 0.1, *[WATCHDOG_S / 2] * 5]


class Hangs(DjangoStore):
    """What no loop may do: it stands still for several times as long as the watchdog waits."""

    silent = False

    def __init__(self, unit: socket.socket) -> None:
        super().__init__()
        self._unit = unit

    def keep_all(self, arrivals: Sequence[Arrival]) -> list[Kept]:
        heard(self._unit)  # what it had said before
        self.silent = heard(self._unit, 5 * WATCHDOG_S) == []
        return super().keep_all(arrivals)


@pytest.mark.usefixtures("told_by_its_unit")
@pytest.mark.django_db(databases=["default", "audit"])
def test_a_loop_that_hangs_says_nothing(clinic: Clinic, tmp_path: Path, unit: socket.socket) -> None:
    store = Hangs(unit)
    loop = Loop(clinic, tmp_path, store)
    loop.run(drained(unit, deliver(loop, clinic, letters(clinic, 1))), IDLE)
    assert store.silent


def drained(unit: socket.socket, done: Callable[[], bool]) -> Callable[[], bool]:
    """systemd reads what it is told: ten words unread would stop who says the next."""

    def look() -> bool:
        heard(unit)
        return done()

    return look
