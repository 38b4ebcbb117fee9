"""Break-glass: opening a record from outside its care team."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from clinic.audit import trail
from clinic.console import lockout
from clinic.console.forms import EmergencyForm
from clinic.console.gate import needs
from clinic.console.refusals import said
from clinic.console.signed_in import practitioner_of
from clinic.people import emergency
from clinic.people.may import What
from clinic.people.refusals import Refusal


@needs(What.BREAK_GLASS)
@require_http_methods(["GET", "HEAD", "POST"])
def open_in_emergency(request: HttpRequest) -> HttpResponse:
    who = practitioner_of(request)
    form = EmergencyForm(request.POST if request.method == "POST" else None)
    tried = lockout.attempt(request, f"emergency {who.username}")
    if form.is_valid() and not lockout.may_try(tried):
        trail.record(who.username, "refused", "emergency: too many tries")
        form.add_error(None, gettext("Trop d’essais. Attendez un quart d’heure, puis réessayez."))
    elif form.is_valid():
        cleaned = form.cleaned_data
        try:
            emergency.check_reason(cleaned["reason"])
            patient = emergency.find(cleaned["identifier"], cleaned["given"], cleaned["family"])
            trail.record(who.username, "break-glass", cleaned["reason"], patient.id)
            emergency.open_record(patient, who, cleaned["reason"])
            lockout.right(tried)
            return HttpResponseRedirect(reverse("sessions", args=[patient.id]))
        except Refusal as refusal:
            words = f"{refusal.code}: {cleaned['identifier']} {cleaned['given']} {cleaned['family']}"
            if refusal.code == "reason-short":  # nothing was guessed at
                lockout.right(tried)
            trail.record(who.username, "refused", f"emergency, {words}")
            form.add_error("reason" if refusal.code == "reason-short" else None, said(refusal))
    minutes = emergency.OPEN_S // 60
    return render(request, "console/emergency.html", {"nav": "patients", "form": form, "minutes": minutes})


@needs(What.BREAK_GLASS)
@require_POST
def close_emergency(request: HttpRequest) -> HttpResponse:
    who = practitioner_of(request)
    for opened in emergency.in_force(who):
        trail.record(who.username, "break-glass", "closed before its time", opened.patient_id)
    emergency.close(who)
    return HttpResponseRedirect(reverse("patients"))
