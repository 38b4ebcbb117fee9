"""gpiozero's door: the button and its LED on real pins, or on gpiozero's mock pins driven through a socket.

The pin factory is named in the configuration and never guessed: a box whose button does not answer must say so.
"""

import os
import socket
import time
from collections import deque
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Literal, Protocol

from kiosk.button.port import ButtonError, Edge, LightMode, Lines

FactoryName = Literal["lgpio", "rpigpio", "mock"]
BREATH_S = 1.0
PLAINEST_PI = 0xA02082
"""The revision code of a Raspberry Pi 3 B."""


class _Factory(Protocol):
    def close(self) -> None: ...


class PinButton:
    """The port `Button` on a GPIO line: pulled up, pressed is low. gpiozero's thread only enqueues."""

    def __init__(
        self, factory_name: FactoryName, pin: int, led_pin: int, chip: int | None = None, serving_pin: int | None = None
    ) -> None:
        """chip: the N of /dev/gpiochipN, with lgpio alone; None: the header's of the Pi that gpiozero recognises.

        serving_pin: a second LED, lit from now until `close`. Raises ButtonError.
        """
        from gpiozero import LED, DigitalInputDevice

        self._edges: deque[Edge] = deque()
        of = "" if chip is None else f" of gpiochip{chip}"
        self._told = f"line {pin}{of} by {factory_name}, its light on {led_pin}"
        self._waiting = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._held = ExitStack()
        self._held.callback(os.close, self._waiting)
        try:
            self.factory = _make_factory(factory_name, chip)
            self._held.callback(self.factory.close)
            # Not gpiozero's Button: its hold thread wakes ten times a second, pressed or not.
            self._button: DigitalInputDevice = DigitalInputDevice(pin, pull_up=True, pin_factory=self.factory)
            self._held.callback(self._button.close)
            self._led: LED = LED(led_pin, pin_factory=self.factory)
            self._held.callback(self._led.close)
            if serving_pin is not None:
                self._held.callback(LED(serving_pin, initial_value=True, pin_factory=self.factory).close)
        except Exception as error:  # gpiozero raises its own, lgpio's and the kernel's errors
            self._held.close()  # other lines may be tried, and some of these be among them
            raise ButtonError(
                f"the button on GPIO {pin} by {factory_name}: {error}; allowed factories are lgpio, rpigpio, mock "
                "([button] factory, chip, pin, led and serving in kiosk.toml)"
            ) from error
        self._button.when_activated = lambda: self._enqueue(down=True)
        self._button.when_deactivated = lambda: self._enqueue(down=False)

    def fileno(self) -> int:
        return self._waiting

    def edges(self) -> list[Edge]:
        with suppress(BlockingIOError):
            os.eventfd_read(self._waiting)
        found: list[Edge] = []
        with suppress(IndexError):
            while True:
                found.append(self._edges.popleft())
        return found

    def light(self, mode: LightMode) -> None:
        if mode == "breathing":
            self._led.blink(BREATH_S, BREATH_S)
        elif mode == "on":
            self._led.on()
        else:
            self._led.off()

    def look(self) -> Lines:
        try:
            down, lit = bool(self._button.value), bool(self._led.value)
        except Exception as error:  # gpiozero raises its own, lgpio's and the kernel's errors
            raise ButtonError(f"{self._told}: cannot be read: {error}") from error
        return Lines(down, f"{self._told}: {'down' if down else 'up'}, {'lit' if lit else 'dark'}")

    def close(self) -> None:
        self._held.close()

    def _enqueue(self, *, down: bool) -> None:
        self._edges.append(Edge(down, time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000))
        os.eventfd_write(self._waiting, 1)


class Rehearsal:
    """Drives the mock pins of a PinButton: `press` and `release` as datagrams on a socket, or the space bar.

    For the demonstration, the tests and a laptop. Only where the configuration says `factory = "mock"`.
    """

    def __init__(self, button: PinButton, pin: int, path: Path | None) -> None:
        self._pin = button.factory.pin(pin)  # type: ignore[attr-defined]  # MockFactory's
        self._path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        if path is not None:
            path.unlink(missing_ok=True)
            self._socket.bind(str(path))

    def fileno(self) -> int:
        return self._socket.fileno()

    def obey(self) -> None:
        """Carry out every datagram that waits; what is neither word is ignored."""
        with suppress(BlockingIOError):
            while True:
                word = self._socket.recv(16)
                if word in (b"press", b"release"):
                    self.move(down=word == b"press")

    def move(self, *, down: bool) -> None:
        if down:
            self._pin.drive_low()
        else:
            self._pin.drive_high()

    def close(self) -> None:
        self._socket.close()
        if self._path is not None:
            self._path.unlink(missing_ok=True)


def _make_factory(name: FactoryName, chip: int | None) -> _Factory:
    if name == "lgpio" and chip is not None:
        return _of_a_chip(chip)
    if name == "lgpio":
        from gpiozero.pins.lgpio import LGPIOFactory

        return LGPIOFactory()  # type: ignore[no-any-return]
    if name == "rpigpio":
        return _of_an_old_kernel()
    from gpiozero.pins.mock import MockFactory

    return MockFactory()  # type: ignore[no-any-return]


def _of_an_old_kernel() -> _Factory:
    try:
        from gpiozero.pins.rpigpio import RPiGPIOFactory
    except ImportError as error:
        raise ButtonError(
            "RPi.GPIO is not installed: the box's image has none, and it fails on kernels from 6.6 on; take lgpio, or "
            "on an older kernel of your own install `.[pi-old-kernel]`"
        ) from error
    return RPiGPIOFactory()  # type: ignore[no-any-return]


def _of_a_chip(chip: int) -> _Factory:
    """The lines of one GPIO chip, on whatever board: gpiozero knows numbers of a Pi's header alone, and asks which Pi.

    It is told the plainest (a Pi 3 B), whose header has every line from 2 to 27; the numbers are the chip's own.
    """
    from gpiozero.pins.lgpio import LGPIOFactory

    class ChipFactory(LGPIOFactory):  # type: ignore[misc]  # gpiozero has no types
        def _get_revision(self) -> int:
            return PLAINEST_PI

    return ChipFactory(chip=chip)
