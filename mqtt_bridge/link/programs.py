"""The programs that fetch, install, check and remove a package: how each is called, and what its words mean."""

import fcntl
import os
import shutil
import sys
from contextlib import suppress
from pathlib import Path

import msgspec

from mqtt_bridge.contract.codec import ContractError, decode, encode
from mqtt_bridge.contract.packages import PackageOffer
from mqtt_bridge.enrolment import Enrolment
from mqtt_bridge.link import fetching
from mqtt_bridge.link.child import Child
from mqtt_bridge.link.spool import Check, Fetch, Install, Job, Remove
from mqtt_bridge.link.spool_means import Limits, Places

STAGING = ".staging"
"""Where `chevet-audio install` works, in the folder of packages."""
IN_USE = 75
"""`chevet-audio` says so when a session uses the package: EX_TEMPFAIL of sysexits.h."""


class Refusal(msgspec.Struct, frozen=True):
    """The last line of `chevet-audio ... --json` when it refuses."""

    error: str
    message: str


class Programs:
    """Each as a command, and how much of an archive one begins with."""

    def __init__(self, enrolment: Enrolment, places: Places, limits: Limits) -> None:
        self._enrolment, self._places, self._limits = enrolment, places, limits

    def command(self, job: Job) -> list[str]:
        into = str(self._places.packages)
        match job:
            case Fetch(_, offer):
                return [sys.executable, "-m", "mqtt_bridge.link.fetching", encode(self._fetch_job(offer)).decode()]
            case Install(_, offer):
                archive = str(fetching.whole_of(self._places.spool, offer.archive))
                key = str(self._enrolment.folder / "clinic.public")
                return [*self._places.audio, "install", archive, "--into", into, "--clinic-key", key, "--json"]
            case Check(row):
                return [*self._places.audio, "check", str(Path(into) / row.id), "--json"]
            case Remove(row):
                return [*self._places.audio, "remove", row.id, "--from", into, "--json"]

    def had_bytes(self, job: Job) -> int:
        """Of the archive that it fetches, how much is here."""
        if not isinstance(job, Fetch):
            return 0
        with suppress(OSError):
            return fetching.part_of(self._places.spool, job.offer.archive).stat().st_size
        return 0

    def _fetch_job(self, offer: PackageOffer) -> fetching.Job:
        place, address = self._enrolment.place, self._enrolment.address()
        return fetching.Job(
            host=place.shelf_host,
            port=place.shelf_port,
            path=offer.path,
            archive=offer.archive,
            size_bytes=offer.size_bytes,
            spool=str(self._places.spool),
            ca=str(address.ca),
            certificate=str(address.certificate),
            key=str(address.key),
            rate_bytes_s=self._limits.rate_bytes_s,
            kept_free_bytes=self._limits.kept_free_bytes,
        )


def sweep_staging(packages: Path) -> None:
    """What an installation that was cut off has left: it may be the very room that is missing.

    Under the lock by which `chevet-audio` says that it installs.
    """
    with suppress(OSError):
        descriptor = os.open(packages, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(packages / STAGING, ignore_errors=True)
        finally:
            os.close(descriptor)


def last_word(child: Child) -> fetching.Ended:
    """Why a fetch ended; one that was killed or failed says nothing of it."""
    lines = child.lines()
    try:
        return decode(lines[-1], fetching.Ended) if lines else fetching.Ended(code="busy", words="it said nothing")
    except ContractError:
        return fetching.Ended(code="busy", words=lines[-1].decode(errors="replace")[:400])


def said(child: Child) -> str:
    return b" ".join(child.lines()[-3:]).decode(errors="replace")[-400:]


def refusal_of(child: Child) -> Refusal | None:
    """Why `chevet-audio` refused; None when it ended without saying so: it broke, or was ended."""
    for line in reversed(child.lines()):
        with suppress(ContractError):
            return decode(line, Refusal)
    return None
