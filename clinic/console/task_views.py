"""Tasks (B3): those of one patient, and one of them: taken, handed to another, ended with what was done."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from clinic.audit import trail
from clinic.clock import now_ms
from clinic.console.coordination_forms import EndForm, HandToForm, TaskForm
from clinic.console.day_told import around, tell
from clinic.console.gate import needs
from clinic.console.once import once
from clinic.console.opening import open_patient
from clinic.console.signed_in import practitioner_of
from clinic.console.typed import typed
from clinic.coordination import tasks, waiting
from clinic.coordination.models import Task
from clinic.errors import RecordError
from clinic.people.access import patients_of
from clinic.people.may import What, may
from clinic.people.models import Patient, Practitioner
from clinic.worklist import gather


def found_task(who: Practitioner, task_id: int, *, does: bool = False) -> Task:
    """Raises Http404: of another's patient, or of none; the two look the same, and it is in the trail."""
    found = (tasks.done_by if does else tasks.seen_by)(who).filter(pk=task_id).first()
    if found is None:
        trail.record(who.username, "refused", f"task {task_id}")
        raise Http404
    return found


@needs(What.DO_TASKS)
@require_http_methods(["GET", "HEAD", "POST"])
@once
def patient_tasks(request: HttpRequest, patient_id: str) -> HttpResponse:
    """A POST writes one down."""
    what = What.DO_TASKS if request.method == "POST" else What.READ_SOCIAL
    patient, who = open_patient(request, patient_id, "tasks", what), practitioner_of(request)
    only_social = not may(who.role, What.READ_RECORD)
    form = TaskForm(patient, request.POST if request.method == "POST" else None, only_social=only_social)
    if form.is_valid():
        told = form.cleaned_data
        tasks.give(
            patient,
            who,
            told["reason"],
            owner=told["owner"],
            due_ms=form.due_ms,
            urgent=told["urgent"],
            social=told["social"],
            note=told["note"],
        )
        return HttpResponseRedirect(reverse("tasks", args=[patient.id]))
    return _of_patient(request, patient, form)


def _of_patient(request: HttpRequest, patient: Patient, form: TaskForm) -> HttpResponse:
    who, at_ms = practitioner_of(request), now_ms()
    entries = gather(waiting.entry(one) for one in tasks.open_of(who, patient))
    context = {
        "nav": "patients",
        "patient": patient,
        "referring": patient.referring,
        "open": tell(entries, around(entries), who, at_ms),
        "ended": list(tasks.ended_of(who, patient)),
        "writes": patients_of(who, What.DO_TASKS).filter(pk=patient.pk).exists(),
        "form": form,
        "now_ms": at_ms,
    }
    return render(request, "console/tasks.html", context)


@needs(What.DO_TASKS)
@require_http_methods(["GET", "HEAD", "POST"])
def one_task(request: HttpRequest, task_id: int) -> HttpResponse:
    """A POST (`act`) takes it, hands it to another, ends it, or says that it is not done any more."""
    who = practitioner_of(request)
    task = found_task(who, task_id, does=request.method == "POST")
    error = ""
    if request.method == "POST":
        error = _acted(request, task, who)
        if not error:
            return HttpResponseRedirect(_next(request, task))
    trail.record(who.username, "read", "task", task.patient_id)
    return _of_task(request, task, error)


def _next(request: HttpRequest, task: Task) -> str:
    ended = request.POST.get("act") in ("end", "cancel")
    return reverse("day") if ended else reverse("task", args=[task.pk])


def _of_task(request: HttpRequest, task: Task, error: str) -> HttpResponse:
    who, at_ms = practitioner_of(request), now_ms()
    entries = [waiting.entry(task)]
    [told] = tell(entries, around(entries), who, at_ms)
    context = {
        "nav": "day",
        "task": task,
        "told": told,
        "patient": task.patient,
        "acts": task.ended_ms is None and tasks.done_by(who).filter(pk=task.pk).exists(),
        "end": EndForm(request.POST if request.POST.get("act") in ("end", "cancel") else None),
        "hand": HandToForm(
            task.patient, request.POST if request.POST.get("act") == "hand" else None, social=task.social
        ),
        "error": error,
        "now_ms": at_ms,
    }
    return render(request, "console/task.html", context)


def _acted(request: HttpRequest, task: Task, who: Practitioner) -> str:
    """Why not; empty when it is done."""
    act = request.POST.get("act")
    if act not in ("take", "hand", "end", "cancel"):
        raise Http404
    words = {"take": "task taken", "hand": "task handed to another", "end": "task ended", "cancel": "task cancelled"}
    trail.record(who.username, "write", words[act], task.patient_id)
    try:
        match act:
            case "take":
                tasks.take(task, who)
            case "hand":
                form = HandToForm(task.patient, request.POST, social=task.social)
                if not form.is_valid():
                    return gettext("Choisissez quelqu’un de l’équipe du patient.")
                tasks.hand_to(task, form.cleaned_data["to"])
            case _:
                tasks.end(task, who, typed(request, "done"), cancelled=act == "cancel")
    except RecordError:
        if Task.objects.filter(pk=task.pk, ended_ms=None).exists():
            return gettext("Écrivez ce qui a été fait : cela reste au dossier.")
        return gettext("Cette tâche est déjà terminée.")
    return ""
