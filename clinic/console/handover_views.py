"""« Relève » (B3): the handovers of one's teams, one of them, and writing the next."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from clinic.audit import trail
from clinic.clock import now_ms
from clinic.console.bedside_words import rule_said
from clinic.console.gate import needs
from clinic.console.kind_words import kind_said
from clinic.console.once import once
from clinic.console.signed_in import practitioner_of
from clinic.console.typed import clean, typed
from clinic.coordination import handing_over
from clinic.coordination.models import HandoverLine, HandoverReading
from clinic.errors import RecordError
from clinic.people.may import What
from clinic.people.models import Practitioner, Team

A_PAGE = 20
LINE = "line-"
"""Before a patient's id: the name of the field with what is said of them."""


@needs(What.HAND_OVER)
@require_safe
def handovers(request: HttpRequest) -> HttpResponse:
    who = practitioner_of(request)
    trail.record(who.username, "read", "handovers")
    page = Paginator(handing_over.of_teams(who), A_PAGE).get_page(request.GET.get("page"))
    read = set(who_has_read(who, [one.pk for one in page]))
    context = {
        "nav": "handovers",
        "teams": handing_over.teams_of(who),
        "page": page,
        "notes": [(one, one.pk in read) for one in page],
        "now_ms": now_ms(),
    }
    return render(request, "console/handovers.html", context)


def who_has_read(who: Practitioner, notes: list[int]) -> list[int]:
    return list(HandoverReading.objects.filter(reader=who, handover__in=notes).values_list("handover", flat=True))


@needs(What.HAND_OVER)
@require_safe
def one_handover(request: HttpRequest, handover_id: int) -> HttpResponse:
    who = practitioner_of(request)
    note = handing_over.of_teams(who).filter(pk=handover_id).first()
    if note is None:
        trail.record(who.username, "refused", f"handover {handover_id}")
        raise Http404
    lines = handing_over.lines_for(note, who)
    trail.record(who.username, "read", f"handover {note.pk}")
    if request.method == "GET" and "prefetch" not in request.headers.get("Sec-Purpose", ""):
        handing_over.mark_read(note, who)
    context = {
        "nav": "handovers",
        "note": note,
        "lines": [_shown(line) for line in lines],
        "readings": note.readings.select_related("reader").order_by("read_ms"),
        "now_ms": now_ms(),
    }
    return render(request, "console/handover.html", context)


def _shown(line: HandoverLine) -> dict[str, Any]:
    return {
        "patient": line.patient,
        "words": line.words,
        "found": [_said(one) for one in line.found],
        "ended": [_said(one) for one in line.ended],
    }


def _said(one: dict[str, Any]) -> dict[str, Any]:
    score = one.get("score")
    pain = gettext("douleur %(score)s sur 10") % {"score": score} if score is not None else ""
    return {**one, "kind": kind_said(one["kind"]), "why": pain or rule_said(one.get("rule", ""))}


@needs(What.HAND_OVER)
@require_http_methods(["GET", "HEAD", "POST"])
@once
def write_handover(request: HttpRequest, team_id: int) -> HttpResponse:
    """What is open, new and ended stands there by itself; a POST keeps it with what the author says."""
    who = practitioner_of(request)
    team = handing_over.teams_of(who).filter(pk=team_id).first()
    if team is None:
        trail.record(who.username, "refused", f"handover of the team {team_id}")
        raise Http404
    error = ""
    if request.method == "POST":
        said = {name[len(LINE) :]: clean(str(words)) for name, words in request.POST.items() if name.startswith(LINE)}
        trail.record(who.username, "write", "handover")
        try:
            note = handing_over.write(team, who, typed(request, "words"), said)
            return HttpResponseRedirect(reverse("handover", args=[note.pk]))
        except RecordError:
            error = gettext(
                "Rien n’est ouvert et rien n’a été fait depuis la dernière relève : écrivez au moins un mot."
            )
    return _form(request, team, who, error)


def _form(request: HttpRequest, team: Team, who: Practitioner, error: str) -> HttpResponse:
    at_ms = now_ms()
    last = handing_over.last_of(team)
    since_ms = handing_over.since_ms(last, at_ms)
    found = handing_over.drafts(team, who, at_ms, since_ms)
    trail.record(who.username, "read", f"handover to be written for the team {team.pk}")
    told = [
        {
            "patient": draft.patient,
            "field": f"{LINE}{draft.patient.id}",
            "found": [_said(handing_over.found(entry, new=new)) for entry, new in draft.entries],
            "ended": [_said(handing_over.ended(one)) for one in draft.ended],
            "words": typed(request, f"{LINE}{draft.patient.id}"),
        }
        for draft in found
    ]
    context = {
        "nav": "handovers",
        "team": team,
        "last": last,
        "since_ms": since_ms,
        "some": [one for one in told if one["found"] or one["ended"]],
        "others": [one for one in told if not one["found"] and not one["ended"]],
        "words": typed(request, "words"),
        "words_max": handing_over.WORDS_MAX,
        "line_max": handing_over.LINE_MAX,
        "error": error,
        "now_ms": at_ms,
    }
    return render(request, "console/handover_form.html", context)
