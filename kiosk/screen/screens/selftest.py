"""The self-test: each check with its state, and what only a human being can say."""

from kiosk.journey.views import FindingLine, SelfTestView
from kiosk.screen import buttons, icons, theme
from kiosk.screen.geometry import Rect
from kiosk.screen.sheet import Sheet
from kiosk.screen.text import Weight
from kiosk.screen.theme import Panel
from kiosk.screen.vector import disc, placed, ring, stroke


def sheet(view: SelfTestView, panel: Panel, pressed: str | None) -> Sheet:
    page = Sheet(theme.PAPER, panel, pressed)
    room = Rect(panel.margin, panel.pick(34, 6), panel.head_w, panel.pick(70, 46))
    title = page.text(view.title, room, ("Bold", panel.pick(50, 34), panel.floor_px, theme.INK), lines_max=1)
    foot = panel.bottom_y - panel.gap_y
    if view.question:
        foot = _question(page, view)
    top = title.bottom + panel.pick(20, 2)
    _findings(page, view.findings, Rect(panel.margin, top, panel.width_px - 2 * panel.margin, foot - top))
    buttons.back(page, view.back)
    return page


def _question(page: Sheet, view: SelfTestView) -> int:
    """At the foot, with yes and no. Returns where it begins."""
    panel = page.panel
    wide = panel.pick(224, 150)
    x = panel.width_px - panel.margin - 2 * wide - panel.gap_x
    buttons.button(page, "no", Rect(x, panel.bottom_y, wide, panel.target_h), view.no, buttons.PLAIN)
    yes = Rect(x + wide + panel.gap_x, panel.bottom_y, wide, panel.target_h)
    if view.yes:  # without it something is to be done, not said
        buttons.button(page, "yes", yes, view.yes, buttons.LEAD)
    left = panel.margin + panel.pick(176, 112) + panel.gap_x
    room = Rect(left, panel.bottom_y, x - panel.gap_x - left, panel.target_h)
    page.text(view.question, room, ("Bold", panel.pick(38, 30), panel.floor_px, theme.INK), middle=True, lines_max=3)
    return panel.bottom_y - panel.gap_y


def _findings(page: Sheet, findings: tuple[FindingLine, ...], room: Rect) -> None:
    """In two columns beside the loudspeaker's place; below them what to do about the first that failed."""
    panel, floor = page.panel, page.panel.floor_px
    rows = -(-len(findings) // 2) or 1
    wide = (panel.head_w - panel.gap_x) // 2
    remedy = panel.pick(96, 70 if rows < 7 else 36)
    tall = min(panel.pick(72, 52), (room.h - remedy) // rows)
    for index, finding in enumerate(findings):
        column, row = divmod(index, rows)
        _finding(page, finding, Rect(room.x + column * (wide + panel.gap_x), room.y + row * tall, wide, tall))
    told = next((f"{one.label}\u00a0: {one.told}" for one in findings if one.state == "failed" and one.told), "")
    below = Rect(room.x, room.bottom - remedy, room.w, remedy)
    page.text(told, below, ("Regular", panel.pick(34, floor), floor, theme.INK), middle=True, lines_max=2)


def _finding(page: Sheet, finding: FindingLine, rect: Rect) -> None:
    panel, floor = page.panel, page.panel.floor_px
    size = min(panel.pick(44, 32), rect.h - 4)
    page.image(Rect(rect.x, rect.center[1] - size // 2, size, size), icons.scaled(_mark(finding), size))
    x = rect.x + size + panel.pick(16, 10)
    weight: Weight = "Bold" if finding.state in ("failed", "asked", "running") else "Regular"
    name = Rect(x, rect.y, rect.right - x, rect.h)
    page.text(finding.label, name, (weight, panel.pick(34, floor), floor, theme.INK), middle=True, lines_max=1)


def _mark(finding: FindingLine) -> str:
    """In a box of 100; each state has a shape of its own."""
    match finding.state:
        case "fine":
            return disc(50, 50, 46, theme.TEAL) + placed(icons.tick(theme.WHITE), 14, 13, 0.72)
        case "failed":
            cross = stroke("M32 32 L68 68 M68 32 L32 68", theme.WHITE, 12)
            return f'<rect x="4" y="4" width="92" height="92" rx="18" fill="{theme.INK}"/>' + cross
        case "asked":
            mark = stroke("M36 38 c2 -20 30 -18 29 2 c-1 12 -15 11 -15 23 M50 77 V77.5", theme.MARK_INK, 9)
            return disc(50, 50, 46, theme.GOLD) + mark
        case "running":
            return ring(50, 50, 42, theme.TEAL, 8) + "".join(disc(x, 50, 7, theme.TEAL) for x in (30, 50, 70))
        case "waiting":
            return ring(50, 50, 42, theme.LINE, 7)
