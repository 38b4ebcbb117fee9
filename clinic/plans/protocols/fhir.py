"""A protocol as a FHIR R4 PlanDefinition, for other systems. What they cannot express (levels, lessons) is in words.

Source: HL7 FHIR R4, PlanDefinition; UCUM for durations; FHIRPath for the conditions.
"""

from typing import Any

from clinic.plans.library import form_named
from clinic.plans.plan_draft import FormDraft
from clinic.plans.protocols.definition import CareTemplate, PlanDefinition
from mqtt_bridge.contract.need import HELP, Condition, NeedRule
from mqtt_bridge.contract.schedule import FollowUp

Json = dict[str, Any]
TYPES = "http://terminology.hl7.org/CodeSystem/plan-definition-type"
UCUM = "http://unitsofmeasure.org"


def plan_definition(told: PlanDefinition) -> Json:
    """Raises ContractError: a form that it names is not there."""
    name = "".join(part.capitalize() for part in told.url.rpartition(":")[2].replace("-", " ").split())
    return {
        "resourceType": "PlanDefinition",
        "url": told.url,
        "version": told.version,
        "name": name,
        "title": told.title,
        "status": "active",
        "type": {"coding": [{"system": TYPES, "code": "clinical-protocol"}]},
        "description": told.purpose,
        "purpose": told.source,
        **({"usage": told.rhythm} if told.rhythm else {}),
        "action": [
            *(_care(one) for one in told.activity),
            *(_need(one) for one in told.needs),
            *(_form(one) for one in told.forms),
            *(_follow_up(one, told) for one in told.follow_ups),
        ],
    }


def _care(one: CareTemplate) -> Json:
    limits = one.limits
    repeat: Json = {"frequency": 1, "period": 1, "periodUnit": "d"}
    if limits.per_day_max is not None and limits.per_day_max > 1:
        repeat["frequencyMax"] = limits.per_day_max
    levels = f"{one.level_dba:g} dBA, max {one.level_max_dba:g} dBA"
    hours = [f"{span.start}-{span.end}" for span in limits.hours]
    return {
        "id": one.id,
        "title": one.title,
        "description": " · ".join([one.package, levels, *hours]),
        "textEquivalent": "\n".join((*one.explanation, *one.advice)),
        "timingTiming": {"repeat": repeat},
    }


def _need(rule: NeedRule) -> Json:
    conditions = [
        {"kind": "applicability", "expression": {"language": "text/fhirpath", "expression": expression}}
        for one in rule.conditions
        for expression in _expressions(one)
    ]
    related = [] if rule.offer == HELP else [{"actionId": rule.offer, "relationship": "before-start"}]
    return {
        "id": rule.id,
        "title": rule.reason,
        "description": rule.offer,
        "condition": conditions,
        **({"relatedAction": related} if related else {}),
    }


def _expressions(one: Condition) -> list[str]:
    score = f"%resource.descendants().where(linkId='{one.item}').answer.valueInteger"
    told = ((">=", one.at_least), ("<=", one.at_most))
    found = [f"{score} {sign} {number}" for sign, number in told if number is not None]
    risen = one.risen_by
    return found if risen is None else [*found, f"{score} - %before >= {risen}"]


def _form(one: FormDraft) -> Json:
    return {
        "id": one.id,
        "title": one.title,
        "timingTiming": {"repeat": {"frequency": 1, "period": one.every_days, "periodUnit": "d"}},
        "definitionCanonical": form_named(one.questionnaire).canonical,
    }


def _follow_up(one: FollowUp, told: PlanDefinition) -> Json:
    after = one.requests or tuple(care.id for care in told.activity)
    related = [
        {"actionId": care, "relationship": "after-end", "offsetDuration": _days(day)}
        for care in after
        for day in one.days
    ]
    canonical = form_named(one.questionnaire).canonical
    return {"id": one.id, "title": one.title, "relatedAction": related, "definitionCanonical": canonical}


def _days(count: int) -> Json:
    return {"value": count, "unit": "d", "system": UCUM, "code": "d"}
