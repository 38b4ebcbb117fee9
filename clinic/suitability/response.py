"""A signed checklist as the items of a FHIR R4 QuestionnaireResponse, and as plain JSON for machines."""

import json
from typing import Any

from clinic.suitability.checklist import (
    INFORMANT,
    MADE_ON,
    METHOD,
    NO,
    NOT_SEEN,
    OUTCOME,
    PLACE,
    REASON,
    REMARK,
    YES,
    lines_of,
)
from clinic.suitability.models import HomeChecklist, HomeChecklistAnswer
from mqtt_bridge.contract.codec import encode
from mqtt_bridge.contract.forms import Coding, ResponseItem, absent, answered

_YES_NO = {YES: True, NO: False}


def resource(kept: HomeChecklist, subject: Any, author: Any, authored: str) -> dict[str, Any]:
    """`subject`, `author`: the references to them; `authored`: an instant, as FHIR writes it."""
    return {
        "resourceType": "QuestionnaireResponse",
        "id": f"checklist-{kept.pk}",
        "questionnaire": kept.questionnaire,
        "status": "completed",
        "subject": subject,
        "authored": authored,
        "author": author,
        "item": [json.loads(encode(item)) for item in items_of(kept)],
    }


def items_of(kept: HomeChecklist) -> tuple[ResponseItem, ...]:
    """In the order of its Questionnaire; what was not seen is an item with its reason and no answer."""
    url = kept.questionnaire.rpartition("|")[0]
    before = (
        answered(MADE_ON, kept.made_on.isoformat()),
        answered(PLACE, Coding(url, f"{PLACE}.{kept.place}")),
        answered(METHOD, Coding(url, f"{METHOD}.{kept.method}")),
        *_words(INFORMANT, kept.informant),
    )
    lines = (item for one in kept.answers.all() for item in _line(one, url))
    after = (answered(OUTCOME, Coding(url, f"{OUTCOME}.{kept.outcome}")), *_words(REASON, kept.reason))
    return (*before, *lines, *after)


def _line(one: HomeChecklistAnswer, url: str) -> tuple[ResponseItem, ...]:
    if one.answer == NOT_SEEN:
        told = absent(one.item, "not-asked")
    elif one.answer in _YES_NO:
        told = answered(one.item, _YES_NO[one.answer])
    else:
        told = answered(one.item, Coding(url, f"{one.item}.{one.answer}"))
    return (told, *_words(f"{one.item}{REMARK}", one.remark))


def _words(link_id: str, words: str) -> tuple[ResponseItem, ...]:
    return (answered(link_id, words),) if words else ()


def as_json(kept: HomeChecklist) -> dict[str, Any]:
    """What was not seen is null, never false."""
    titles = {name: line.title for name, line in lines_of(kept.questionnaire).items()}
    return {
        "patient": kept.patient_id,
        "questionnaire": kept.questionnaire,
        "made_on": kept.made_on.isoformat(),
        "place": kept.place,
        "method": kept.method,
        "informant": kept.informant,
        "author": kept.author.username,
        "authored_ms": kept.authored_ms,
        "outcome": kept.outcome,
        "reason": kept.reason,
        "answers": [
            {
                "item": one.item,
                "title": titles.get(one.item, one.item),
                "answer": None if one.answer == NOT_SEEN else one.answer,
                "remark": one.remark,
                "task": one.task_id,
            }
            for one in kept.answers.all()
        ],
    }
