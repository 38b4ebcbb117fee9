"""A real X server for the tests that need one, and its framebuffer as memory."""

import mmap
import os
import struct
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

WORDS = 25
"""Big-endian words in the header of an X window dump, which is how Xvfb lays out its framebuffer file."""


@dataclass(frozen=True)
class Display:
    name: str
    memory: mmap.mmap
    first_pixel: int
    bytes_per_line: int

    def pixel(self, x: int, y: int) -> tuple[int, int, int]:
        """What the X server shows at this place, now."""
        at = self.first_pixel + y * self.bytes_per_line + 4 * x
        blue, green, red = self.memory[at : at + 3]
        return red, green, blue


@pytest.fixture(scope="session")
def xvfb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Display]:
    """A fresh display of 1280x800, its number chosen free by the server itself."""
    folder = tmp_path_factory.mktemp("framebuffer")
    read_fd, write_fd = os.pipe()
    command = ["Xvfb", "-displayfd", str(write_fd), "-screen", "0", "1280x800x24", "-fbdir", str(folder)]
    server = subprocess.Popen(
        [*command, "-nolisten", "tcp", "-noreset"], pass_fds=[write_fd], stderr=subprocess.DEVNULL
    )
    os.close(write_fd)
    with os.fdopen(read_fd) as numbers:
        number = numbers.readline().strip()
    yield _display(f":{number}", folder / "Xvfb_screen0")
    server.terminate()
    server.wait(10)


def _display(name: str, file: Path) -> Display:
    with file.open("rb") as opened:
        memory = mmap.mmap(opened.fileno(), 0, prot=mmap.PROT_READ)
    header = struct.unpack(f">{WORDS}I", memory[: 4 * WORDS])
    return Display(name, memory, header[0] + header[19] * 12, header[12])
