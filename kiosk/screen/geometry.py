"""Rectangles in pixels, without pygame, so that touches and layouts stay pure."""

from typing import NamedTuple


class Rect(NamedTuple):
    """Pixels; the right and bottom edges are outside. A plain tuple, so pygame takes it as it is."""

    x: int
    y: int
    w: int
    h: int

    @property
    def right(self) -> int:
        return self.x + self.w

    @property
    def bottom(self) -> int:
        return self.y + self.h

    @property
    def center(self) -> tuple[int, int]:
        return self.x + self.w // 2, self.y + self.h // 2

    def holds(self, x: float, y: float) -> bool:
        return self.x <= x < self.right and self.y <= y < self.bottom

    def inset(self, dx: int, dy: int | None = None) -> "Rect":
        dy = dx if dy is None else dy
        return Rect(self.x + dx, self.y + dy, self.w - 2 * dx, self.h - 2 * dy)

    def grow(self, by: int) -> "Rect":
        return self.inset(-by)

    def moved(self, dx: int, dy: int) -> "Rect":
        return Rect(self.x + dx, self.y + dy, self.w, self.h)

    def overlaps(self, other: "Rect") -> bool:
        return self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom

    def union(self, other: "Rect") -> "Rect":
        x, y = min(self.x, other.x), min(self.y, other.y)
        return Rect(x, y, max(self.right, other.right) - x, max(self.bottom, other.bottom) - y)

    def clipped(self, other: "Rect") -> "Rect":
        x, y = max(self.x, other.x), max(self.y, other.y)
        return Rect(x, y, max(0, min(self.right, other.right) - x), max(0, min(self.bottom, other.bottom) - y))


def merged(rects: list[Rect]) -> list[Rect]:
    """The same ground with no overlap: rectangles that meet become one."""
    apart: list[Rect] = []
    for rect in rects:
        joined = rect
        while meeting := [other for other in apart if other.overlaps(joined)]:
            for other in meeting:
                apart.remove(other)
                joined = joined.union(other)
        apart.append(joined)
    return apart
