"""What a box says of a package, kept with its offer."""

from collections.abc import Callable

from django.db.models import Q

from clinic.fleet.models import Device
from clinic.shelf.models import Offer
from mqtt_bridge.contract.packages import PackageState
from mqtt_bridge.contract.report import Identity

Began = Callable[[str], int]
"""When this clinic first heard of an epoch, as a number that grows; 0: never."""
REPLACED = "replaced"
"""Reason of what is not on the box any more because another version took its place."""


def keep(device: Device, told: PackageState, identity: Identity, at_ms: int, began: Began) -> bool:
    """False when this clinic has not offered such a package to the box."""
    offer = Offer.objects.select_related("package").filter(device=device, package_id=told.package.fingerprint).first()
    if offer is None or offer.package.package != told.package.id:
        return False
    if _is_older(identity, offer, began):
        return True
    offer.state, offer.reason, offer.remedy = told.state, _plain(told.reason), _plain(told.remedy)
    offer.told_ms, offer.told_epoch, offer.told_seq = at_ms, identity.epoch, identity.seq
    offer.save(update_fields=["state", "reason", "remedy", "told_ms", "told_epoch", "told_seq"])
    if told.state == "installed":
        _replaced_by(offer, began)
    return True


def _is_older(identity: Identity, offer: Offer, began: Began) -> bool:
    """Whether the box has said something later of this offer already."""
    if not offer.told_epoch:
        return False
    if offer.told_epoch == identity.epoch:
        return offer.told_seq > identity.seq
    return began(identity.epoch) < began(offer.told_epoch)


def _replaced_by(offer: Offer, began: Began) -> None:
    """A box has one version of a package: those before it are not there, or will never be."""
    identity = Identity(box=offer.device_id, stream="link", epoch=offer.told_epoch, seq=offer.told_seq)
    gone = Q(state=Offer.State.INSTALLED) | Q(
        state__in=(Offer.State.OFFERED, Offer.State.FAILED), offered_ms__lt=offer.offered_ms
    )
    others = Offer.objects.filter(gone, device=offer.device_id, package__package=offer.package.package)
    for other in others.exclude(pk=offer.pk):
        if not _is_older(identity, other, began):
            other.state, other.reason, other.remedy = Offer.State.REMOVED, REPLACED, ""
            other.told_ms, other.told_epoch, other.told_seq = offer.told_ms, offer.told_epoch, offer.told_seq
            other.save(update_fields=["state", "reason", "remedy", "told_ms", "told_epoch", "told_seq"])


def _plain(words: str) -> str:
    """PostgreSQL takes no NUL in a text."""
    return words.replace("\0", "\N{REPLACEMENT CHARACTER}")
