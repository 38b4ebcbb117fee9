"""The player against aplay on the paced device, in one run: latency, processor time, memory.

    python -m tests.support.paced.bench [seconds]

prints one JSON object. Latency is from the order (aplay: the start of its process; the player: `Start` with the
package ready and the device open) to the first frame at the device.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import wave
from pathlib import Path

from audio.client import PlayerClient
from audio.player.protocol import Collect, Prepare, Start
from tests.support.paced.machine import PacedDevice, paced_device
from tests.support.paced.package import decoded, make_package
from tests.support.paced.player import RunningPlayer, start_player, wait_for

REPEATS = 15
WAKE_S = 0.2


def bench(folder: Path, seconds: float = 60.0) -> dict[str, float]:
    """Return milliseconds and MiB, and the player's ratios to aplay."""
    package = make_package(folder / "package", seconds)
    sound = _wave(folder / "whole.wav", decoded(package))
    device = paced_device(folder / "aplay")
    with start_player(folder / "player") as player:
        aplay_ms = statistics.median(_aplay_start_ms(device, sound) for _ in range(REPEATS))
        player_ms = statistics.median(_player_start_ms(player, package, str(n)) for n in range(REPEATS))
        aplay, ours = _one_whole(device, sound, player, package)
    return {
        "aplay_start_ms": round(aplay_ms, 3),
        "player_start_ms": round(player_ms, 3),
        "start_ratio": round(player_ms / aplay_ms, 3),
        "aplay_cpu_ms": round(aplay[0], 1),
        "player_cpu_ms": round(ours[0], 1),
        "cpu_ratio": round(ours[0] / aplay[0], 2),
        "aplay_memory_mib": round(aplay[1], 1),
        "player_memory_mib": round(ours[1], 1),
    }


def _wave(file: Path, samples: bytes) -> Path:
    with wave.open(str(file), "wb") as out:
        out.setparams((2, 4, 48_000, 0, "NONE", ""))
        out.writeframes(samples)
    return file


def _aplay(device: PacedDevice, sound: Path) -> "subprocess.Popen[bytes]":
    environment = {**os.environ, **device.environment}
    return subprocess.Popen(["aplay", "-q", "-D", device.name, str(sound)], env=environment)


def _aplay_start_ms(device: PacedDevice, sound: Path) -> float:
    known, before_ns = len(device.events("start")), time.monotonic_ns()
    process = _aplay(device, sound)
    while len(device.events("start")) == known:
        time.sleep(0.005)
    process.kill()
    process.wait()
    return (device.events("start")[known].monotonic_ns - before_ns) / 1e6


def _player_start_ms(player: RunningPlayer, package: Path, session: str) -> float:
    client = player.connect()
    client.send(Prepare(session=session, package=str(package)))
    wait_for(client, lambda status: status.phase == "ready")
    time.sleep(WAKE_S)  # a person has not pressed yet: everything is asleep
    known, before_ns = len(player.device.events("start")), time.monotonic_ns()
    client.send(Start(session))
    wait_for(client, lambda status: status.phase == "playing")
    started_ns = player.device.events("start")[known].monotonic_ns
    _end_at_once(player, client, session)
    return (started_ns - before_ns) / 1e6


def _end_at_once(player: RunningPlayer, client: PlayerClient, session: str) -> None:
    player.device.vanish()
    wait_for(client, lambda status: status.phase == "ended")
    player.device.come_back()
    client.send(Collect(session))
    wait_for(client, lambda status: status.phase == "idle")
    client.close()


def _one_whole(
    device: PacedDevice, sound: Path, player: RunningPlayer, package: Path
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return (processor ms, peak MiB) of aplay and of the player, both playing the whole at the same time."""
    process, client = _aplay(device, sound), player.connect()
    before_ms = _cpu_ms(player.process.pid)
    client.send(Prepare(session="whole", package=str(package)))
    wait_for(client, lambda status: status.phase == "ready")
    client.send(Start("whole"))
    aplay = _last_seen(process)
    wait_for(client, lambda status: status.phase == "ended")
    ours = _cpu_ms(player.process.pid) - before_ms, _peak_mib(player.process.pid)
    return aplay, ours


def _last_seen(process: "subprocess.Popen[bytes]") -> tuple[float, float]:
    seen = (0.0, 0.0)
    while process.poll() is None:
        seen = _cpu_ms(process.pid), _peak_mib(process.pid) or seen[1]
        time.sleep(0.1)
    return seen


def _cpu_ms(pid: int) -> float:
    """clock_getcpuclockid(3): the processor time of another process, its ended threads included."""
    return time.clock_gettime_ns((~pid << 3) | 2) / 1e6


def _peak_mib(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024 if "VmHWM:" in status else 0.0


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        print(json.dumps(bench(Path(made), float(sys.argv[1]) if len(sys.argv) > 1 else 60.0), indent=2))
