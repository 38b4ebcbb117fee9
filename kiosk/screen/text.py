"""Type: fonts, French wrapping, and fitting with a floor on the size. What had to be cut is reported, never hidden.

Lines break only at plain spaces: U+00A0 and U+202F hold words together, as French typography wants.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import pygame

from kiosk.screen import runs
from kiosk.screen.geometry import Rect

Weight = runs.Weight
Align = Literal["left", "center", "right"]

LEADING = 1.2
"""Line to line, in ems."""
ELLIPSIS = "…"
CAPITALS_EM = 0.594
"""From the top of a line to the middle of its capitals."""


@lru_cache(maxsize=1024)
def width_px(text: str, weight: Weight, size_px: int) -> int:
    return runs.width_px(text, weight, size_px)


@lru_cache(maxsize=160)
def line_picture(text: str, weight: Weight, size_px: int, colour: str) -> pygame.Surface:
    return runs.render(text, weight, size_px, colour)


@dataclass(frozen=True)
class Laid:
    """Lines of type, ready to draw. `cut`: the words for which there was no room (must be none)."""

    lines: tuple[str, ...]
    weight: Weight
    size_px: int
    width_px: int
    cut: str = ""

    @property
    def pitch_px(self) -> int:
        return round(self.size_px * LEADING)

    @property
    def height_px(self) -> int:
        return self.pitch_px * len(self.lines)


def wrapped(text: str, weight: Weight, size_px: int, room_px: int) -> tuple[str, ...]:
    """As few lines as the room allows, then as even as they can be: no word left alone on the last one."""
    lines = _greedy(text, weight, size_px, room_px)
    if len(lines) == 1:
        return lines
    low, high = room_px // 2, room_px
    while high - low > size_px // 4:
        middle = (low + high) // 2
        narrower = _greedy(text, weight, size_px, middle)
        if len(narrower) == len(lines) and not _broken(narrower, text):
            high = middle
        else:
            low = middle
    even = _greedy(text, weight, size_px, high)
    return even if len(even) == len(lines) else lines


def _broken(lines: tuple[str, ...], text: str) -> bool:
    return "".join(lines).replace(" ", "") != text.replace(" ", "").replace("\n", "")


def _greedy(text: str, weight: Weight, size_px: int, room_px: int) -> tuple[str, ...]:
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            longer = f"{line} {word}" if line else word
            if width_px(longer, weight, size_px) <= room_px:
                line = longer
                continue
            if line:
                lines.append(line)
            *full, line = _pieces(word, weight, size_px, room_px)
            lines.extend(full)
        lines.append(line)
    return tuple(lines)


def _pieces(word: str, weight: Weight, size_px: int, room_px: int) -> list[str]:
    """A word in parts that fit, hyphenated; one part for nearly every word."""
    parts: list[str] = []
    while width_px(word, weight, size_px) > room_px and len(word) > 1:
        at = len(word) - 1
        while at > 1 and width_px(word[:at] + "-", weight, size_px) > room_px:
            at -= 1
        parts.append(word[:at] + "-")
        word = word[at:]
    return [*parts, word]


@lru_cache(maxsize=256)
def fitted(text: str, weight: Weight, sizes_px: tuple[int, int], room: tuple[int, int], lines_max: int = 99) -> Laid:
    """The largest type between `sizes_px` (wanted, floor) that fits the room (width, height) in so many lines."""
    wanted, floor = sizes_px
    for size_px in range(max(wanted, floor), floor - 1, -1):
        lines = wrapped(text, weight, size_px, room[0])
        laid = _laid(lines, weight, size_px)
        whole_words = not _broken(lines, text) or size_px == floor
        if whole_words and len(lines) <= lines_max and laid.height_px <= room[1] and laid.width_px <= room[0]:
            return laid
    return _cut(wrapped(text, weight, floor, room[0]), weight, floor, room, lines_max)


def few(text: str, weight: Weight, sizes_px: tuple[int, int], room: tuple[int, int], lines_max: int = 2) -> Laid:
    """As `fitted`, but sooner smaller type than one more line."""
    for lines in range(1, lines_max):
        laid = fitted(text, weight, sizes_px, room, lines)
        if not laid.cut and len(laid.lines) == lines:
            return laid
    return fitted(text, weight, sizes_px, room, lines_max)


def _laid(lines: tuple[str, ...], weight: Weight, size_px: int) -> Laid:
    return Laid(lines, weight, size_px, max(width_px(line, weight, size_px) for line in lines))


def _cut(lines: tuple[str, ...], weight: Weight, size_px: int, room: tuple[int, int], lines_max: int) -> Laid:
    fit = max(1, min(lines_max, room[1] // round(size_px * LEADING)))
    kept, lost = lines[:fit], lines[fit:]
    last = kept[-1]
    while last and width_px(last + ELLIPSIS, weight, size_px) > room[0]:
        last = last[:-1]
    kept = (*kept[:-1], last.rstrip() + ELLIPSIS)
    return replace(_laid(kept, weight, size_px), cut=" ".join(lost) or "height")


def tail(text: str, weight: Weight, size_px: int, room_px: int, lines_max: int) -> tuple[str, ...]:
    """The last lines of what is being written: the place where the person writes stays in sight."""
    return _greedy(text, weight, size_px, room_px)[-lines_max:]


def drawn(surface: pygame.Surface, laid: Laid, at: tuple[int, int, int], colour: str, align: Align = "left") -> None:
    """Lines from (x, y), in a column of the given width: at = (x, y, width)."""
    x, y, room = at
    for row, line in enumerate(laid.lines):
        image = line_picture(line, laid.weight, laid.size_px, colour)
        free = room - image.get_width()
        left = {"left": 0, "center": free // 2, "right": free}[align]
        surface.blit(image, (x + left, y + row * laid.pitch_px + (laid.pitch_px - image.get_height()) // 2))


def upwards(surface: pygame.Surface, laid: Laid, rect: Rect, colour: str) -> None:
    """One line of capitals that is read upwards, its letters in the middle of `rect`."""
    image = pygame.transform.rotate(line_picture(laid.lines[0], laid.weight, laid.size_px, colour), 90)
    surface.blit(image, (rect.center[0] - round(laid.size_px * CAPITALS_EM), rect.y))
