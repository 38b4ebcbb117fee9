"""The boxes: when they were last heard, and what they still keep."""

from dataclasses import dataclass

from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from clinic.audit import trail
from clinic.clock import now_ms
from clinic.console.boxes_told import Fact, device_state, equipment_said, silence_said
from clinic.console.gate import needs
from clinic.console.loan_words import loan_said
from clinic.console.packages_told import ToldPackage, tell_packages
from clinic.console.page_number import page_number
from clinic.console.signed_in import practitioner_of
from clinic.console.suitability_words import newest_said
from clinic.console.told import keeps_said
from clinic.fleet import codes
from clinic.fleet.heartbeats import last_of_each, starts_of_each
from clinic.fleet.loans import state_of
from clinic.fleet.models import Device, DeviceAssociation, EnrolmentCode
from clinic.people.access import patients_of
from clinic.people.may import What, may
from clinic.people.models import Practitioner
from clinic.results.asked import silences_of
from clinic.results.pending import pending_of
from clinic.shelf.models import Offer
from clinic.suitability.assessing import newest_of

DAY_MS = 86_400_000
BOXES_A_PAGE = 15
WORDS_MAX = 64


@dataclass(frozen=True)
class ToldBox:
    """`patients`: those of the reader's care teams only; `others`: how many more the box is for."""

    device: Device
    state: tuple[str, str]
    patients: list[DeviceAssociation]
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
    """What the silence of each person means (X4) is asked for once the page stands (`silences`)."""
    reader, at_ms = practitioner_of(request), now_ms()
    words = _words(request)
    page = Paginator(_told_whole(_named(words), reader), BOXES_A_PAGE).get_page(request.GET.get("page"))
    told = _tell_each(list(page), at_ms)
    trail.record(reader.username, "read", "boxes")
    lends = may(reader.role, What.LEND_BOXES)
    context = {
        "nav": "boxes",
        "boxes": told,
        "follows_some": any(box.patients for box in told),
        "page": page,
        "words": words,
        "lends": lends,
        "codes": _codes(reader) if lends else [],
        "now_ms": at_ms,
    }
    return render(request, "console/boxes.html", context)


def _codes(reader: Practitioner) -> list[tuple[EnrolmentCode, str]]:
    """Those of the reader's own that wait for their box, each with what was last found where it is to stand."""
    found = list(codes.waiting().filter(patient__in=patients_of(reader)))
    places = newest_of([one.patient_id for one in found]) if found else {}
    return [(one, newest_said(places.get(one.patient_id))) for one in found]


@needs(What.SEE_BOXES)
@require_safe
def silences(request: HttpRequest) -> HttpResponse:
    """A part of the page of boxes: what the silence of each of the reader's own there means, set in its place."""
    reader, at_ms = practitioner_of(request), now_ms()
    first = (page_number(request) - 1) * BOXES_A_PAGE
    shown = _named(_words(request)).order_by("id").values("id")[first : first + BOXES_A_PAGE]
    mine = DeviceAssociation.objects.filter(device__in=shown, until_ms=None, patient__in=patients_of(reader))
    whose = dict(mine.order_by("pk").values_list("pk", "patient_id"))
    trail.record(reader.username, "read", "boxes: silences")
    found = silences_of(set(whose.values()), at_ms)
    told = [(key, silence_said(found.get(patient), at_ms)) for key, patient in whose.items()]
    return HttpResponse(render_to_string("console/silences.html", {"told": told}))


def told_box(box_id: str, reader: Practitioner, at_ms: int) -> ToldBox | None:
    """One of them, as it stands in the list; None: there is none of this name."""
    found = list(_told_whole(Device.objects.filter(id=box_id), reader)) if "\0" not in box_id else []
    return _tell_each(found, at_ms)[0] if found else None


def _tell_each(devices: list[Device], at_ms: int) -> list[ToldBox]:
    heard, starts, kept = last_of_each(devices), starts_of_each(devices, at_ms - DAY_MS), pending_of(devices)
    return [
        _tell(device, equipment_said(heard.get(device.id), starts.get(device.id, 0), at_ms), kept.get(device.id), at_ms)
        for device in devices
    ]


def _words(request: HttpRequest) -> str:
    return request.GET.get("q", "").replace("\0", "").strip()[:WORDS_MAX]


def _named(words: str) -> QuerySet[Device]:
    """Those whose name holds these words. Whom a box was for before is not asked of the database."""
    return Device.objects.filter(id__icontains=words) if words else Device.objects.all()


def _told_whole(found: QuerySet[Device], reader: Practitioner) -> QuerySet[Device]:
    """By their names, with their residents, each of whom is the reader's own (`mine`) or not, and their packages."""
    mine = Exists(patients_of(reader).filter(pk=OuterRef("patient")))
    here = DeviceAssociation.objects.filter(until_ms=None).select_related("patient").annotate(mine=mine)
    parts = (Prefetch("associations", here), Prefetch("offers", Offer.objects.select_related("package")))
    return found.select_related("hello").prefetch_related(*parts).order_by("id")


def _tell(device: Device, equipment: list[Fact], kept: int | None, at_ms: int) -> ToldBox:
    whose = list(device.associations.all())
    known = [one for one in whose if getattr(one, "mine", False)]
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
