"""What stands where the image is made from and git does not know.

Of our rooms the image would lack it; of the box's files and units it would have what no other checkout has.
"""

from pathlib import Path

from firmware_config.image.recipe.place import TOP, ImageError, run
from firmware_config.image.recipe.root import ROOMS

LAID = "firmware_config/image/tree"
"""Copied as it stands, what git ignores too."""
PLACES = (*ROOMS, "firmware_config/image", "firmware_config/box", "systemd")
NAMED_MAX = 20


def check(top: Path = TOP) -> None:
    """Stops, and does not warn: the line would scroll by, and the box would lack a module that every test here found.

    Raises ImageError: it names each file. What git ignores (byte code) is meant to stay out, and does, but in LAID.
    """
    if not (found := untracked(top)):
        return
    more = [f"and {len(found) - NAMED_MAX} more"] if len(found) > NAMED_MAX else []
    told = "\n".join(f"  {name}" for name in [*found[:NAMED_MAX], *more])
    raise ImageError(
        f"git does not know {len(found)} of the files in {', '.join(PLACES)}, and the image would be another one "
        f"than a clean checkout’s:\n{told}\n"
        "`git add` takes them in (no commit is needed); what is not of the box goes elsewhere, or into .gitignore"
    )


def untracked(top: Path = TOP) -> list[str]:
    """By their paths from the top, in order."""
    others = ("git", "-C", top, "ls-files", "-z", "--others", "--exclude-standard")
    told = run((*others, *PLACES)) + run((*others, "--ignored", LAID))
    return sorted(filter(None, told.split("\0")))
