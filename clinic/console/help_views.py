"""« Demandes d’aide »: who waits stands first; to open one tells the box that it was read."""

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from clinic.audit import trail
from clinic.clock import now_ms
from clinic.console.help_told import read_by, tell_help
from clinic.console.ordering import read_now
from clinic.console.signed_in import practitioner_of
from clinic.console.typed import typed
from clinic.correspondence import helping
from clinic.correspondence.models import HelpRequest
from clinic.errors import RecordError
from clinic.people.may import What
from clinic.people.models import Practitioner


@require_safe
def requests_for_help(request: HttpRequest) -> HttpResponse:
    who = practitioner_of(request)
    trail.record(who.username, "read", "requests for help")
    waiting, closed = list(helping.still_open(who)), list(helping.closed(who))
    context = {
        "nav": "help",
        "waiting": tell_help(waiting, read_by(waiting)),
        "closed": tell_help(closed, read_by(closed)),
        "now_ms": now_ms(),
    }
    return render(request, "console/help.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def one_request(request: HttpRequest, help_id: int) -> HttpResponse:
    """One request; a POST takes it or closes it."""
    who = practitioner_of(request)
    asked = _found(who, help_id)
    error = ""
    if request.method == "POST":
        error = _answered(request, asked, who)
        if not error:
            return HttpResponseRedirect(reverse("one-help", args=[asked.pk]) if _taken(request) else reverse("help"))
    trail.record(who.username, "read", "request for help", asked.patient_id or "")
    read_now(request, {asked.row_id})
    [told] = tell_help([asked], read_by([asked]))
    context = {"nav": "help", "told": told, "now_ms": now_ms(), "error": error, "may_answer": _may_answer(who, asked)}
    return render(request, "console/one_help.html", {**context, "done": typed(request, "done")})


def _found(who: Practitioner, help_id: int) -> HelpRequest:
    asked = helping.seen_by(who).filter(pk=help_id).first()
    if asked is None:
        trail.record(who.username, "refused", f"request for help {help_id}")
        raise Http404
    return asked


def _taken(request: HttpRequest) -> bool:
    return request.POST.get("act") == "take"


def _may_answer(who: Practitioner, asked: HelpRequest) -> bool:
    return helping.seen_by(who, What.ANSWER_HELP).filter(pk=asked.pk).exists()


def _answered(request: HttpRequest, asked: HelpRequest, who: Practitioner) -> str:
    """Why not; empty when it is done."""
    if not _may_answer(who, asked) or request.POST.get("act") not in ("take", "close"):
        trail.record(who.username, "refused", "answering a request for help", asked.patient_id or "")
        raise Http404
    act = "request for help taken" if _taken(request) else "request for help closed"
    trail.record(who.username, "write", act, asked.patient_id or "")
    try:
        with transaction.atomic():
            if _taken(request):
                helping.take(asked, who)
            else:
                helping.close(asked, who, typed(request, "done"))
    except RecordError:
        if typed(request, "done").strip() or _taken(request):
            return gettext("Cette demande est déjà close.")
        return gettext("Écrivez ce qui a été fait : cela reste au dossier.")
    return ""
