"""People for tests of access: one of each role in Madame Martin's team, and a patient whom none of them follows."""

from dataclasses import dataclass

from django.test import Client

from clinic.people import emergency
from clinic.people.admission import request_access
from clinic.people.models import (
    AccessRequest,
    Asker,
    CareTeamParticipant,
    EmergencyAccess,
    Establishment,
    Patient,
    Practitioner,
    Role,
    SharingConsent,
)
from clinic.people.team import join, record_consent
from tests.clinic.conftest import Clinic

IN_THE_TEAM = [role.value for role in Role if role not in (Role.TECHNICIAN, Role.ADMINISTRATOR)]
SECRETS = ("Zebulon", "Inconnu", "Monsieur Secret", "chambre 99", "confidence")
"""Words of the other patient: they stand on no page of this cast."""


def practitioner(username: str, role: str, given: str = "Ada") -> Practitioner:
    return Practitioner.objects.create(
        username=username, given=given, family=username.title(), role=role, role_shown=role
    )


def signed_in(who: Practitioner) -> Client:
    client = Client()
    client.force_login(who)
    return client


@dataclass
class Cast:
    """`people`: by role; the nurse is Claire, Madame Martin's référent. `other`: a patient of strangers."""

    people: dict[str, Practitioner]
    other: Patient
    other_request: AccessRequest
    other_participant: CareTeamParticipant
    other_consent: SharingConsent
    other_emergency: EmergencyAccess
    open_request: AccessRequest


def cast_of(clinic: Clinic) -> Cast:
    people = {role.value: practitioner(role.value, role.value) for role in Role if role != Role.NURSE}
    people["nurse"] = clinic.claire
    for role in IN_THE_TEAM:
        join(clinic.patient, people[role], referring=role == "nurse")
    elsewhere = Establishment.objects.create(name="Ailleurs")
    other = Patient.objects.create(
        id="autre", given="Zebulon", family="Inconnu", address_as="Monsieur Secret", room="chambre 99",
        establishment=elsewhere,
    )  # fmt: skip
    stranger, outsider = practitioner("stranger", "physician"), practitioner("outsider", "nurse")
    stranger.teams.create(establishment=elsewhere, name="Nuit")
    consent = record_consent(other, outsider, "confidence", stranger)
    participant = join(other, stranger, referring=True)
    asked = request_access(other, stranger, Asker.PATIENT, "", "confidence", stranger)
    opened = emergency.open_record(other, outsider, "confidence à dire")
    newcomer = Patient.objects.create(id="neuf", given="Rose", family="Neuve", address_as="Rose")
    open_request = request_access(newcomer, clinic.claire, Asker.STAFF, "le docteur", "dort mal", clinic.claire)
    return Cast(people, other, asked, participant, consent, opened, open_request)
