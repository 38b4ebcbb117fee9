"""What arrived before there were tasks and was read by nobody waits too: strong pain, words, answers, a message.

Of the last DAYS days: what is older stays counted as unread on each patient's page, and is no list of what presses. What
was read by anybody, or has a task already, is left alone. Back, nothing is taken away: who took one is not forgotten.
"""

import time

from django.db import migrations
from django.db.models import Exists, Max, OuterRef, Q

DAYS, DAY_MS = 30, 86_400_000
PAIN_ITEMS, STRONG_PAIN = ("douleur", "pain"), 7
REASON_MAX = 200
ROWS_AT_ONCE = 500


def notice(apps, _schema_editor):
    since_ms = time.time_ns() // 1_000_000 - DAYS * DAY_MS
    _keep(apps, _evaluations(apps, since_ms))
    _keep(apps, _forms(apps, since_ms))
    _keep(apps, _messages(apps, since_ms))


def _keep(apps, tasks):
    model, some = apps.get_model("coordination", "Task"), []
    for told in tasks:
        some.append(model(**told))
        if len(some) == ROWS_AT_ONCE:
            model.objects.bulk_create(some)
            some = []
    model.objects.bulk_create(some)


def _unseen(apps, found, since_ms):
    """Of the last days, read by nobody, without a task."""
    read = apps.get_model("results", "Reading").objects.filter(row=OuterRef("row"))
    noticed = apps.get_model("coordination", "Task").objects.filter(row=OuterRef("row"))
    return found.filter(row__received_ms__gte=since_ms).filter(~Exists(read), ~Exists(noticed)).order_by("pk")


def _evaluations(apps, since_ms):
    found = _unseen(apps, apps.get_model("results", "Evaluation").objects.filter(given_in=""), since_ms)
    strong = Q(answers__item__in=PAIN_ITEMS, answers__score__gte=STRONG_PAIN)
    found = found.filter(strong | Q(answers__words__gt="")).distinct().select_related("session", "row")
    for one in found.prefetch_related("answers"):
        kind, words, score = _of(one.answers.all())
        sure = one.session.error_ms is not None
        at_ms = one.session.started_ms if sure else one.row.received_ms
        yield _task(one.session.patient_id, kind, words, score, one.row_id, "sessions", at_ms, sure)


def _forms(apps, since_ms):
    found = _unseen(apps, apps.get_model("results", "FormResponse").objects.all(), since_ms)
    for one in found.prefetch_related("answers"):
        kind, words, score = (None, "", None) if one.about_relative else _of(one.answers.all())
        kind, words = (kind, words) if kind else ("answers", one.title)
        yield _task(one.patient_id, kind, words, score, one.row_id, "follow-up", *_known(one))


def _messages(apps, since_ms):
    """A ready answer is read; a message waits for an answer, once for each person, since the first of theirs."""
    found = _unseen(apps, apps.get_model("correspondence", "MessageFromPatient").objects.all(), since_ms)
    ours = apps.get_model("correspondence", "MessageToPatient").objects.values("patient").annotate(last=Max("sent_ms"))
    last_ms = dict(ours.values_list("patient", "last"))
    waits = apps.get_model("coordination", "Task").objects.filter(kind="message", ended_ms=None)
    waiting = set(waits.values_list("patient", flat=True))
    for one in found:
        if one.reply_to:
            yield _task(one.patient_id, "answers", one.text, None, one.row_id, "messages", *_known(one))
        elif one.patient_id not in waiting and one.received_ms > last_ms.get(one.patient_id, 0):
            waiting.add(one.patient_id)
            yield _task(one.patient_id, "message", one.text, None, one.row_id, "messages", *_known(one))


def _of(answers):
    """(kind, words, score); strong pain before a comment, and no kind when there is neither."""
    scores = [a.score for a in answers if a.item in PAIN_ITEMS and a.score is not None]
    words = "\n".join(a.words for a in answers if a.words)
    if scores and max(scores) >= STRONG_PAIN:
        return "strong-pain", words, max(scores)
    return ("comment" if words else None), words, None


def _known(one):
    return (one.received_ms if one.error_ms is None else one.at_ms), one.error_ms is not None


def _task(patient, kind, words, score, row, read_on, at_ms, sure):
    said = " ".join(words.split())
    return {
        "patient_id": patient,
        "kind": kind,
        "reason": said if len(said) <= REASON_MAX else f"{said[: REASON_MAX - 1]}…",
        "score": score,
        "row_id": row,
        "read_on": read_on,
        "authored_ms": at_ms,
        "uncertain": not sure,
    }


class Migration(migrations.Migration):
    dependencies = [
        ("coordination", "0001_initial"),
        ("correspondence", "0001_initial"),
        ("results", "0006_given_in"),
    ]
    operations = [migrations.RunPython(notice, migrations.RunPython.noop)]
