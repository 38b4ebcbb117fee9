"""Who must not hear what without advice: the patient's contraindications against a package's, and a référent's reason.

The words are those of the package's manifest (docs/packages.md).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from clinic.clock import now_ms
from clinic.errors import RecordError
from clinic.people.contraindications import contraindications_of
from clinic.people.models import Patient, Practitioner
from clinic.plans.models import ContraindicationOverride

NOT_TOLD = "not-told"
"""A package of which nobody has said: as if it could be against any of them."""
REASON_MIN, REASON_MAX = 10, 1000


@dataclass(frozen=True)
class PackageTold:
    """A version of a package, and what its manifest says; None: nobody has said."""

    id: str
    fingerprint: str
    contraindications: tuple[str, ...] | None


@dataclass(frozen=True)
class Precautions:
    """What the record says of the patient: what they have, and what nobody has asked yet, which is not « no »."""

    had: frozenset[str]
    never_asked: frozenset[str]


def precautions_of(patient: Patient) -> Precautions:
    """One query."""
    told = contraindications_of(patient)
    had = frozenset(code for code, flag in told.items() if flag and flag.present)
    return Precautions(had, frozenset(code for code, flag in told.items() if flag is None))


def against(package: PackageTold, patient: frozenset[str]) -> frozenset[str]:
    """What speaks against this package for whoever has these contraindications."""
    if package.contraindications is None:
        return frozenset({NOT_TOLD}) if patient else frozenset()
    return patient & frozenset(package.contraindications)


def override(patient: Patient, package: PackageTold, what: Collection[str], reason: str, by: Practitioner) -> None:
    """Keep why a référent gives it all the same. Who may, the page or the command asks. Raises RecordError."""
    if len(reason.strip()) < REASON_MIN:
        raise RecordError(f"{package.id} is contraindicated ({', '.join(sorted(what))}): give the reason in words")
    ContraindicationOverride.objects.bulk_create(
        ContraindicationOverride(
            patient=patient,
            package=package.id,
            fingerprint=package.fingerprint,
            contraindication=one,
            reason=reason.strip()[:REASON_MAX],
            by=by,
            at_ms=now_ms(),
        )
        for one in sorted(what)
    )


def overrides_of(patient: Patient, fingerprints: Iterable[str]) -> list[ContraindicationOverride]:
    found = ContraindicationOverride.objects.filter(patient=patient, fingerprint__in=set(fingerprints))
    return list(found.select_related("by").order_by("at_ms", "pk"))


def taken_on(overrides: Iterable[ContraindicationOverride], package: PackageTold) -> frozenset[str]:
    """What a référent has given a reason for, of this version of a package."""
    return frozenset(one.contraindication for one in overrides if one.fingerprint == package.fingerprint)
