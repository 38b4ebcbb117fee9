"""The touch test: circles at the corners and in the middle, each gone once it was touched."""

from kiosk.journey.views import TouchTestView
from kiosk.screen import buttons, theme
from kiosk.screen.geometry import Rect
from kiosk.screen.sheet import Sheet
from kiosk.screen.theme import Panel
from kiosk.screen.vector import disc, ring


def sheet(view: TouchTestView, panel: Panel, pressed: str | None) -> Sheet:
    page = Sheet(theme.PAPER, panel, pressed)
    size, height = panel.target_h, panel.bottom_y + panel.target_h + panel.margin
    middle = Rect((panel.width_px - size) // 2, (height - size) // 2, size, size)
    left, right = panel.margin, panel.width_px - panel.margin - size
    places = {
        "north-west": Rect(left, panel.margin, size, size),
        "north-east": Rect(right, panel.margin, size, size),
        "middle": middle,
        "south-west": Rect(left, panel.bottom_y, size, size),
        "south-east": Rect(right, panel.bottom_y, size, size),
    }
    for name in view.points:
        _point(page, f"point:{name}", places[name])
    beside = left + size + panel.gap_x
    room = Rect(beside, panel.margin, panel.width_px - 2 * beside, size)
    page.text(view.title, room, ("Bold", panel.pick(50, 34), panel.floor_px, theme.INK), align="center", middle=True)
    wide = panel.pick(420, 320)
    skip = Rect((panel.width_px - wide) // 2, panel.bottom_y, wide, size)
    buttons.button(page, "skip", skip, view.skip, buttons.PLAIN)
    page.listen = Rect(left, middle.y, panel.listen.w, panel.listen.h)
    return page


def _point(page: Sheet, target: str, rect: Rect) -> None:
    """Drawn as large as it is touched."""
    lit = page.pressed == target
    shape = disc(50, 50, 44, theme.TEAL_DEEP if lit else theme.TEAL) + ring(50, 50, 26, theme.WHITE, 6)
    page.image(rect, f'<g transform="scale({rect.w / 100})">{shape}</g>')
    page.target(target, rect, "")
