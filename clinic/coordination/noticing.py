"""What a report brings that somebody must see: strong pain, a comment, answers, a message.

Noticed as it enters the record, in the same transaction: the list of what waits never has to search the record.
"""

from collections.abc import Callable, Iterable
from typing import Any

from clinic.coordination.models import Task
from clinic.fleet.corrected_time import Corrected, correct, plausible
from clinic.results.answers import score_of
from clinic.results.inserting import Inserting
from clinic.results.models import FormResponse, LedgerRow
from clinic.results.sheet import Filed
from mqtt_bridge.contract import report as contract
from mqtt_bridge.contract.forms import QuestionnaireResponse
from mqtt_bridge.contract.need import PAIN_ITEMS, STRONG_PAIN
from mqtt_bridge.contract.report import Report
from mqtt_bridge.contract.stamp import Stamp

_TASKS = Inserting(Task)

Found = tuple[Task.Kind, str, int | None]
"""What it is, in whose words, and the pain's height."""


Correct = Callable[[str, Stamp], Corrected]
"""(box, stamp): when that was, by the clinic's clock."""


def notice(row: LedgerRow, report: Report) -> None:
    """After one report that is of no care was written to the record: a row has one task at most."""
    match report.content:
        case contract.FormAnswered() as told:
            _note(row, report, told.asked, _of_a_form(row.formresponse, told.response), Task.ReadOn.FOLLOW_UP)
        case contract.MessageFromPatient() as told if told.reply_to:
            _note(row, report, told.written, (Task.Kind.ANSWERS, told.text, None), Task.ReadOn.MESSAGES)
        case contract.MessageFromPatient() as told if not _waits(report.patient):
            _note(row, report, told.written, (Task.Kind.MESSAGE, told.text, None), Task.ReadOn.MESSAGES)
        case _:
            pass


def notice_cares(told: Iterable[tuple[Filed, Report]], correct_by: Correct) -> None:
    """After a batch of reports of cares was written: one statement for all, none when there is nothing to see."""
    noticed = [
        _task(row, report, found, Task.ReadOn.SESSIONS, correct_by(row.device_id, report.content.asked))
        for row, report in told
        if isinstance(report.content, contract.Evaluation) and not report.content.given_in  # given once, counts once
        if (found := of_answers(report.content.response)) is not None
    ]
    if noticed:
        _TASKS.rows(noticed)


def _of_a_form(kept: FormResponse, response: QuestionnaireResponse) -> Found:
    """A relative's own answers are not the patient's pain."""
    found = None if kept.about_relative else of_answers(response)
    return found or (Task.Kind.ANSWERS, kept.title, None)


def of_answers(response: QuestionnaireResponse) -> Found | None:
    """Strong pain before a comment; None when there is neither."""
    scores = [score for item in response.item if item.link_id in PAIN_ITEMS and (score := score_of(item)) is not None]
    said = [a.value_string for item in response.item for a in item.answer if a.value_string]
    words = "\n".join(said)
    if scores and max(scores) >= STRONG_PAIN:
        return Task.Kind.STRONG_PAIN, words, max(scores)
    return (Task.Kind.COMMENT, words, None) if words else None


def _note(row: LedgerRow, report: Report, stamp: Stamp, found: Found | None, read_on: Task.ReadOn) -> None:
    if found is not None:
        Task.objects.create(**_task(row, report, found, read_on, correct(row.device, stamp)))


def _task(row: Filed, report: Report, found: Found, read_on: Task.ReadOn, told: Corrected) -> dict[str, Any]:
    """The columns. Of a choice its plain word: a database's client may know what a choice is, and write its name."""
    kind, words, score = found
    when = plausible(told, row.received_ms)
    sure = when.error_ms is not None
    return {
        "patient_id": report.patient or "",  # a report without one was held
        "kind": kind.value,
        "row_id": row.pk,
        "read_on": read_on.value,
        "reason": _begin(words),
        "score": score,
        "authored_ms": when.at_ms if sure else row.received_ms,
        "uncertain": not sure,
    }


def _waits(patient: str | None) -> bool:
    """Whether a message of theirs waits for an answer already: the thread waits since then."""
    return Task.objects.filter(patient=patient, kind=Task.Kind.MESSAGE, ended_ms=None).exists()


def _begin(words: str, length_max: int = 200) -> str:
    """On one line; PostgreSQL takes no NUL."""
    said = " ".join(words.replace("\0", "\N{REPLACEMENT CHARACTER}").split())
    return said if len(said) <= length_max else f"{said[: length_max - 1]}…"
