"""Who may read whom: the patient's own care team and nobody else (A2)."""

from django.db.models import QuerySet

from clinic.errors import RecordError
from clinic.people.models import Patient, Practitioner


class NotInCareTeam(RecordError):
    """This practitioner is not in that patient's care team, or there is no such patient: the two look the same."""


def patients_of(practitioner: Practitioner) -> QuerySet[Patient]:
    mine = Patient.objects.filter(participants__practitioner=practitioner, participants__until_ms=None)
    return mine.order_by("family", "given", "id")


def patient_of(practitioner: Practitioner, patient_id: str) -> Patient:
    """The patient, for someone of their care team. Raises NotInCareTeam."""
    patient = patients_of(practitioner).filter(id=patient_id).first()
    if patient is None:
        raise NotInCareTeam(f"{practitioner.username} is not in the care team of {patient_id}")
    return patient


def practitioner_named(username: str) -> Practitioner:
    """Raises RecordError."""
    found = Practitioner.objects.filter(username=username, is_active=True).first()
    if found is None:
        raise RecordError(f"no practitioner {username!r}: add them with `chevet-clinic add-practitioner`")
    return found


def patient_named(patient_id: str) -> Patient:
    """Raises RecordError."""
    found = Patient.objects.filter(id=patient_id).first()
    if found is None:
        raise RecordError(f"no patient {patient_id!r}: add them with `chevet-clinic add-patient`")
    return found
