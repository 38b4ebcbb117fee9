"""The boxes: when they were last heard, and what they still keep."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinic.audit import trail
from clinic.clock import now_ms
from clinic.console.gate import needs
from clinic.console.packages_told import ToldPackage, tell_packages
from clinic.console.signed_in import practitioner_of
from clinic.console.told import device_state, keeps_said
from clinic.fleet.models import Device
from clinic.people.access import patients_of
from clinic.people.may import What
from clinic.people.models import Patient
from clinic.results.pending import pending


@dataclass(frozen=True)
class ToldBox:
    """`patients`: those of the reader's care teams only; `others`: how many more the box is for."""

    device: Device
    state: tuple[str, str]
    patients: list[Patient]
    others: int
    keeps: str
    pending: int | None
    packages: list[ToldPackage]


@needs(What.SEE_BOXES)
@require_safe
def boxes(request: HttpRequest) -> HttpResponse:
    reader = practitioner_of(request)
    mine = set(patients_of(reader).values_list("id", flat=True))
    known = Device.objects.select_related("hello").order_by("id")
    devices = known.prefetch_related("associations__patient", "offers__package")
    told = [_tell(device, mine) for device in devices]
    trail.record(reader.username, "read", "boxes")
    return render(request, "console/boxes.html", {"nav": "boxes", "boxes": told, "now_ms": now_ms()})


def _tell(device: Device, mine: set[str]) -> ToldBox:
    whose = [a.patient for a in device.associations.all() if a.until_ms is None]
    known = [patient for patient in whose if patient.id in mine]
    kept = pending(device)
    packages = tell_packages(device.offers.all())
    return ToldBox(device, device_state(device), known, len(whose) - len(known), keeps_said(kept), kept, packages)
