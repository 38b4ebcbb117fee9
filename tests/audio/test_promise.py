"""The promise, under fire: every core busy, a card silent for two seconds, a kiosk stopped, killed, started again."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from audio.player.protocol import Prepare
from tests.audio.bedside import SESSION
from tests.audio.listening import ended, playing
from tests.support.paced.card import slow_card
from tests.support.paced.package import decoded, make_package
from tests.support.paced.player import REPOSITORY, RunningPlayer, start_player, wait_for

WATCHDOG_S = 20
"""As in systemd/chevet-player.service."""
STALL_S = 2.0
KIOSK = """
import select, sys
from pathlib import Path
from audio.client import PlayerClient
from audio.player.protocol import Attend
client = PlayerClient(Path(sys.argv[1]))
client.connect()
client.send(Attend())
heard = False
while True:
    select.select([client], [], [])
    if client.receive() and not heard:
        heard = print("heard", flush=True) or True
"""


@contextmanager
def every_core_busy() -> Iterator[None]:
    """stress-ng: two workers a core, some that fill memory, some that write."""
    command = ["stress-ng", "--quiet", "--cpu", str(2 * (os.cpu_count() or 1)), "--vm", "1", "--vm-bytes", "64m"]
    stress = subprocess.Popen([*command, "--hdd", "1", "--hdd-bytes", "16m", "--timeout", "120"], cwd="/tmp")
    try:
        yield
    finally:
        stress.terminate()
        stress.wait(60)


class Watchdog:
    """What systemd would hear: the longest silence between two signs of life."""

    def __init__(self, folder: Path) -> None:
        self.environment = {"NOTIFY_SOCKET": str(folder / "notify"), "WATCHDOG_USEC": str(WATCHDOG_S * 1_000_000)}
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(folder / "notify"))
        self.heard = 0
        self.silence_s = 0.0
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def close(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        self._socket.close()

    def _listen(self) -> None:
        last_s = time.monotonic()
        with suppress(OSError):
            while said := self._socket.recv(100):
                now_s = time.monotonic()
                if said == b"WATCHDOG=1":
                    self.heard += 1
                    self.silence_s = max(self.silence_s, now_s - last_s)
                last_s = now_s


@contextmanager
def kiosk(player: RunningPlayer) -> Iterator["subprocess.Popen[bytes]"]:
    """A kiosk's process that attends to the sound."""
    command = [sys.executable, "-c", KIOSK, str(player.socket)]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"heard\n"
        yield process
        process.kill()


def test_no_gap_whatever_happens_around_it(tmp_path: Path) -> None:
    card, watchdog = slow_card(tmp_path / "card"), Watchdog(tmp_path)
    package = make_package(tmp_path / "package", seconds=12)
    with (
        start_player(tmp_path / "player", environment={**card.environment, **watchdog.environment}) as player,
        kiosk(player) as attending,
        every_core_busy(),
    ):
        client = playing(player, package)
        card.stall()
        client.close()
        attending.send_signal(signal.SIGSTOP)
        card.wait_for_a_read()
        time.sleep(STALL_S)  # how long the card is silent is what is tested
        card.go_on()
        attending.kill()
        again = player.connect()
        again.send(Prepare(session=SESSION, package=str(package)))
        assert wait_for(again, lambda _status: True).phase == "playing"
        result = ended(again)
    watchdog.close()
    assert (result.outcome, result.gaps_total) == ("heard_whole", 0)
    assert player.device.events("underrun") == []
    assert player.device.played() == decoded(package)
    assert watchdog.heard > 0
    assert watchdog.silence_s < WATCHDOG_S


def test_a_card_that_is_silent_for_too_long_is_a_gap_and_is_told(tmp_path: Path) -> None:
    """The opposite: what starves the player is seen, or the test above could not fail."""
    card = slow_card(tmp_path / "card")
    package = make_package(tmp_path / "package", seconds=16)
    settings = {"decode_ahead_ms": 1000, "kiosk_away_s_max": 120}
    with start_player(tmp_path / "player", speed=4, environment=card.environment, **settings) as player:
        client = playing(player, package)
        card.stall()
        underrun = player.device.wait_for("underrun")
        card.go_on()
        result = ended(client)
    assert result.outcome == "heard_whole"
    assert [gap.kind for gap in result.gaps] == ["starved"]
    assert result.gaps[0].at_frame == underrun.frames
    assert player.device.played() == decoded(package)
