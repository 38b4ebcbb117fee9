"""What the panel shows before the kiosk does, drawn by the kiosk's own painter while the image is made."""

import os
import zlib
from pathlib import Path

KINDS = ("starting", "late")


def write(folder: Path) -> None:
    """`starting-800x480.z` and so on: pixels of four bytes (blue, green, red, nothing), row by row, by zlib."""
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    import pygame  # the checks of the recipe need no SDL

    from kiosk import words
    from kiosk.journey.views import NoticeView
    from kiosk.screen.gallery import draw
    from kiosk.screen.theme import PANELS

    folder.mkdir(parents=True, exist_ok=True)
    said = words.load("fr").notice
    for kind in KINDS:
        view = NoticeView(said[kind].title, said[kind].lines, "")
        for panel in PANELS:
            width, height = panel.size
            pixels = pygame.image.tobytes(draw(view, (width, height)), "BGRA")
            (folder / f"{kind}-{width}x{height}.z").write_bytes(zlib.compress(pixels, 9))
