"""A clinic that signs packages, for tests."""

import datetime as dt
from pathlib import Path
from typing import NamedTuple

import msgspec

from audio.package import read
from audio.package.signing import sign_package
from mqtt_bridge import seal
from mqtt_bridge.contract.codec import encode
from tests.support.paced.package import make_package, write_manifest

CLINIC = "evreux"
TODAY = dt.date(2026, 11, 22)


class Keys(NamedTuple):
    secret: Path
    public: Path


def make_keys(folder: Path) -> Keys:
    """The wire's own key files."""
    keys = seal.make_keys()
    made = Keys(folder / "clinic.secret", folder / "clinic.public")
    seal.save_secret(keys, made.secret)
    made.public.write_bytes(encode(keys.public))
    return made


def quiet(words: str, done: float) -> None:
    """No progress is shown."""


def make_signed(folder: Path, keys: Keys, version: str = "1.0", seconds: float = 1, part_count: int = 1) -> Path:
    """A whole package called `calme`, signed."""
    make_package(folder, seconds=seconds, part_count=part_count)
    write_manifest(folder, msgspec.structs.replace(read(folder).manifest, id="calme", version=version))
    sign_package(folder, keys.secret, CLINIC, TODAY, None, quiet)
    return folder
