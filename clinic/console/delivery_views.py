"""Medicines to be delivered (C6): the list, and where one of them is."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from clinic.audit import trail
from clinic.clock import now_ms
from clinic.console.bedside_words import delivery_said
from clinic.console.forms import DeliveryForm
from clinic.console.ordering import pen_here, read_now, ring
from clinic.console.signed_in import practitioner_of
from clinic.correspondence import delivering
from clinic.correspondence.models import Delivery
from clinic.people.may import What
from clinic.people.models import Practitioner


@require_safe
def deliveries(request: HttpRequest) -> HttpResponse:
    who = practitioner_of(request)
    trail.record(who.username, "read", "deliveries")
    context = {
        "nav": "deliveries",
        "under_way": [(one, delivery_said(one.state)) for one in delivering.under_way(who)],
        "over": [(one, delivery_said(one.state)) for one in delivering.over(who)],
        "now_ms": now_ms(),
    }
    return render(request, "console/deliveries.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def one_delivery(request: HttpRequest, delivery_id: int) -> HttpResponse:
    """One request; a POST tells the box where it is."""
    who = practitioner_of(request)
    delivery = _found(who, delivery_id, What.TELL_DELIVERIES if request.method == "POST" else What.READ_RECORD)
    form = DeliveryForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        trail.record(who.username, "write", "delivery", delivery.patient_id)
        told = form.cleaned_data
        delivering.tell(delivery, Delivery.State(told["state"]), told["note"], who, pen_here())
        ring()
        return HttpResponseRedirect(reverse("delivery", args=[delivery.pk]))
    trail.record(who.username, "read", "delivery", delivery.patient_id)
    words = list(delivery.words.order_by("pk"))
    read_now(request, {word.row_id for word in words})
    context = {
        "nav": "deliveries",
        "delivery": delivery,
        "state": delivery_said(delivery.state),
        "words": words,
        "steps": [(step, delivery_said(step.state)) for step in delivery.steps.all()],
        "tells": delivering.seen_by(who, What.TELL_DELIVERIES).filter(pk=delivery.pk).exists(),
        "form": form,
        "now_ms": now_ms(),
    }
    return render(request, "console/delivery.html", context)


def _found(who: Practitioner, delivery_id: int, what: What) -> Delivery:
    found = delivering.seen_by(who, what).filter(pk=delivery_id).first()
    if found is None:
        trail.record(who.username, "refused", f"delivery {delivery_id}")
        raise Http404
    return found
