"""A person's code: pictures always in the same places, or digits; how many were given is shown, never which."""

from kiosk.journey.views import CodeView
from kiosk.screen import buttons, cards, pictograms, theme
from kiosk.screen.geometry import Rect
from kiosk.screen.pad import pad
from kiosk.screen.sheet import Sheet
from kiosk.screen.text import Weight
from kiosk.screen.theme import Panel
from kiosk.screen.vector import disc, ring, rounded

COLUMNS = 4


def sheet(view: CodeView, panel: Panel, pressed: str | None) -> Sheet:
    page = Sheet(theme.PAPER, panel, pressed)
    if view.pictures:
        _pictures(page, view)
    else:
        _digits(page, view)
    return page


def _pictures(page: Sheet, view: CodeView) -> None:
    """The pictures at the left, nearly the whole height; words, marks and ways out at the right."""
    panel = page.panel
    wide = COLUMNS * panel.pick(176, 104) + (COLUMNS - 1) * panel.gap_x
    rows = -(-len(view.pictures) // COLUMNS)
    tall = rows * panel.pick(176, 112) + (rows - 1) * panel.gap_y
    grid = Rect(panel.margin, panel.height_px - panel.pick(40, 16) - tall, wide, tall)
    head = Rect(panel.margin, panel.pick(36, 10), panel.head_w, grid.y - panel.pick(54, 18))
    page.text(view.title, head, ("Bold", panel.pick(56, 38), panel.floor_px, theme.INK), lines_max=2)
    if not view.wait:
        for name, rect in zip(view.pictures, cards.places(panel, len(view.pictures), COLUMNS, grid), strict=True):
            _picture(page, name, rect)
    x = grid.right + panel.pick(44, 16)
    side = Rect(x, panel.listen.bottom + panel.gap_y, panel.width_px - panel.margin - x, 0)
    _beside(page, view, side if not view.wait else Rect(panel.margin, grid.y, panel.width_px - 2 * panel.margin, 0))
    _ways(page, view, side)


def _picture(page: Sheet, name: str, rect: Rect) -> None:
    buttons.face(page, rect, buttons.PLAIN, pressed=page.pressed == f"picture:{name}")
    size = min(rect.w, rect.h) - page.panel.pick(36, 24)
    x, y = rect.center
    page.image(Rect(x - size // 2, y - size // 2, size, size), pictograms.drawn(name, size))
    page.target(f"picture:{name}", rect, name)


def _beside(page: Sheet, view: CodeView, side: Rect) -> None:
    """The marks, and below them what is asked, what was wrong, or how long to wait."""
    panel = page.panel
    bottom = panel.bottom_y - panel.gap_y
    top = (
        side.y
        if view.wait
        else _marks(page, view, Rect(side.x, side.y, side.w, panel.pick(60, 44))) + panel.pick(20, 8)
    )
    said = view.wait or view.wrong or view.detail
    room = Rect(side.x, top, side.w, max(panel.floor_px, bottom - top))
    weight: Weight = "SemiBold" if view.wait or view.wrong else "Regular"
    page.text(said, room, (weight, panel.pick(40, 31), panel.floor_px, theme.INK))


def _marks(page: Sheet, view: CodeView, room: Rect) -> int:
    """One round for each part of the code, full once it was given. Returns where they end."""
    size = min(room.h, (room.w - 8 * (view.length - 1)) // max(1, view.length))
    gap, half = size // 3, size / 2
    pitch = min(size + gap, room.w // max(1, view.length))
    for at in range(view.length):
        mark = (
            disc(half, half, half - 2, theme.TEAL) if at < view.entered else ring(half, half, half - 4, theme.LINE, 5)
        )
        page.image(Rect(room.x + at * pitch, room.y, size, size), mark)
    return room.y + size


def _ways(page: Sheet, view: CodeView, side: Rect) -> None:
    """Back and help, as everywhere; beside the pictures they share what these leave."""
    panel = page.panel
    wide = (side.w - panel.gap_x) // 2
    if view.back:
        buttons.button(page, "back", Rect(side.x, panel.bottom_y, wide, panel.target_h), view.back, buttons.PLAIN)
    right = Rect(side.right - wide, panel.bottom_y, wide, panel.target_h)
    buttons.button(page, "help", right, view.help, buttons.PLAIN)


def _digits(page: Sheet, view: CodeView) -> None:
    panel = page.panel
    head = Rect(panel.margin, panel.pick(40, 10), panel.head_w, panel.pick(76, 50))
    title = page.text(view.title, head, ("Bold", panel.pick(56, 38), panel.floor_px, theme.INK), lines_max=1)
    said = view.wait or view.wrong or view.detail
    below = Rect(panel.margin, title.bottom + panel.pick(8, 0), panel.head_w, panel.pick(90, 70))
    weight: Weight = "SemiBold" if view.wait or view.wrong else "Regular"
    page.text(said, below, (weight, panel.pick(38, 30), panel.floor_px, theme.INK), lines_max=2)
    if not view.wait:
        top = panel.listen.bottom + panel.gap_y
        _code_box(page, view, Rect(panel.margin, top, panel.pick(360, 240), panel.bottom_y - panel.gap_y - top))
        left = panel.margin + panel.pick(360, 240) + panel.gap_x
        tall = min(panel.bottom_y - panel.gap_y - top, panel.pick(330, 200))
        y = top + (panel.bottom_y - panel.gap_y - top - tall) // 2
        pad(page, Rect(left, y, panel.width_px - panel.margin - left, tall))
    wide = 2 * panel.pick(240, 236) + panel.gap_x
    _ways(page, view, Rect(panel.margin, 0, wide, 0))


def _code_box(page: Sheet, view: CodeView, room: Rect) -> None:
    tall = page.panel.pick(120, 84)
    box = Rect(room.x, room.center[1] - tall // 2, room.w, tall)
    page.image(box, rounded(box.w, box.h, page.panel.pick(22, 16), theme.CARD, theme.LINE, 2))
    size = page.panel.pick(44, 30)
    inside = box.inset(page.panel.pick(24, 14), (tall - size) // 2)
    _marks(page, view, inside)
