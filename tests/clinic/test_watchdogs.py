"""The clinic's real processes as systemd hears them: ready when they serve, alive while they turn, silent otherwise.

The console only while somebody answers: with every worker stopped, its supervisor turns and says nothing. Ingest's loop
in its several states: test_ingest_watchdog.py.
"""

import os
import select
import shutil
import signal
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from clinic.web_supervisor import Pulse
from tests.clinic.parts import LINE_S_MAX, Commands, Process, running
from tests.support.ports import kept_ports

WATCHDOG_S = 2.0
"""The supervisor turns once a second."""
UNREAD_MAX = 12
"""Of its words, before whoever says the next one has to wait; and one on its way."""
READY, ALIVE, STARTING = b"READY=1", b"WATCHDOG=1", b"EXTEND_TIMEOUT_USEC=2000000"


@pytest.fixture(scope="module")
def home(module_environment: dict[str, str]) -> Iterator[Commands]:
    with kept_ports(3) as (broker, shelf, registrar), tempfile.TemporaryDirectory(prefix="chevet-") as folder:
        commands = Commands(Path(folder) / "home", module_environment)
        ports = ("--broker-port", broker, "--shelf-port", shelf, "--registrar-port", registrar, "--console-port", 0)
        commands.run("init", "--clinic", "maison", "--demonstration", *map(str, ports))
        yield commands


@pytest.fixture
def unit(tmp_path: Path) -> Iterator[socket.socket]:
    """Where systemd listens."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        yield listening


def heard(unit: socket.socket, seconds: float) -> bytes:
    """The next word; nothing when none comes in time."""
    return unit.recv(200) if select.select([unit], [], [], seconds)[0] else b""


def started(home: Commands, unit: socket.socket) -> Commands:
    """As its unit starts it."""
    told = {"NOTIFY_SOCKET": unit.getsockname(), "WATCHDOG_USEC": str(round(WATCHDOG_S * 1e6))}
    return Commands(home.home, {**home.environment, **told})


def silent_in_the_end(unit: socket.socket) -> None:
    """What it had said before, or was about to say, is heard out."""
    for _ in range(UNREAD_MAX):
        if heard(unit, 2 * WATCHDOG_S) == b"":
            return
    pytest.fail("it goes on saying that it is alive")


def workers(process: Process) -> list[int]:
    pid = process.popen.pid
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.parametrize("server", ["console", "shelf", "registrar"])
def test_a_server_is_ready_once_it_listens_and_alive_while_it_turns(
    home: Commands, unit: socket.socket, server: str
) -> None:
    with running(started(home, unit), server) as process:
        assert heard(unit, LINE_S_MAX).startswith(READY)
        assert [heard(unit, LINE_S_MAX) for _ in range(3)] == [ALIVE] * 3
        assert process.line().startswith(f"{server}: ready http")
        unit.close()  # nobody reads any more: it must not wait for that
        assert process.stop() == 0


def test_a_console_that_answers_nobody_is_not_alive(home: Commands, unit: socket.socket) -> None:
    with running(started(home, unit), "console", "--processes", "2") as process:
        assert heard(unit, LINE_S_MAX).startswith(READY)
        assert heard(unit, LINE_S_MAX) == ALIVE
        stopped = workers(process)
        assert len(stopped) == 2
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        try:
            silent_in_the_end(unit)
        finally:
            for pid in stopped:
                os.kill(pid, signal.SIGCONT)
        assert heard(unit, LINE_S_MAX) == ALIVE
        unit.close()
        assert process.stop() == 0


def test_ingest_is_ready_when_its_broker_has_come_and_silent_when_it_stands_still(
    home: Commands, unit: socket.socket
) -> None:
    if shutil.which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin") is None:
        pytest.skip("no mosquitto here: apt-get install mosquitto")
    with running(started(home, unit), "ingest") as ingest:
        assert [heard(unit, LINE_S_MAX) for _ in range(3)] == [STARTING] * 3
        with running(home, "broker"):
            while (word := heard(unit, LINE_S_MAX)) == STARTING:
                pass
            assert word == READY
            assert [heard(unit, LINE_S_MAX) for _ in range(3)] == [ALIVE] * 3
            assert ingest.line().startswith("ingest: ready")
            ingest.popen.send_signal(signal.SIGSTOP)
            silent_in_the_end(unit)
            ingest.popen.send_signal(signal.SIGCONT)
            assert heard(unit, LINE_S_MAX) == ALIVE
            unit.close()
            assert ingest.stop() == 0


def test_a_server_that_is_not_there_has_no_pulse() -> None:
    with kept_ports(1) as (port,):
        pulse = Pulse(("127.0.0.1", port), "/sante", every_s=0)
        assert [pulse.beats() for _ in range(3)] == [False] * 3


def test_one_that_hangs_up_without_a_word_has_none_either() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        pulse = Pulse(server.getsockname(), "/sante", every_s=0)
        assert not pulse.beats()
        connection, _ = server.accept()
        assert connection.recv(100).startswith(b"GET /sante HTTP/1.1\r\n")
        connection.close()
        assert not pulse.beats()
        pulse.forget()
