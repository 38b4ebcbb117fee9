"""Colours with their contrast, and sizes by the millimetre. 7:1 for text; no text under 5 mm; targets of 20 mm.

A screen is written in the colours of the day. At night `by_night` gives the counterpart of each, so that no screen
has a second version.
"""

from colorsys import hls_to_rgb, rgb_to_hls
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from math import ceil

from kiosk.screen.geometry import Rect
from kiosk.screen.port import ScreenError

PAPER = "#FAF6EE"
PAPER_DEEP = "#F3ECDD"
CARD = "#FFFFFF"
EDGE = "#D8CCB6"
LINE = "#6B604D"
"""What tells a button from the paper: 3:1 and more."""
INK = "#1D2733"
INK_SOFT = "#414C59"
TEAL = "#0E5A63"
TEAL_DEEP = "#0A464E"
TEAL_PALE = "#DCEBE8"
WHITE = "#FFFFFF"
MIST = "#EEF6F5"
MEADOW = "#D5E3D5"
GOLD = "#E8C37A"
HAZE = "#F4F3EA"
"""Paper over the hills."""

NIGHT = "#101A2B"
NIGHT_EDGE = "#8FA0BA"
NIGHT_TEXT = "#E6ECF4"
NIGHT_SOFT = "#C9D3DF"
NIGHT_PRESSED = "#26344C"
DIM = "#070C15"
DIM_EDGE = "#5C6B82"
DIM_TEXT = "#A9B6C8"
DARK = "#05080E"
DARK_TEXT = "#4A5668"

INTENSE = (
    "#E3F1EA",
    "#D3EAD3",
    "#DCE7A8",
    "#F0DE84",
    "#F6C766",
    "#F2A94E",
    "#E98643",
    "#DA623C",
    "#C24136",
    "#9E2A34",
    "#741B30",
)
PLEASANT = (
    "#DFDFE3",
    "#DEDBD4",
    "#E3DAC0",
    "#EAD9A4",
    "#F0D486",
    "#F2CB69",
    "#F1BF50",
    "#EBB03C",
    "#E29F2C",
    "#D68E20",
    "#C67D17",
)

MARK, MARK_INK = "#F2B632", "#14202E"
"""The training mark and the ring: the same by day and by night."""

NIGHTLY = {
    PAPER: NIGHT,
    PAPER_DEEP: "#0B1322",
    CARD: "#1B2942",
    EDGE: "#3A4A66",
    LINE: "#8C9DBA",
    INK: "#E9EEF5",
    INK_SOFT: "#C9D3DF",
    TEAL: "#86C9C0",
    TEAL_DEEP: "#A9DAD3",
    TEAL_PALE: "#2A3B57",
    MIST: "#16233A",
    MEADOW: "#16302F",
    HAZE: "#152033",
    GOLD: GOLD,
    MARK: MARK,
    MARK_INK: MARK_INK,
}
"""What was chosen by eye; every other colour is reckoned."""

TEXT_PAIRS = (
    (INK, PAPER),
    (INK, PAPER_DEEP),
    (INK, CARD),
    (INK, TEAL_PALE),
    (INK_SOFT, PAPER),
    (INK_SOFT, PAPER_DEEP),
    (INK_SOFT, CARD),
    (INK_SOFT, HAZE),
    (INK, MEADOW),
    (TEAL, CARD),
    (TEAL, PAPER),
    (WHITE, TEAL),
    (WHITE, TEAL_DEEP),
    (MIST, TEAL),
    (WHITE, INK),
    (NIGHT_TEXT, NIGHT),
    (NIGHT_SOFT, NIGHT),
    (NIGHT_TEXT, NIGHT_PRESSED),
    (DIM_TEXT, DIM),
)
"""Every pair of text and ground that the screens use. The resting screen's own line is dark on purpose."""


def rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def hexed(red: float, green: float, blue: float) -> str:
    return f"#{round(red):02X}{round(green):02X}{round(blue):02X}"


def mix(first: str, second: str, share: float) -> str:
    """`share` of the second colour, 0 to 1."""
    a, b = rgb(first), rgb(second)
    return hexed(*(x + (y - x) * share for x, y in zip(a, b, strict=True)))


def luminance(colour: str) -> float:
    """Relative luminance by WCAG 2.2."""
    parts = [c / 255 for c in rgb(colour)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """Contrast ratio by WCAG 2.2, 1 to 21."""
    dark, light = sorted((luminance(first), luminance(second)))
    return (light + 0.05) / (dark + 0.05)


@lru_cache(maxsize=512)
def by_night(colour: str) -> str:
    """Its counterpart on the night palette: light becomes dark, and sinks into the night's blue; the hue stays."""
    if colour in NIGHTLY:
        return NIGHTLY[colour]
    hue, light, saturation = rgb_to_hls(*(part / 255 for part in rgb(colour)))
    turned = hls_to_rgb(hue, 0.90 - 0.78 * light, saturation * 0.6)
    return mix(hexed(*(part * 255 for part in turned)), NIGHT, 0.45 * light)


def is_light(colour: str) -> bool:
    return luminance(colour) > 0.2


@dataclass(frozen=True)
class Panel:
    """A panel's pixels and their size, and the palette. The two panels of the box; others are refused."""

    width_px: int
    height_px: int
    px_per_mm_x: float
    px_per_mm_y: float
    night: bool = False

    @property
    def large(self) -> bool:
        return self.width_px >= 1280

    @property
    def bounds(self) -> Rect:
        return Rect(0, 0, self.width_px, self.height_px)

    @property
    def size(self) -> tuple[int, int]:
        return self.width_px, self.height_px

    def pick(self, large: int, small: int) -> int:
        """A size chosen by eye for each panel."""
        return large if self.large else small

    def x_mm(self, mm: float) -> int:
        return ceil(mm * self.px_per_mm_x)

    def y_mm(self, mm: float) -> int:
        return ceil(mm * self.px_per_mm_y)

    @cached_property
    def target_w(self) -> int:
        return self.x_mm(20)

    @cached_property
    def target_h(self) -> int:
        return self.y_mm(20)

    @cached_property
    def gap_x(self) -> int:
        return self.x_mm(3)

    @cached_property
    def gap_y(self) -> int:
        return self.y_mm(3)

    @cached_property
    def margin(self) -> int:
        return self.pick(56, 20)

    @cached_property
    def floor_px(self) -> int:
        """The smallest type: 5 mm."""
        return self.y_mm(5)

    @cached_property
    def title_px(self) -> int:
        return self.pick(60, 42)

    @cached_property
    def question_px(self) -> int:
        return self.pick(48, 34)

    @cached_property
    def body_px(self) -> int:
        return self.pick(34, 29)

    @cached_property
    def button_px(self) -> int:
        return self.pick(36, 30)

    @cached_property
    def bottom_y(self) -> int:
        """Top of the row of buttons at the foot of every screen."""
        return self.height_px - self.pick(40, 16) - self.target_h

    @cached_property
    def listen(self) -> Rect:
        """Where the loudspeaker stands, at the head on the right: every screen keeps it free, or says where else."""
        return Rect(self.width_px - self.margin - self.target_w, self.pick(28, 6), self.target_w, self.target_h)

    @cached_property
    def head_w(self) -> int:
        """What the loudspeaker leaves for a title, from the margin on."""
        return self.listen.x - self.gap_x - self.margin


PANELS = (Panel(1280, 800, 5.9, 5.9), Panel(800, 480, 5.2, 5.6))
NIGHT_PANELS = tuple(replace(panel, night=True) for panel in PANELS)


def panel_of(size: tuple[int, int], *, night: bool = False) -> Panel:
    """Raises ScreenError for a size that is neither panel's."""
    for panel in NIGHT_PANELS if night else PANELS:
        if panel.size == size:
            return panel
    allowed = " or ".join(f"{panel.width_px}x{panel.height_px}" for panel in PANELS)
    raise ScreenError(f"screen of {size[0]}x{size[1]}: only {allowed} is drawn; set one of them")
