"""An update of the box's own system: offered and fetched as packages are, then handed to the updater.

The link never writes a slot, and what it hands over is verified by RAUC under the clinic's authority.
"""

import os
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from mqtt_bridge import update_told
from mqtt_bridge.contract.packages import PackageOffer
from mqtt_bridge.update_told import UpdateTold

REMEDIES = {
    "waiting": "It is written at night, outside care and framed hours.",
    "care": "Somebody is cared for: it is written at night.",
    "day": "It is written at night.",
    "framed-hours": "The plan's hours leave no quiet time at night: give it by a stick.",
    "clock": "The box is not sure of the time: it is written after six hours of calm.",
    "trial": "Its first start is being looked at.",
    "not-valid": "Make the update's file again with `chevet-clinic update bundle`, of this clinic.",
    "not-newer": "The box has this version, or a newer one.",
    "returned-before": "The box came back from this version: look at its log, and make a newer one.",
    "not-healthy": "The box came back from it: screen, player, disk or link did not come up.",
    "did-not-start": "The box came back from it: three starts came to nothing.",
    "not-written": "Look at the box's memory card.",
    "no-system": "This box is not started from an image: it takes no updates.",
}


@dataclass(frozen=True)
class Held:
    """What of updates is on the box. can: it is started from an image; running: that image's version.

    handed: archives that wait for the updater; told: what became of the last one.
    """

    can: bool = False
    running: str = ""
    handed: AbstractSet[str] = field(default_factory=frozenset)
    told: UpdateTold | None = None


@dataclass(frozen=True)
class Done:
    """Settled: it runs, or will not be tried."""

    stage: Literal["installed", "refused"]
    reason: str = ""


@dataclass(frozen=True)
class Waits:
    """It is in the updater's hands, or on trial."""

    reason: str


def standing(offer: PackageOffer, held: Held) -> Done | Waits | None:
    """What became of this offer; None: it is not in the updater's hands yet."""
    if not held.can:
        return Done("refused", "no-system")
    told = held.told if held.told is not None and held.told.archive == offer.archive else None
    if told is not None and told.state in ("refused", "returned"):
        same = told.reason == "already-there"
        return Done("installed") if same and held.running == offer.version else Done("refused", told.reason)
    if told is not None and told.state in ("writing", "written"):
        return Waits("trial" if held.running == offer.version else "waiting")
    if held.running == offer.version:
        return Done("installed")
    if offer.archive in held.handed:
        return Waits(told.reason if told is not None and told.reason else "waiting")
    return None


class Hands:
    """The folder that link and updater share; None: a machine that takes no updates."""

    def __init__(self, folder: Path | None, system: Path | None = None) -> None:
        self._folder = folder
        self._running = update_told.running_version(system) if system else update_told.running_version()

    def look(self) -> Held:
        if self._folder is None or not self._running:
            return Held()
        files = self._folder.glob(f"*{update_told.SUFFIX}")
        return Held(True, self._running, frozenset(path.stem for path in files), update_told.read(self._folder))

    def hand_over(self, spooled: Path, archive: str) -> None:
        """One more name of a file that is whole. Raises OSError."""
        if self._folder is not None:
            target = update_told.bundle_of(self._folder, archive)
            with suppress(FileExistsError):
                os.link(spooled, target)
            update_told.sync_folder(self._folder)

    def take_back(self, archive: str) -> None:
        """The offer is withdrawn, or settled. Offered again it is a new word: what became of it before is forgotten."""
        if self._folder is None:
            return
        with suppress(OSError):
            update_told.bundle_of(self._folder, archive).unlink(missing_ok=True)
        told = update_told.read(self._folder)
        if told is not None and told.archive == archive and told.state in ("refused", "returned"):
            update_told.forget(self._folder)

    def take_back_all_but(self, wanted: AbstractSet[str]) -> None:
        """What came by the wire and is not offered any more. A stick's is nobody's here."""
        for archive in self.look().handed - wanted - {update_told.STICK}:
            self.take_back(archive)
