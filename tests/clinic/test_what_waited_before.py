"""Reports from before there were tasks: the migration makes of them the very tasks that ingest makes of new ones."""

import importlib

import pytest
from django.apps import apps

from clinic.clock import now_ms
from clinic.coordination.models import Task
from clinic.coordination.waiting import tasks
from clinic.results.models import LedgerRow, Reading
from clinic.worklist import OF_A_SOURCE_MAX
from mqtt_bridge.contract import report as told
from mqtt_bridge.contract.forms import ResponseItem
from tests.clinic.box import Scores, evaluation, listening, stamp
from tests.clinic.conftest import Clinic
from tests.clinic.test_bedside_store import form_answered, response

pytestmark = pytest.mark.django_db(databases=["default", "audit"])

CALM, STRONG = (1, 2, 3, 0, 5), (1, 2, 8, 0, 5)
DAY_MS = 86_400_000
FIELDS = ("patient", "kind", "row", "read_on", "reason", "score", "authored_ms", "uncertain", "status", "ended_ms")


def take_over() -> None:
    importlib.import_module("clinic.coordination.migrations.0002_what_waited_before").notice(apps, None)


def standing() -> list[tuple[object, ...]]:
    return list(Task.objects.order_by("row").values_list(*FIELDS))


def answers(name: str, scores: Scores, words: str | None = None, *, days_ago: int = 1) -> told.Evaluation:
    return evaluation("after", scores, words, session=name, asked=stamp(now_ms() - days_ago * DAY_MS))


def lived(clinic: Clinic) -> None:
    at = stamp(now_ms() - DAY_MS)
    for content in (
        answers("s-1", CALM),
        answers("s-2", CALM, "J’ai   froid."),
        answers("s-3", STRONG, "J’ai mal. " * 60),
        answers("s-4", STRONG),
        listening("s-4", started=at),
        form_answered(asked=at),
        form_answered(asked=at, occasion="o-2", response=response(ResponseItem(link_id="silence"))),
        told.MessageFromPatient(message="m-1", text="Bonjour", written=at),
        told.MessageFromPatient(message="m-2", text="Vous êtes là ?", written=at),
        evaluation("after", STRONG, None, session="s-5", asked=stamp(now_ms() - DAY_MS, trusted=False, boot="b-2")),
    ):
        clinic.receive(clinic.box.report(content), at_ms=now_ms())


def test_they_become_the_tasks_that_ingest_would_have_made(clinic: Clinic) -> None:
    lived(clinic)
    made = standing()
    assert {kind for _, kind, *_ in made} == {"comment", "strong-pain", "answers", "message"}
    Task.objects.all().delete()
    take_over()
    assert standing() == made
    take_over()
    assert standing() == made, "once more changes nothing"


def test_what_was_read_or_is_old_does_not_wait(clinic: Clinic) -> None:
    lived(clinic)
    read = Task.objects.get(reason="J’ai froid.").row
    Task.objects.all().delete()
    assert read is not None
    Reading.objects.create(row=read, reader=clinic.claire, read_ms=1)
    old = LedgerRow.objects.get(evaluation__session__session="s-4", evaluation__moment="after")
    LedgerRow.objects.filter(pk=old.pk).update(received_ms=now_ms() - 31 * DAY_MS)
    take_over()
    rows = set(Task.objects.values_list("row", flat=True))
    assert rows
    assert not rows & {read.pk, old.pk}


def test_a_task_that_was_ended_is_not_made_again(clinic: Clinic) -> None:
    lived(clinic)
    Task.objects.update(ended_ms=1, ended_by=clinic.claire)
    number = Task.objects.count()
    take_over()
    assert Task.objects.filter(ended_ms=None, kind__in=("comment", "strong-pain", "answers")).count() == 0
    assert Task.objects.count() - number <= 1, "the second message of a thread had none of its own"


def test_old_tasks_never_hide_a_new_pain(clinic: Clinic) -> None:
    """The list has an end; who hurts now stands before it."""
    Task.objects.bulk_create(
        Task(patient=clinic.patient, kind="comment", reason="x", authored_ms=n) for n in range(OF_A_SOURCE_MAX + 5)
    )
    Task.objects.create(patient=clinic.patient, kind="strong-pain", authored_ms=1_000_000)
    Task.objects.create(patient=clinic.patient, kind="strong-pain", authored_ms=2_000_000)
    shown = [(one.kind, one.since_ms) for one in tasks(clinic.claire, 0)]
    assert shown[:4] == [("strong-pain", 2_000_000), ("strong-pain", 1_000_000), ("comment", 0), ("comment", 1)]
