"""How fast a montage is rendered into a package, by the command that the conservatory uses."""

import os
import subprocess
import sys
import time
from pathlib import Path

from audio.package import read
from tests.bench.figures import Figure
from tests.bench.plan import RENDER_SPEED_MIN
from tests.support.house import TOP


def measure(folder: Path, montage: str) -> Figure:
    """Raises CalledProcessError when it is not rendered."""
    package = folder / montage
    began_s, before_s = time.monotonic(), os.times().children_user
    command = [sys.executable, "-m", "audio.cli", "render", montage, str(package)]
    subprocess.run(command, cwd=TOP, check=True, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    took_s, used_s = time.monotonic() - began_s, os.times().children_user - before_s
    seconds = read(package).manifest.duration_s
    return Figure(
        name="render_montage",
        title=f"A montage of {seconds / 60:.0f} minutes rendered, levelled and packed",
        value=took_s,
        unit="s",
        limit=seconds / RENDER_SPEED_MIN,
        how="`chevet-audio render`, from the start of its process to its end",
        note=f"{seconds / took_s:.0f} times its own speed; {used_s:.0f} s of processor time",
    )
