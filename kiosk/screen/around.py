"""What stands around a screen: the loudspeaker, the training mark, the ring of who has their eyes closed."""

from kiosk.journey.views import Frame
from kiosk.screen import buttons, text, theme
from kiosk.screen.geometry import Rect
from kiosk.screen.sheet import Piece, Sheet
from kiosk.screen.text import Laid
from kiosk.screen.vector import fill, rounded, stroke

BAND_PX = 20
"""Width of the training mark at each side: no screen has words or targets there."""
BAR_PX = 6


def draw(page: Sheet, frame: Frame) -> None:
    """Over the screen that was laid out."""
    if frame.listen:
        _loudspeaker(page, frame)
    if frame.training:
        _training(page, frame.training)
    if frame.focus is not None:
        _ring(page, frame.focus)


def _loudspeaker(page: Sheet, frame: Frame) -> None:
    """It speaks: dark, with all its waves. A touch begins, or ends."""
    day, speaking = (buttons.PLAIN, buttons.CHOSEN) if not page.dark else (buttons.NIGHT, buttons.NIGHT_LEAD)
    style = speaking if frame.speaking else day
    icon = loudspeaker(style.words, waves=3 if frame.speaking else 2)
    buttons.icon_button(page, "listen", page.listen, frame.listen, style, icon, asleep=False)


def loudspeaker(colour: str, waves: int) -> str:
    """Our icon, in a box of 100 by 100."""
    body = fill("M10 38 H26 L48 18 V82 L26 62 H10 Z", colour) + stroke("M10 38 H26 L48 18 V82 L26 62 H10 Z", colour, 6)
    arcs = ("M60 38 a16 16 0 0 1 0 24", "M69 27 a30 30 0 0 1 0 46", "M79 16 a44 44 0 0 1 0 68")
    return body + "".join(stroke(arc, colour, 7) for arc in arcs[:waves])


def _training(page: Sheet, words: str) -> None:
    """A broad band at both sides, with the word along it, and a rule above and below."""
    panel = page.panel
    wide, tall = panel.size
    for x in (0, wide - BAND_PX):
        band = Rect(x, 0, BAND_PX, tall)
        page.fill(band, theme.MARK)
        _along(page, words.upper(), band)
    for y in (0, tall - BAR_PX):
        page.fill(Rect(0, y, wide, BAR_PX), theme.MARK)


def _along(page: Sheet, words: str, band: Rect) -> None:
    """The word, read upwards, at each third of the band."""
    size = page.panel.floor_px
    laid = Laid((words,), "Bold", size, text.width_px(words, "Bold", size))
    step = band.h // max(1, min(3, band.h // (laid.width_px + size)))
    for middle in range(step // 2, band.h, step):
        _upwards(page, laid, Rect(band.x, middle - laid.width_px // 2, band.w, laid.width_px))


def _upwards(page: Sheet, laid: Laid, rect: Rect) -> None:
    page.pieces.append(Piece(rect, (laid, "upwards"), lambda s: text.upwards(s, laid, rect, theme.MARK_INK)))


def _ring(page: Sheet, focus: str) -> None:
    """Around the target that the button would choose: gold between two dark edges, seen on any ground."""
    panel = page.panel
    edge_px = panel.pick(14, 12)
    radius = panel.pick(28, 22) + edge_px
    for target in page.targets:
        if target.name == focus:
            rect = target.rect.grow(edge_px)
            outer = rounded(rect.w, rect.h, radius, "none", theme.MARK_INK, edge_px)
            inner = _inset(rect, radius, edge_px)
            page.image(rect, outer + inner)


def _inset(rect: Rect, radius: int, edge_px: int) -> str:
    thin = edge_px // 4
    body = rounded(rect.w - 2 * thin, rect.h - 2 * thin, radius - thin, "none", theme.MARK, edge_px - 2 * thin)
    return f'<g transform="translate({thin},{thin})">{body}</g>'
