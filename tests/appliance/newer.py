"""The same tree under a higher number: what an update is made of. Built before the test's own network is there."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from firmware_config.image.recipe import inputs
from firmware_config.image.recipe.place import VAR
from firmware_config.image.recipe.root import version
from tests.appliance.qmp import EmulatorError

SLOT = VAR / "newer"
_STAMP = VAR / "newer.inputs"
RECIPE = (sys.executable, "-m", "firmware_config.image.recipe")


def built() -> Path:
    """Return the slot of the newer version; it and the image are built when an input changed. Raises EmulatorError."""
    wanted = inputs.digest()
    if not _STAMP.exists() or _STAMP.read_text() != wanted:
        _STAMP.unlink(missing_ok=True)
        shutil.rmtree(SLOT, ignore_errors=True)
        _build(number())
        # Names of the same files: the next build makes others, and leaves these.
        shutil.copytree(VAR / "slot", SLOT, copy_function=os.link)
        _build(version())
        _STAMP.write_text(wanted)
    return SLOT


def number() -> str:
    """One more than the image's own. Raises ImageError."""
    year, month, day = version().split(".")
    return f"{year}.{month}.{int(day) + 1}"


def _build(named: str) -> None:
    done = subprocess.run(RECIPE, env={**os.environ, "CHEVET_IMAGE_VERSION": named}, check=False)
    if done.returncode != 0:
        raise EmulatorError(f"version {named} of the image could not be built")
