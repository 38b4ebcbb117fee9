"""Lending a box by a one-time code, and the end of a loan: asked back, revoked, wiped, returned, disinfected."""

import contextlib
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.audit import trail
from clinic.clock import now_ms
from clinic.console import qr
from clinic.console.boxes_views import told_box
from clinic.console.gate import needs
from clinic.console.loan_form import LendForm
from clinic.console.loan_words import loan_said, steps_of_loan
from clinic.console.ordering import home_here, pen_here, ring
from clinic.console.signed_in import practitioner_of
from clinic.console.suitability_words import newest_said
from clinic.console.typed import typed
from clinic.errors import RecordError
from clinic.fleet import codes
from clinic.fleet.boxes import note_disinfected, note_returned
from clinic.fleet.loans import state_of
from clinic.fleet.models import Device, EnrolmentCode
from clinic.people.access import patients_of
from clinic.people.may import What, may
from clinic.people.models import Patient, Practitioner
from clinic.plans.ending import knows_since_ms, plays_until_ms, revoke_box, take_back
from clinic.suitability.assessing import newest_of
from mqtt_bridge.contract.codec import ContractError

ACTS = ("take-back", "revoke", "wipe", "returned", "disinfected")
ASKED_TWICE = ("take-back", "revoke", "wipe")
REASON_MAX = 500


@dataclass(frozen=True)
class Paper:
    """What staff give to whoever stands at the box, once."""

    box: str
    patient: Patient
    place: str
    """What was last found where it is to stand."""
    url: str
    text: str
    file: str
    expires_ms: int


@needs(What.LEND_BOXES)
@require_http_methods(["GET", "HEAD", "POST"])
def lend(request: HttpRequest) -> HttpResponse:
    """The form, then the code: it is shown in this one answer and nowhere else."""
    who = practitioner_of(request)
    form = LendForm(request.POST if request.method == "POST" else None)
    mine = patients_of(who, What.LEND_BOXES)
    form.offer(mine, newest_of(mine.order_by()))
    if form.is_valid():
        try:
            paper = _code(who, form)
        except (RecordError, ContractError):
            form.add_error("box", _why_not(form.cleaned_data["box"]))
        else:
            context = {"nav": "boxes", "paper": paper, "picture": qr.drawn(paper.file), "now_ms": now_ms()}
            return render(request, "console/enrolment_code.html", context)
    return render(request, "console/lend.html", {"nav": "boxes", "form": form})


def _why_not(name: str) -> str:
    """Of a name that no new box can have, with the remedy."""
    if Device.objects.filter(id=name).exists():
        return gettext("Une boîte porte ou a porté ce nom : donnez-en un autre, ou laissez vide pour le suivant.")
    return gettext("Lettres sans accent, chiffres et tirets, comme boite-7 ; ou laissez vide pour le suivant.")


def _code(who: Practitioner, form: LendForm) -> Paper:
    home = home_here()
    patient, url = form.cleaned_data["patient"], home.configuration().registrar_url
    ca = (home.authority / "ca.pem").read_bytes()
    made = codes.make_code(patient, form.cleaned_data["box"], ca, who.username)
    trail.record(who.username, "write", f"enrolment code {made.code.name} for box {made.code.box}", patient.id)
    file = f'clinic_url = "{url}"\ncode = "{made.text}"\n'
    place = newest_said(newest_of([patient.id]).get(patient.id))
    return Paper(made.code.box, patient, place, url, made.text, file, made.code.expires_ms)


@needs(What.LEND_BOXES)
@require_POST
def cancel_code(request: HttpRequest, code_id: int) -> HttpResponse:
    who = practitioner_of(request)
    mine = patients_of(who, What.LEND_BOXES)
    found = EnrolmentCode.objects.filter(pk=code_id, patient__in=mine, used_ms=None).first()
    if found is None:
        raise Http404
    trail.record(who.username, "write", f"enrolment code {found.name} cancelled", found.patient_id)
    codes.cancel(found)
    return HttpResponseRedirect(reverse("boxes"))


@needs(What.SEE_BOXES)
@require_safe
def one_box(request: HttpRequest, box_id: str) -> HttpResponse:
    trail.record(practitioner_of(request).username, "read", f"box {box_id}"[:100])
    return _page(request, box_id)


@needs(What.END_LOANS)
@require_POST
def end_loan(request: HttpRequest, box_id: str) -> HttpResponse:
    """What cannot be undone is asked twice: the second POST, `sure`, does it."""
    device, act = _device(box_id), request.POST.get("act", "")
    if act not in ACTS:
        raise Http404
    there = HttpResponseRedirect(reverse("box", args=[device.id]))
    if act not in [name for name, _ in _choices(device)]:
        return there  # done already, by a second click or by another: the page says so
    if act in ASKED_TWICE and request.POST.get("sure") != act:
        return _page(request, device.id, act)
    with contextlib.suppress(RecordError):  # done at this instant
        _do(practitioner_of(request), device, act, typed(request, "reason")[:REASON_MAX])
    return there


def _do(who: Practitioner, device: Device, act: str, reason: str) -> None:
    """What is written of it in the trail stands before it is done."""
    why = f": {reason}" if reason else ""
    trail.record(who.username, "write", f"box {device.id}: {act}{why}")
    match act:
        case "take-back":
            take_back(device, pen_here())
        case "revoke" | "wipe":
            revoke_box(device, reason, pen_here(), wipe=act == "wipe")
        case "returned":
            note_returned(device)
        case _:
            note_disinfected(device, who.username)
    ring()


def _device(box_id: str) -> Device:
    found = Device.objects.filter(id=box_id).first() if "\0" not in box_id else None
    if found is None:
        raise Http404
    return found


def _choices(device: Device) -> list[tuple[str, str]]:
    """What may be done with the box now, and its words."""
    if device.revoked_ms is None:
        back = [("take-back", gettext("Redemander la boîte"))] if device.return_asked_ms is None else []
        ends = [
            ("revoke", gettext("Révoquer sans effacer")),
            ("wipe", gettext("Perdue ou volée : révoquer et effacer")),
        ]
        return [*back, *ends]
    if device.returned_ms is None:
        return [("returned", gettext("Noter qu’elle est de retour"))]
    return [] if device.disinfected_ms else [("disinfected", gettext("Noter que le casque est désinfecté"))]


def _is_cut_off(device: Device, asked: str) -> bool:
    """Whether it is told nothing more, or would not be: what it may still play is worth looking up then."""
    return device.wiped_ms is None and (device.revoked_ms is not None or asked == "revoke")


def _page(request: HttpRequest, box_id: str, asked: str = "") -> HttpResponse:
    who, at_ms = practitioner_of(request), now_ms()
    box = told_box(box_id, who, at_ms)
    if box is None:
        raise Http404
    device = box.device
    state, since_ms = state_of(device)
    places = newest_of([one.patient_id for one in box.patients])
    context = {
        "nav": "boxes",
        "box": box,
        "device": device,
        "state": loan_said(state),
        "since_ms": since_ms,
        "steps": steps_of_loan(device),
        "patients": [(one.patient, newest_said(places.get(one.patient_id))) for one in box.patients],
        "others": box.others,
        "choices": _choices(device) if may(who.role, What.END_LOANS) else [],
        "asked": asked,
        "asked_said": dict(_choices(device)).get(asked, ""),
        "reason": typed(request, "reason"),
        "plays_until_ms": plays_until_ms(device) if _is_cut_off(device, asked) else None,
        "knows_since_ms": knows_since_ms(device),
        "certificate": device.certificates.order_by("-not_after_ms").first(),
        "now_ms": at_ms,
    }
    return render(request, "console/box.html", context)
