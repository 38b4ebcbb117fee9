"""An AZERTY keyboard: three rows of eleven large keys and a foot with the space bar. The same places in each layer."""

from dataclasses import dataclass

from kiosk.journey.views import Layer
from kiosk.screen import buttons, icons, theme
from kiosk.screen.geometry import Rect
from kiosk.screen.sheet import Sheet
from kiosk.screen.vector import rounded

ROWS: dict[Layer, tuple[str, str, str]] = {
    "letters": ("azertyuiopé", "qsdfghjklmè", "wxcvbn’àç"),
    "capitals": ("AZERTYUIOPÉ", "QSDFGHJKLMÈ", "WXCVBN’ÀÇ"),
    "symbols": ("1234567890ê", '-:;()/+%€"â', "@…«»îïôûœ"),
}
FOOT: dict[Layer, tuple[str, str, str, str]] = {
    "letters": ("ù", ",", ".", "?"),
    "capitals": ("Ù", ",", ".", "!"),
    "symbols": ("ë", ",", ".", "!"),
}
COLUMNS = 11


@dataclass(frozen=True)
class Key:
    name: str
    legend: str
    rect: Rect


def key_size(page: Sheet) -> tuple[int, int]:
    """18 mm on the 10-inch panel, 12 mm on the 7-inch."""
    mm = 18 if page.panel.large else 12
    return page.panel.x_mm(mm), page.panel.y_mm(mm)


def top_y(page: Sheet) -> int:
    return foot_y(page) - page.panel.pick(page.panel.gap_y, 10) - 3 * key_size(page)[1] - 2 * _gap(page)


def foot_y(page: Sheet) -> int:
    """On the small panel the foot stands lower than elsewhere: the sheet above needs two lines."""
    return page.panel.bottom_y + page.panel.pick(0, 8)


def draw(page: Sheet, layer: Layer, foot: Rect) -> None:
    """Three rows above the foot of the screen, and the rest of the keys within `foot`."""
    keys = [*_letters(page, layer), *_foot(page, layer, foot)]
    for key in keys:
        _key(page, key, layer)
    for key in keys:
        if key.name == page.pressed:
            _preview(page, key)


def _gap(page: Sheet) -> int:
    return page.panel.pick(6, 5)


def _letters(page: Sheet, layer: Layer) -> list[Key]:
    wide, tall = key_size(page)
    gap = _gap(page)
    left = (page.panel.width_px - COLUMNS * wide - (COLUMNS - 1) * gap) // 2
    first, second, third = ROWS[layer]
    names = (list(first), list(second), ["shift", *third, "backspace"])
    return [
        _named(legend, Rect(left + column * (wide + gap), top_y(page) + row * (tall + gap), wide, tall))
        for row, legends in enumerate(names)
        for column, legend in enumerate(legends)
    ]


def _named(legend: str, rect: Rect) -> Key:
    return Key(f"key:{legend}", legend, rect)


def _foot(page: Sheet, layer: Layer, foot: Rect) -> list[Key]:
    """123, an accent, the space bar, and marks."""
    gap, unit = _gap(page), max(key_size(page)[0], page.panel.pick(0, 63))
    fixed = 5 * (unit + gap)
    accent, *marks = FOOT[layer]
    widths = [("symbols", unit), (accent, unit), (" ", foot.w - fixed), *[(mark, unit) for mark in marks]]
    out, x = [], foot.x
    for legend, wide in widths:
        out.append(_named(legend, Rect(x, foot.y, wide, foot.h)))
        x += wide + gap
    return out


def _key(page: Sheet, key: Key, layer: Layer) -> None:
    held = page.pressed == key.name
    radius = page.panel.pick(16, 12)
    special = len(key.legend) > 1
    ground = theme.TEAL_PALE if held else theme.PAPER_DEEP if special else theme.CARD
    page.image(key.rect, rounded(key.rect.w, key.rect.h, radius, ground, theme.LINE, 2))
    _legend(page, key, layer)
    page.target(key.name, key.rect, key.legend)


def _legend(page: Sheet, key: Key, layer: Layer) -> None:
    size = page.panel.pick(52, 38)
    picture = _pictures(layer).get(key.legend)
    if picture:
        x, y = key.rect.center
        page.image(Rect(x - size // 2, y - size // 2, size, size), icons.scaled(picture, size))
        return
    words = {"symbols": "abc" if layer == "symbols" else "123"}.get(key.legend, key.legend)
    size_px = page.panel.pick(44, 34) if len(words) == 1 else page.panel.floor_px + 2
    look = (size_px, page.panel.floor_px, theme.INK)
    page.text(words, key.rect, ("SemiBold", *look), align="center", middle=True)


def _pictures(layer: Layer) -> dict[str, str]:
    shift = icons.shift_on if layer == "capitals" else icons.shift
    return {"shift": shift(theme.INK), "backspace": icons.backspace(theme.INK), " ": icons.space(theme.INK)}


def _preview(page: Sheet, key: Key) -> None:
    """The pressed letter, large, above the finger that hides it."""
    if len(key.legend) > 1 or key.legend == " ":
        return
    size = page.panel.pick(132, 88)
    x = min(max(key.rect.center[0] - size // 2, 4), page.panel.width_px - size - 4)
    rect = Rect(x, key.rect.y - size - 6, size, size)
    buttons.face(page, rect, buttons.CHOSEN, pressed=False)
    look = (page.panel.pick(84, 58), page.panel.floor_px, theme.WHITE)
    page.text(key.legend, rect, ("Bold", *look), align="center", middle=True)
