"""Tiles that start something: the first leads, in teal, with a landscape; the others are cards; some are asleep."""

from dataclasses import dataclass, replace

from kiosk.journey.views import Tile
from kiosk.screen import pictograms, scenery, theme
from kiosk.screen.buttons import ASLEEP, LEAD, PLAIN, Style
from kiosk.screen.geometry import Rect
from kiosk.screen.pictograms import Tint
from kiosk.screen.port import ScreenError
from kiosk.screen.sheet import Sheet
from kiosk.screen.text import Laid, Weight, fitted
from kiosk.screen.vector import placed, rounded

COLUMNS = 3
LOW_PX = 150
"""On the small panel, a card lower than this has its words nearer to its edges."""


@dataclass(frozen=True)
class Look:
    """What a tile shares with its neighbours: cards have one size of title, and pictures on all or on none."""

    leads: bool
    icon_px: int
    title_px: int


def draw(page: Sheet, tiles: tuple[Tile, ...], area: Rect, *, first_leads: bool) -> None:
    """Raises ScreenError when there are so many that a finger could not tell them apart."""
    places = rects(page, len(tiles), area, first_leads=first_leads)
    both = [(_fitting(page, tile, rect), rect) for tile, rect in zip(tiles, places, strict=True)]
    icons = [_icon_px(page, tile, rect) for tile, rect in both]
    common_px = min((_laid(page, tile, rect)[0].size_px for tile, rect in both if not _wide(page, rect)), default=99)
    for index, (tile, rect) in enumerate(both):
        icon_px = icons[index] if all(icons) else 0
        look = Look(first_leads and index == 0 and not tile.asleep, icon_px, common_px)
        with page.as_by_day(when=look.leads):
            _tile(page, tile, rect, look)


def _fitting(page: Sheet, tile: Tile, rect: Rect) -> Tile:
    """With as much of its subtitle as there is room for: under a long honest line of the box, a card is low."""
    for subtitle in (tile.subtitle, tile.subtitle.split(" · ")[0], ""):
        shorter = replace(tile, subtitle=subtitle)
        title, sub = _laid(page, shorter, rect)
        if not title.cut and not (subtitle and sub.cut):
            return shorter
    return tile


def rects(page: Sheet, count: int, area: Rect, *, first_leads: bool) -> list[Rect]:
    gap_x, gap_y = page.panel.gap_x + page.panel.pick(6, 0), page.panel.gap_y
    if count <= 1:
        return [area][:count]
    if count == 2:
        return _columns(area, (58, 42) if first_leads else (1, 1), gap_x)
    if count == 3 and page.panel.large and first_leads:
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


def _tile(page: Sheet, tile: Tile, rect: Rect, look: Look) -> None:
    """What sleeps lies flat on the paper and cannot be touched."""
    panel, style = page.panel, _style(tile, look)
    pressed = page.pressed == tile.target and not tile.asleep
    radius, lift = panel.pick(32, 24), panel.pick(5, 4) if style.lift else 0
    ground = style.fill
    edge = theme.by_night(style.edge) if look.leads and panel.night else style.edge
    body = rounded(rect.w, rect.h, radius, ground, edge, panel.pick(3, 2))
    art = scenery.tile(tile.kind, (rect.w, rect.h), radius, ground) if look.leads and _wide(page, rect) else ""
    under = placed(rounded(rect.w, rect.h, radius, style.lift), 0, lift) if lift else ""
    if art and panel.night:  # the picture lies over the edge, which by night alone tells the tile from the page
        art += rounded(rect.w, rect.h, radius, "none", edge, panel.pick(3, 2))
    page.scenery(Rect(rect.x, rect.y, rect.w, rect.h + lift), under + body + art)
    if pressed:
        page.veil(rect, radius)
    _words(page, tile, rect, look)
    if look.icon_px:
        _icon(page, tile, rect, look)
    if not tile.asleep:
        page.target(tile.target, rect, tile.title)


def _style(tile: Tile, look: Look) -> Style:
    return LEAD if look.leads else ASLEEP if tile.asleep else PLAIN


def _tint(tile: Tile, look: Look) -> Tint:
    return pictograms.ON_TEAL if look.leads else pictograms.ASLEEP if tile.asleep else pictograms.DAY


def _wide(page: Sheet, rect: Rect) -> bool:
    return rect.w > page.panel.pick(500, 400)


def _room(page: Sheet, rect: Rect) -> Rect:
    return rect.inset(page.panel.pick(34, 16), page.panel.pick(26, 10 if rect.h > LOW_PX else 5))


def _beside(page: Sheet, rect: Rect) -> bool:
    """A low, wide card has its picture at the right, not above."""
    return not _wide(page, rect) and rect.w > 1.5 * rect.h and rect.w > page.panel.pick(340, 320)


def _words_w(page: Sheet, rect: Rect) -> int:
    room = _room(page, rect)
    return room.w - (room.h * 2 // 5 + 12 if _beside(page, rect) else 0)


def _laid(page: Sheet, tile: Tile, rect: Rect, largest_px: int = 99) -> tuple[Laid, Laid]:
    """The title and the subtitle as they fit in the tile."""
    panel, floor = page.panel, page.panel.floor_px
    wide, tall = _words_w(page, rect), _room(page, rect).h
    title_px = panel.pick(48, 38) if _wide(page, rect) else min(largest_px, panel.pick(38, 31))
    sub = _broken_well(tile.subtitle, " · ", "\n", ("Regular", panel.pick(32, 28), floor), (wide, tall * 6 // 10))
    room = (wide, tall - (sub.height_px if tile.subtitle else 0))
    return _broken_well(tile.title, "\u00a0: ", "\u00a0:\n", ("Bold", title_px, floor), room), sub


def _broken_well(words: str, mark: str, instead: str, look: tuple[Weight, int, int], room: tuple[int, int]) -> Laid:
    """One line if it fits, else a new line where the sense breaks."""
    weight, wanted, floor = look
    whole = fitted(words, weight, (wanted, floor), room)
    if len(whole.lines) == 1 or mark not in words:
        return whole
    apart = fitted(words.replace(mark, instead), weight, (wanted, floor), room)
    return whole if apart.cut else apart


def _words(page: Sheet, tile: Tile, rect: Rect, look: Look) -> None:
    """At the foot, or in the middle of a low card: the title, then the subtitle."""
    room, (title, sub) = _room(page, rect), _laid(page, tile, rect, look.title_px)
    sub_h = sub.height_px if tile.subtitle else 0
    wide, tall = _words_w(page, rect), title.height_px + sub_h + 2
    top = room.y + (room.h - tall) // 2 if _beside(page, rect) else room.bottom - tall
    lead, asleep = (theme.WHITE, theme.MIST), (theme.INK_SOFT, theme.INK_SOFT)
    ink, soft = lead if look.leads else asleep if tile.asleep else (theme.INK, theme.INK_SOFT)
    page.laid(title, Rect(room.x, top, wide, title.height_px), ink)
    if tile.subtitle:
        page.laid(sub, Rect(room.x, top + title.height_px + 2, wide, sub_h), soft)


def _icon_px(page: Sheet, tile: Tile, rect: Rect) -> int:
    """The icon's size in what the words leave; 0: no room."""
    room = _room(page, rect)
    if _beside(page, rect):
        return room.h * 2 // 5
    title, sub = _laid(page, tile, rect)
    left = room.h - title.height_px - (sub.height_px if tile.subtitle else 0) - 6
    size = min(page.panel.pick(104, 64), left)
    return size if size >= page.panel.pick(56, 28) else 0


def _icon(page: Sheet, tile: Tile, rect: Rect, look: Look) -> None:
    """What it is; on a tile that sleeps, a clock in the corner too: it will wake."""
    room, size, tint = _room(page, rect), look.icon_px, _tint(tile, look)
    x, y = (room.right - size, rect.center[1] - size // 2) if _beside(page, rect) else (room.x - size // 16, room.y)
    page.image(Rect(x, y, size, size), pictograms.drawn(tile.kind, size, tint))
    if tile.asleep and not _beside(page, rect):
        small = size * 6 // 10
        page.image(Rect(room.right - small, room.y, small, small), pictograms.drawn("clock", small, tint))
