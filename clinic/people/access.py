"""Who may read whom: the patient's own care team and nobody else (A2), but for an emergency (`emergency.py`)."""

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from clinic.clock import now_ms
from clinic.errors import RecordError
from clinic.people.may import Reach, What, reach, roles_that_may
from clinic.people.models import CareTeamParticipant, EmergencyAccess, Patient, Practitioner, Standing


class NotInCareTeam(RecordError):
    """This practitioner may not do this for that patient, or there is no such patient: the two look the same."""


def patients_of(practitioner: Practitioner, what: What = What.READ_RECORD) -> QuerySet[Patient]:
    """Those for whom they may do `what`; without it, those whose health data they may read."""
    far = reach(practitioner.role, what)
    if far not in (Reach.TEAM, Reach.REFERENT) or not practitioner.is_active:
        return Patient.objects.none()
    mine = CareTeamParticipant.objects.filter(practitioner=practitioner, until_ms=None)
    if far is Reach.REFERENT:
        mine = mine.filter(referring=True)
    whom = Q(id__in=mine.values("patient"))
    if what in (What.READ_RECORD, What.READ_SOCIAL):
        whom |= Q(id__in=_in_emergency(practitioner).values("patient"))
    found: QuerySet[Patient] = Patient.objects.filter(whom, merged_into=None)
    return found.order_by("family", "given", "id")


def of_their_patients(practitioner: Practitioner, what: What = What.READ_RECORD) -> Exists:
    """Of rows that name a patient: those of one of `patients_of`. For few rows, of which the database asks one by one.

    `patient__in=patients_of(...)` makes the whole list of patients first, which is dearer than the rows.
    """
    return Exists(patients_of(practitioner, what).order_by().filter(pk=OuterRef("patient")))


def patient_of(practitioner: Practitioner, patient_id: str, what: What = What.READ_RECORD) -> Patient:
    """The patient, for someone who may do `what` for them. Raises NotInCareTeam.

    With what every page of theirs shows: whether the reader is their référent, and where they stand.
    """
    mine = CareTeamParticipant.objects.filter(
        patient=OuterRef("pk"), practitioner=practitioner, until_ms=None, referring=True
    )
    stands = Standing.objects.filter(patient=OuterRef("pk")).order_by("-id").values("state")[:1]
    found = patients_of(practitioner, what).select_related("establishment")
    known = found.annotate(mine=Exists(mine), stands=Subquery(stands)).filter(id=patient_id)
    patient = known.first() if "\0" not in patient_id else None
    if patient is None:
        raise NotInCareTeam(f"{practitioner.username} is not in the care team of {patient_id}, or not for {what}")
    patient.referring, patient.standing = patient.mine, patient.stands
    return patient


def is_referring(practitioner: Practitioner, patient: Patient) -> bool:
    return CareTeamParticipant.objects.filter(
        practitioner=practitioner, patient=patient, until_ms=None, referring=True
    ).exists()


def referents_of(patient: Patient) -> list[Practitioner]:
    """Those who can decide today: their account is open, and their role is still one of a référent."""
    theirs = CareTeamParticipant.objects.filter(patient=patient, until_ms=None, referring=True)
    found = Practitioner.objects.filter(
        pk__in=theirs.values("practitioner"), is_active=True, role__in=roles_that_may(What.DECIDE_ACCESS)
    )
    return list(found.order_by("pk"))


def _in_emergency(practitioner: Practitioner) -> QuerySet[EmergencyAccess]:
    at_ms = now_ms()
    allowed = reach(practitioner.role, What.BREAK_GLASS) is Reach.YES
    mine = EmergencyAccess.objects.filter(practitioner=practitioner, since_ms__lte=at_ms, until_ms__gt=at_ms)
    return mine if allowed else EmergencyAccess.objects.none()


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
