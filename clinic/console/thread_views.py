"""« Messages »: the threads of all of one's patients (A16), and whose it is to answer."""

import contextlib

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from clinic.audit import trail
from clinic.clock import now_ms
from clinic.console.opening import open_patient
from clinic.console.signed_in import practitioner_of
from clinic.coordination import tasks, threads
from clinic.errors import RecordError
from clinic.people.may import What

A_PAGE = 40
CHOICES = {"tous": "", "attend": "waiting", "moi": "mine"}


@require_safe
def all_threads(request: HttpRequest) -> HttpResponse:
    who = practitioner_of(request)
    trail.record(who.username, "read", "threads of messages")
    shown = str(request.GET.get("voir")) if request.GET.get("voir") in CHOICES else "tous"
    page = Paginator(threads.threads(who, CHOICES[shown]), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "nav": "threads",
        "shown": shown,
        "page": page,
        "threads": threads.tell(who, list(page)),
        "now_ms": now_ms(),
    }
    return render(request, "console/threads.html", context)


@require_POST
def take_thread(request: HttpRequest, patient_id: str) -> HttpResponse:
    """`take`: mine to answer; `close`: it needs no answer."""
    patient, who = (
        open_patient(request, patient_id, "thread of messages", What.WRITE_MESSAGES),
        practitioner_of(request),
    )
    waiting = threads.waiting_of(patient)
    if request.POST.get("act") not in ("take", "close"):
        raise Http404
    if waiting is not None:
        with contextlib.suppress(RecordError):  # somebody has answered meanwhile: the thread says so
            if request.POST["act"] == "take":
                tasks.take(waiting, who)
            else:
                tasks.end(waiting, who, gettext("Ne demande pas de réponse."))
    return HttpResponseRedirect(reverse("messages", args=[patient.id]))
