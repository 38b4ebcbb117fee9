"""What a draft begins as: from a protocol, from a plan that was signed, or from nothing."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.utils import timezone
from msgspec.structs import replace

from clinic.plans.forms import HOUSE_FORM
from clinic.plans.library import form_named, lesson_named
from clinic.plans.plan_draft import (
    ActivityDraft,
    CodeDraft,
    EducationDraft,
    FormDraft,
    LimitsDraft,
    PackageDraft,
    PeriodDraft,
)
from clinic.plans.protocols import CareTemplate, PlanDefinition
from clinic.plans.unfinished import UnfinishedPlan
from mqtt_bridge.contract.care import AccessCode, CarePlan, ServiceRequest
from mqtt_bridge.contract.framing import Limits
from mqtt_bridge.contract.identity import Period
from mqtt_bridge.contract.schedule import FormRequest
from mqtt_bridge.contract.teaching import Education

BLANK_DAYS = 90


@dataclass(frozen=True)
class OnShelf:
    """A version of a package, as a plan names it."""

    id: str
    fingerprint: str
    duration_s: int


Shelf = Callable[[str], OnShelf | None]
"""The package of this id that a plan would take now; None: it is not on the shelf."""


def blank(today: dt.date) -> UnfinishedPlan:
    return UnfinishedPlan(period=PeriodDraft(today, today + dt.timedelta(days=BLANK_DAYS)))


def from_protocol(definition: PlanDefinition, today: dt.date, shelf: Shelf) -> UnfinishedPlan:
    """Raises ContractError: it names a form or a lesson that is not there."""
    return UnfinishedPlan(
        period=PeriodDraft(today, today + dt.timedelta(days=definition.days)),
        place=definition.place,
        activity=tuple(care_of(care, shelf) for care in definition.activity),
        needs=definition.needs,
        forms=tuple(replace(form, questionnaire=_canonical(form.questionnaire)) for form in definition.forms),
        follow_ups=tuple(replace(one, questionnaire=_canonical(one.questionnaire)) for one in definition.follow_ups),
        education=tuple(_lesson(one) for one in definition.education),
        messages=definition.messages,
        garden=definition.garden,
        eyes_closed=definition.eyes_closed,
        still=definition.still,
        sensitive=definition.sensitive,
    )


def care_of(care: CareTemplate, shelf: Shelf) -> ActivityDraft:
    """A protocol's care with the package that is on the shelf now; without one, its id alone."""
    found = shelf(care.package)
    return ActivityDraft(
        id=care.id,
        title=care.title,
        kind=care.kind,
        duration_s=found.duration_s if found else care.duration_s,
        package=PackageDraft(care.package, found.fingerprint if found else ""),
        explanation=care.explanation,
        advice=care.advice,
        questionnaire=_canonical(care.questionnaire or HOUSE_FORM),
        level_dba=care.level_dba,
        level_max_dba=care.level_max_dba,
        limits=LimitsDraft(care.limits.hours, care.limits.per_day_max, care.limits.interval_s_min),
    )


def _canonical(form: str) -> str:
    return form_named(form).canonical


def _lesson(one: EducationDraft) -> EducationDraft:
    """Its pages are copied in: the plan keeps them whatever becomes of the lesson."""
    return lesson_draft(one.lesson, one.id) if one.lesson else one


def lesson_draft(name: str, name_in_plan: str) -> EducationDraft:
    """A lesson of the library as a plan holds it. Raises ContractError."""
    lesson = lesson_named(name)
    read_back = _canonical(lesson.read_back) if lesson.read_back else ""
    return EducationDraft(
        id=name_in_plan, version=lesson.version, title=lesson.title, pages=lesson.page, read_back=read_back
    )


def from_plan(plan: CarePlan) -> UnfinishedPlan:
    """The draft that would be signed as this very plan again; what it carries, it carries on."""
    return UnfinishedPlan(
        period=_days(plan.period),
        place=plan.place,
        id=plan.id,
        activity=tuple(_activity(request) for request in plan.activity),
        questionnaires=plan.questionnaires,
        sensitive=plan.sensitive,
        needs=plan.needs,
        forms=tuple(_form(form) for form in plan.forms),
        follow_ups=plan.follow_ups,
        education=tuple(_education(one) for one in plan.education),
        pharmacy=plan.pharmacy,
        code=_code(plan.code),
        locked=plan.locked,
        messages=plan.messages,
        garden=plan.garden,
        eyes_closed=plan.eyes_closed,
        still=plan.still,
        time_zone=plan.time_zone,
    )


def _activity(request: ServiceRequest) -> ActivityDraft:
    return ActivityDraft(
        id=request.id,
        title=request.title,
        kind=request.kind,
        duration_s=request.duration_s,
        package=PackageDraft(request.package.id, request.package.fingerprint),
        explanation=request.explanation,
        advice=request.advice,
        questionnaire=request.questionnaire,
        level_dba=request.level_dba,
        level_max_dba=request.level_max_dba,
        gain_db=request.gain_db,
        gain_max_db=request.gain_max_db,
        limits=_limits(request.limits),
    )


def _limits(limits: Limits) -> LimitsDraft:
    period = _days(limits.period) if limits.period else None
    return LimitsDraft(limits.hours, limits.per_day_max, limits.interval_s_min, period)


def _form(form: FormRequest) -> FormDraft:
    return FormDraft(
        id=form.id,
        title=form.title,
        questionnaire=form.questionnaire,
        purpose=form.purpose,
        every_days=form.every_days,
        start=_day(form.start_ms),
        open_days=form.open_days,
        respondent=form.respondent,
        about_relative=form.about_relative,
    )


def _education(one: Education) -> EducationDraft:
    return EducationDraft(id=one.id, version=one.version, title=one.title, pages=one.pages, read_back=one.read_back)


def _code(code: AccessCode | None) -> CodeDraft | None:
    return CodeDraft(kind=code.kind, digest=code.digest, length=code.length) if code else None


def _days(period: Period) -> PeriodDraft:
    return PeriodDraft(_day(period.start_ms), _day(period.end_ms - 1))


def _day(at_ms: int) -> dt.date:
    return dt.datetime.fromtimestamp(at_ms / 1000, timezone.get_default_timezone()).date()


def free_id(wanted: str, taken: Iterable[str]) -> str:
    """`wanted`, or with the first number that makes it the only one."""
    known = set(taken)
    if wanted not in known:
        return wanted
    return next(f"{wanted[:60]}-{n}" for n in range(2, len(known) + 3) if f"{wanted[:60]}-{n}" not in known)


def carried(draft: UnfinishedPlan) -> Mapping[str, str]:
    """Titles of the forms that the draft itself carries, by their canonical."""
    return {form.canonical: form.title for form in draft.questionnaires if not isinstance(form, str)}


__all__ = [
    "BLANK_DAYS", "OnShelf", "Shelf", "blank", "care_of", "carried", "free_id", "from_plan",
    "from_protocol", "lesson_draft",
]  # fmt: skip
