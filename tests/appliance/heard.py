"""What came out of the emulated card beside what the package holds: frame for frame, no numpy.

The emulator's file has no silence between streams: a gap within one shows as frames that are not those that follow.
"""

from dataclasses import dataclass
from pathlib import Path

from audio.package import read
from audio.player.gain import factor_of, narrow, scale
from audio.sound_file import SoundReader

HEADER = 44
FRAME = 4
"""Bytes: two channels of 16 bits."""
PROBE = 64
"""Frames that are looked for as they are; of noise no 64 are twice the same."""
AMISS_MAX = 1
"""Of a sample, by which a rounding may differ from another."""
DROPPED = 2048
"""Frames that QEMU's own card throws away at once when the host comes to it late: its whole buffer, 8192 bytes
(hw/audio/hda-codec.c, `hda_audio_output_cb`). ALSA has played them; the player cannot know."""
LOST_SHARE = 8
"""Of the package at most one frame in so many stands nowhere: seen under a load of fifteen, one in nine."""
GAP_FRAMES_MAX = 2 * DROPPED
"""What one gap takes away or puts in at most: seen up to 1,270, and a dropped buffer may stand beside it."""
GAP_EACH_S = 2
"""At most one gap in so many seconds: seen up to four in twelve. On a machine that gives more, nothing is proven."""
RATE_HZ = 48_000


@dataclass(frozen=True)
class Heard:
    """frames: of the package; in_order: how many of them stand in the recording, one after the other, without a break.

    breaks: where something else stands than what follows, as (frame of the package, frame of the recording).
    missing: for each break, frames of the package that the recording has not; negative: what was put in.
    """

    frames: int
    in_order: int
    breaks: tuple[tuple[int, int], ...]
    missing: tuple[int, ...] = ()

    @property
    def whole(self) -> bool:
        return self.frames > 0 and self.in_order == self.frames and not self.breaks

    @property
    def thrown_away(self) -> int:
        """Frames that the emulator's card did not let be heard: whole buffers, and its last one."""
        return sum(self.missing) - sum(self.unexplained)

    @property
    def unexplained(self) -> tuple[int, ...]:
        """Of `missing`, what is not the emulator's card: neither whole buffers thrown away nor its last one."""
        pairs = zip(self.breaks, self.missing, strict=True)
        return tuple(one for (at, _), one in pairs if not _are_buffers(one) and not self._is_the_last(at, one))

    def _is_the_last(self, at: int, missing: int) -> bool:
        return 0 < missing < DROPPED and at + missing == self.frames


def _are_buffers(missing: int) -> bool:
    return missing > 0 and missing % DROPPED == 0


def amiss(sound: Heard, gaps: int) -> str:
    """Why a recording is not what so many gaps by the player's count leave of a package; empty: it is.

    There are few gaps. Each may break it at one place, and little is amiss there. Everything else that is missing was
    thrown away by the emulator's card, and all together is not much either.
    """
    if not sound.in_order:
        return "nothing of the package stands in it"
    if gaps > gaps_max(sound.frames):
        return f"{gaps} gaps were counted, more than {gaps_max(sound.frames)} in {sound.frames} frames"
    odd, lost = sound.unexplained, sound.frames - sound.in_order
    if len(odd) > gaps:
        return f"broken at {len(odd)} places by no whole buffer of the card, and {gaps} gaps were counted: {odd}"
    if any(abs(one) > GAP_FRAMES_MAX for one in odd):
        return f"a gap of more than {GAP_FRAMES_MAX} frames: {odd}"
    if lost > sound.frames // LOST_SHARE:
        return f"{lost} of {sound.frames} frames stand nowhere in it, more than one in {LOST_SHARE}"
    if lost > sound.thrown_away + gaps * GAP_FRAMES_MAX + PROBE * len(sound.breaks):
        return f"{lost} of {sound.frames} frames stand nowhere in it, and {sound.thrown_away} were thrown away"
    return ""


def gaps_max(frames: int) -> int:
    """How many gaps a package of so many frames may have in the emulator."""
    return -(-frames // (GAP_EACH_S * RATE_HZ))


def expected(package: Path, gain_db: float) -> bytes:
    """The whole package at this level as ALSA gives it to a card of 16 bits: the lower ones cut off."""
    pieces = []
    for part in read(package).part_paths():
        with SoundReader(part) as sound:
            pieces.append(sound.read(sound.frames))
    return narrow(scale(b"".join(pieces), factor_of(gain_db)))


def recorded(wav: Path) -> bytes:
    """The frames of a recording, whole ones; an emulator that was killed leaves no lengths in the header."""
    data = wav.read_bytes()[HEADER:]
    return data[: len(data) // FRAME * FRAME]


def compared(recording: bytes, package: bytes) -> Heard:
    """Walk through the package; where the recording stops following, look for where it goes on."""
    frames, at, breaks, in_order = len(package) // FRAME, 0, list[tuple[int, int]](), 0
    missing = list[int]()
    place = _found(recording, package, 0, 0)
    if place is None:
        return Heard(frames, 0, ((0, 0),), (frames,))
    while at < frames:
        run = _run(recording[place * FRAME :], package[at * FRAME :])
        in_order += run
        at, place = at + run, place + run
        if at >= frames:
            break
        breaks.append((at, place))
        again = _next(recording, package, at, place)
        missing.append(frames - at if again is None else (again[0] - at) - (again[1] - place))
        if again is None:
            break
        at, place = again
    return Heard(frames, in_order, tuple(breaks), tuple(missing))


def _found(recording: bytes, package: bytes, at: int, from_frame: int) -> int | None:
    """Where the package's frame `at` stands in the recording, from a frame on."""
    probe = package[at * FRAME : (at + PROBE) * FRAME]
    place = recording.find(probe, from_frame * FRAME)
    while place >= 0 and place % FRAME:
        place = recording.find(probe, place + 1)
    return place // FRAME if place >= 0 else None


def _next(recording: bytes, package: bytes, at: int, place: int) -> tuple[int, int] | None:
    """Where the recording follows the package again: something was put in, or something is missing."""
    for missing in range(0, len(package) // FRAME - at - PROBE, PROBE):
        found = _found(recording, package, at + missing, place)
        if found is not None:
            return at + missing, found
    return None


def _run(recording: bytes, package: bytes) -> int:
    """How many frames are the same from here on, to a rounding."""
    size = min(len(recording), len(package)) // FRAME * FRAME
    if recording[:size] == package[:size]:
        return size // FRAME
    low, high = 0, size
    while high - low > FRAME * PROBE:  # most of it is the same as it is: halve
        middle = (low + high) // 2 // FRAME * FRAME
        low, high = (middle, high) if recording[low:middle] == package[low:middle] else (low, middle)
    at = low // FRAME
    while at < size // FRAME and _near(recording, package, at):
        at += 1
    return at


def _near(one: bytes, other: bytes, frame: int) -> bool:
    here = slice(frame * FRAME, (frame + 1) * FRAME)
    if one[here] == other[here]:
        return True
    return all(abs(a - b) <= AMISS_MAX for a, b in zip(_samples(one[here]), _samples(other[here]), strict=True))


def _samples(frame: bytes) -> list[int]:
    return [int.from_bytes(frame[at : at + 2], "little", signed=True) for at in range(0, len(frame), 2)]
