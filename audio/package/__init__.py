"""The session package: a folder with `manifest.toml` and the audio that it names.

Importing this opens no device and loads no audio library; `check` loads one when it is called.
"""

from audio.errors import PackageError, PackageInUse
from audio.package.checking import check
from audio.package.consistency import MANIFEST_NAME, SIGNATURE_NAME
from audio.package.holding import Hold, hold
from audio.package.manifest import Contraindication, Kind, Manifest, Part, Phase
from audio.package.reading import Package, read
from audio.package.writing import to_toml

__all__ = [
    "MANIFEST_NAME",
    "SIGNATURE_NAME",
    "Contraindication",
    "Hold",
    "Kind",
    "Manifest",
    "Package",
    "PackageError",
    "PackageInUse",
    "Part",
    "Phase",
    "check",
    "hold",
    "read",
    "to_toml",
]
