"""Answers to choose from: cards in a grid, the chosen one marked by ground, edge and a tick."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from kiosk.screen import buttons, icons, theme
from kiosk.screen.geometry import Rect
from kiosk.screen.sheet import Sheet
from kiosk.screen.text import Weight, fitted, width_px
from kiosk.screen.theme import Panel
from kiosk.screen.vector import disc, placed

CHOSEN = buttons.Style(theme.TEAL_PALE, theme.TEAL, theme.INK, theme.TEAL_PALE, "#C9D6D2")
Picture = Callable[[int], str]
"""Markup of a picture that is so many pixels wide and high."""


@dataclass(frozen=True)
class Card:
    target: str
    label: str
    chosen: bool = False
    picture: Picture | None = None
    asleep: bool = False


def columns(panel: Panel, labels: Iterable[str], room: Rect, *, ladder: bool = False) -> int:
    """How many in a row: every word whole and every label uncut. A ladder stands in one row where it can."""
    words = tuple(labels)
    for rows in _rows(panel, len(words), ladder=ladder):
        count = -(-len(words) // rows)
        wide, tall = cell(panel, room, count, rows)
        if wide < panel.target_w or tall < panel.target_h:
            continue
        if all(
            fits(panel, one, wide - 2 * pad_px(panel, ladder=ladder), tall - _over_px(panel, ladder=ladder))
            for one in words
        ):
            return count
    return _widest(panel, len(words), room)


def _rows(panel: Panel, count: int, *, ladder: bool) -> tuple[int, ...]:
    """Four and more answers stand better in two rows, where there is room for them."""
    return (1, 2, 3) if ladder or count < 4 or not panel.large else (2, 3, 1)


def _over_px(panel: Panel, *, ladder: bool) -> int:
    """What the rungs of a ladder take above the words."""
    return panel.pick(70, 38) if ladder else 0


def need_px(panel: Panel, labels: Iterable[str], *, ladder: bool = False) -> int:
    """The least height in which these labels stand whole, as far as 20 mm a card allow it."""
    words = tuple(labels)
    wide, over = panel.width_px - 2 * panel.margin, _over_px(panel, ladder=ladder)
    for rows, tall in ((1, panel.target_h), (1, panel.target_h * 3 // 2), (2, panel.target_h)):
        room = Rect(0, 0, wide if rows == 1 else panel.head_w, tall * rows + panel.gap_y * (rows - 1))
        each, _ = cell(panel, room, -(-len(words) // rows), rows)
        whole = all(fits(panel, one, each - 2 * pad_px(panel, ladder=ladder), tall - over) for one in words)
        if each >= panel.target_w and whole:
            return room.h
    return 2 * panel.target_h + panel.gap_y


def _widest(panel: Panel, count: int, room: Rect) -> int:
    """Nothing fits whole: as few columns as the height allows."""
    rows = max(1, (room.h + panel.gap_y) // (panel.target_h + panel.gap_y))
    return -(-count // rows)


def fits(panel: Panel, label: str, wide: int, tall: int) -> bool:
    floor = panel.floor_px
    whole = all(width_px(word, "SemiBold", floor) <= wide for word in label.split(" "))
    return whole and not fitted(label, "SemiBold", (floor, floor), (wide, tall - 8)).cut


def cell(panel: Panel, room: Rect, count: int, rows: int) -> tuple[int, int]:
    """Width and height of a card."""
    wide = (room.w - panel.gap_x * (count - 1)) // count
    return wide, (room.h - panel.gap_y * (rows - 1)) // rows


def places(panel: Panel, count: int, per_row: int, room: Rect, tall_max: int = 9999) -> list[Rect]:
    """A rectangle for each card, row by row, in the middle of the room's height."""
    rows = -(-count // per_row)
    wide, tall = cell(panel, room, per_row, rows)
    tall = min(tall, tall_max)
    room = room.moved(0, (room.h - rows * tall - (rows - 1) * panel.gap_y) // 2)
    return [
        Rect(
            room.x + at % per_row * (wide + panel.gap_x),
            room.y + at // per_row * (tall + panel.gap_y),
            wide,
            tall,
        )
        for at in range(count)
    ]


def pad_px(panel: Panel, *, ladder: bool = False) -> int:
    """From a card's edge to its words."""
    return panel.pick(10, 6) if ladder else panel.pick(18, 10)


def ground(page: Sheet, card: Card, rect: Rect) -> None:
    """The card's body, its mark when it is chosen, and its target."""
    style = CHOSEN if card.chosen else buttons.ASLEEP if card.asleep else buttons.PLAIN
    edge_px = page.panel.pick(6, 5) if card.chosen else 0
    buttons.face(page, rect, style, pressed=page.pressed == card.target and not card.asleep, edge_px=edge_px)
    if card.chosen:
        _tick(page, rect)
    if not card.asleep:
        page.target(card.target, rect, card.label)


def _tick(page: Sheet, rect: Rect) -> None:
    """On the upper right corner, so that no word has to give way."""
    size = page.panel.pick(44, 34)
    at = Rect(rect.right - size + size // 4, rect.y - size // 4, size, size)
    half = size / 2
    mark = disc(half, half, half, theme.TEAL) + placed(icons.tick(theme.WHITE), size * 0.16, size * 0.15, size / 147)
    page.image(at, mark)


def draw(page: Sheet, card: Card, rect: Rect, size_px: int, weight: Weight = "SemiBold") -> None:
    """Picture and words: side by side on a low card, else one above the other."""
    ground(page, card, rect)
    pad = pad_px(page.panel)
    room = rect.inset(pad, page.panel.pick(10, 6))
    ink = theme.INK_SOFT if card.asleep else theme.INK
    if card.picture is None:
        page.text(card.label, room, (weight, size_px, page.panel.floor_px, ink), align="center", middle=True)
        return
    beside = room.w > room.h * 1.6 and room.h < page.panel.pick(170, 130)
    side = beside_px(page.panel, rect) if beside else over_px(page, card, room, size_px, weight)
    if beside:
        page.image(Rect(room.x, room.center[1] - side // 2, side, side), card.picture(side))
        words = Rect(room.x + side + pad, room.y, room.w - side - pad, room.h)
        page.text(card.label, words, (weight, size_px, page.panel.floor_px, ink), middle=True)
        return
    if side:
        page.image(Rect(room.center[0] - side // 2, room.y, side, side), card.picture(side))
    words = Rect(room.x, room.y + side, room.w, room.h - side)
    page.text(card.label, words, (weight, size_px, page.panel.floor_px, ink), align="center", middle=True)


def beside_px(panel: Panel, rect: Rect) -> int:
    """The picture's size on a low card."""
    return min(rect.h - 2 * panel.pick(14, 8), panel.pick(110, 72))


def over_px(page: Sheet, card: Card, room: Rect, size_px: int, weight: Weight) -> int:
    """The picture's size above the words, in what they leave; 0 where it would be too small to tell."""
    panel = page.panel
    said = fitted(card.label, weight, (size_px, panel.floor_px), (room.w, room.h))
    left = min(room.h - said.height_px - panel.pick(12, 6), room.w, panel.pick(170, 110))
    return left if left >= panel.pick(64, 44) else 0
