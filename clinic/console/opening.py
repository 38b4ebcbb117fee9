"""Opening a patient's page: for those who may, and recorded either way."""

from django.http import Http404, HttpRequest

from clinic.audit import trail
from clinic.console.signed_in import practitioner_of
from clinic.people.access import NotInCareTeam, patient_of
from clinic.people.may import What
from clinic.people.models import Patient


def open_patient(request: HttpRequest, patient_id: str, page: str, what: What = What.READ_RECORD) -> Patient:
    """The patient, for this reader; the trail says that `page` was read or written.

    Raises Http404 for a patient of others and for one that does not exist: the two look the same.
    """
    who = practitioner_of(request)
    try:
        patient = patient_of(who, patient_id, what)
    except NotInCareTeam as error:
        trail.record(who.username, "refused", page, patient_id)
        raise Http404 from error
    trail.record(who.username, "read" if request.method in ("GET", "HEAD") else "write", page, patient.id)
    return patient
