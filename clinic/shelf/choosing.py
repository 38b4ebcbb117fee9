"""What a plan can name: the packages on the shelf, and what each says of who must not hear it."""

from collections.abc import Collection, Iterable

from clinic.people.models import Patient
from clinic.plans.beginning import OnShelf
from clinic.plans.contraindications import PackageTold, had_by, uncovered
from clinic.shelf.models import Package


def newest_packages() -> list[Package]:
    """Of each package the version last added, by title."""
    last = {one.package: one for one in Package.objects.order_by("added_ms", "pk")}
    return sorted(last.values(), key=lambda one: (one.kind, one.title))


def packages_known(fingerprints: Collection[str]) -> dict[str, Package]:
    return {one.fingerprint: one for one in Package.objects.filter(fingerprint__in=fingerprints)}


def as_named(package: Package) -> OnShelf:
    return OnShelf(package.package, package.fingerprint, max(1, round(package.duration_s)))


def told_of(package: Package | None, name: str = "", fingerprint: str = "") -> PackageTold:
    """What is known of a version; one that is not on the shelf has told nothing."""
    if package is None:
        return PackageTold(name, fingerprint, None)
    told = package.contraindications
    return PackageTold(package.package, package.fingerprint, None if told is None else tuple(told))


def contraindicated(patient: Patient, named: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    """What speaks against each of these packages (id, fingerprint) for the patient, and no référent has taken on.

    By fingerprint; what nothing speaks against is left out.
    """
    wanted, has = {fingerprint: name for name, fingerprint in named}, had_by(patient)
    known = packages_known(wanted.keys())
    told = {one: told_of(known.get(one), name, one) for one, name in wanted.items()}
    found = {one: uncovered(patient, package, has) for one, package in told.items()} if has else {}
    return {one: what for one, what in found.items() if what}
