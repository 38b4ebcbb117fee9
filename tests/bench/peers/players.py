"""The peers of the sound, each on a paced device of its own: aplay, sox, mpv, GStreamer, ffplay, pygame.mixer."""

import os
import shutil
import subprocess
import sys
import time
import wave
from collections.abc import Sequence
from pathlib import Path

import msgspec

from audio.player.gain import narrow
from audio.sound_file import SoundReader
from tests.support.paced.build import PCM_NAME
from tests.support.paced.machine import PacedDevice, paced_device
from tests.support.paced.package import decoded

HERE = Path(__file__).parent
START_S_MAX = 20.0
LOOK_S = 0.002
SDL = {"SDL_AUDIODRIVER": "alsa", "AUDIODEV": PCM_NAME, "SDL_VIDEODRIVER": "dummy", "PYGAME_HIDE_SUPPORT_PROMPT": "1"}
ORDINARY = ("chrt", "--other", "0")
"""Without the bench's own priority: as these programs run where nobody measures them."""


class Peer(msgspec.Struct, frozen=True):
    """`words`: the program's command; `{file}` stands for the sound."""

    name: str
    words: tuple[str, ...]
    needs: str
    wav: bool = False
    environment: dict[str, str] = {}

    def command(self, file: Path) -> list[str]:
        return [word.format(file=file) for word in self.words]


class Sound(msgspec.Struct, frozen=True):
    """The same sound as FLAC and as WAV."""

    flac: Path
    wav: Path

    @classmethod
    def of(cls, package: Path) -> "Sound":
        wav = package.parent / f"{package.name}.wav"
        with wave.open(str(wav), "wb") as out:
            out.setparams((2, 4, 48_000, 0, "NONE", ""))
            out.writeframes(decoded(package))
        return cls(next(package.glob("*.flac")), wav)


class Seen(msgspec.Struct):
    """What a program used until its end. `bits`: whether what came out is the source, silence behind it apart."""

    cpu_ms: float = 0.0
    peak_mib: float = 0.0
    gaps: int = 0
    bits: bool = False


_MPV = ("mpv", "--no-config", "--no-video", "--really-quiet", "--ao=alsa", f"--audio-device=alsa/{PCM_NAME}", "{file}")
_GST = ("gst-launch-1.0", "-q", "playbin", "uri=file://{file}", f"audio-sink=alsasink device={PCM_NAME}")
_FFPLAY = ("ffplay", "-nodisp", "-autoexit", "-loglevel", "quiet", "{file}")
PEERS = (
    Peer("aplay", ("aplay", "-q", "-D", PCM_NAME, "{file}"), "aplay", wav=True),
    Peer("sox", ("sox", "-q", "-V1", "{file}", "-t", "alsa", PCM_NAME), "sox"),
    Peer("mpv", _MPV, "mpv"),
    Peer("GStreamer playbin, alsasink", _GST, "gst-launch-1.0"),
    Peer("ffplay", _FFPLAY, "ffplay", environment=SDL),
    Peer("pygame.mixer", (sys.executable, str(HERE / "mixer.py"), "{file}"), sys.executable, environment=SDL),
)


def here() -> list[Peer]:
    """Those that this machine has: `firmware_config/workstation/setup bench` installs them."""
    return [peer for peer in PEERS if shutil.which(peer.needs)]


def missing() -> list[str]:
    return [f"{peer.name} (this machine has no {peer.needs})" for peer in PEERS if not shutil.which(peer.needs)]


class Running:
    """One peer that plays."""

    def __init__(self, peer: Peer, sound: Sound, folder: Path, *, ordinary: bool = False) -> None:
        self.peer, self._sound = peer, sound
        self.device: PacedDevice = paced_device(folder, build_dir=folder.parent)
        environment = {**os.environ, **self.device.environment, **peer.environment}
        command = [*(ORDINARY if ordinary else ()), *peer.command(sound.wav if peer.wav else sound.flac)]
        self.began_ns = time.monotonic_ns()
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.seen = Seen()

    def started_ms(self) -> float:
        """From its start to the first frame. Raises TimeoutError."""
        while not (events := self.device.events("start")):
            if time.monotonic_ns() - self.began_ns > START_S_MAX * 1e9:
                raise TimeoutError(f"{self.peer.name} did not play within {START_S_MAX} s")
            time.sleep(LOOK_S)
        return (events[0].monotonic_ns - self.began_ns) / 1e6

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def look(self) -> bool:
        """Note its memory; False once it has ended, with its processor time."""
        pid, _, used = os.wait4(self.process.pid, os.WNOHANG)
        if pid:
            self.process.returncode = 0
            self.seen.cpu_ms = 1000 * (used.ru_utime + used.ru_stime)
            return False
        self.seen.peak_mib = peak_mib(self.process.pid) or self.seen.peak_mib
        return True

    def judge(self) -> Seen:
        """Compare what came out with the source, and count the gaps before its end."""
        self.seen.bits = is_the_source(self.device.out, self._sound.flac)
        with SoundReader(self._sound.flac) as sound:
            frames = sound.frames
        self.seen.gaps = sum(0 < event.frames < frames for event in self.device.events("underrun"))
        return self.seen


def to_the_end(running: Sequence[Running], wait_s_max: float) -> list[Seen]:
    """Watch programs that play at the same time, each to its end. One that does not end is killed."""
    until_s, playing = time.monotonic() + wait_s_max, list(running)
    while playing and time.monotonic() < until_s:
        playing = [one for one in playing if one.look()]
        time.sleep(0.1)
    for one in playing:
        one.kill()
    return [one.judge() for one in running]


def is_the_source(played: Path, flac: Path) -> bool:
    """Whether the frames of the source, as S32 or S16, are what came out; silence before and behind does not count."""
    with SoundReader(flac) as sound:
        source = sound.read(sound.frames)
    heard = played.read_bytes() if played.exists() else b""
    return any(is_the_source_bytes(heard, form) for form in (source, narrow(source)))


def is_the_source_bytes(heard: bytes, source: bytes) -> bool:
    return source in heard and not heard.replace(source, b"", 1).strip(b"\0")


def peak_mib(pid: int) -> float:
    """VmHWM, 0 when the process has gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return int(status.split("VmHWM:")[1].split()[0]) / 1024 if "VmHWM:" in status else 0.0
