"""Session packages on their way to a box: offered by the clinic, fetched by the link, and what became of them."""

import hashlib
from typing import Annotated, Literal

from msgspec import Meta

from mqtt_bridge.contract.care import PackageReference
from mqtt_bridge.contract.codec import Line, Word

ARCHIVE_BYTES_MAX = 4 * 1024**3
"""What a zip without zip64 holds: four hours of 24-bit FLAC."""

Sha256 = Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
ShelfPath = Annotated[str, Meta(pattern=r"\A/packages/[0-9a-f]{64}\.chevet\Z")]
"""Where an archive stands on the clinic's shelf: by its own hash, so that a path never changes its content."""


SYSTEM = "chevet-system"
"""The id under which an update of the box's own system is offered: no session package has it."""


def system_fingerprint(version: str) -> str:
    """In the place of a manifest's: a system is known by its version."""
    return hashlib.sha256(f"{SYSTEM} {version}".encode()).hexdigest()


class PackageOffer(Word, frozen=True, tag="package-offer"):
    """The box may fetch this package and install it. `archive`: SHA-256 of the archive's bytes."""

    package: PackageReference
    version: Annotated[str, Meta(pattern=r"\A[0-9]+(\.[0-9]+){0,2}\Z")]
    title: Line
    archive: Sha256
    size_bytes: Annotated[int, Meta(ge=1, le=ARCHIVE_BYTES_MAX)]
    path: ShelfPath


class PackageWithdrawn(Word, frozen=True, tag="package-withdrawn"):
    """The offer no longer stands; the package goes from the box unless a plan in force names it."""

    package: PackageReference


class PackageState(Word, frozen=True, tag="package-state"):
    """What became of a package on the box.

    installed: it is there, whole and under the clinic's signature. refused: it will not be tried again.
    removed: it is not there any more. failed: not yet, and it goes on being tried.
    `reason` is a code (no-room, expired, part-hash-differs ...), `remedy` says what would help.
    """

    package: PackageReference
    state: Literal["installed", "refused", "removed", "failed"]
    reason: Annotated[str, Meta(max_length=100)] = ""
    remedy: Annotated[str, Meta(max_length=500)] = ""


def shelf_path(archive: str) -> str:
    """The path of an archive, from its SHA-256."""
    return f"/packages/{archive}.chevet"
