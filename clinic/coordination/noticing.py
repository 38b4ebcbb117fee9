"""What a report brings that somebody must see: strong pain, a comment, answers, a message.

Noticed as it enters the record, in the same transaction: the list of what waits never has to search the record.
"""

from clinic.coordination.models import Task
from clinic.fleet.corrected_time import correct, plausible
from clinic.results.answers import answer_fields
from clinic.results.models import FormResponse, LedgerRow
from mqtt_bridge.contract import report as contract
from mqtt_bridge.contract.forms import QuestionnaireResponse
from mqtt_bridge.contract.need import PAIN_ITEMS, STRONG_PAIN
from mqtt_bridge.contract.report import Report
from mqtt_bridge.contract.stamp import Stamp

Found = tuple[Task.Kind, str, int | None]
"""What it is, in whose words, and the pain's height."""


def notice(row: LedgerRow, report: Report) -> None:
    """After the report was written to the record. Nothing is noticed twice: a row has one task at most."""
    match report.content:
        case contract.Evaluation() as told if not told.given_in:  # answers given once count once
            _note(row, report, told.asked, of_answers(told.response), Task.ReadOn.SESSIONS)
        case contract.FormAnswered() as told:
            _note(row, report, told.asked, _of_a_form(row.formresponse, told.response), Task.ReadOn.FOLLOW_UP)
        case contract.MessageFromPatient() as told if told.reply_to:
            _note(row, report, told.written, (Task.Kind.ANSWERS, told.text, None), Task.ReadOn.MESSAGES)
        case contract.MessageFromPatient() as told:
            _note(row, report, told.written, (Task.Kind.MESSAGE, told.text, None), Task.ReadOn.MESSAGES)
        case _:
            pass


def _of_a_form(kept: FormResponse, response: QuestionnaireResponse) -> Found:
    """A relative's own answers are not the patient's pain."""
    found = None if kept.about_relative else of_answers(response)
    return found or (Task.Kind.ANSWERS, kept.title, None)


def of_answers(response: QuestionnaireResponse) -> Found | None:
    """Strong pain before a comment; None when there is neither."""
    scores = [
        score
        for item in response.item
        if item.link_id in PAIN_ITEMS and isinstance(score := answer_fields(item, None)["score"], int)
    ]
    said = [a.value_string for item in response.item for a in item.answer if a.value_string]
    words = "\n".join(said)
    if scores and max(scores) >= STRONG_PAIN:
        return Task.Kind.STRONG_PAIN, words, max(scores)
    return (Task.Kind.COMMENT, words, None) if words else None


def _note(row: LedgerRow, report: Report, stamp: Stamp, found: Found | None, read_on: Task.ReadOn) -> None:
    if found is None or report.patient is None:
        return
    kind, words, score = found
    if kind == Task.Kind.MESSAGE and _waits(report.patient):
        return
    when = plausible(correct(row.device, stamp), row.received_ms)
    sure = when.error_ms is not None
    Task.objects.create(
        patient_id=report.patient,
        kind=kind,
        row=row,
        read_on=read_on,
        reason=_begin(words),
        score=score,
        authored_ms=when.at_ms if sure else row.received_ms,
        uncertain=not sure,
    )


def _waits(patient: str) -> bool:
    """Whether a message of theirs waits for an answer already: the thread waits since then."""
    return Task.objects.filter(patient=patient, kind=Task.Kind.MESSAGE, ended_ms=None).exists()


def _begin(words: str, length_max: int = 200) -> str:
    """On one line; PostgreSQL takes no NUL."""
    said = " ".join(words.replace("\0", "\N{REPLACEMENT CHARACTER}").split())
    return said if len(said) <= length_max else f"{said[: length_max - 1]}…"
