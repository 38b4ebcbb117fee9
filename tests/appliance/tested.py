"""Which image is tested: that of this tree, or none."""

import hashlib
from pathlib import Path

from firmware_config.image.recipe import inputs
from firmware_config.image.recipe.__main__ import CARD
from firmware_config.image.recipe.place import TOP, run
from firmware_config.image.recipe.root import version
from tests.appliance.qmp import EmulatorError
from tests.appliance.results import Image


def other(stamp: Path = inputs.STAMP, wanted: str = "") -> str:
    """Why the image is not what this tree makes; empty: it is. Raises ImageError.

    wanted: the inputs' hash, where it is known already.
    """
    if not stamp.exists():
        return "the image was not built to its end"
    return "" if stamp.read_text() == (wanted or inputs.digest()) else "something that goes into it has changed since"


def check() -> None:
    """Raises EmulatorError, ImageError: what would be tested is not what stands here."""
    if why := other():
        raise EmulatorError(
            f"the image is not this tree's: {why}; make it with: make image (or --other-image tests it)"
        )


def image(card: Path = CARD, *, any_: bool = False) -> Image:
    """What is tested: its version and SHA-256. any_: whatever it is of. Raises ImageError, OSError."""
    with card.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Image(version(), digest, any_)


def commit(top: Path = TOP) -> str:
    """Of the test's own code: git's short name, `+` where a file that it knows has changed. Raises ImageError."""
    name = run(("git", "-C", top, "rev-parse", "--short=9", "HEAD")).strip()
    return name + ("+" if run(("git", "-C", top, "status", "--porcelain", "--untracked-files=no")) else "")
