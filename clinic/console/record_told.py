"""The first page of a record as staff read it."""

import datetime as dt
from dataclasses import dataclass

from django.utils import formats, timezone, translation
from django.utils.translation import gettext, ngettext

from clinic.console.record_words import (
    contraindication_said,
    gender_said,
    hearing_aids_said,
    identity_said,
    lives_said,
    pathway_said,
    protection_said,
    relationship_said,
)
from clinic.people.contraindications import Contraindications
from clinic.people.ins import grouped
from clinic.people.models import Flag, IdentityStatus, Patient, RelatedPerson


@dataclass(frozen=True)
class ToldPatient:
    patient: Patient
    identity: str
    qualified: bool
    ins: str
    born: str
    gender: str
    pathway: str
    lives: str
    protection: str
    hearing_aids: str


def tell_patient(patient: Patient) -> ToldPatient:
    return ToldPatient(
        patient=patient,
        identity=identity_said(patient.identity_status),
        qualified=patient.identity_status == IdentityStatus.QUALIFIED,
        ins=grouped(patient.ins),
        born=born_said(patient.birth_date),
        gender=gender_said(patient.gender),
        pathway=pathway_said(patient.pathway),
        lives=lives_said(patient.lives),
        protection=protection_said(patient.legal_protection),
        hearing_aids=hearing_aids_said(patient.hearing_aids),
    )


def born_said(born: dt.date | None) -> str:
    """« 3 mai 1941, 85 ans »."""
    if born is None:
        return ""
    today = timezone.localdate()
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    french = (translation.get_language() or "fr").startswith("fr")
    day = formats.date_format(born, "j F Y" if french else "j M Y")
    return gettext("%(day)s, %(age)s") % {"day": day, "age": ngettext("%(n)s an", "%(n)s ans", age) % {"n": age}}


@dataclass(frozen=True)
class ToldPrecaution:
    words: str
    flag: Flag | None
    state: str
    """present, absent, or unasked: also the stylesheet's class."""


def tell_precautions(told: Contraindications) -> list[ToldPrecaution]:
    """Those that the patient has first, then those that nobody has asked about."""
    found = [ToldPrecaution(contraindication_said(code), flag, _state(flag)) for code, flag in told.items()]
    return sorted(found, key=lambda one: ("present", "unasked", "absent").index(one.state))


def _state(flag: Flag | None) -> str:
    return "unasked" if flag is None else "present" if flag.present else "absent"


@dataclass(frozen=True)
class ToldRelated:
    person: RelatedPerson
    relationship: str

    @property
    def roles(self) -> list[str]:
        words = {
            gettext("aidant principal"): self.person.main_caregiver,
            gettext("personne de confiance"): self.person.trusted_person,
            gettext("représentant légal"): self.person.legal_representative,
            gettext("à prévenir"): self.person.emergency_contact,
        }
        return [said for said, holds in words.items() if holds]


def tell_related(person: RelatedPerson) -> ToldRelated:
    return ToldRelated(person, relationship_said(person.relationship))
