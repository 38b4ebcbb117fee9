"""Ten digits and a key that takes one back, in two rows: large keys, for numbers and for codes."""

from kiosk.screen import icons, theme
from kiosk.screen.geometry import Rect
from kiosk.screen.sheet import Look, Sheet
from kiosk.screen.vector import rounded

ROWS = ("12345", "67890")
COLUMNS = 6
"""Five digits, and the key that takes back."""


def pad(page: Sheet, room: Rect) -> None:
    """Keys `key:<digit>` and `key:backspace`; at least 18 mm on the 10-inch panel, 12 mm on the 7-inch."""
    gap = page.panel.pick(12, 9)
    wide, tall = (room.w - gap * (COLUMNS - 1)) // COLUMNS, (room.h - gap) // 2
    for row, digits in enumerate(ROWS):
        for column, digit in enumerate(digits):
            rect = Rect(room.x + column * (wide + gap), room.y + row * (tall + gap), wide, tall)
            _key(page, f"key:{digit}", rect)
            look: Look = ("Bold", page.panel.pick(60, 46), page.panel.floor_px, theme.INK)
            page.text(digit, rect, look, align="center", middle=True)
    rect = Rect(room.x + 5 * (wide + gap), room.y, room.right - room.x - 5 * (wide + gap), 2 * tall + gap)
    _key(page, "key:backspace", rect)
    size = page.panel.pick(64, 48)
    x, y = rect.center
    page.image(Rect(x - size // 2, y - size // 2, size, size), icons.scaled(icons.backspace(theme.INK), size))


def _key(page: Sheet, name: str, rect: Rect) -> None:
    held = page.pressed == name
    ground = theme.TEAL_PALE if held else theme.PAPER_DEEP if name == "key:backspace" else theme.CARD
    page.image(rect, rounded(rect.w, rect.h, page.panel.pick(18, 14), ground, theme.LINE, 2))
    page.target(name, rect, name.removeprefix("key:"))
