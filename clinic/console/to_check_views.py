"""What staff have to look at: conflicts, held reports, what could not be read; tried again, or set aside by name."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.audit import trail
from clinic.console.gate import needs
from clinic.console.ordering import home_here, pen_here, ring
from clinic.console.signed_in import practitioner_of
from clinic.console.templatetags.words import beside_box, of_box
from clinic.console.typed import typed
from clinic.coordination.dispositions import aside_to_check, dispose, held_to_check, looked_at
from clinic.errors import RecordError
from clinic.ingest.held import retry, retry_held
from clinic.people.may import What
from clinic.results.models import LedgerRow, Quarantine
from clinic.results.problems import Code
from mqtt_bridge.seal import load_secret

ROWS_MAX = 100


@needs(What.CHECK_ARRIVALS)
@require_safe
def to_check(request: HttpRequest) -> HttpResponse:
    trail.record(practitioner_of(request).username, "read", "what is to be checked")
    aside = aside_to_check()
    context = {
        "nav": "to-check",
        "held": Paginator(held_to_check(), ROWS_MAX).page(1),
        "conflicts": Paginator(aside.filter(kind=Quarantine.Kind.CONFLICT), ROWS_MAX).page(1),
        "unreadable": Paginator(aside.filter(kind=Quarantine.Kind.UNREADABLE), ROWS_MAX).page(1),
        "looked_at": list(looked_at()),
        "tried": _tried(request),
    }
    return render(request, "console/to_check.html", context)


def _tried(request: HttpRequest) -> tuple[int, int] | None:
    """What the last trying again brought, as its redirection says it."""
    told = [request.GET.get(name, "") for name in ("entres", "restent")]
    if not all(one.isascii() and one.isdecimal() and len(one) < 10 for one in told):
        return None
    return int(told[0]), int(told[1])


@needs(What.CHECK_ARRIVALS)
@require_POST
def retry_all(request: HttpRequest) -> HttpResponse:
    trail.record(practitioner_of(request).username, "write", "held reports tried again")
    entered, held = retry_held(load_secret(home_here().clinic_keys), pen_here())
    ring()
    return HttpResponseRedirect(f"{reverse('to-check')}?entres={entered}&restent={held}")


@needs(What.CHECK_ARRIVALS)
@require_http_methods(["GET", "HEAD", "POST"])
def held_row(request: HttpRequest, row_id: int) -> HttpResponse:
    """A POST (`act`) tries it again, or sets it aside."""
    row = LedgerRow.objects.select_related("device", "disposition__by").filter(pk=row_id).first()
    if row is None or not _was_held(row):
        raise Http404
    about = {
        "row": row,
        "stored": row.state == LedgerRow.State.STORED,
        "box": row.device_id,
        "about": f"{row.stream} · {row.epoch} · {row.seq}",
        "first_ms": row.received_ms,
        "last_ms": row.received_ms,
        "times": 1,
    }
    return _arrival(request, row, about)


def _was_held(row: LedgerRow) -> bool:
    """Held, or looked at while it was: other reports are nobody's business here."""
    return row.state == LedgerRow.State.HELD or hasattr(row, "disposition")


@needs(What.CHECK_ARRIVALS)
@require_http_methods(["GET", "HEAD", "POST"])
def one_aside(request: HttpRequest, aside_id: int) -> HttpResponse:
    aside = Quarantine.objects.select_related("disposition__by").filter(pk=aside_id).first()
    if aside is None:
        raise Http404
    about = {
        "box": of_box(aside.topic),
        "about": beside_box(aside.topic),
        "first_ms": aside.first_ms,
        "last_ms": aside.last_ms,
        "times": aside.times,
    }
    return _arrival(request, aside, about)


def _arrival(request: HttpRequest, found: LedgerRow | Quarantine, about: dict[str, Any]) -> HttpResponse:
    error = ""
    if request.method == "POST":
        error = _acted(request, found)
        if not error:
            return HttpResponseRedirect(reverse("to-check"))
        found.refresh_from_db(fields=["code", "problem"])
    trail.record(practitioner_of(request).username, "read", f"an arrival that could not be read: {found.pk}")
    kept = getattr(found, "disposition", None)
    context = {
        **about,
        "nav": "to-check",
        "code": found.code,
        "technical": "" if found.code == Code.BAD_ANSWER else found.problem,  # it would tell the answer
        "size": len(found.payload),
        "digest": found.digest,
        "kept": kept,
        "again": kept is not None and kept.at_ms < about["last_ms"],
        "reason": typed(request, "reason"),
        "error": error,
    }
    return render(request, "console/arrival.html", context)


def _acted(request: HttpRequest, found: LedgerRow | Quarantine) -> str:
    """Why not; empty when it is done."""
    who, act = practitioner_of(request), request.POST.get("act")
    if act == "retry" and isinstance(found, LedgerRow):
        trail.record(who.username, "write", f"a held report tried again: {found.pk}")
        entered = retry(found.pk, load_secret(home_here().clinic_keys), pen_here())
        ring()
        return "" if entered else gettext("Toujours pas lisible : la cause ci-dessous est celle de maintenant.")
    if act != "aside":
        raise Http404
    trail.record(who.username, "write", f"an arrival set aside: {found.pk}")
    try:
        dispose(found, who, typed(request, "reason"))
    except RecordError:
        return gettext("Écrivez la raison, en cinq lettres au moins : un autre doit la comprendre.")
    return ""
