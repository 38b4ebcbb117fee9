"""A finished package gets its name at one instant, unless a session holds what it replaces."""

from pathlib import Path
from typing import Literal

from audio.package.durable import flush
from audio.package.exchange import exchange
from audio.package.holding import alone


def put_in_place(made: Path, target: Path) -> Literal["installed", "replaced"]:
    """Give the folder `made` the name `target`; the package that had it stands at `made` then.

    Both lie on one file system. Raises PackageInUse, and OSError.
    """
    if not target.exists():
        made.rename(target)
        flush(target.absolute().parent)
        return "installed"
    with alone(target):
        exchange(made, target)
        flush(target.absolute().parent)
    return "replaced"
