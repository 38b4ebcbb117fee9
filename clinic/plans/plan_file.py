"""PLAN.toml or PLAN.json: what a clinician writes; the signature, the patient and the version are added by `prescribe`.

clinic/README.md shows one, and `demonstration.fr.toml` uses everything. A form is named as one of the house
(`sommeil.fr`), by its file beside the plan's (FHIR R4 JSON, or the house's TOML), or as `url|version` of one in
`questionnaires`. Without `questionnaire` an activity asks the first of them, or the house's five cones.
"""

import datetime as dt
import hashlib
import json
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
from django.utils import timezone
from msgspec.structs import replace

from clinic.plans import whereabouts
from clinic.plans.codes import access_code
from clinic.plans.forms import HOUSE_FORM, form_file, house_form, house_forms
from clinic.plans.lessons import house_lessons, lesson_file
from clinic.plans.library import form_named, forms_of_the_house, lesson_named
from clinic.plans.plan_draft import (
    TITLE_MAX,
    ActivityDraft,
    CodeDraft,
    EducationDraft,
    FormDraft,
    LimitsDraft,
    PackageDraft,
    PeriodDraft,
    PlanDraft,
)
from mqtt_bridge.contract.care import CarePlan, PackageReference, ServiceRequest, check_plan
from mqtt_bridge.contract.codec import ContractError, decode, encode
from mqtt_bridge.contract.forms import Questionnaire
from mqtt_bridge.contract.framing import Limits
from mqtt_bridge.contract.identity import Patient, Period, Practitioner
from mqtt_bridge.contract.schedule import FollowUp, FormRequest
from mqtt_bridge.contract.teaching import Education

Ask = Callable[[str], str]
"""Asks the person at the keyboard for a code, unseen."""


def read(path: Path, ask: Ask | None = None) -> PlanDraft:
    """The draft in a file, checked whole. Raises ContractError: the line, what is wrong, what is allowed."""
    raw, toml = "", path.suffix != ".json"
    try:
        raw = path.read_text()
        parsed: Any = tomllib.loads(raw) if toml else json.loads(raw)
        draft = resolved(msgspec.convert(parsed, PlanDraft), path.parent, ask)
        care_plan(draft, "plan", 1, Patient(id="patient", address_as="X"), Practitioner(given="X", role="X"))
    except OSError as error:
        raise ContractError(f"{path}: {error.strerror}") from error
    except (ValueError, msgspec.ValidationError) as error:
        raise ContractError(f"{path}: {whereabouts.told(raw, error, toml=toml)}") from error
    return draft


def care_plan(draft: PlanDraft, plan: str, version: int, patient: Patient, requester: Practitioner) -> CarePlan:
    """The contract's plan, checked whole. Raises ContractError."""
    forms = tuple(form for form in draft.questionnaires if isinstance(form, Questionnaire)) or (house_form(),)
    period = _period(draft.period)
    content = CarePlan(
        id=plan,
        version=version,
        patient=patient,
        place=draft.place,
        period=period,
        requester=requester,
        activity=tuple(_request(activity, forms) for activity in draft.activity),
        questionnaires=forms,
        sensitive=draft.sensitive,
        needs=draft.needs,
        forms=tuple(_form_request(form, period) for form in draft.forms),
        follow_ups=draft.follow_ups,
        education=tuple(_education(lesson) for lesson in draft.education),
        pharmacy=draft.pharmacy,
        code=access_code(draft.code) if draft.code else None,
        locked=draft.locked,
        messages=draft.messages,
        garden=draft.garden,
        eyes_closed=draft.eyes_closed,
        still=draft.still,
        time_zone=draft.time_zone,
    )
    content = decode(encode(content), CarePlan)  # msgspec checks bounds when it reads, not when we build
    _check_follow_ups(content)
    _check_titles(content)
    check_plan(content)
    return content


def _check_follow_ups(plan: CarePlan) -> None:
    known = {request.id for request in plan.activity}
    for one in plan.follow_ups:
        if unknown := set(one.requests) - known:
            raise ContractError(f"{one.id} follows {sorted(unknown)}: the plan prescribes {sorted(known)}")


def _check_titles(plan: CarePlan) -> None:
    named: tuple[ServiceRequest | FormRequest | FollowUp | Education, ...]
    named = (*plan.activity, *plan.forms, *plan.follow_ups, *plan.education)
    for one in named:
        if len(one.title) > TITLE_MAX:
            raise ContractError(
                f"{one.id} is called {one.title!r}: {len(one.title)} characters; at most {TITLE_MAX} stand on a tile"
            )


def _request(activity: ActivityDraft, forms: tuple[Questionnaire, ...]) -> ServiceRequest:
    return ServiceRequest(
        id=activity.id,
        title=activity.title,
        kind=activity.kind,
        package=PackageReference(id=activity.package.id, fingerprint=activity.package.fingerprint),
        duration_s=activity.duration_s,
        explanation=activity.explanation,
        advice=activity.advice,
        questionnaire=activity.questionnaire or forms[0].canonical,
        level_dba=activity.level_dba,
        level_max_dba=activity.level_max_dba,
        gain_db=activity.gain_db,
        gain_max_db=activity.gain_max_db,
        limits=_limits(activity.limits),
    )


def _limits(draft: LimitsDraft) -> Limits:
    return Limits(
        hours=draft.hours,
        per_day_max=draft.per_day_max,
        interval_s_min=draft.interval_s_min,
        period=_period(draft.period) if draft.period else None,
    )


def _form_request(form: FormDraft, period: Period) -> FormRequest:
    return FormRequest(
        id=form.id,
        title=form.title,
        questionnaire=form.questionnaire,
        purpose=form.purpose,
        every_days=form.every_days,
        start_ms=_midnight_ms(form.start) if form.start else period.start_ms,
        open_days=form.open_days,
        respondent=form.respondent,
        about_relative=form.about_relative,
    )


def _education(lesson: EducationDraft) -> Education:
    if lesson.title is None:
        raise ContractError(f"lesson {lesson.id}: give its `lesson`, or its own `title` and `pages`")
    return Education(
        id=lesson.id, version=lesson.version, title=lesson.title, pages=lesson.pages, read_back=lesson.read_back
    )


def _period(draft: PeriodDraft) -> Period:
    """From the first midnight to the one after the last day, by the clinic's own time zone."""
    start, end = _midnight_ms(draft.start), _midnight_ms(draft.end + dt.timedelta(days=1))
    if start >= end:
        raise ContractError(f"period: it ends on {draft.end}, before it starts on {draft.start}")
    return Period(start_ms=start, end_ms=end)


def _midnight_ms(day: dt.date) -> int:
    return int(dt.datetime.combine(day, dt.time(), timezone.get_default_timezone()).timestamp() * 1000)


# What the file names is looked up


def resolved(draft: PlanDraft, folder: Path | None = None, ask: Ask | None = None) -> PlanDraft:
    """Fingerprints computed, lessons and forms taken in, the code asked for.

    folder: where the files are that it names; None: a draft of the console, which names none. Raises ContractError.
    """
    education = tuple(_with_pages(lesson, folder) for lesson in draft.education)
    shelf = Forms(folder, draft.questionnaires)
    silent = any(not one.questionnaire for one in draft.activity)
    first = shelf.canonical(_default_form(draft)) if silent else ""
    activity = tuple(
        replace(
            one,
            package=_with_fingerprint(one.package, folder),
            questionnaire=shelf.canonical(one.questionnaire) if one.questionnaire else first,
        )
        for one in draft.activity
    )
    return replace(
        draft,
        activity=activity,
        forms=tuple(replace(one, questionnaire=shelf.canonical(one.questionnaire)) for one in draft.forms),
        follow_ups=tuple(replace(one, questionnaire=shelf.canonical(one.questionnaire)) for one in draft.follow_ups),
        education=tuple(
            replace(one, read_back=shelf.canonical(one.read_back) if one.read_back else "") for one in education
        ),
        code=_with_secret(draft.code, ask),
        questionnaires=tuple(shelf.taken.values()),
    )


def _default_form(draft: PlanDraft) -> str:
    """What an activity asks that names no form."""
    if not draft.questionnaires:
        return HOUSE_FORM
    first = draft.questionnaires[0]
    return first.canonical if isinstance(first, Questionnaire) else first


class Forms:
    """The forms that a plan carries, by their canonical names; those that are named are taken in."""

    def __init__(self, folder: Path | None, given: tuple[str | Questionnaire, ...]) -> None:
        self._folder = folder
        self.taken: dict[str, Questionnaire] = {}
        for form in given:
            self._take(form if isinstance(form, Questionnaire) else self._find(form))

    def canonical(self, name: str) -> str:
        """Raises ContractError: no such form."""
        return name if name in self.taken else self._take(self._find(name))

    def _take(self, form: Questionnaire) -> str:
        house = forms_of_the_house() if self._folder is not None else {}  # a draft carries what was signed before
        known: Mapping[str, Questionnaire] = {**house, **self.taken}
        if known.get(form.canonical, form) != form:
            raise ContractError(f"form {form.canonical}: two forms bear this name: give the changed one a new version")
        self.taken[form.canonical] = form
        return form.canonical

    def _find(self, name: str) -> Questionnaire:
        if name in house_forms() or "|" in name:
            return form_named(name)
        if self._folder is not None and name.endswith((".json", ".toml")):
            return form_file(self._folder / name)
        raise ContractError(
            f"questionnaire {name}: none of the plan's `questionnaires`, no file (.json, .toml), and the house has "
            f"{', '.join(house_forms())}"
        )


def _with_pages(lesson: EducationDraft, folder: Path | None) -> EducationDraft:
    if not lesson.lesson:
        return lesson
    if lesson.title or lesson.pages:
        raise ContractError(f"lesson {lesson.id}: `lesson` takes it as it is: leave out `title` and `pages`")
    known = folder is None or lesson.lesson in house_lessons() or "|" in lesson.lesson
    found = lesson_file(folder / lesson.lesson) if folder and not known else lesson_named(lesson.lesson)
    read_back = lesson.read_back or found.read_back
    return replace(lesson, version=found.version, title=found.title, pages=found.page, read_back=read_back)


def _with_secret(code: CodeDraft | None, ask: Ask | None) -> CodeDraft | None:
    if code is None or code.secret or code.digest or ask is None:
        return code
    return replace(code, secret=ask(code.kind))


def _with_fingerprint(package: PackageDraft, folder: Path | None) -> PackageDraft:
    if folder is None and not package.fingerprint:
        raise ContractError(f"package {package.id}: it is not on the shelf")
    if bool(package.fingerprint) == bool(package.manifest):
        raise ContractError(f"package {package.id}: give its `fingerprint`, or its `manifest` to compute it from")
    if package.fingerprint or folder is None:
        return package
    manifest = folder / package.manifest
    try:
        return replace(package, fingerprint=hashlib.sha256(manifest.read_bytes()).hexdigest())
    except OSError as error:
        raise ContractError(f"package {package.id}: {manifest}: {error.strerror}") from error


__all__ = [
    "ActivityDraft", "CodeDraft", "EducationDraft", "FormDraft", "LimitsDraft", "PackageDraft", "PeriodDraft",
    "PlanDraft", "care_plan", "read", "resolved",
]  # fmt: skip
