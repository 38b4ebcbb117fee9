"""What stands around a screen: the loudspeaker, the training mark, the ring of who has their eyes closed."""

from kiosk.journey.views import Frame
from kiosk.screen import theme
from kiosk.screen.sheet import Sheet
from kiosk.screen.vector import rounded


def draw(page: Sheet, frame: Frame) -> None:
    """Over the screen that was laid out."""
    if frame.focus is not None:
        _ring(page, frame.focus)


def _ring(page: Sheet, focus: str) -> None:
    """Around the target that the button would choose."""
    radius, edge_px = page.panel.pick(32, 25), page.panel.pick(6, 4)
    for target in page.targets:
        if target.name == focus:
            rect = target.rect.grow(edge_px)
            page.image(rect, rounded(rect.w, rect.h, radius, "none", theme.GOLD, edge_px))
