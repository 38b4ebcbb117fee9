"""What was revoked after a backup was taken, by a newer list of certificates: putting it back lets nobody in again.

A list knows the boxes whose door is closed. One that is to be wiped still, and was revoked since, is on none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from clinic.fleet import revoked_list
from clinic.fleet.models import Certificate, Device
from clinic.home import Home
from clinic.safekeeping.envelope import EnvelopeError
from mqtt_bridge import authority

REASON = "révoquée depuis la sauvegarde, d’après la liste des certificats"


@dataclass(frozen=True)
class Kept:
    """boxes: revoked in the record by the newer list; strangers: certificates of it that the record never knew."""

    boxes: tuple[str, ...]
    strangers: int


def newer_list(home: Home, path: Path) -> dict[str, int]:
    """Each certificate on the list, and since when (ms). Raises EnvelopeError: no list, or another authority's."""
    try:
        if not authority.is_its_list(home.authority, path):
            raise EnvelopeError(f"{path} is the list of another authority than the backup's: give this clinic's own")
        return authority.read_revoked(path)
    except OSError as error:
        raise EnvelopeError(f"{path}: {error.strerror}; give the former home's broker/revoked.pem") from error
    except authority.CertificateError as error:
        raise EnvelopeError(f"{error}; give the former home's broker/revoked.pem") from error


def keep_revoked(home: Home, newer: Mapping[str, int]) -> Kept:
    """Both lists of the home hold what either held; a box that is on the newer one is revoked in the record too.

    Its door counts as closed only once a broker has been told: the registrar does that.
    """
    revoked_list.write(home, list(newer.items()))
    known = dict(Certificate.objects.filter(serial__in=newer).values_list("serial", "device_id"))
    since_ms: dict[str, int] = {}
    for serial, box in known.items():
        since_ms[box] = min(newer[serial], since_ms.get(box, newer[serial]))
    let_in = Device.objects.filter(pk__in=since_ms, revoked_ms=None).order_by("id")
    boxes = tuple(let_in.values_list("id", flat=True))
    for box in boxes:
        Device.objects.filter(pk=box).update(revoked_ms=since_ms[box], revoked_reason=REASON)
    return Kept(boxes, len(newer.keys() - known.keys()))
