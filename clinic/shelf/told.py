"""What a box says of a package, kept with its offer."""

from clinic.fleet.models import Device
from clinic.shelf.models import Offer
from mqtt_bridge.contract.packages import PackageState
from mqtt_bridge.contract.report import Identity


def keep(device: Device, told: PackageState, identity: Identity, at_ms: int) -> bool:
    """False when this clinic has not offered such a package to the box."""
    offer = Offer.objects.filter(device=device, package_id=told.package.fingerprint).first()
    if offer is None or offer.package.package != told.package.id:
        return False
    if offer.told_epoch == identity.epoch and offer.told_seq > identity.seq:
        return True
    offer.state, offer.reason, offer.remedy = told.state, _plain(told.reason), _plain(told.remedy)
    offer.told_ms, offer.told_epoch, offer.told_seq = at_ms, identity.epoch, identity.seq
    offer.save(update_fields=["state", "reason", "remedy", "told_ms", "told_epoch", "told_seq"])
    return True


def _plain(words: str) -> str:
    """PostgreSQL takes no NUL in a text."""
    return words.replace("\0", "\N{REPLACEMENT CHARACTER}")
