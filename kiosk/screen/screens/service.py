"""For staff: how the box is, and what can be done with it."""

from kiosk.journey.views import ServiceView, Tile
from kiosk.screen import buttons, text, theme
from kiosk.screen.geometry import Rect
from kiosk.screen.port import ScreenError
from kiosk.screen.sheet import Sheet
from kiosk.screen.theme import Panel

IN_A_ROW, TILES = 3, 5
"""In the row above the foot; in all."""


def sheet(view: ServiceView, panel: Panel, pressed: str | None) -> Sheet:
    """Raises ScreenError for more tiles than have a place."""
    if len(view.tiles) > TILES:
        raise ScreenError(f"{len(view.tiles)} tiles for staff: {TILES} have a place on one screen")
    page = Sheet(theme.PAPER, panel, pressed)
    left = buttons.back(page, view.back).right + panel.gap_x
    if not panel.large:
        page.listen = Rect(left, panel.bottom_y, panel.target_w, panel.target_h)
        left = page.listen.right + panel.gap_x
    at_foot = min(len(view.tiles), TILES - IN_A_ROW)
    above, beside = view.tiles[:-at_foot] if at_foot else (), view.tiles[-at_foot:] if at_foot else ()
    right, top = panel.width_px - panel.margin, panel.bottom_y
    _row(page, beside, Rect(left, top, right - left, panel.target_h))
    if above:
        top -= panel.target_h + panel.gap_y
        _row(page, above, Rect(panel.margin, top, right - panel.margin, panel.target_h))
    room = Rect(panel.margin, panel.pick(34, 6), panel.head_w, panel.pick(70, 46))
    title = page.text(view.title, room, ("Bold", panel.pick(50, 34), panel.floor_px, theme.INK), lines_max=1)
    y = title.bottom + panel.pick(14, 2)
    wide = panel.pick(panel.head_w, right - panel.margin)
    _lines(page, view.lines, Rect(panel.margin, y, wide, top - panel.gap_y - y))
    return page


def _lines(page: Sheet, lines: tuple[str, ...], room: Rect) -> None:
    """One under the other in one size; where they are too many, one after the other."""
    panel, floor = page.panel, page.panel.floor_px
    for size in range(panel.pick(34, 30), floor - 1, -1):
        laid = [text.fitted(line, "Regular", (size, size), (room.w, room.h)) for line in lines]
        if sum(one.height_px for one in laid) <= room.h:
            break
    else:
        page.text(" · ".join(line.rstrip(".") for line in lines), room, ("Regular", floor, floor, theme.INK))
        return
    y = room.y
    for one in laid:
        y = page.laid(one, Rect(room.x, y, room.w, one.height_px), theme.INK).bottom


def _row(page: Sheet, tiles: tuple[Tile, ...], room: Rect) -> None:
    """Tiles that share a row."""
    panel = page.panel
    columns = len(tiles) or 1
    wide = (room.w - (columns - 1) * panel.gap_x) // columns
    for index, tile in enumerate(tiles):
        _tile(page, tile, Rect(room.x + index * (wide + panel.gap_x), room.y, wide, room.h))


def _tile(page: Sheet, tile: Tile, rect: Rect) -> None:
    panel = page.panel
    style = buttons.ASLEEP if tile.asleep else buttons.PLAIN
    buttons.face(page, rect, style, pressed=page.pressed == tile.target and not tile.asleep)
    room = rect.inset(panel.pick(14, 6), 4)
    sizes = (panel.pick(32, 28), panel.floor_px)
    said = f"{tile.title}\n{tile.subtitle}" if tile.subtitle else tile.title
    page.text(said, room, ("SemiBold", *sizes, style.words), align="center", middle=True)
    if not tile.asleep:
        page.target(tile.target, rect, tile.title)
