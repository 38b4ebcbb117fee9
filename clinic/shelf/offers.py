"""Offering packages to boxes, and withdrawing them: orders like every other, sealed, signed and numbered."""

from django.db import transaction

from clinic.clock import now_ms
from clinic.errors import RecordError
from clinic.fleet.models import Device
from clinic.plans.models import CarePlan, Order
from clinic.plans.orders import Pen
from clinic.shelf.models import Offer, Package
from mqtt_bridge.contract.packages import PackageOffer, PackageWithdrawn, shelf_path

TITLE_MAX = 90


def package_named(package: str, version: str = "") -> Package:
    """The package of this id: the one last added, or of this version. Raises RecordError."""
    found = Package.objects.filter(package=package).order_by("-added_ms")
    chosen = (found.filter(version=version) if version else found).first()
    if chosen is None:
        told = f" in version {version}" if version else ""
        raise RecordError(f"no package {package!r}{told} on the shelf: add it with `chevet-clinic package add FILE`")
    return chosen


def offer(package: Package, device: Device, pen: Pen) -> Order:
    """The box may fetch and install it; what it said of it before no longer counts."""
    with transaction.atomic():
        fresh = {"offered_ms": now_ms(), "withdrawn_ms": None, "state": Offer.State.OFFERED, "reason": "", "remedy": ""}
        Offer.objects.update_or_create(device=device, package=package, defaults=fresh)
        return pen.offer(device, offer_of(package))


def withdraw(package: Package, device: Device, pen: Pen) -> Order:
    """The box no longer fetches it, and removes it unless a plan in force names it. Raises RecordError."""
    with transaction.atomic():
        offered = Offer.objects.filter(device=device, package=package, withdrawn_ms=None).first()
        if offered is None:
            raise RecordError(f"{package} was not offered to {device.id}")
        offered.withdrawn_ms = now_ms()
        offered.save(update_fields=["withdrawn_ms"])
        return pen.withdraw(device, PackageWithdrawn(package=package.reference))


def offer_of(package: Package) -> PackageOffer:
    return PackageOffer(
        package=package.reference,
        version=package.version,
        title=" ".join(package.title.split())[:TITLE_MAX],
        archive=package.archive,
        size_bytes=package.size_bytes,
        path=shelf_path(package.archive),
    )


def offer_missing(signed: CarePlan, pen: Pen) -> tuple[list[Package], list[str]]:
    """Offer what the plan names and its box was not offered: (those offered now, ids that are not on the shelf).

    Raises RecordError: the box would look for the package under another name than it is installed under.
    """
    offered, unknown = [], []
    names = {request.package.fingerprint: request.package.id for request in signed.content.activity}
    for fingerprint, name in names.items():
        package = Package.objects.filter(fingerprint=fingerprint).first()
        if package is not None and package.package != name:
            raise RecordError(f"the plan calls a package {name!r}; its manifest says {package.package!r}")
        if package is None:
            unknown.append(name)
        elif not Offer.objects.filter(device=signed.device, package=package, withdrawn_ms=None).exists():
            offer(package, signed.device, pen)
            offered.append(package)
    return offered, sorted(unknown)
