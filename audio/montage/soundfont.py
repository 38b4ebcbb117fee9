"""Writes a small SoundFont 2 file: looped mono samples, each a preset of its own with a filter that CC74 opens.

Layout: SoundFont Technical Specification 2.04, sections 4 to 7.
"""

import struct
from array import array

import msgspec

BANK = 100
GUARD_FRAMES = 46  # the specification asks for 46 zero samples after each
# Generators (section 8.1.2).
FILTER_CUTOFF, PAN, RELEASE, SAMPLE_ID, LOOP_MODE, SCALE_TUNING, ROOT_KEY = 8, 17, 38, 53, 54, 56, 58
INSTRUMENT = 41
LOOPS = 1
CC74 = 0x80 | 74
ROOT = 60


class Sample(msgspec.Struct, frozen=True):
    """16-bit frames that loop from end to start without a seam."""

    name: str
    frames: array  # type: ignore[type-arg]
    rate_hz: int
    cutoff_cents: int
    opening_cents: int
    pan: int = 0


def to_soundfont(name: str, samples: list[Sample]) -> bytes:
    """Return an SF2 file whose preset N (bank 100, program N) plays sample N at any key."""
    info = _chunk(b"ifil", struct.pack("<HH", 2, 4)) + _chunk(b"isng", b"EMU8000\0") + _chunk(b"INAM", _text(name))
    body = (
        _list(b"INFO", info)
        + _list(b"sdta", _chunk(b"smpl", b"".join(s.frames.tobytes() + bytes(2 * GUARD_FRAMES) for s in samples)))
        + _list(b"pdta", b"".join(_chunk(tag, data) for tag, data in _tables(samples)))
    )
    return _chunk(b"RIFF", b"sfbk" + body)


def _tables(samples: list[Sample]) -> list[tuple[bytes, bytes]]:
    count, numbers = len(samples), range(len(samples))
    generators = [_generators(index, sample) for index, sample in enumerate(samples)]
    each = len(generators[0]) if generators else 0
    return [
        (b"phdr", b"".join(_preset(s.name, n, n) for n, s in enumerate(samples)) + _preset("EOP", 0, count)),
        (b"pbag", b"".join(struct.pack("<HH", n, 0) for n in range(count + 1))),
        (b"pmod", bytes(10)),
        (b"pgen", b"".join(struct.pack("<Hh", INSTRUMENT, n) for n in numbers) + bytes(4)),
        (b"inst", b"".join(_name(s.name) + struct.pack("<H", n) for n, s in enumerate(samples))
         + _name("EOI") + struct.pack("<H", count)),
        (b"ibag", b"".join(struct.pack("<HH", n * each, n) for n in range(count + 1))),
        (b"imod", b"".join(struct.pack("<HHhHH", CC74, FILTER_CUTOFF, s.opening_cents, 0, 0) for s in samples)
         + bytes(10)),
        (b"igen", b"".join(struct.pack("<Hh", *pair) for pairs in generators for pair in pairs) + bytes(4)),
        (b"shdr", _headers(samples)),
    ]  # fmt: skip


def _generators(index: int, sample: Sample) -> list[tuple[int, int]]:
    """The sample's number must come last (section 8.1.2)."""
    return [
        (FILTER_CUTOFF, sample.cutoff_cents),
        (PAN, sample.pan),
        (RELEASE, 1200),
        (LOOP_MODE, LOOPS),
        (SCALE_TUNING, 0),
        (ROOT_KEY, ROOT),
        (SAMPLE_ID, index),
    ]


def _preset(name: str, program: int, bag: int) -> bytes:
    return _name(name) + struct.pack("<HHHIII", program, BANK, bag, 0, 0, 0)


def _headers(samples: list[Sample]) -> bytes:
    rows, start = [], 0
    for sample in samples:
        end = start + len(sample.frames)
        rows.append(
            _name(sample.name) + struct.pack("<IIIIIBbHH", start, end, start, end, sample.rate_hz, ROOT, 0, 0, 1)
        )
        start = end + GUARD_FRAMES
    return b"".join(rows) + _name("EOS") + bytes(26)


def _name(name: str) -> bytes:
    return name.encode("ascii")[:19].ljust(20, b"\0")


def _text(name: str) -> bytes:
    raw = name.encode("ascii") + b"\0"
    return raw + b"\0" * (len(raw) % 2)


def _chunk(tag: bytes, data: bytes) -> bytes:
    return tag + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def _list(kind: bytes, data: bytes) -> bytes:
    return _chunk(b"LIST", kind + data)
