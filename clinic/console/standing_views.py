"""« Situation »: an access or a consent withdrawn, a death; asked twice, then told to every box at once."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from clinic.clock import now_ms
from clinic.console.bedside_words import standing_said
from clinic.console.gate import needs
from clinic.console.opening import open_patient
from clinic.console.ordering import pen_here, ring
from clinic.console.signed_in import practitioner_of
from clinic.console.told import Step, steps_of
from clinic.console.typed import typed
from clinic.people.may import What
from clinic.people.models import Patient, Standing
from clinic.plans.standing import declare, orders_of, state_of


@needs(What.DECLARE_STANDING)
@require_http_methods(["GET", "HEAD", "POST"])
def standing(request: HttpRequest, patient_id: str) -> HttpResponse:
    """The first POST asks again, with what will follow; the second, `sure`, does it."""
    patient = open_patient(request, patient_id, "standing", What.DECLARE_STANDING)
    asked = _asked(request, patient) if request.method == "POST" else None
    if asked and request.POST.get("sure") == asked.value:
        words = typed(request, "words")
        declare(patient, asked, pen_here(), by=practitioner_of(request), words=words)
        ring()
        return HttpResponseRedirect(reverse("standing", args=[patient.id]))
    return _page(request, patient, asked)


def _asked(request: HttpRequest, patient: Patient) -> Standing.State:
    told = request.POST.get("state", "")
    if told not in Standing.State.values or told == state_of(patient):
        raise Http404
    return Standing.State(told)


def _page(request: HttpRequest, patient: Patient, asked: Standing.State | None) -> HttpResponse:
    state = state_of(patient)
    history = Standing.objects.filter(patient=patient).select_related("told_by").order_by("-id")
    boxes: list[tuple[str, list[Step]]] = [(order.device_id, steps_of(order)) for order in orders_of(patient)]
    context = {
        "nav": "patients",
        "patient": patient,
        "referring": patient.referring,
        "state": standing_said(state),
        "active": state == Standing.State.ACTIVE,
        "choices": [(one.value, standing_said(one.value)) for one in Standing.State if one != state],
        "asked": asked.value if asked else "",
        "asked_said": standing_said(asked.value) if asked else "",
        "words": typed(request, "words"),
        "history": [(noted, standing_said(noted.state)) for noted in history],
        "boxes": boxes,
        "now_ms": now_ms(),
    }
    return render(request, "console/standing.html", context)
