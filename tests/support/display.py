"""Where the kiosk draws: the person's own screen, or an Xvfb of our own on a free display number."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager


def has_screen() -> bool:
    """Whether this terminal belongs to an X screen that answers."""
    display = os.environ.get("DISPLAY")
    if not display or shutil.which("xdotool") is None:
        return False
    done = subprocess.run(["xdotool", "getmouselocation"], capture_output=True, check=False)
    return done.returncode == 0


@contextmanager
def virtual_screen(width: int, height: int) -> Iterator[str]:
    """An Xvfb for as long as the context lasts; its display name."""
    reading, writing = os.pipe()
    command = [
        "Xvfb",
        "-displayfd",
        str(writing),
        "-screen",
        "0",
        f"{width}x{height}x24",
        "-nolisten",
        "tcp",
        "-noreset",
    ]
    process = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as told:
            number = told.readline().strip()
        if not number:
            raise RuntimeError("Xvfb did not start")
        yield f":{number}"
    finally:
        process.terminate()
        process.wait(10)
