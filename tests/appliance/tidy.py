"""Room on the disk while the image is tested: a part's cards go when it has ended; what was seen and said stays."""

import shutil
from collections.abc import Collection
from pathlib import Path

LARGE = 16 * 2**20
"""Cards, logs of writes, sticks, bundles; no picture, log or database of a part is so large."""
KEPT = ("short/first.img", "short/writes.log", "update/writes.log")
"""Of which later parts make their cards: those of the session, and the cuts of an update."""
ROOM_MIN = 8 * 10**9
"""For one part: its card, twice while it is made, its log, an update as bundle and on the shelf."""
SPARE = 20 * 10**9
"""So much free, and the cards of a part that went wrong stay to be looked at."""


def short_of(folder: Path, least: int = ROOM_MIN) -> str:
    """Why a part cannot begin here; empty: it can."""
    free = shutil.disk_usage(folder).free
    return "" if free >= least else f"{free / 1e9:.1f} GB are free at {folder}, a part takes up to {least / 1e9:.0f}"


def tidied(run: Path, since_s: float, kept: Collection[str] = KEPT) -> int:
    """Take away each large file of the folders that were written to since then; how many bytes they took.

    run: with a folder for each start; what `make boot` and the like have left there is not of it.
    """
    freed = 0
    for folder in (one for one in run.iterdir() if one.is_dir() and one.stat().st_mtime >= since_s):
        for path in [*folder.rglob("*")]:
            told = path.lstat()
            if path.is_file() and not path.is_symlink() and told.st_size > LARGE and _name(path, run) not in kept:
                path.unlink()
                freed += told.st_blocks * 512 if told.st_nlink == 1 else 0
    return freed


def _name(path: Path, run: Path) -> str:
    return str(path.relative_to(run))
