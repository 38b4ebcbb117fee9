"""A request for the care, and the référent's word on it (A1): nothing is prescribed, so nothing plays, before a yes."""

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from clinic.clock import now_ms
from clinic.people.access import is_referring, referents_of
from clinic.people.may import What, may
from clinic.people.models import AccessRequest, Asker, Patient, Practitioner
from clinic.people.refusals import Refusal
from clinic.people.team import join

WORDS_MAX = 1000


def request_access(
    patient: Patient, asked_of: Practitioner, asker: Asker, asker_name: str, words: str, entered_by: Practitioner | None
) -> AccessRequest:
    """Ask a référent. `entered_by` None: the command line. Raises Refusal."""
    if not may(asked_of.role, What.DECIDE_ACCESS) or not asked_of.is_active:
        raise Refusal(
            "decides-nothing", f"{asked_of.username} decides no access: ask a physician, a therapist or a nurse"
        )
    _check_is_theirs(patient, asked_of)
    if not words.strip():
        raise Refusal("words-missing", "say why the care is asked for")
    if asker != Asker.PATIENT and not asker_name.strip():
        raise Refusal("asker-missing", "say who asks, and their tie to the patient")
    try:
        with transaction.atomic():
            return AccessRequest.objects.create(
                patient=patient,
                asker=asker,
                asker_name=asker_name.strip()[:200],
                words=words.strip()[:WORDS_MAX],
                entered_by=entered_by,
                entered_ms=now_ms(),
                asked_of=asked_of,
            )
    except IntegrityError as error:
        raise Refusal("waiting-already", f"a request for {patient.id} is waiting already: decide that one") from error


def _check_is_theirs(patient: Patient, asked_of: Practitioner) -> None:
    """Who has a référent is decided about by theirs: a yes makes a référent, and nobody makes themselves one."""
    theirs = referents_of(patient)
    if theirs and asked_of not in theirs:
        names = ", ".join(one.username for one in theirs)
        raise Refusal("others-referent", f"{patient.id} has a référent: ask {names}, who may name another")


def decide(request: AccessRequest, by: Practitioner, *, accepted: bool, reason: str) -> None:
    """The référent's word, with its reason. A yes makes them the patient's référent. Raises Refusal."""
    if request.asked_of_id != by.pk or not may(by.role, What.DECIDE_ACCESS):
        raise Refusal("not-asked", f"{by.username} was not asked to decide this request")
    if not reason.strip():
        raise Refusal("reason-missing", "give the reason of the decision")
    _check_is_theirs(request.patient, by)
    with transaction.atomic():
        undecided = AccessRequest.objects.filter(pk=request.pk, decided_ms=None)
        if not undecided.update(decided_ms=now_ms(), accepted=accepted, reason=reason.strip()[:WORDS_MAX]):
            raise Refusal("decided-already", "this request is decided already: it stands")
        if accepted:
            join(request.patient, by, referring=True)


def last_decided(patient: Patient) -> AccessRequest | None:
    decided = AccessRequest.objects.filter(patient=patient).exclude(decided_ms=None)
    return decided.select_related("asked_of").order_by("-decided_ms", "-pk").first()


def is_validated(patient: Patient) -> bool:
    """Whether the last word of a référent on this patient's access is yes."""
    last = last_decided(patient)
    return last is not None and last.accepted is True


def check_may_prescribe(patient: Patient, requester: Practitioner) -> None:
    """Raises Refusal: the access is not validated, or the requester is not a référent of the patient."""
    if not is_validated(patient):
        raise Refusal(
            "not-validated",
            f"the access of {patient.id} is not validated: nothing may be prescribed before their référent has said "
            "yes, on the page « Demandes » or by `chevet-clinic validate-access`",
        )
    if not may(requester.role, What.PRESCRIBE) or not is_referring(requester, patient):
        raise Refusal(
            "not-their-referent",
            f"{requester.username} is not the référent of {patient.id}: the référent signs the plans",
        )


def waiting_for(practitioner: Practitioner) -> QuerySet[AccessRequest]:
    """The requests that this référent has still to decide, oldest first."""
    asked = AccessRequest.objects.filter(asked_of=practitioner, decided_ms=None)
    return asked.select_related("patient", "entered_by").order_by("entered_ms", "pk")
