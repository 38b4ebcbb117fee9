"""Practitioner, Patient, CareTeam and Consent, in FHIR's words; one file for each idea."""

from clinic.people.models.access_request import AccessRequest, Asker
from clinic.people.models.care_team import CareTeamParticipant, SharingConsent
from clinic.people.models.emergency import EmergencyAccess
from clinic.people.models.organization import Establishment, Team
from clinic.people.models.patient import Patient
from clinic.people.models.practitioner import Practitioner, PractitionerManager, Role
from clinic.people.models.second_factor import RecoveryCode, SecondFactor
from clinic.people.models.standing import Standing

__all__ = [
    "AccessRequest",
    "Asker",
    "CareTeamParticipant",
    "EmergencyAccess",
    "Establishment",
    "Patient",
    "Practitioner",
    "PractitionerManager",
    "RecoveryCode",
    "Role",
    "SecondFactor",
    "SharingConsent",
    "Standing",
    "Team",
]
