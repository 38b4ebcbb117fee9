"""« Suivi »: forms apart from a care, lessons, and the tests of the person's boxes; relatives' answers apart."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import OuterRef, Q, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinic.clock import now_ms
from clinic.console.answers_told import ToldAnswer, tell_answers
from clinic.console.bedside_words import check_said, purpose_said, respondent_said
from clinic.console.opening import open_patient
from clinic.console.ordering import read_now
from clinic.console.page_number import page_number
from clinic.console.signed_in import practitioner_of
from clinic.fleet.models import Device
from clinic.people.models import Patient, Practitioner
from clinic.plans.models import CarePlan
from clinic.results.answers import form_named
from clinic.results.models import FormResponse, LessonReading, SelfTest
from clinic.results.reading import unread_forms_of
from mqtt_bridge.contract.care import CarePlan as ContractCarePlan

SHOWN_MAX, OPEN_MAX = 20, 3
"""On a page; and so many of those read before stand open, the others by their title alone."""
UNREAD_MAX = 400
"""At once; the rest the next time that the page is opened."""
LESSONS_MAX = 30
Plans = dict[tuple[str, int], ContractCarePlan]


@dataclass(frozen=True)
class ToldForm:
    response: FormResponse
    purpose: str
    who: str
    answers: tuple[ToldAnswer, ...]
    new: bool
    """Read here for the first time: never folded away."""

    @property
    def stopped(self) -> bool:
        return self.response.status != "completed"

    @property
    def uncertain(self) -> bool:
        return self.response.error_ms is None


@require_safe
def follow_up(request: HttpRequest, patient_id: str) -> HttpResponse:
    patient = open_patient(request, patient_id, "follow-up")
    number = page_number(request)
    found, more = _of_page(patient, practitioner_of(request), number)
    lessons = list(LessonReading.objects.filter(patient=patient).order_by("-received_ms", "-pk")[:LESSONS_MAX])
    new = read_now(request, {one.row_id for one in (*found, *lessons)})
    told = _told(found, new)
    context = {
        "nav": "patients",
        "patient": patient,
        "referring": patient.referring,
        "own": [one for one in told if not _of_others(one.response)],
        "others": [one for one in told if _of_others(one.response)],
        "lessons": lessons,
        "tests": _self_tests(patient),
        "number": number,
        "more": more,
        "open_max": OPEN_MAX,
        "now_ms": now_ms(),
    }
    return render(request, "console/follow_up.html", context)


def _of_page(patient: Patient, reader: Practitioner, number: int) -> tuple[list[FormResponse], bool]:
    """Newest first, and whether older ones follow. On the first page everything that this reader has not read, too.

    A box that was away for a season brings more than a page holds: what nobody has read is not left off it.
    """
    every = FormResponse.objects.filter(patient=patient).order_by("-received_ms", "-pk")
    first = (number - 1) * SHOWN_MAX
    keys = list(every.values_list("pk", flat=True)[first : first + SHOWN_MAX + 1])
    wanted = Q(pk__in=keys[:SHOWN_MAX])
    if number == 1:
        wanted |= Q(pk__in=unread_forms_of(reader, patient.id).values("pk")[:UNREAD_MAX])
    return list(every.filter(wanted).prefetch_related("answers")), len(keys) > SHOWN_MAX


def _of_others(response: FormResponse) -> bool:
    """What a relative or a carer answered, of themselves or of the person: never among the person's own answers."""
    return response.about_relative or response.answered_by in ("relative", "carer")


def _told(found: Iterable[FormResponse], new: set[int]) -> list[ToldForm]:
    plans: Plans = {}
    return [_tell(one, plans, new=one.row_id in new) for one in found]


def _tell(one: FormResponse, plans: Plans, *, new: bool) -> ToldForm:
    form = form_named(_plan_of(one, plans), one.questionnaire)
    answers = tuple(tell_answers(one.answers.all(), form))
    return ToldForm(one, purpose_said(one.purpose), respondent_said(one.answered_by), answers, new)


def _plan_of(one: FormResponse, plans: Plans) -> ContractCarePlan | None:
    key = (one.plan, one.plan_version or 0)
    if key not in plans:
        known = CarePlan.objects.filter(plan=key[0], version=key[1]).first()
        if known is None:
            return None
        plans[key] = known.content
    return plans[key]


@dataclass(frozen=True)
class ToldTest:
    box: str
    at_ms: int
    findings: tuple[tuple[str, bool, str], ...]
    """(what, whether it is fine, the box's own words)."""


def _self_tests(patient: Patient) -> list[ToldTest]:
    """The last one of each box of theirs."""
    theirs = Device.objects.filter(associations__patient=patient, associations__until_ms=None, revoked_ms=None)
    last = SelfTest.objects.filter(device=OuterRef("pk")).order_by("-received_ms", "-pk").values("pk")[:1]
    tests = theirs.annotate(last=Subquery(last)).values("last")
    return [tell_test(test) for test in SelfTest.objects.filter(pk__in=tests).order_by("device")]


def tell_test(test: SelfTest) -> ToldTest:
    findings = tuple((check_said(one["check"]), bool(one["fine"]), str(one["told"])) for one in test.findings)
    return ToldTest(test.device_id, test.known_ms, findings)
