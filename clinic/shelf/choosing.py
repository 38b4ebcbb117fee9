"""What a plan can name: the packages on the shelf, and what each says of who must not hear it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from clinic.people.models import Patient
from clinic.plans.beginning import OnShelf
from clinic.plans.contraindications import (
    PackageTold,
    Precautions,
    against,
    overrides_of,
    precautions_of,
    taken_on,
)
from clinic.plans.models import ContraindicationOverride
from clinic.shelf.models import Package
from clinic.shelf.systems import KIND


def newest_packages() -> list[Package]:
    """Of each session package the version last added, by title."""
    last = {one.package: one for one in Package.objects.exclude(kind=KIND).order_by("added_ms", "pk")}
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


@dataclass(frozen=True)
class LookedUp:
    """A patient's precautions against some packages, asked once: `known` by fingerprint."""

    precautions: Precautions
    known: dict[str, Package]
    overrides: list[ContraindicationOverride]

    def against(self, name: str, fingerprint: str) -> frozenset[str]:
        """What speaks against this package, and no référent has taken on."""
        package = told_of(self.known.get(fingerprint), name, fingerprint)
        return against(package, self.precautions.had) - taken_on(self.overrides, package)

    def all_against(self, named: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
        """Of each of these (id, fingerprint), by fingerprint; what nothing speaks against is left out."""
        found = {fingerprint: self.against(name, fingerprint) for name, fingerprint in named}
        return {fingerprint: what for fingerprint, what in found.items() if what}


def look_up(patient: Patient, fingerprints: Iterable[str]) -> LookedUp:
    """Three queries, for any number of packages."""
    wanted = set(fingerprints)
    return LookedUp(precautions_of(patient), packages_known(wanted), overrides_of(patient, wanted))


def contraindicated(patient: Patient, named: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    """What speaks against each of these packages (id, fingerprint) for the patient, by fingerprint."""
    wanted = list(named)
    return look_up(patient, [fingerprint for _, fingerprint in wanted]).all_against(wanted)
