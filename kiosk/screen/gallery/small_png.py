"""Pictures for the documentation, a quarter of their size: PNG with a palette, by zlib alone.

A screen of ours has few colours; where light fades there are thousands, and a median cut finds the 96 that serve.
Source: PNG (W3C, third edition); Heckbert 1982 for the median cut.
"""

import struct
import zlib
from collections import Counter

import pygame

COLOURS_MAX = 96
Count = tuple[int, int]
"""A colour as 0xRRGGBB, and how many pixels have it."""


def encoded(surface: pygame.Surface) -> bytes:
    """The picture as a PNG. Its colours are those of the surface where there are few, else near ones."""
    pixels = memoryview(surface.get_buffer().raw).cast("I")
    palette, places = _palette(Counter(pixels))
    wide, tall = surface.get_size()
    body = bytes(map(places.__getitem__, pixels))
    rows = b"".join(b"\0" + body[row * wide : (row + 1) * wide] for row in range(tall))
    header = struct.pack(">IIBBBBB", wide, tall, 8, 3, 0, 0, 0)
    table = b"".join((colour & 0xFFFFFF).to_bytes(3, "big") for colour in palette)
    parts = ((b"IHDR", header), (b"PLTE", table), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in parts)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _palette(counted: Counter[int]) -> tuple[list[int], dict[int, int]]:
    """The colours to keep, and for each pixel's value which of them it becomes."""
    boxes = [list(counted.items())]
    while len(boxes) < COLOURS_MAX:
        widest = max(boxes, key=_weight)
        if _weight(widest) == 0:
            break
        boxes.remove(widest)
        boxes.extend(_halves(widest))
    palette = [_mean(box) for box in boxes]
    return palette, {value: place for place, box in enumerate(boxes) for value, _ in box}


def _channel(value: int, shift: int) -> int:
    return value >> shift & 0xFF


def _range(box: list[Count], shift: int) -> int:
    values = [_channel(value, shift) for value, _ in box]
    return max(values) - min(values)


def _weight(box: list[Count]) -> float:
    """What it would gain by being cut: wide and frequent. The root keeps a place for what is rare."""
    often: float = sum(count for _, count in box) ** 0.4
    return often * max(_range(box, shift) for shift in (0, 8, 16))


def _halves(box: list[Count]) -> tuple[list[Count], list[Count]]:
    """Across the channel in which it is widest, in the middle of its range: a rare colour keeps a place of its own."""
    shift = max((16, 8, 0), key=lambda one: _range(box, one))
    values = [_channel(value, shift) for value, _ in box]
    middle = (max(values) + min(values)) / 2
    return [one for one in box if _channel(one[0], shift) <= middle], [
        one for one in box if _channel(one[0], shift) > middle
    ]


def _mean(box: list[Count]) -> int:
    total = sum(count for _, count in box)
    parts = (round(sum(_channel(value, shift) * count for value, count in box) / total) for shift in (16, 8, 0))
    red, green, blue = parts
    return red << 16 | green << 8 | blue
