"""PLAN.toml or PLAN.json: what a clinician writes; the signature, the patient and the version are added by `prescribe`.

    place = "establishment"
    sensitive = false            # true: the weekly dose of H.870's sensitive mode
    [period]
    start = 2025-11-21
    end = 2026-02-21              # the last day, included
    [[activity]]
    id = "riviere"
    title = "Relaxation : la rivière"
    kind = "relaxation"
    duration_s = 1200
    level_dba = 70               # how loud it begins; level_max_dba = 80: how loud the person may make it
    explanation = ["..."]
    advice = ["..."]
    package = { id = "riviere", manifest = "../packages/riviere/manifest.toml" }    # or fingerprint = "sha-256"

Without `questionnaire` an activity asks the house's five cones and comment; `questionnaires` may carry FHIR ones.
"""

import datetime as dt
import hashlib
import json
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from django.utils import timezone
from msgspec import Meta

from clinic.plans.forms import check, house_form
from mqtt_bridge.contract.care import LEVEL_DBA_MAX, CareKind, CarePlan, PackageReference, ServiceRequest, check_levels
from mqtt_bridge.contract.codec import ContractError, Word, decode, encode
from mqtt_bridge.contract.forms import Questionnaire
from mqtt_bridge.contract.identity import Identifier, Patient, Period, Practitioner


class PeriodDraft(Word, frozen=True):
    start: dt.date
    end: dt.date


class PackageDraft(Word, frozen=True):
    id: Identifier
    fingerprint: str = ""
    manifest: str = ""
    """A manifest's path, beside the plan's file, when the fingerprint is to be computed."""


class ActivityDraft(Word, frozen=True):
    id: Identifier
    title: Annotated[str, Meta(min_length=1, max_length=200)]
    kind: CareKind
    duration_s: int
    package: PackageDraft
    explanation: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
    questionnaire: str = ""
    level_dba: float = 70.0
    level_max_dba: float = LEVEL_DBA_MAX
    gain_db: float | None = None
    gain_max_db: float | None = None
    """Of plans written before levels: where they stand, the softer of gain and level counts."""


class PlanDraft(Word, frozen=True):
    period: PeriodDraft
    activity: Annotated[tuple[ActivityDraft, ...], Meta(min_length=1)]
    place: Literal["home", "establishment"] = "establishment"
    id: Identifier | None = None
    """The plan's name; without one, `plan-` and the patient's id. Its versions grow."""
    questionnaires: tuple[Questionnaire, ...] = ()
    sensitive: bool = False


def read(path: Path) -> PlanDraft:
    """The draft in a file. Raises ContractError."""
    try:
        raw = path.read_text()
        parsed: Any = json.loads(raw) if path.suffix == ".json" else tomllib.loads(raw)
        draft = msgspec.convert(parsed, PlanDraft)
    except OSError as error:
        raise ContractError(f"{path}: {error.strerror}") from error
    except (ValueError, msgspec.ValidationError) as error:
        raise ContractError(f"{path}: {error}") from error
    return _fingerprinted(draft, path.parent)


def care_plan(draft: PlanDraft, plan: str, version: int, patient: Patient, requester: Practitioner) -> CarePlan:
    """The contract's plan, checked whole. Raises ContractError."""
    forms = draft.questionnaires or (house_form(),)
    content = CarePlan(
        id=plan,
        version=version,
        patient=patient,
        place=draft.place,
        period=_period(draft.period),
        requester=requester,
        activity=tuple(_request(activity, forms) for activity in draft.activity),
        questionnaires=forms,
        sensitive=draft.sensitive,
    )
    _check(content)
    return content


def _check(content: CarePlan) -> None:
    decode(encode(content), CarePlan)  # msgspec checks bounds and patterns when it reads, not when we build
    names = [request.id for request in content.activity]
    if len(names) != len(set(names)):
        raise ContractError("two activities bear the same id")
    for form in content.questionnaires:
        check(form)
    for request in content.activity:
        _check_request(content, request)


def _check_request(content: CarePlan, request: ServiceRequest) -> None:
    check_levels(request)
    try:
        content.questionnaire(request.questionnaire)
    except KeyError as error:
        raise ContractError(f"activity {request.id}: the plan does not carry the questionnaire {error}") from error


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
    )


def _period(draft: PeriodDraft) -> Period:
    """From the first midnight to the one after the last day, by the clinic's own time zone."""
    start, end = _midnight_ms(draft.start), _midnight_ms(draft.end + dt.timedelta(days=1))
    if start >= end:
        raise ContractError(f"period: it ends on {draft.end}, before it starts on {draft.start}")
    return Period(start_ms=start, end_ms=end)


def _midnight_ms(day: dt.date) -> int:
    return int(dt.datetime.combine(day, dt.time(), timezone.get_default_timezone()).timestamp() * 1000)


def _fingerprinted(draft: PlanDraft, folder: Path) -> PlanDraft:
    activity = tuple(msgspec.structs.replace(a, package=_with_fingerprint(a.package, folder)) for a in draft.activity)
    return msgspec.structs.replace(draft, activity=activity)


def _with_fingerprint(package: PackageDraft, folder: Path) -> PackageDraft:
    if bool(package.fingerprint) == bool(package.manifest):
        raise ContractError(f"package {package.id}: give its `fingerprint`, or its `manifest` to compute it from")
    if package.fingerprint:
        return package
    manifest = folder / package.manifest
    try:
        return msgspec.structs.replace(package, fingerprint=hashlib.sha256(manifest.read_bytes()).hexdigest())
    except OSError as error:
        raise ContractError(f"package {package.id}: {manifest}: {error.strerror}") from error
