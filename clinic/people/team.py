"""Joining a care team."""

from clinic.clock import now_ms
from clinic.people.models import CareTeamParticipant, Patient, Practitioner


def join(patient: Patient, practitioner: Practitioner) -> None:
    """Put a practitioner in the team; once is enough."""
    CareTeamParticipant.objects.get_or_create(
        patient=patient, practitioner=practitioner, until_ms=None, defaults={"since_ms": now_ms()}
    )
