"""What `make image` says while it works: a line a step, and one in between where a step takes long."""

import threading
import time
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Self

EVERY_S = 20.0


class Step(StrEnum):
    """Each step of a build, in its order."""

    BENCH = "Debian packages: the work bench"
    ROOT = "Debian packages: the root"
    HEADERS = "Debian packages: headers"
    WHEELS = "Python packages"
    MODULE = "a module of the kernel"
    SETTLE = "settling"
    COMPILE = "byte-compiling"
    PACK = "the root, packed"
    DISK = "the slot's kernel, the boot partition, the disk"
    BILL = "SBOM, licences"
    SHIP = "compressed, the image's hash"


class Progress:
    """A context manager: `image: [3/10]   41 s  byte-compiling`, and again every 20 s of a step that says nothing.

    Called with a step that is not one of `steps` it raises ValueError: it could not say which of how many.
    """

    def __init__(
        self, steps: Sequence[Step], out: Callable[[str], None] | None = None, every_s: float = EVERY_S
    ) -> None:
        self._steps, self._out, self._every_s = tuple(steps), out or _printed, every_s
        self._began_s = time.monotonic()
        self._now: tuple[str, Step, float] | None = None
        self._lock, self._over = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._goes_on, name="progress", daemon=True)

    def __call__(self, step: Step, more: str = "") -> None:
        """This step begins; `more` is said beside it."""
        which = f"[{self._steps.index(step) + 1:2}/{len(self._steps)}]"
        with self._lock:
            self._now = which, step, time.monotonic()
            self._line(which, f"{step}{': ' if more else ''}{more}")

    def _goes_on(self) -> None:
        while not self._over.wait(self._every_s):
            with self._lock:
                if self._now is not None:
                    which, step, since_s = self._now
                    self._line(which, f"{step} goes on, for {time.monotonic() - since_s:.0f} s")

    def _line(self, which: str, words: str) -> None:
        self._out(f"image: {which} {time.monotonic() - self._began_s:5.0f} s  {words}")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


def _printed(line: str) -> None:
    print(line, flush=True)
