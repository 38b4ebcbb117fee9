"""What the journey must know of a person's ears: their week, the headphones, how loud each installed package is."""

import logging
from dataclasses import dataclass, field
from pathlib import Path

from audio.errors import AudioError
from audio.hearing import calibration
from audio.hearing.calibration import LOUDEST_PLAUSIBLE, Calibration
from audio.hearing.errors import CalibrationError
from audio.package import MANIFEST_NAME, read
from kiosk.journey.events import Ears, Heard, Loudness
from mqtt_bridge.contract.care import CarePlan

log = logging.getLogger(__name__)


def calibration_of(path: str) -> Calibration:
    """The one that the configuration names; the loudest plausible headphone when it names none, or an example.

    A file that cannot be used is told to staff (here, by the self-test, and as `uncalibrated` in each report) and the
    care goes on, more softly: a black screen would help nobody.
    """
    try:
        found = calibration.read(Path(path)) if path else LOUDEST_PLAUSIBLE
    except CalibrationError as error:
        log.error("uncalibrated: %s", error)  # noqa: TRY400
        return LOUDEST_PLAUSIBLE
    return found if found.measured else LOUDEST_PLAUSIBLE


@dataclass
class Installed:
    """The installed packages, each manifest read once until its file changes."""

    folder: Path
    _known: dict[str, tuple[tuple[int, int], Loudness]] = field(default_factory=dict)

    def of(self, package: str) -> Loudness | None:
        """Loudness and duration; None when the box has no such package that can be read: the player tells why."""
        manifest = self.folder / package / MANIFEST_NAME
        try:
            stat = manifest.stat()
            mark = (stat.st_ino, stat.st_mtime_ns)
            if package not in self._known or self._known[package][0] != mark:
                self._known[package] = (mark, self._read(package))
        except (OSError, AudioError) as error:
            log.debug("package %s: %s", package, error)
            return None
        return self._known[package][1]

    def _read(self, package: str) -> Loudness:
        told = read(self.folder / package).manifest
        return Loudness(package, told.loudness_lufs, told.duration_s)


@dataclass(frozen=True)
class Listener:
    """Puts together what is known of one person's ears on this box."""

    calibration: Calibration
    installed: Installed

    def ears(self, plan: CarePlan, heard: tuple[Heard, ...]) -> Ears:
        names = sorted({request.package.id for request in plan.activity})
        packages = tuple(found for name in names if (found := self.installed.of(name)) is not None)
        return Ears(plan.patient.id, self.calibration.name, self.calibration.dba(0.0), heard, packages)
