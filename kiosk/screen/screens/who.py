"""Who is there: the residents of a shared box by the names that they chose, and nothing else of anybody."""

from kiosk.journey.views import Tile, WhoView
from kiosk.screen import buttons, cards, theme
from kiosk.screen.asked import room_under
from kiosk.screen.cards import Card
from kiosk.screen.geometry import Rect
from kiosk.screen.screens import links
from kiosk.screen.sheet import Sheet
from kiosk.screen.text import fitted
from kiosk.screen.theme import Panel
from kiosk.screen.vector import disc


def sheet(view: WhoView, panel: Panel, pressed: str | None) -> Sheet:
    page = Sheet(theme.PAPER, panel, pressed)
    rows = 1 if len(view.people) <= 3 else 2
    need = rows * panel.target_h + (rows - 1) * panel.gap_y
    bottom = _said(page, view, panel.bottom_y - panel.gap_y - need - panel.pick(24, 6))
    room = _room(page, bottom, need)
    per_row = _per_row(panel, len(view.people), room)
    for tile, rect in zip(
        view.people, cards.places(panel, len(view.people), per_row, room, panel.pick(200, 196)), strict=True
    ):
        _person(page, tile, rect)
    _foot(page, view)
    return page


def _room(page: Sheet, bottom: int, need: int) -> Rect:
    """Names are long: where only the place beside the loudspeaker is left, that moves to the foot."""
    panel = page.panel
    room = room_under(panel, bottom, need)
    if room.w > panel.head_w:
        return room
    page.listen = Rect((panel.width_px - panel.target_w) // 2, panel.bottom_y, panel.target_w, panel.target_h)
    return Rect(room.x, room.y, panel.width_px - 2 * panel.margin, room.h)


def _per_row(panel: Panel, count: int, room: Rect) -> int:
    """Two or three beside each other; more only where many names must stand on one screen."""
    for per_row in range(min(count, 3), 7):
        if cards.cell(panel, room, per_row, -(-count // per_row))[1] >= panel.target_h:
            return max(1, per_row)
    return 6


def _said(page: Sheet, view: WhoView, limit: int) -> int:
    panel, floor = page.panel, page.panel.floor_px
    room = Rect(panel.margin, panel.pick(36, 4), panel.head_w, min(limit, panel.pick(80, 42)))
    title = page.text(view.title, room, ("Bold", panel.pick(60, 34), floor, theme.INK), lines_max=1)
    below = Rect(panel.margin, title.bottom, panel.head_w, max(round(1.2 * floor), limit - title.bottom))
    return page.text(view.subtitle, below, ("Regular", panel.body_px, floor, theme.INK_SOFT), lines_max=2).bottom


def _person(page: Sheet, tile: Tile, rect: Rect) -> None:
    """A round with the first letter of the name's last word, and the name."""
    panel, floor = page.panel, page.panel.floor_px
    cards.ground(page, Card(tile.target, tile.title, asleep=tile.asleep), rect)
    size = min(rect.h - panel.pick(36, 24), panel.pick(104, 76), rect.w // 3)
    pad = panel.pick(20, 12)
    badge = Rect(rect.x + pad, rect.center[1] - size // 2, size, size)
    room = Rect(badge.right + pad, rect.y + 4, rect.right - badge.right - 2 * pad, rect.h - 8)
    sizes = (panel.pick(40, 33), floor)
    if _breaks(tile.title, room, floor):
        room = Rect(rect.x + pad, rect.y + 4, rect.w - 2 * pad, rect.h - 8)
    else:
        page.image(badge, disc(size / 2, size / 2, size / 2, theme.TEAL))
        letter = _letter(tile.title)
        page.text(letter, badge, ("Bold", size * 6 // 10, floor, theme.WHITE), align="center", middle=True)
    page.text(tile.title, room, ("SemiBold", *sizes, theme.INK), middle=True)


def _letter(name: str) -> str:
    """The first of the last word that is one; nothing for a name of signs."""
    words = [word for word in name.replace("\u00a0", " ").split(" ") if word[:1].isalpha()]
    return words[-1][0].upper() if words else ""


def _breaks(name: str, room: Rect, floor: int) -> bool:
    laid = fitted(name, "SemiBold", (floor, floor), (room.w, room.h))
    return bool(laid.cut) or any(line.endswith("-") for line in laid.lines)


def _foot(page: Sheet, view: WhoView) -> None:
    panel = page.panel
    rect = Rect(panel.margin, panel.bottom_y, panel.pick(340, 236), panel.target_h)
    buttons.button(page, "help", rect, view.help, buttons.PLAIN)
    right = panel.width_px - panel.margin
    if view.staff:
        wide = panel.pick(190, 140)
        buttons.button(
            page, "service", Rect(right - wide, panel.bottom_y, wide, panel.target_h), view.staff, links.QUIET
        )
        right -= wide + panel.gap_x
    if view.more:
        wide = panel.pick(300, 140 if view.staff else 236)
        buttons.button(page, "more", Rect(right - wide, panel.bottom_y, wide, panel.target_h), view.more, buttons.PLAIN)
