"""The real player's process on a paced device, for any test that needs sound: usable outside pytest too."""

import atexit
import contextlib
import functools
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import msgspec

from audio.client import PlayerClient, PlayerGone
from audio.player.protocol import Answer, PlayerStatus, Refused, Spoken
from tests.support.paced.machine import PacedDevice, paced_device

START_S_MAX = 60.0
STOP_S_MAX = 60.0
WAIT_S_MAX = 60.0
REPOSITORY = Path(__file__).parents[3]


class RunningPlayer(msgspec.Struct):
    """A player's process, its device and its socket."""

    process: "subprocess.Popen[bytes]"
    device: PacedDevice
    socket: Path
    clients: list[PlayerClient] = msgspec.field(default_factory=list)

    def connect(self) -> PlayerClient:
        """Return a connected client; it is closed with the player."""
        client = PlayerClient(self.socket)
        self.clients.append(client)
        client.connect()
        return client

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        self.process.send_signal(number)


@contextlib.contextmanager
def start_player(
    folder: Path, speed: float = 1.0, environment: Mapping[str, str] | None = None, **settings: object
) -> Iterator[RunningPlayer]:
    """Start the player on a paced device of its own; `settings` are flags (kiosk_away_s_max=2). Stops it at the end."""
    device = paced_device(folder / "device", speed, build_dir=_build_dir())
    socket = folder / "player.sock"
    flags = {"socket": socket, "device": device.name, **settings}
    words = [word for name, value in flags.items() for word in (f"--{name.replace('_', '-')}", str(value))]
    command = [sys.executable, "-m", "audio.cli", "player", *words]
    whole = {**os.environ, **device.environment, **(environment or {})}
    with (folder / "player.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=REPOSITORY, env=whole, stdout=log, stderr=log)
    running = RunningPlayer(process, device, socket)
    try:
        _wait_for_socket(process, socket, folder / "player.log")
        yield running
    finally:
        for client in running.clients:
            client.close()
        _end(process)


def wait_for(
    client: PlayerClient, wanted: Callable[[PlayerStatus], bool], wait_s_max: float = WAIT_S_MAX
) -> PlayerStatus:
    """Return the first status that is `wanted`. Raises TimeoutError with the last one."""
    last: Answer | None = None
    until_s = time.monotonic() + wait_s_max
    while (left_s := until_s - time.monotonic()) > 0:
        select.select([client], [], [], left_s)
        for last in client.receive():
            if isinstance(last, PlayerStatus) and wanted(last):
                return last
    message = f"not seen within {wait_s_max} s; last: {last}"
    raise TimeoutError(message)


def wait_refused(client: PlayerClient, wait_s_max: float = WAIT_S_MAX) -> Refused:
    """Return the next refusal."""
    until_s = time.monotonic() + wait_s_max
    while (left_s := until_s - time.monotonic()) > 0:
        select.select([client], [], [], left_s)
        for answer in client.receive():
            if isinstance(answer, Refused):
                return answer
    message = f"no refusal within {wait_s_max} s"
    raise TimeoutError(message)


def wait_spoken(client: PlayerClient, wait_s_max: float = WAIT_S_MAX) -> Spoken:
    """Return which words came to their end."""
    until_s = time.monotonic() + wait_s_max
    while (left_s := until_s - time.monotonic()) > 0:
        select.select([client], [], [], left_s)
        for answer in client.receive():
            if isinstance(answer, Spoken):
                return answer
    message = f"no words came to their end within {wait_s_max} s"
    raise TimeoutError(message)


@functools.cache
def _build_dir() -> Path:
    """One compilation serves every test of a run."""
    folder = Path(tempfile.mkdtemp(prefix="chevet-paced-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _wait_for_socket(process: "subprocess.Popen[bytes]", socket: Path, log: Path) -> None:
    until_s = time.monotonic() + START_S_MAX
    probe = PlayerClient(socket)
    while time.monotonic() < until_s and process.poll() is None:
        with contextlib.suppress(PlayerGone):
            probe.connect()
            probe.close()
            return
        time.sleep(0.01)
    message = f"the player did not start: {log.read_text()}"
    raise RuntimeError(message)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGCONT)
    process.terminate()
    try:
        process.wait(STOP_S_MAX)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise
