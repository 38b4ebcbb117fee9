"""A draft kept as a protocol of the clinic: everything but the person, their dates, their code and their pharmacy."""

from msgspec import convert
from msgspec.structs import replace

from clinic.plans.plan_draft import ActivityDraft
from clinic.plans.protocols import CareTemplate, LimitsTemplate, PlanDefinition
from clinic.plans.unfinished import UnfinishedPlan


def as_protocol(plan: UnfinishedPlan, url: str, version: str, title: str, purpose: str, source: str) -> PlanDefinition:
    """Raises msgspec.ValidationError: one of the words is too long, or a care has no explanation."""
    made = PlanDefinition(
        url=url,
        version=version,
        title=title,
        purpose=purpose,
        source=source,
        days=max(1, min(366, (plan.period.end - plan.period.start).days)),
        place=plan.place,
        activity=tuple(_care(one) for one in plan.activity),
        needs=plan.needs,
        forms=tuple(replace(form, start=None) for form in plan.forms),
        follow_ups=plan.follow_ups,
        education=plan.education,
        messages=plan.messages,
        garden=plan.garden,
        eyes_closed=plan.eyes_closed,
        still=plan.still,
        sensitive=plan.sensitive,
    )
    told = {name: getattr(made, name) for name in made.__struct_fields__}
    return convert(told, PlanDefinition, from_attributes=True)


def _care(one: ActivityDraft) -> CareTemplate:
    return CareTemplate(
        id=one.id,
        title=one.title,
        kind=one.kind,
        package=one.package.id,
        duration_s=one.duration_s,
        explanation=one.explanation,
        advice=one.advice,
        questionnaire=one.questionnaire,
        level_dba=one.level_dba,
        level_max_dba=one.level_max_dba,
        limits=LimitsTemplate(one.limits.hours, one.limits.per_day_max, one.limits.interval_s_min),
    )
