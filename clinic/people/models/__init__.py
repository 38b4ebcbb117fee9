"""Practitioner, Patient, CareTeam and Consent, in FHIR's words; one file for each idea."""

from clinic.people.models.access_request import AccessRequest, Asker
from clinic.people.models.care_team import CareTeamParticipant, SharingConsent
from clinic.people.models.emergency import EmergencyAccess
from clinic.people.models.flag import Flag
from clinic.people.models.organization import Establishment, Team
from clinic.people.models.patient import (
    Gender,
    HearingAids,
    IdentityStatus,
    LegalProtection,
    Lives,
    Pathway,
    Patient,
)
from clinic.people.models.practitioner import Practitioner, PractitionerManager, Role
from clinic.people.models.provenance import Provenance
from clinic.people.models.record_fate import Erasure, RecordMerge
from clinic.people.models.related_person import RelatedPerson, Relationship
from clinic.people.models.second_factor import Passkey, RecoveryCode, SecondFactor
from clinic.people.models.standing import Standing

__all__ = [
    "AccessRequest",
    "Asker",
    "CareTeamParticipant",
    "EmergencyAccess",
    "Erasure",
    "Establishment",
    "Flag",
    "Gender",
    "HearingAids",
    "IdentityStatus",
    "LegalProtection",
    "Lives",
    "Passkey",
    "Pathway",
    "Patient",
    "Practitioner",
    "PractitionerManager",
    "Provenance",
    "RecordMerge",
    "RecoveryCode",
    "RelatedPerson",
    "Relationship",
    "Role",
    "SecondFactor",
    "SharingConsent",
    "Standing",
    "Team",
]
