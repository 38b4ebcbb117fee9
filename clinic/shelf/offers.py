"""Offering packages to boxes, and withdrawing them: orders like every other, sealed, signed and numbered."""

from django.db import transaction

from clinic.clock import now_ms
from clinic.errors import RecordError
from clinic.fleet.models import Device
from clinic.plans.models import CarePlan, Order
from clinic.plans.orders import DAY_MS, OFFER_DAYS, Pen
from clinic.shelf.models import Offer, Package
from mqtt_bridge.contract.packages import PackageOffer, PackageWithdrawn, shelf_path

TITLE_MAX = 90
FRESH_MS = OFFER_DAYS * DAY_MS // 2
"""So long an offer is not repeated; it lives twice as long."""


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
    """Offer what the plan names and its box has no fresh offer of: (those offered now, ids that are not on the shelf).

    Raises RecordError: the box would look for the package under another name than it is installed under, or would
    refuse it because it has a newer version.
    """
    offered, unknown = [], []
    names = {request.package.fingerprint: request.package.id for request in signed.content.activity}
    for fingerprint, name in names.items():
        package = Package.objects.filter(fingerprint=fingerprint).first()
        if package is None:
            unknown.append(name)
            continue
        _check(package, name, signed.device)
        if not _stands(package, signed.device):
            offer(package, signed.device, pen)
            offered.append(package)
    return offered, sorted(unknown)


def _stands(package: Package, device: Device) -> bool:
    """Whether an offer is under way or fulfilled. One that the box has refused is tried no more, an old one expires."""
    fresh_ms = now_ms() - FRESH_MS
    under_way = {"withdrawn_ms": None, "state__in": (Offer.State.OFFERED, Offer.State.INSTALLED)}
    return Offer.objects.filter(device=device, package=package, offered_ms__gt=fresh_ms, **under_way).exists()


def _check(package: Package, name: str, device: Device) -> None:
    if package.package != name:
        raise RecordError(f"the plan calls a package {name!r}; its manifest says {package.package!r}")
    there = Offer.objects.filter(device=device, package__package=name, state=Offer.State.INSTALLED, withdrawn_ms=None)
    for newer in (one.package.version for one in there.select_related("package")):
        if _numbers(newer) > _numbers(package.version):
            remedy = f"chevet-clinic package withdraw {name} --version {newer} --box {device.id}"
            raise RecordError(
                f"the plan names {package}; the box {device.id} has {newer} and would refuse an older one: "
                f"name {newer} in the plan, or first `{remedy}`"
            )


def _numbers(version: str) -> tuple[int, ...]:
    numbers = [int(number) for number in version.split(".")]
    return (*numbers, *[0] * (3 - len(numbers)))
