"""note-crash as its unit runs it on a box, in a folder: the script is the image's own, its journal is a file."""

import os
import subprocess
from pathlib import Path

from firmware_config.image.recipe.place import IMAGE

SCRIPT = IMAGE / "tree/usr/lib/chevet/note-crash"


def note(folder: Path, said: Path, unit: str = "chevet-kiosk") -> None:
    """Note that the unit crashed, whose journal says what the file `said` does. Raises CalledProcessError."""
    for name, line in (("journalctl", f"tail -n 40 {said}"), ("systemctl", "echo Result=exit-code")):
        path = folder / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{line}\n")
        path.chmod(0o755)
    text = SCRIPT.read_text().replace("/var/lib/chevet/updates", str(folder)).replace("/run/chevet-crash", str(folder))
    environment = {**os.environ, "PATH": f"{folder / 'bin'}:/usr/bin:/bin"}
    words = ["sh", "-c", text, "note-crash", unit]
    subprocess.run(words, env=environment, capture_output=True, text=True, check=True)
