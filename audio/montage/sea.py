"""The sea, made by us: seeded noise as a soundfont of our own, and waves that open its filter and its loudness.

Each wave gathers, breaks and washes out. No two are alike, and none begins before the last has begun to fall.
"""

import math
import random
from array import array
from collections.abc import Callable
from functools import cache

from audio.montage.score import Control
from audio.montage.soundfont import Sample, to_soundfont

NAME = "Chevet sea"
RATE_HZ = 32_000
LOOP_S = (11, 13)
FADE_FRAMES = RATE_HZ // 2
SEED = 1
PEAK = 26_000
STEP_S = 0.2
SWELL_DB = 12.0
SURF_LEFT, SURF_RIGHT = 0, 1
LOUDNESS, BRIGHTNESS = 11, 74
WAVE_S = (8.5, 13.5)
GATHER = 0.38


@cache
def sea_soundfont() -> bytes:
    """Return the sea's soundfont: two decorrelated noises, left and right. The same bytes each time."""
    return to_soundfont(NAME, [_sample("surf left", LOOP_S[0], 1, -420), _sample("surf right", LOOP_S[1], 2, 420)])


def _sample(name: str, seconds: int, seed: int, pan: int) -> Sample:
    return Sample(name, _looped(_noise(seconds * RATE_HZ + FADE_FRAMES, seed)), RATE_HZ, 7600, 4600, pan)


def _noise(frames: int, seed: int) -> list[float]:
    """Noise that falls by about 3 dB an octave: three one-pole filters over white noise."""
    raw = array("h")
    raw.frombytes(random.Random(SEED * 1000 + seed).randbytes(2 * frames))  # noqa: S311 - noise, not a secret
    slow = middle = quick = 0.0
    out = []
    for white in raw:
        slow += 0.004 * (white - slow)
        middle += 0.05 * (white - middle)
        quick += 0.4 * (white - quick)
        out.append(4.0 * slow + 1.6 * middle + 0.55 * quick + 0.12 * white)
    return out


def _looped(noise: list[float]) -> array:  # type: ignore[type-arg]
    """Cross-fade the end into the beginning with equal power, so that the loop has no seam."""
    body = noise[FADE_FRAMES:]
    for index in range(FADE_FRAMES):
        angle = math.pi / 2 * index / FADE_FRAMES
        place = len(body) - FADE_FRAMES + index
        body[place] = body[place] * math.cos(angle) + noise[index] * math.sin(angle)
    loudest = max(abs(value) for value in body)
    return array("h", (round(value * PEAK / loudest) for value in body))


def waves(
    channel: int, seed: str, seconds_of: Callable[[float], float], beats: float, level_db: Callable[[float], float]
) -> list[Control]:
    """Return the loudness and the brightness of free waves on a channel, over `beats`."""
    chance = random.Random(f"{seed}/waves/{channel}")  # noqa: S311
    shape = _tides(chance, seconds_of(beats))
    return swell(channel, shape, seconds_of, beats, level_db)


def _tides(chance: random.Random, total_s: float) -> Callable[[float], float]:
    starts, heights = [-chance.uniform(0, 6)], [0.8]
    while starts[-1] < total_s:
        starts.append(starts[-1] + chance.uniform(*WAVE_S))
        heights.append(chance.uniform(0.62, 1.0))
    index = 0

    def height(now_s: float) -> float:
        nonlocal index
        while index + 2 < len(starts) and starts[index + 1] <= now_s:
            index += 1
        length = starts[index + 1] - starts[index]
        return heights[index] * wave(max(0.0, (now_s - starts[index]) / length), GATHER)

    return height


def wave(part: float, gather: float) -> float:
    """Return the height (0 to 1) of a wave at `part` of its time: it gathers, then washes out more slowly."""
    if part < gather:
        return math.sin(math.pi / 2 * part / gather) ** 2
    return math.pow(max(0.0, math.cos(math.pi / 2 * min(1.0, (part - gather) / (1 - gather)))), 1.5)


def swell(
    channel: int,
    height: Callable[[float], float],
    seconds_of: Callable[[float], float],
    beats: float,
    level_db: Callable[[float], float],
) -> list[Control]:
    """Follow `height` (0 to 1, by seconds) with loudness and brightness; only what changes is written."""
    found: list[Control] = []
    last: dict[int, int] = {}
    beat, now_s = 0.0, 0.0
    while beat < beats:
        now = height(now_s)
        db = level_db(beat) - SWELL_DB * (1 - now)
        for number, value in ((LOUDNESS, expression(db)), (BRIGHTNESS, round(8 + 92 * now * now))):
            if last.get(number) != value:
                found.append(Control(channel, number, value, beat))
                last[number] = value
        step = STEP_S / max(1e-6, seconds_of(beat + 1) - seconds_of(beat))
        beat, now_s = beat + step, seconds_of(beat + step)
    return found


def expression(level_db: float, full: int = 112) -> int:
    """Return the CC11 that lowers the sound by `level_db` (SoundFont 2: 40 dB for each power of ten)."""
    return max(0, min(127, round(full * math.pow(10, min(level_db, 2.0) / 40))))
