"""The cone as numbers: where each height from 0 to 10 lies on the screen, for the drawing and for the finger alike."""

from dataclasses import dataclass
from math import sqrt

HEIGHTS = 11


@dataclass(frozen=True)
class ConeSlope:
    """A cone seen from slightly above, in pixels: eleven slices between `top_y` and `bottom_y` along its edge.

    curve: how deep an edge bows at its middle, for each pixel of half-width.
    """

    axis_x: int
    top_y: int
    bottom_y: int
    top_half_px: int
    bottom_half_px: int
    curve: float = 0.11

    @property
    def pitch_px(self) -> float:
        return (self.bottom_y - self.top_y) / HEIGHTS

    def half_px(self, y: float) -> float:
        """Half the width of the cone at the height `y` of its edge."""
        share = (self.bottom_y - y) / (self.bottom_y - self.top_y)
        return self.bottom_half_px + (self.top_half_px - self.bottom_half_px) * share

    def slice_y(self, height: int) -> tuple[float, float]:
        """Top and bottom of a slice at the cone's edge."""
        return self.bottom_y - (height + 1) * self.pitch_px, self.bottom_y - height * self.pitch_px

    def middle_y(self, height: int) -> int:
        return round(self.bottom_y - (height + 0.5) * self.pitch_px)

    def height_at(self, x: float, y: float) -> int:
        """The height that a finger at (x, y) means. On the cone it follows the bowed slices; beside it, the numbers."""
        half = self.half_px(min(max(y, self.top_y), self.bottom_y))
        off = min(1.0, abs(x - self.axis_x) / half)
        bowed_y = y - self.curve * half * sqrt(1 - off * off)
        return min(HEIGHTS - 1, max(0, int((self.bottom_y - bowed_y) // self.pitch_px)))
