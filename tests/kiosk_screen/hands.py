"""A mouse moved by the X server's own test extension: no process to start, so a tap can be timed."""

import ctypes
from types import TracebackType
from typing import Self

LEFT = 1
NOW = 0
SAME_SCREEN = -1


class Hands:
    """Each call is given to the server before it returns."""

    def __init__(self, display: str) -> None:
        self._x11, self._xtst = ctypes.CDLL("libX11.so.6"), ctypes.CDLL("libXtst.so.6")
        self._x11.XOpenDisplay.restype = ctypes.c_void_p
        opened = self._x11.XOpenDisplay(display.encode())
        assert opened, f"no X server at {display}"
        self._display = ctypes.c_void_p(opened)

    def move(self, x: int, y: int) -> None:
        self._xtst.XTestFakeMotionEvent(self._display, SAME_SCREEN, x, y, NOW)
        self._x11.XSync(self._display, 0)

    def press(self) -> None:
        self._button(down=True)

    def release(self) -> None:
        self._button(down=False)

    def _button(self, *, down: bool) -> None:
        self._xtst.XTestFakeButtonEvent(self._display, LEFT, int(down), NOW)
        self._x11.XFlush(self._display)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._x11.XCloseDisplay(self._display)
