"""The end of the box's service, on the kiosk's side: nothing more is begun, the records go, the screen says it.

The link tells how far it is (`mqtt_bridge.departure`); the clinic's order is verified here before anything is touched.
"""

import logging
from pathlib import Path

from mqtt_bridge import departure, enrolment
from mqtt_bridge.contract.codec import ContractError
from mqtt_bridge.departure import Departure, Kind
from mqtt_bridge.enrolment import Enrolment

log = logging.getLogger(__name__)


class Departing:
    """Looked at whenever the link may have said something. Without a folder (a training) nothing is ordered."""

    def __init__(self, data: Path | None = None, enrolled: Enrolment | None = None) -> None:
        self._data, self._enrolled = data, enrolled
        self.kind: Kind | None = None
        """What the clinic has ordered, once it was seen and verified."""

    def look(self) -> None:
        if self._data is None or self._enrolled is None:
            return
        found = _read(self._data)
        if found is not None and (found.kind != self.kind) and departure.is_ordered(found, self._enrolled):
            self.kind = found.kind


def notice_of(found: Departure) -> str:
    """The name of the notice that says so."""
    if found.kind != "return":
        return "revoked" if found.kind == "revoked" else "unlinked"
    return "asked-back" if found.phase in ("draining", "wiping") else "given-back"


def under_way(data: Path, enrolment_folder: Path) -> Departure | None:
    """What keeps the kiosk from serving; None: nothing, or nothing that the clinic has ordered.

    Once the keys are gone nobody can verify the order; nor is there anything left to destroy.
    """
    found = _read(data)
    enrolled = (enrolment_folder / "enrolment.json").exists()
    if found is None or (found.phase == "gone" and enrolled):
        return None
    if found.phase in ("ending", "gone"):
        return found
    try:
        believed = departure.is_ordered(found, enrolment.load(enrolment_folder))
    except ContractError:
        return None  # not to be verified: the kiosk says itself that it is not enrolled
    return found if believed else None


def _read(data: Path) -> Departure | None:
    try:
        return departure.read(data)
    except (ContractError, OSError) as error:
        log.error("%s cannot be read, and is not followed: %s", departure.FILE, error)  # noqa: TRY400
        return None
