"""Where the kiosk draws: the person's own screen, or an Xvfb of our own on a free display number."""

import mmap
import os
import shutil
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

WORDS = 25
"""Big-endian words in the header of an X window dump, which is how Xvfb lays out its framebuffer file."""


@dataclass(frozen=True)
class Display:
    """An X server whose memory we read."""

    name: str
    memory: mmap.mmap
    first_pixel: int
    bytes_per_line: int

    def pixel(self, x: int, y: int) -> tuple[int, int, int]:
        """What the X server shows at this place, now."""
        at = self.first_pixel + y * self.bytes_per_line + 4 * x
        blue, green, red = self.memory[at : at + 3]
        return red, green, blue


def has_screen() -> bool:
    """Whether this terminal belongs to an X screen that answers."""
    display = os.environ.get("DISPLAY")
    if not display or shutil.which("xdotool") is None:
        return False
    done = subprocess.run(["xdotool", "getmouselocation"], capture_output=True, check=False)
    return done.returncode == 0


@contextmanager
def virtual_screen(width: int, height: int, *more: str) -> Iterator[str]:
    """An Xvfb for as long as the context lasts, which stays as it is when its last window closes; its display name."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp"]
    process = subprocess.Popen([*command, "-noreset", *more], pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as told:
            number = told.readline().strip()
        if not number:
            raise RuntimeError("Xvfb did not start")
        yield f":{number}"
    finally:
        process.terminate()
        process.wait(60)


@contextmanager
def watched_screen(folder: Path, size: tuple[int, int]) -> Iterator[Display]:
    """An Xvfb whose framebuffer lies in `folder` and can be read."""
    folder.mkdir(parents=True, exist_ok=True)
    with virtual_screen(*size, "-fbdir", str(folder)) as name:
        yield _display(name, folder / "Xvfb_screen0")


def _display(name: str, file: Path) -> Display:
    with file.open("rb") as opened:
        memory = mmap.mmap(opened.fileno(), 0, prot=mmap.PROT_READ)
    header = struct.unpack(f">{WORDS}I", memory[: 4 * WORDS])
    return Display(name, memory, header[0] + header[19] * 12, header[12])
