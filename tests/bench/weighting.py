"""How far K-weighted loudness stands from the A-weighted level, on our own packages: `python -m tests.bench.weighting`.

A calibration is made with pink noise; a session's level is then reckoned from its loudness. What music has more of
between 1 and 6 kHz than pink noise has would be louder in dBA than reckoned: this tells by how much, for the whole
package and for its loudest minute (who stops early has heard that). Pure Python on one channel, about 2 min each.
Source of the A curve: IEC 61672-1, annex E.
"""

import array
import cmath
import math
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeAlias

from audio.package import Package, read
from audio.sound_file import SoundReader

K: list[tuple[float, float, float, float, float]] = [
    (1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241, 0.73248077421585),
    (1.0, -2.0, 1.0, -1.99004745483398, 0.99007225036621),
]
POLES_HZ = (20.598997, 20.598997, 107.65265, 737.86223, 12194.217, 12194.217)
SCALE = float(1 << 31)
Samples: TypeAlias = "array.array[int]"
Biquad = tuple[float, float, float, float, float]


def a_weighting(rate_hz: int) -> list[Biquad]:
    """Three sections (b0, b1, b2, a1, a2) by the bilinear transform, 0 dB at 1 kHz."""
    pairs = [(POLES_HZ[0], POLES_HZ[1]), (POLES_HZ[2], POLES_HZ[3]), (POLES_HZ[4], POLES_HZ[5])]
    sections = [_section(pair, rate_hz, high=place < 2) for place, pair in enumerate(pairs)]
    gain = abs(_response(sections, 1000.0, rate_hz))
    b0, b1, b2, a1, a2 = sections[0]
    return [(b0 / gain, b1 / gain, b2 / gain, a1, a2), *sections[1:]]


def _section(pair: tuple[float, float], rate_hz: int, *, high: bool) -> Biquad:
    (a, p), (b, q) = (_first_order(hz, rate_hz, high=high) for hz in pair)
    sign = -2.0 if high else 2.0
    return a * b, sign * a * b, a * b, -(p + q), p * q


def _first_order(hz: float, rate_hz: int, *, high: bool) -> tuple[float, float]:
    w = math.pi * hz / rate_hz  # no prewarping: below 6 kHz the error is under 0.2 dB
    return (1.0 if high else w) / (1 + w), (1 - w) / (1 + w)


def _response(sections: list[Biquad], hz: float, rate_hz: int) -> complex:
    z = cmath.exp(-2j * math.pi * hz / rate_hz)
    found: complex = 1
    for b0, b1, b2, a1, a2 in sections:
        found *= (b0 + b1 * z + b2 * z * z) / (1 + a1 * z + a2 * z * z)
    return found


def minutes_db(samples: Iterable[Samples], rate_hz: int) -> Iterator[float]:
    """A-weighted mean square of each minute of one channel, as a power: 1 is a sine of full scale."""
    sections = a_weighting(rate_hz)
    (c0, c1, c2, c3, c4), (d0, d1, d2, d3, d4), (e0, e1, e2, e3, e4) = sections
    p1 = p2 = q1 = q2 = r1 = r2 = total = 0.0
    count = 0
    for block in samples:
        for sample in block:
            x = sample / SCALE
            y = c0 * x + p1
            p1 = c1 * x - c3 * y + p2
            p2 = c2 * x - c4 * y
            x = d0 * y + q1
            q1 = d1 * y - d3 * x + q2
            q2 = d2 * y - d4 * x
            y = e0 * x + r1
            r1 = e1 * x - e3 * y + r2
            r2 = e2 * x - e4 * y
            total += y * y
        count += len(block)
        if count >= 60 * rate_hz:
            yield 2 * total / count
            total, count = 0.0, 0
    if count:
        yield 2 * total / count


def db(power: float) -> float:
    return 10 * math.log10(max(power, 1e-12))


def left(package: Package) -> Iterator[Samples]:
    channels = package.manifest.channels
    for path in package.part_paths():
        with SoundReader(path) as reader:
            while raw := reader.read(reader.rate_hz):
                yield array.array("i", raw)[::channels]


def of_pink(rate_hz: int = 48_000) -> float:
    """dB from LUFS to the A-weighted level of pink noise, equal in both ears: as much power in each third of an octave.

    K-weighting by the coefficients of ITU-R BS.1770-5, annex 1; -0.691 is that standard's own constant.
    """
    thirds_hz = [20 * 2 ** (third / 3) for third in range(30)]
    a_power, k_power = (
        sum(abs(_response(sections, hz, rate_hz)) ** 2 for hz in thirds_hz) for sections in (a_weighting(rate_hz), K)
    )
    return db(a_power) - db(k_power) + 0.691


def main(folders: list[str]) -> int:
    reference_db = of_pink()
    print(
        f"pink noise: A-weighted level {reference_db:+.2f} dB from its LUFS; below, dB above what is reckoned from it"
    )
    for name in folders:
        package = read(Path(name))
        minutes = list(minutes_db(left(package), package.manifest.rate_hz))
        reckoned = package.manifest.loudness_lufs + reference_db
        whole, most = db(sum(minutes) / len(minutes)) - reckoned, db(max(minutes)) - reckoned
        first = db(minutes[0]) - reckoned
        print(
            f"{package.manifest.id}: whole {whole:+.2f}, loudest minute {most:+.2f}, first minute {first:+.2f}",
            flush=True,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
