"""What stands in our rooms and git does not know: the image is made of git's list, and would be without it."""

from pathlib import Path

from firmware_config.image.recipe.place import TOP, ImageError, run
from firmware_config.image.recipe.root import ROOMS

NAMED_MAX = 20


def check(top: Path = TOP) -> None:
    """Stops, and does not warn: the line would scroll by, and the box would lack a module that every test here found.

    Raises ImageError: it names each file. What git ignores (byte code) is meant to stay out.
    """
    if not (found := untracked(top)):
        return
    more = [f"and {len(found) - NAMED_MAX} more"] if len(found) > NAMED_MAX else []
    told = "\n".join(f"  {name}" for name in [*found[:NAMED_MAX], *more])
    raise ImageError(
        f"git does not know {len(found)} of the files in {', '.join(ROOMS)}, and the image would lack them:\n{told}\n"
        "`git add` takes them in (no commit is needed); what is not of the box goes elsewhere, or into .gitignore"
    )


def untracked(top: Path = TOP) -> list[str]:
    """By their paths from the top, in order."""
    told = run(("git", "-C", top, "ls-files", "-z", "--others", "--exclude-standard", *ROOMS))
    return sorted(filter(None, told.split("\0")))
