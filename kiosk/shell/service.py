"""What the service screen needs of the machine: facts of the box, its self-test apart from the loop, a test tone."""

import math
import os
import struct
import threading
import wave
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from queue import SimpleQueue

from audio.player.protocol import Recorded, Say
from kiosk.journey.events import Box, Filler
from mqtt_bridge.contract.report import Finding
from mqtt_bridge.contract.stamp import Stamp

RATE_HZ, TONE_HZ, TONE_S, FADE_S = 48_000, 1_000, 3.0, 0.1
TONE_PEAK = 0.1
"""A sine of 1 kHz with this peak has -23 LUFS in one channel (BS.1770), as the spoken words have."""
TOLD_MAX = 300
FINDINGS_MAX = 20
MB, ROOM_STEP_MB, ROOM_MB_MIN = 1_000_000, 10, 64
TEST_SOUND = "self-test"


@dataclass(frozen=True)
class Examination:
    """What the box found out about itself; filled: what fills its card, where it is full."""

    findings: tuple[Finding, ...]
    filled: Filler | None = None


Look = Callable[[], Examination]


class ServiceDesk:
    """Looks at the box in a thread of its own, one look at a time; `fileno` is readable once there is an answer."""

    def __init__(self, look: Look, tone: Path) -> None:
        """tone: where the test sound is written when it is first asked for."""
        self._look, self._tone = look, tone
        self._found = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._findings: SimpleQueue[Examination] = SimpleQueue()
        self._thread: threading.Thread | None = None

    def fileno(self) -> int:
        return self._found

    def examine(self) -> None:
        """Begin a look; one that is under way goes on and is the answer."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._work, name="self-test", daemon=True)
            self._thread.start()

    def found(self) -> Examination | None:
        """The newest answer that nobody has taken yet."""
        try:
            os.eventfd_read(self._found)
        except BlockingIOError:
            return None
        answers = [self._findings.get() for _ in range(self._findings.qsize())]
        return answers[-1] if answers else None

    def test_sound(self, gain_db: float) -> Say:
        """What the player is told. Raises OSError: no room for the tone."""
        if not self._tone.exists():
            write_tone(self._tone)
        return Say(id=TEST_SOUND, pieces=(Recorded(str(self._tone.absolute())),), gain_db=gain_db)

    def close(self) -> None:
        """A look under way ends by itself: it may be waiting for a slow card."""
        if self._thread is None or not self._thread.is_alive():
            os.close(self._found)

    def _work(self) -> None:
        seen = self._look()
        self._findings.put(replace(seen, findings=seen.findings[:FINDINGS_MAX]))
        os.eventfd_write(self._found, 1)


def write_tone(path: Path) -> None:
    """A sine, mono, faded in and out; whole or not there. Raises OSError."""
    frames, fade = round(TONE_S * RATE_HZ), round(FADE_S * RATE_HZ)
    samples = (
        round(
            32767 * TONE_PEAK * math.sin(2 * math.pi * TONE_HZ * n / RATE_HZ) * min(1.0, n / fade, (frames - n) / fade)
        )
        for n in range(frames)
    )
    part = path.with_name(f"{path.name}.part")
    with wave.open(str(part), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    part.replace(path)


@dataclass(frozen=True)
class Standing:
    """What of a box does not change while its kiosk runs."""

    name: str
    version: str
    service: str
    headphones: str
    dba_at_0_lufs: float
    training: bool = False
    box_file: str = ""
    box_file_line: int = 0


def box_of(
    standing: Standing, now: Stamp, answered: Stamp | None, waiting: int, free_bytes: int, *, player: bool
) -> Box:
    """The facts of the box, rounded: what changes at every look would be told at every look."""
    answered_ms = _on_our_clock(answered, now)
    room_mb = free_bytes // MB
    return Box(
        name=standing.name,
        version=standing.version,
        service=standing.service,
        sure_of_time=now.trusted,
        answered_ms=answered_ms,
        answered_once=answered is not None,
        waiting=waiting,
        room=room_mb >= ROOM_MB_MIN,
        room_mb=room_mb // ROOM_STEP_MB * ROOM_STEP_MB,
        player=player,
        headphones=standing.headphones,
        dba_at_0_lufs=standing.dba_at_0_lufs,
        training=standing.training,
        box_file=standing.box_file,
        box_file_line=standing.box_file_line,
    )


def _on_our_clock(then: Stamp | None, now: Stamp) -> int | None:
    """CLOCK_BOOTTIME of that instant; None when there was none, or the box was off since and its clocks do not tell.

    Another boot's is known to the minute only: two clocks that were set apart never agree on less.
    """
    if then is None:
        return None
    if then.boot == now.boot:
        return then.monotonic_ms
    if not (then.trusted and now.trusted) or then.wall_ms > now.wall_ms:
        return None
    at_ms = now.monotonic_ms - (now.wall_ms - then.wall_ms)
    return at_ms // 60_000 * 60_000
