"""The boxes: when they were last heard, and what they still keep."""

from dataclasses import dataclass

from django.core.paginator import Paginator
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinic.audit import trail
from clinic.clock import now_ms
from clinic.console.boxes_told import Fact, device_state, equipment_said, silence_said
from clinic.console.gate import needs
from clinic.console.loan_words import loan_said
from clinic.console.packages_told import ToldPackage, tell_packages
from clinic.console.signed_in import practitioner_of
from clinic.console.told import keeps_said
from clinic.fleet import codes
from clinic.fleet.heartbeats import last_of_each, starts_of_each
from clinic.fleet.loans import state_of
from clinic.fleet.models import Device, DeviceAssociation, EnrolmentCode
from clinic.people.access import patients_of
from clinic.people.may import What, may
from clinic.people.models import Patient, Practitioner
from clinic.results.asked import silence_of
from clinic.results.pending import pending

DAY_MS = 86_400_000
BOXES_A_PAGE = 15
WORDS_MAX = 64


@dataclass(frozen=True)
class ToldPatient:
    """One of the reader's own, and what their silence means (X4)."""

    patient: Patient
    silence: str


@dataclass(frozen=True)
class ToldBox:
    """`patients`: those of the reader's care teams only; `others`: how many more the box is for."""

    device: Device
    state: tuple[str, str]
    patients: list[ToldPatient]
    others: int
    keeps: str
    pending: int | None
    packages: list[ToldPackage]
    equipment: list[Fact]
    loan: str
    """Where the loan is, once it is not simply lent; and since when."""
    loan_ms: int


@needs(What.SEE_BOXES)
@require_safe
def boxes(request: HttpRequest) -> HttpResponse:
    reader, at_ms = practitioner_of(request), now_ms()
    words = request.GET.get("q", "").replace("\0", "").strip()[:WORDS_MAX]
    page = Paginator(_known(words), BOXES_A_PAGE).get_page(request.GET.get("page"))
    devices = list(page)
    whose = [one.patient_id for device in devices for one in device.associations.all()]
    mine = set(patients_of(reader).filter(id__in=whose).values_list("id", flat=True))
    heard, starts = last_of_each(devices), starts_of_each(devices, at_ms - DAY_MS)
    told = [
        _tell(device, mine, equipment_said(heard.get(device.id), starts.get(device.id, 0), at_ms), at_ms)
        for device in devices
    ]
    trail.record(reader.username, "read", "boxes")
    lends = may(reader.role, What.LEND_BOXES)
    context = {
        "nav": "boxes",
        "boxes": told,
        "page": page,
        "words": words,
        "lends": lends,
        "codes": _codes(reader) if lends else [],
        "now_ms": at_ms,
    }
    return render(request, "console/boxes.html", context)


def _codes(reader: Practitioner) -> list[EnrolmentCode]:
    """Those that wait, for patients of the reader's own."""
    waiting = codes.waiting()
    mine = set(patients_of(reader).filter(id__in=[code.patient_id for code in waiting]).values_list("id", flat=True))
    return [code for code in waiting if code.patient_id in mine]


def _known(words: str) -> QuerySet[Device]:
    """By their names, those whose name holds these words. Whom a box was for before is not asked of the database."""
    here = DeviceAssociation.objects.filter(until_ms=None).select_related("patient")
    found = (Device.objects.filter(id__icontains=words) if words else Device.objects.all()).select_related("hello")
    return found.prefetch_related(Prefetch("associations", here), "offers__package").order_by("id")


def _tell(device: Device, mine: set[str], equipment: list[Fact], at_ms: int) -> ToldBox:
    whose = [one.patient for one in device.associations.all()]
    known = [ToldPatient(one, silence_said(silence_of(one, at_ms), at_ms)) for one in whose if one.id in mine]
    kept = pending(device)
    state, since_ms = state_of(device)
    return ToldBox(
        device=device,
        state=device_state(device, at_ms),
        patients=known,
        others=len(whose) - len(known),
        keeps=keeps_said(kept),
        pending=kept,
        packages=tell_packages(device.offers.all()),
        equipment=equipment,
        loan="" if state == "lent" else loan_said(state),
        loan_ms=since_ms,
    )
