"""An X server whose memory we read: when a pixel changed, and not when somebody said so."""

import threading
import time
from collections.abc import Callable

from tests.support.display import Display

LOOK_S = 0.0001
"""Between two looks at the pixel: the server and the kiosk need the cores."""
CHANGE_S_MAX = 5.0
DRAWN_S_MAX = 30.0
Place = tuple[int, int]


class ScreenStillError(Exception):
    """What was touched did not change the screen."""


def changed_ms(display: Display, place: Place, act: Callable[[], None]) -> float:
    """Milliseconds from `act` to another colour at this place. Raises ScreenStillError."""
    return _changed_ms(lambda: display.pixel(*place), act)


def rows_changed_ms(display: Display, rows: range, act: Callable[[], None]) -> float:
    """Milliseconds from `act` to any change in these rows. Raises ScreenStillError."""
    first = display.first_pixel + rows.start * display.bytes_per_line
    last = display.first_pixel + rows.stop * display.bytes_per_line
    return _changed_ms(lambda: display.memory[first:last], act)


def _changed_ms(look: Callable[[], object], act: Callable[[], None]) -> float:
    before, began_ns = look(), time.monotonic_ns()
    act()
    while look() == before:
        if time.monotonic_ns() - began_ns > CHANGE_S_MAX * 1e9:
            raise ScreenStillError(f"no pixel changed within {CHANGE_S_MAX} s")
        time.sleep(LOOK_S)
    return (time.monotonic_ns() - began_ns) / 1e6


class FirstPicture:
    """Watches the corners of a blank screen from the moment it is made; `seconds` until both were drawn."""

    def __init__(self, display: Display, size: tuple[int, int]) -> None:
        width, height = size
        self._places = ((20, 20), (width - 20, height - 20))
        self._display = display
        self._blank = [display.pixel(*place) for place in self._places]
        self._took_s: float | None = None
        self._began_s = time.monotonic()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def seconds(self) -> float:
        """Raises ScreenStillError."""
        self._thread.join(DRAWN_S_MAX)
        if self._took_s is None:
            raise ScreenStillError(f"nothing was drawn within {DRAWN_S_MAX} s")
        return self._took_s

    def _look(self) -> None:
        while time.monotonic() - self._began_s < DRAWN_S_MAX:
            seen = [self._display.pixel(*place) for place in self._places]
            if all(now != blank for now, blank in zip(seen, self._blank, strict=True)):
                self._took_s = time.monotonic() - self._began_s
                return
            time.sleep(0.001)


def wait_blank(display: Display, size: tuple[int, int], seconds: float = 10) -> None:
    """Until no window is left. Raises ScreenStillError."""
    until_s = time.monotonic() + seconds
    while any(display.pixel(x, y) != (0, 0, 0) for x, y in ((20, 20), (size[0] - 20, size[1] - 20))):
        if time.monotonic() > until_s:
            raise ScreenStillError("a window is still there")
        time.sleep(0.02)
