"""Where things are, and how a command is run: on this machine, or in the work bench."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

TOP = Path(__file__).parents[3]
IMAGE = TOP / "firmware_config" / "image"
VAR = TOP / "var" / "image"
BENCH = VAR / "bench"
SHARED = "w"
"""The folder of the bench in which var/image is found."""
PLAIN_PATH = "/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"
"""A workstation's own wrappers of python3 would be started for each of three hundred packages."""


class ImageError(Exception):
    """The image cannot be made; the message says what is wrong and what to do."""


def epoch() -> str:
    """SOURCE_DATE_EPOCH: the day of the pins, so that the same inputs give the same bytes on any day."""
    return (IMAGE / "epoch").read_text().split()[0]


def run(words: Sequence[str | Path], *, told: str = "") -> str:
    """Run a program to its end; return what it printed. Raises ImageError with its last words."""
    done = subprocess.run(
        [str(word) for word in words],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        env={**os.environ, "SOURCE_DATE_EPOCH": epoch(), "LC_ALL": "C.UTF-8", "TZ": "UTC", "PATH": PLAIN_PATH},
    )
    if done.returncode != 0:
        last = "\n".join((done.stdout + done.stderr).strip().splitlines()[-12:])
        raise ImageError(f"{told or words[0]} failed ({done.returncode}):\n{last}")
    return done.stdout


_ENTER = """\
set -e
mount --make-rprivate /
mkdir -p "$1/w"
mount --bind "$2" "$1/w"
mount -t proc proc "$1/proc"
mount --rbind /dev "$1/dev"
exec chroot "$1" /bin/sh -euc "cd /w; $3"
"""


def in_bench(script: str, *, told: str = "") -> str:
    """Run a shell script in the bench, in var/image, in namespaces that end with it."""
    told = told or script.split(maxsplit=1)[0]
    return run(
        ("unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", _ENTER, "sh", BENCH, VAR, script),
        told=told,
    )


def emptied(folder: Path) -> Path:
    """Return the folder, made anew."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    return folder


def listed(file: Path) -> list[str]:
    """The lines of a list that are neither empty nor a comment."""
    return [line.strip() for line in file.read_text().splitlines() if line.strip() and not line.startswith("#")]
