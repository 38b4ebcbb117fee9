"""The picture of the start: put into a framebuffer (a file here) of any size, until the kiosk has drawn."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pygame
import pytest

from firmware_config.image.recipe import pictures
from firmware_config.image.recipe.place import IMAGE
from kiosk.journey.views import NoticeView
from kiosk.screen.gallery import draw
from tests.appliance.first import notice

SCRIPT = IMAGE / "tree/usr/lib/chevet/first-picture"
PADDING = 16
"""Bytes that a line of the framebuffer has beyond its pixels."""


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("first")
    pictures.write(folder)
    return folder


@dataclass
class Panel:
    """A framebuffer as the kernel tells of it, and its bytes."""

    folder: Path
    size: tuple[int, int]

    def appear(self, driver: str, size: tuple[int, int] | None = None, bits: int = 32) -> None:
        self.size = width, height = size or self.size
        told = {"virtual_size": f"{width},{height}", "bits_per_pixel": bits, "stride": width * 4 + PADDING}
        self.folder.mkdir(exist_ok=True)
        (self.folder / "device").write_bytes(bytes((width * 4 + PADDING) * height))
        for name, value in {**told, "name": driver}.items():  # the name last: by then all of it is the new one's
            (self.folder / name).write_text(f"{value}\n")

    def picture(self) -> pygame.Surface:
        width, height = self.size
        stride, raw = width * 4 + PADDING, (self.folder / "device").read_bytes()
        rows = b"".join(raw[row * stride : row * stride + width * 4] for row in range(height))
        return pygame.image.frombuffer(rows, self.size, "BGRA").convert(24)


@contextmanager
def started(panel: Panel, drawn: Path, late_s: float = 300.0) -> Iterator["subprocess.Popen[str]"]:
    told = {
        "CHEVET_FRAMEBUFFER": panel.folder,
        "CHEVET_FRAMEBUFFER_DEVICE": panel.folder / "device",
        "CHEVET_FIRST_PICTURES": drawn,
        "CHEVET_DRAWN": panel.folder / "drawn",
        "CHEVET_LATE_S": late_s,
    }
    environment = os.environ | {name: str(value) for name, value in told.items()}
    words = [sys.executable, "-ISE", str(SCRIPT)]
    with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True) as program:
        try:
            yield program
            (panel.folder / "drawn").touch()
            assert program.wait(30) == 0, "the kiosk has drawn: it ends"
        finally:
            program.kill()


def line(program: "subprocess.Popen[str]") -> str:
    assert program.stdout
    return program.stdout.readline()


def same(one: pygame.Surface, view: NoticeView, at: tuple[int, int], size: tuple[int, int]) -> bool:
    middle = one.subsurface(pygame.Rect(at, size))
    return pygame.image.tobytes(middle, "RGB") == pygame.image.tobytes(draw(view, size), "RGB")


def view(code: str) -> NoticeView:
    return replace(notice(code), code="")


@pytest.mark.parametrize(
    ("size", "of"), [((800, 480), (800, 480)), ((1280, 800), (1280, 800)), ((1366, 768), (800, 480))]
)
def test_it_stands_in_the_middle_of_any_screen(
    tmp_path: Path, drawn: Path, size: tuple[int, int], of: tuple[int, int]
) -> None:
    panel = Panel(tmp_path / "fb0", size)
    panel.appear("virtio_gpudrmfb")
    with started(panel, drawn) as program:
        assert line(program) == f"first-picture: starting: shown on virtio_gpudrmfb, {size[0]} x {size[1]}\n"
        seen = panel.picture()
    assert same(seen, view("starting"), ((size[0] - of[0]) // 2, (size[1] - of[1]) // 2), of)
    ground = draw(view("starting"), of).get_at((0, 0))
    assert {tuple(seen.get_at(at))[:3] for at in ((0, 0), (size[0] - 1, size[1] - 1))} == {tuple(ground)[:3]}


def test_another_driver_that_takes_the_panel_over_is_filled_anew(tmp_path: Path, drawn: Path) -> None:
    panel = Panel(tmp_path / "fb0", (800, 480))
    with started(panel, drawn) as program:
        panel.appear("simpledrmdrmfb")
        assert "simpledrmdrmfb" in line(program)
        panel.appear("vc4drmfb", (1024, 600))
        while "vc4drmfb, 1024 x 600" not in line(program):
            pass  # a look between two of its files
        seen = panel.picture()
    assert same(seen, view("starting"), (112, 60), (800, 480))


def test_a_start_that_lasts_too_long_is_told(tmp_path: Path, drawn: Path) -> None:
    panel = Panel(tmp_path / "fb0", (800, 480))
    panel.appear("vc4drmfb")
    with started(panel, drawn, late_s=0.0) as program:
        assert "late: shown" in line(program)
        seen = panel.picture()
    assert same(seen, view("late"), (0, 0), (800, 480))


def test_a_screen_that_is_too_small_stays_as_it_is(tmp_path: Path, drawn: Path) -> None:
    panel = Panel(tmp_path / "fb0", (320, 240))
    panel.appear("tiny")
    with started(panel, drawn) as program:
        assert "no picture is so small" in line(program)
    assert not any((panel.folder / "device").read_bytes())
