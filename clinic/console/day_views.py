"""« Ma journée »: one list of what waits, of all of one's patients, the most pressing first."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from clinic import worklist
from clinic.audit import trail
from clinic.clock import now_ms
from clinic.console.day_told import around, tell
from clinic.console.gate import needs
from clinic.console.signed_in import practitioner_of
from clinic.console.task_views import found_task
from clinic.coordination import tasks
from clinic.errors import RecordError
from clinic.people.may import What

ROWS_MAX = 60
CHOICES = ("tout", "moi", "libre")


@needs(What.DO_TASKS)
@require_safe
def my_day(request: HttpRequest) -> HttpResponse:
    """`voir`: everything, what is mine or was passed on to me, or what nobody has taken."""
    who, at_ms = practitioner_of(request), now_ms()
    trail.record(who.username, "read", "my day")
    waiting = worklist.waiting_for(who, at_ms)
    entries = worklist.gather(waiting.entries)
    told = tell(entries, around(entries), who, at_ms)
    shown = request.GET.get("voir") if request.GET.get("voir") in CHOICES else CHOICES[0]
    kept = {
        "tout": told,
        "moi": [one for one in told if one.mine],
        "libre": [one for one in told if not one.entry.owner],
    }
    page = Paginator(kept[str(shown)], ROWS_MAX).get_page(request.GET.get("page"))
    context = {
        "nav": "day",
        "shown": shown,
        "counts": {name: len(found) for name, found in kept.items()},
        "late": sum(one.late for one in told),
        "page": page,
        "cut": bool(waiting.cut),
        "cut_max": worklist.OF_A_SOURCE_MAX,
        "now_ms": at_ms,
    }
    return render(request, "console/day.html", context)


@needs(What.DO_TASKS)
@require_POST
def take_from_day(request: HttpRequest, task_id: int) -> HttpResponse:
    """« Je m’en occupe », from the list itself."""
    who = practitioner_of(request)
    task = found_task(who, task_id, does=True)
    trail.record(who.username, "write", "task taken", task.patient_id)
    try:
        tasks.take(task, who)
    except RecordError:
        return HttpResponseRedirect(reverse("task", args=[task.pk]))  # it has ended meanwhile: by whom is told there
    return HttpResponseRedirect(_back(request))


def _back(request: HttpRequest) -> str:
    asked = request.POST.get("next", "")
    return asked if url_has_allowed_host_and_scheme(asked, allowed_hosts=None) else reverse("day")
