"""What a clinic must know before it signs: somebody has answered each question, and the sound is as told."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

from audio.errors import PackageError
from audio.package.checking import check
from audio.package.consistency import SIGNATURE_NAME
from audio.package.durable import write_durably
from audio.package.listening import listen
from audio.package.manifest import Manifest
from audio.package.reading import Package, manifest_bytes

Progress = Callable[[str, float], None]


def sign_package(
    path: Path, key: Path, clinic: str, signed_on: dt.date, expires_on: dt.date | None, progress: Progress
) -> Package:
    """Check the package in the folder `path`, listen to all of it, and write its `manifest.sig`.

    Raises PackageError, SignatureError, KeyFileError.
    """
    from audio.package.signature import sign

    package = check(path)
    fit_to_travel(package.manifest)
    if package.manifest.contraindications is None:
        raise _unfit("contraindications", "not told", "a list, [] when there are none")
    unknown = [part.file for part in package.manifest.parts if part.licence is None or part.source is None]
    if unknown:
        raise _unfit("licence and source of each part", ", ".join(unknown), "licence and source")
    listen(package, progress)
    signature = sign(manifest_bytes(path), key, clinic, signed_on, expires_on)
    write_durably(path / SIGNATURE_NAME, signature)
    return package


def fit_to_travel(manifest: Manifest) -> None:
    """Refuse a mono package: it may be read and heard here, not signed nor installed. Raises PackageError.

    One channel in both ears is 3 dB louder than its BS.1770 measure says, which would make the hearing dose too small;
    and in headphones it sits in the middle of the head.
    """
    if manifest.channels != 2:
        raise _unfit("channels", str(manifest.channels), "2: export the recording in stereo, and build it again")


def _unfit(what: str, value: str, allowed: str) -> PackageError:
    return PackageError(
        "not-fit-to-travel",
        f"This package is not fit to be signed or installed, by its {what}",
        value=value,
        allowed=allowed,
        remedy="Complete the manifest or build the package again.",
    )
