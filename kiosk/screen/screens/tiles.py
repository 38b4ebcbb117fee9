"""Tiles that start something: the first leads, in teal, with a landscape; the others are cards."""

from kiosk.journey.views import Tile
from kiosk.screen import icons, scenery, text, theme
from kiosk.screen.buttons import LEAD, PLAIN
from kiosk.screen.geometry import Rect
from kiosk.screen.port import ScreenError
from kiosk.screen.sheet import Sheet
from kiosk.screen.vector import placed, rounded

COLUMNS = 3


def draw(page: Sheet, tiles: tuple[Tile, ...], area: Rect) -> None:
    """Raises ScreenError when there are so many that a finger could not tell them apart."""
    for index, (tile, rect) in enumerate(zip(tiles, rects(page, len(tiles), area), strict=True)):
        _tile(page, tile, rect, leads=index == 0)


def rects(page: Sheet, count: int, area: Rect) -> list[Rect]:
    gap_x, gap_y = page.panel.gap_x + page.panel.pick(6, 0), page.panel.gap_y
    if count <= 1:
        return [area][:count]
    if count == 2:
        return _columns(area, (58, 42), gap_x)
    if count == 3 and page.panel.large:
        first, second = _columns(area, (62, 38), gap_x)
        return [first, *_rows(second, 2, gap_y)]
    rows = _rows(area, -(-count // COLUMNS), gap_y)
    if rows[0].h < page.panel.target_h:
        raise ScreenError(f"{count} tiles: only {COLUMNS * 2} can be told apart by a finger; offer fewer")
    shares = (1,) * COLUMNS
    return [rect for row in rows for rect in _columns(row, shares, gap_x)][:count]


def _columns(area: Rect, shares: tuple[int, ...], gap: int) -> list[Rect]:
    free, out, x = area.w - gap * (len(shares) - 1), [], area.x
    for share in shares:
        wide = free * share // sum(shares)
        out.append(Rect(x, area.y, wide, area.h))
        x += wide + gap
    return out


def _rows(area: Rect, count: int, gap: int) -> list[Rect]:
    tall = (area.h - gap * (count - 1)) // count
    return [Rect(area.x, area.y + row * (tall + gap), area.w, tall) for row in range(count)]


def _tile(page: Sheet, tile: Tile, rect: Rect, *, leads: bool) -> None:
    panel, style = page.panel, LEAD if leads else PLAIN
    pressed = page.pressed == tile.target
    radius, lift = panel.pick(32, 24), panel.pick(5, 4)
    ground = style.pressed if pressed else style.fill
    body = rounded(rect.w, rect.h, radius, ground, style.edge, panel.pick(3, 2))
    art = scenery.river(rect.w, rect.h, radius, ground) if leads and rect.w > panel.pick(500, 400) else ""
    under = placed(rounded(rect.w, rect.h, radius, style.lift), 0, 0 if pressed else lift)
    page.scenery(Rect(rect.x, rect.y, rect.w, rect.h + lift), under + body + art)
    _words(page, tile, rect, leads=leads)
    page.target(tile.target, rect, tile.title)


def _words(page: Sheet, tile: Tile, rect: Rect, *, leads: bool) -> None:
    """From the foot up: the subtitle, the title, and the icon in what is left."""
    panel = page.panel
    room = rect.inset(panel.pick(34, 16), panel.pick(26, 10))
    big = leads and rect.w > panel.pick(500, 400)
    title_px, floor = panel.pick(48, 38) if big else panel.pick(38, 31), panel.floor_px
    soft = theme.MIST if leads else theme.INK_SOFT
    sub = text.fitted(tile.subtitle, "Regular", (panel.pick(32, 28), floor), (room.w, room.h // 2), 2)
    sub_h = sub.height_px if tile.subtitle else 0
    title = text.fitted(tile.title, "Bold", (title_px, floor), (room.w, room.h - sub_h), 3)
    sub_y = room.bottom - sub_h
    title_y = sub_y - title.height_px - 2
    ink = theme.WHITE if leads else theme.INK
    page.text(tile.title, Rect(room.x, title_y, room.w, title.height_px), ("Bold", title.size_px, floor, ink))
    page.text(tile.subtitle, Rect(room.x, sub_y, room.w, sub_h), ("Regular", sub.size_px, floor, soft))
    _icon(page, tile, Rect(room.x, room.y, room.w, title_y - room.y), leads=leads)


def _icon(page: Sheet, tile: Tile, room: Rect, *, leads: bool) -> None:
    size = min(page.panel.pick(104, 64), room.h - 4)
    if size >= page.panel.pick(56, 36):
        colour = theme.WHITE if leads else theme.TEAL
        page.image(Rect(room.x - size // 16, room.y, size, size), icons.scaled(icons.KINDS[tile.kind](colour), size))
