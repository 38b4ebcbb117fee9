"""What the image is made of, as one hash: the same inputs need not be built twice."""

import hashlib
import zlib
from importlib import metadata
from pathlib import Path

from firmware_config.image.recipe.place import IMAGE, TOP, VAR, ImageError, run
from firmware_config.image.recipe.root import ROOMS, UNITS, version

STAMP = VAR / "image.inputs"


def digest() -> str:
    """SHA-256 over name, mode and bytes of every file that goes in or says how, and over what draws the pictures."""
    total = hashlib.sha256(f"{version()}{painters()}".encode())
    for path in _files():
        total.update(f"{path.relative_to(TOP)} {path.stat().st_mode & 0o111:o}\0".encode() + path.read_bytes() + b"\0")
    return total.hexdigest()


def painters() -> str:
    """What of this workstation's own puts bytes into the image: pictures.py draws by pygame-ce and packs by zlib.

    Raises ImageError: there is no pygame-ce.
    """
    try:
        return f"pygame-ce {metadata.version('pygame-ce')}, zlib {zlib.ZLIB_RUNTIME_VERSION}"
    except metadata.PackageNotFoundError as error:
        raise ImageError("pygame-ce draws the image's first pictures and is not installed: `make setup`") from error


def _files() -> list[Path]:
    ours = run(("git", "-C", TOP, "ls-files", "-z", *ROOMS)).split("\0")
    recipe = [path for path in IMAGE.rglob("*") if path.is_file() and path.suffix not in {".md", ".pyc"}]
    box = list((TOP / "firmware_config" / "box").glob("*.toml"))
    units = [TOP / "systemd" / f"{name}.service" for name in UNITS]
    return sorted({*(TOP / name for name in ours if name), *recipe, *box, *units})
