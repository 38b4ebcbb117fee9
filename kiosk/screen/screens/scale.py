"""From least to most, in words or in faces: the place in the row, a number, and bars that rise."""

from kiosk.journey.views import ScaleView
from kiosk.screen import asked, cards, theme
from kiosk.screen.cards import Card
from kiosk.screen.cone import RAMPS
from kiosk.screen.faces import EASED, TROUBLED, face
from kiosk.screen.geometry import Rect
from kiosk.screen.icons import scaled
from kiosk.screen.sheet import Look, Sheet
from kiosk.screen.text import fitted
from kiosk.screen.theme import Panel
from kiosk.screen.vector import placed, rounded
from mqtt_bridge.contract.forms import Ramp


def sheet(view: ScaleView, panel: Panel, pressed: str | None) -> Sheet:
    page = Sheet(theme.PAPER, panel, pressed)
    awake = view.chosen is not None
    if view.faces:
        _faces(page, view, asked.lay(page, view, _faces_px(panel), awake=awake))
        return page
    room = asked.lay(page, view, cards.need_px(panel, view.options, ladder=True), awake=awake)
    _words(page, view, room, cards.columns(panel, view.options, room, ladder=True))
    return page


def _cards(view: ScaleView) -> list[Card]:
    return [Card(f"option:{at}", words, at == view.chosen) for at, words in enumerate(view.options)]


def _words(page: Sheet, view: ScaleView, room: Rect, per_row: int) -> None:
    panel, count = page.panel, len(view.options)
    places = cards.places(panel, count, per_row, room, panel.pick(270, 170))
    size = _common_px(panel, view.options, places[0])
    for at, (card, rect) in enumerate(zip(_cards(view), places, strict=True)):
        cards.ground(page, card, rect)
        head, said = _parts(panel, rect)
        _rung(page, at, count, head, view.ramp)
        page.text(card.label, said, ("SemiBold", size, panel.floor_px, theme.INK), align="center", middle=True)


def _parts(panel: Panel, rect: Rect) -> tuple[Rect, Rect]:
    """The rungs above, the words below."""
    edge, pad = panel.pick(14, 6), cards.pad_px(panel, ladder=True)
    tall = min(panel.pick(96, 64), max(panel.pick(48, 34), (rect.h - 2 * edge) * 34 // 100))
    head = Rect(rect.x + edge, rect.y + edge, rect.w - 2 * edge, tall)
    return head, Rect(rect.x + pad, head.bottom, rect.w - 2 * pad, rect.bottom - head.bottom - panel.pick(8, 3))


def _common_px(panel: Panel, labels: tuple[str, ...], rect: Rect) -> int:
    """One size for all, so that no answer is louder than another."""
    _, room = _parts(panel, rect)
    sizes = (panel.pick(40, 32), panel.floor_px)
    return min(fitted(one, "SemiBold", sizes, (room.w, room.h)).size_px for one in labels)


def _rung(page: Sheet, at: int, count: int, rect: Rect, ramp: Ramp) -> None:
    """The number, and bars that rise, as many of them full as there are steps up to this one."""
    size = page.panel.floor_px
    digit = page.panel.pick(36, 26)
    page.text(str(at), Rect(rect.x, rect.bottom - round(size * 1.2), digit, round(size * 1.2)), _digit(size))
    bars = Rect(rect.x + digit, rect.y, rect.w - digit, rect.h - page.panel.pick(8, 6))
    page.image(bars, stairs(bars.w, bars.h, at, count, RAMPS[ramp]))


def _digit(size: int) -> Look:
    return ("Bold", size, size, theme.INK)


def stairs(wide: int, tall: int, value: int, count: int, ramp: tuple[str, ...]) -> str:
    """`count` bars, full up to `value`, each in its colour of the ramp of eleven."""
    pitch, out = wide / count, ""
    for step in range(count):
        height = tall * (0.34 + 0.62 * (step + 1) / count)
        full = step <= value
        colour = ramp[round(step * 10 / max(1, count - 1))] if full else theme.CARD
        edge = theme.INK if full else theme.LINE
        out += placed(rounded(pitch * 0.78, height, 5, colour, edge, 2.2), step * pitch, tall - height - 1)
    return out


def _faces_px(panel: Panel) -> int:
    return panel.pick(300, 176)


def _faces(page: Sheet, view: ScaleView, room: Rect) -> None:
    """In one row, each with its words; or below the row those of both ends, then of the chosen one."""
    panel, count = page.panel, len(view.options)
    line = round(panel.floor_px * 1.2)
    wide, _ = cards.cell(panel, room, count, 1)
    whole = all(cards.fits(panel, one, wide - panel.pick(20, 12), 2 * line + 8) for one in view.options)
    below = 0 if whole else line + panel.pick(14, 6)
    tall = min(room.h - below, wide + panel.pick(40, 16) + (2 * line if whole else 0))
    row = Rect(room.x, room.y + (room.h - below - tall) // 2, room.w, tall)
    for at, (card, rect) in enumerate(zip(_cards(view), cards.places(panel, count, count, row), strict=True)):
        cards.ground(page, card, rect)
        _face(page, card, rect, _share(view.ramp, at / max(1, count - 1)), 2 * line if whole else 0)
    if not whole:
        _ends(page, view, Rect(room.x, row.bottom + panel.pick(14, 6), room.w, line))


def _share(ramp: Ramp, most: float) -> float:
    """What the face shows at `most` of the scale, 0 to 1: pain that rises, or trouble that goes into ease."""
    return most if ramp == "intense" else TROUBLED + (EASED - TROUBLED) * most


def _face(page: Sheet, card: Card, rect: Rect, share: float, words_px: int) -> None:
    panel, edge = page.panel, page.panel.pick(14, 7)
    size = min(rect.w - 2 * edge, rect.h - 2 * edge - words_px)
    x, y = rect.center[0] - size // 2, rect.y + edge
    page.image(Rect(x, y, size, size), scaled(face(share), size))
    if words_px:
        floor = panel.floor_px
        below = Rect(rect.x + 8, y + size, rect.w - 16, rect.bottom - y - size - 2)
        page.text(card.label, below, ("SemiBold", floor, floor, theme.INK), align="center", middle=True)


def _ends(page: Sheet, view: ScaleView, room: Rect) -> None:
    """The chosen words in the middle; the ends keep theirs when there is room beside."""
    size = page.panel.floor_px
    first, last = view.options[0], view.options[-1]
    if view.chosen is not None:
        words = view.options[view.chosen]
        page.text(words, room, ("Bold", size, size, theme.INK), align="center", lines_max=1)
        return
    half = room.w // 2 - 8
    page.text(first, Rect(room.x, room.y, half, room.h), ("SemiBold", size, size, theme.INK), lines_max=1)
    right = Rect(room.right - half, room.y, half, room.h)
    page.text(last, right, ("SemiBold", size, size, theme.INK), align="right", lines_max=1)
