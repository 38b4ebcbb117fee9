"""From a readable report to what stands beside the sessions: forms, needs, reasons, lessons, self-tests."""

from typing import Any

from clinic.fleet.models import Device
from clinic.results.answers import answer_fields, questions_of, text
from clinic.results.interpret import (
    check_measures,
    check_whole,
    form_for,
    known_plan,
    patient_of,
    retime,
    timing,
)
from clinic.results.models import (
    FormAnswer,
    FormResponse,
    LedgerRow,
    LessonReading,
    Need,
    SelfTest,
    StopReason,
)
from clinic.results.sheet import version_of
from mqtt_bridge.contract import report as contract
from mqtt_bridge.contract.care import CarePlan
from mqtt_bridge.contract.report import Report

FOLLOW_UP, READ_BACK = "follow-up", "read-back"
"""Purposes that the plan does not give: a following day of a care, and what was understood of a lesson."""
TIMED = (FormResponse, LessonReading, SelfTest)


def write_form(row: LedgerRow, report: Report, told: contract.FormAnswered) -> None:
    """Raises Unfit."""
    check_measures(told.delay_s)
    check_whole(told.day)
    patient, response = patient_of(row.device, report), told.response
    kept = FormResponse.objects.create(
        row=row,
        device=row.device,
        patient_id=patient,
        occasion=told.occasion,
        request=told.request,
        **_asked(known_plan(report), told),
        plan=report.plan or "",
        plan_version=version_of(report),
        questionnaire=text(response.questionnaire),
        status=response.status,
        source=text(response.source.reference),
        answered_by=told.answered_by or "",
        delay_s=told.delay_s,
        after=told.after or "",
        day=told.day,
        **timing(row, told.asked),
    )
    questions = questions_of(form_for(report, response))
    answers = [{"position": n, **answer_fields(item, questions)} for n, item in enumerate(response.item)]
    FormAnswer.objects.bulk_create([FormAnswer(response=kept, **answer) for answer in answers])


def _asked(plan: CarePlan | None, told: contract.FormAnswered) -> dict[str, Any]:
    """What the plan calls it, why it was asked, and whether it is about a relative."""
    for form in plan.forms if plan else ():
        if form.id == told.request:
            return {"title": form.title, "purpose": form.purpose, "about_relative": form.about_relative}
    for one in plan.follow_ups if plan else ():
        if one.id == told.request:
            return {"title": one.title, "purpose": FOLLOW_UP}
    for lesson in plan.education if plan else ():
        if lesson.id == told.request:
            return {"title": lesson.title, "purpose": READ_BACK}
    return {"title": told.request, "purpose": FOLLOW_UP if told.after else ""}


def write_need(row: LedgerRow, report: Report, told: contract.NeedTold) -> None:
    """Raises Unfit."""
    patient_of(row.device, report)
    Need.objects.create(
        row=row,
        device=row.device,
        session=told.session,
        rule=text(told.rule),
        offered=told.offered,
        chosen=told.chosen,
    )


def write_stop_reason(row: LedgerRow, report: Report, told: contract.StopExplained) -> None:
    """Raises Unfit."""
    patient_of(row.device, report)
    StopReason.objects.create(row=row, device=row.device, session=told.session, reason=told.reason)


def write_lesson(row: LedgerRow, report: Report, told: contract.LessonRead) -> None:
    """Raises Unfit."""
    check_measures(told.duration_s)
    check_whole(told.version, told.pages_read, told.pages)
    plan = known_plan(report)
    titles = {lesson.id: lesson.title for lesson in plan.education} if plan else {}
    LessonReading.objects.create(
        row=row,
        device=row.device,
        patient_id=patient_of(row.device, report),
        lesson=told.lesson,
        version=told.version,
        title=titles.get(told.lesson, told.lesson),
        pages_read=told.pages_read,
        pages=told.pages,
        duration_s=told.duration_s,
        **timing(row, told.opened),
    )


def write_self_test(row: LedgerRow, told: contract.SelfTested) -> None:
    """Raises Unfit."""
    findings = [{"check": one.check, "fine": one.fine, "told": text(one.told)} for one in told.findings]
    SelfTest.objects.create(row=row, device=row.device, findings=findings, **timing(row, told.made))


def retime_boot(device: Device, boot: str) -> None:
    for kind in TIMED:
        retime(kind, device, boot)
