"""A whole number: what was typed, large, and a pad of digits."""

from kiosk.journey.views import NumberView
from kiosk.screen import asked, theme
from kiosk.screen.geometry import Rect
from kiosk.screen.pad import pad
from kiosk.screen.sheet import Sheet
from kiosk.screen.text import Weight
from kiosk.screen.theme import Panel
from kiosk.screen.vector import rounded


def sheet(view: NumberView, panel: Panel, pressed: str | None) -> Sheet:
    page = Sheet(theme.PAPER, panel, pressed)
    room = asked.lay(page, view, panel.pick(232, 180), awake=bool(view.digits))
    tall = min(room.h, panel.pick(300, 200))
    row = Rect(room.x, room.y + (room.h - tall) // 2, room.w, tall)
    left = panel.pick(360, 250)
    _typed(page, view, Rect(row.x, row.y, left, row.h))
    x = row.x + left + panel.gap_x
    pad(page, Rect(x, row.y, row.right - x, row.h))
    return page


def _typed(page: Sheet, view: NumberView, rect: Rect) -> None:
    """What is allowed stands below; when it is not met, the words say so there, set off by a bar."""
    panel = page.panel
    said = view.wrong or view.allowed
    below = Rect(rect.x, rect.bottom - panel.pick(96, 72), rect.w, panel.pick(96, 72))
    box = Rect(rect.x, rect.y, rect.w, below.y - rect.y - panel.pick(12, 6))
    page.image(box, rounded(box.w, box.h, panel.pick(22, 16), theme.CARD, theme.TEAL, panel.pick(4, 3)))
    size = min(panel.pick(120, 80), box.h)
    if view.digits:
        page.text(view.digits, box.inset(8, 0), ("Bold", size, size // 2, theme.INK), align="center", middle=True)
    else:
        tall = box.h // 2
        page.fill(Rect(box.center[0] - 2, box.center[1] - tall // 2, panel.pick(5, 4), tall), theme.TEAL)
    indent = panel.pick(20, 14) if view.wrong else 0
    if view.wrong:
        page.image(Rect(below.x, below.y, 8, below.h), rounded(8, below.h, 4, theme.INK))
    words = Rect(below.x + indent, below.y, below.w - indent, below.h)
    weight: Weight = "SemiBold" if view.wrong else "Regular"
    page.text(said, words, (weight, panel.body_px, panel.floor_px, theme.INK), middle=True)
