"""Two builds of the same inputs: the SHA-256 of what each made, one beside the other."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from firmware_config.image.recipe.place import ImageError

MADE = (
    "boot/initrd",
    "root.squashfs",
    "boot-slot.ext4",
    "firmware.fat",
    "chevet.cdx.json",
    "licences.txt",
    "chevet.img",
    "chevet.img.zst",
)
"""In var/image; the image holds the four first. Where it differs, they say in what."""


def hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of each thing that a build leaves there. Raises ImageError: one is missing."""
    if missing := [name for name in MADE if not (folder / name).is_file()]:
        raise ImageError(f"a build leaves {', '.join(missing)}, and there is none: make image ANEW=1")
    return {name: _hash(folder / name) for name in MADE}


def compared(former: Mapping[str, str], anew: Mapping[str, str]) -> str:
    """Both builds' hashes, told; raises ImageError, with both, where anything is otherwise."""
    told = "\n".join(f"  {name:<16} {former[name]}\n  {'anew':<16} {anew[name]}" for name in MADE)
    if other := [name for name in MADE if former[name] != anew[name]]:
        raise ImageError(f"two builds of the same inputs, and these differ: {', '.join(other)}\n{told}")
    return f"two builds, one hash\n{told}"


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
