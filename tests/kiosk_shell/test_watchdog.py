"""A kiosk that hangs is started anew by systemd: its loop, and nothing else, says that it is alive."""

import configparser
import os
import select
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from audio.player.config import PlayerConfig
from mqtt_bridge import bell
from mqtt_bridge.seal import make_keys
from tests.support.wire import enrolled

TOP = Path(__file__).parents[2]
WAIT_S_MAX = 60.0
WATCHDOG_US = 400_000
KIOSK = """
import sys, threading
from pathlib import Path
from kiosk.screen.fake import FakeWindow
from kiosk.shell.config import read
from kiosk.shell.process import run

class Hangs(FakeWindow):
    def animate(self, monotonic_ms):
        if Path(sys.argv[2]).exists():
            print("hangs", flush=True)
            threading.Event().wait()

sys.exit(run(read(Path(sys.argv[1])), lambda screen: Hangs(), lambda: print("ready", flush=True)))
"""


@pytest.fixture
def unit(tmp_path: Path) -> Iterator[socket.socket]:
    """systemd's end of the notification socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as unit:
        unit.bind(str(tmp_path / "notify"))
        yield unit


@pytest.fixture
def kiosk(tmp_path: Path, unit: socket.socket) -> Iterator["subprocess.Popen[str]"]:
    """A real kiosk process with a window in memory, started as its unit starts it."""
    player = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    player.bind(str(tmp_path / "player.sock"))
    player.listen()  # there, and silent: a kiosk that looked for one would turn by that
    enrolled(tmp_path / "enrolment", make_keys())
    (tmp_path / "kiosk.toml").write_text(f"""
player = "{tmp_path}/player.sock"
clock = "always"
[folders]
data = "{tmp_path}/data"
run = "{tmp_path}/run"
enrolment = "{tmp_path}/enrolment"
packages = "{tmp_path}/packages"
[button]
factory = "mock"
""")
    environment = {**os.environ, "NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": str(WATCHDOG_US)}
    command = [sys.executable, "-c", KIOSK, str(tmp_path / "kiosk.toml"), str(tmp_path / "hang")]
    with subprocess.Popen(command, env=environment, cwd=TOP, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()
    player.close()


def told(unit: socket.socket, seconds: float) -> bytes:
    """The next notification; nothing when none comes in time."""
    return unit.recv(4096) if select.select([unit], [], [], seconds)[0] else b""


def test_a_loop_that_turns_is_alive_and_one_that_hangs_is_not(
    kiosk: "subprocess.Popen[str]", unit: socket.socket, tmp_path: Path
) -> None:
    assert told(unit, WAIT_S_MAX) == b"READY=1"
    for _ in range(5):  # idle: nothing but the watchdog itself makes it turn before its poll is due
        assert told(unit, bell.POLL_S / 2) == b"WATCHDOG=1"
    (tmp_path / "hang").touch()
    assert kiosk.stdout is not None
    assert [kiosk.stdout.readline() for _ in range(2)] == ["ready\n", "hangs\n"]
    while told(unit, 0):
        pass  # what it had said before
    assert told(unit, 5 * WATCHDOG_US / 1e6) == b""


def test_a_kiosk_that_is_told_to_stop_says_nothing_more_and_ends_well(
    kiosk: "subprocess.Popen[str]", unit: socket.socket
) -> None:
    assert told(unit, WAIT_S_MAX) == b"READY=1"
    kiosk.terminate()
    assert kiosk.wait(WAIT_S_MAX) == 0


def test_the_unit_restarts_a_hanging_kiosk_long_before_the_sound_gives_up() -> None:
    parser = configparser.RawConfigParser(strict=False, interpolation=None)
    parser.read(TOP / "systemd/chevet-kiosk.service")
    service = parser["Service"]
    assert (service["type"], service["restart"]) == ("notify", "always")
    assert 0 < int(service["watchdogsec"]) <= PlayerConfig(device="any").kiosk_away_s_max / 2
