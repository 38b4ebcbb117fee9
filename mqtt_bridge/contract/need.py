"""The need of the moment (A14): what the answers just given may propose. Pure; the plan's rules and two of the house.

The house's own: pain of 7 or more, or risen by 2 after a care, first offers « Prévenir un soignant ». It is offered,
never done by itself, and the care chosen stays available.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

from mqtt_bridge.contract.codec import ContractError, Line, Word
from mqtt_bridge.contract.forms import Questionnaire, QuestionnaireItem, QuestionnaireResponse
from mqtt_bridge.contract.identity import Identifier

HELP = "help"
"""What a rule offers when it is no care."""
PAIN_ITEMS = ("douleur", "pain")
"""linkIds under which the house and its imports ask about pain."""
STRONG_PAIN, PAIN_RISEN = 7, 2
When = Literal["before", "after", "both"]


class Condition(Word, frozen=True):
    """One item's score. `risen_by`: above the same item before the care; all that are given must hold."""

    item: str
    at_least: Annotated[int, Meta(ge=0, le=10)] | None = None
    at_most: Annotated[int, Meta(ge=0, le=10)] | None = None
    risen_by: Annotated[int, Meta(ge=1, le=10)] | None = None


class NeedRule(Word, frozen=True):
    """When every condition holds, `offer` (a prescription's id, or `help`) is proposed; `reason` is one sentence."""

    id: Identifier
    conditions: Annotated[tuple[Condition, ...], Meta(min_length=1, max_length=5)]
    offer: Identifier
    reason: Line
    moment: When = "before"


@dataclass(frozen=True)
class Need:
    """What is proposed. `reason` is empty for the house's rules: their words are the box's own. `rule` names which."""

    rule: str
    offer: str
    reason: str = ""


def needs_of(
    rules: tuple[NeedRule, ...], moment: str, given: QuestionnaireResponse, before: QuestionnaireResponse | None
) -> tuple[Need, ...]:
    """What these answers propose, help first. before: the answers before the same care, when these came after."""
    found = [Need(rule.id, rule.offer, rule.reason) for rule in rules if _speaks(rule, moment, given, before)]
    found = [*of_the_house(given, before), *found]
    once = {need.offer: need for need in reversed(found)}
    return tuple(sorted((need for need in found if once[need.offer] is need), key=lambda need: need.offer != HELP))


def _speaks(rule: NeedRule, moment: str, given: QuestionnaireResponse, before: QuestionnaireResponse | None) -> bool:
    return rule.moment in (moment, "both") and all(_holds(one, given, before) for one in rule.conditions)


def _holds(condition: Condition, given: QuestionnaireResponse, before: QuestionnaireResponse | None) -> bool:
    score = given.score(condition.item)
    if score is None:
        return False
    if condition.at_least is not None and score < condition.at_least:
        return False
    if condition.at_most is not None and score > condition.at_most:
        return False
    return condition.risen_by is None or _risen(condition.item, score, before) >= condition.risen_by


def _risen(item: str, score: int, before: QuestionnaireResponse | None) -> int:
    """How far it rose; 0 when it was not answered before."""
    earlier = before.score(item) if before else None
    return 0 if earlier is None else score - earlier


def of_the_house(given: QuestionnaireResponse, before: QuestionnaireResponse | None) -> list[Need]:
    """Strong pain, or pain that has risen since `before`, offers help."""
    for item in PAIN_ITEMS:
        score = given.score(item)
        if score is not None and score >= STRONG_PAIN:
            return [Need("strong-pain", HELP)]
        if score is not None and _risen(item, score, before) >= PAIN_RISEN:
            return [Need("pain-risen", HELP)]
    return []


def strong_pain(given: QuestionnaireResponse) -> int | None:
    """The height of a strong pain that these answers tell, the highest of its items; None when they tell none."""
    heights = [height for item in PAIN_ITEMS if (height := given.score(item)) is not None]
    return max((height for height in heights if height >= STRONG_PAIN), default=None)


def items_of(forms: tuple[Questionnaire, ...]) -> set[str]:
    """Every linkId, in whatever group it stands."""
    return {name for form in forms for item in form.item for name in _names(item)}


def _names(item: QuestionnaireItem) -> Iterator[str]:
    yield item.link_id
    for child in item.item:
        yield from _names(child)


def check_needs(rules: tuple[NeedRule, ...], requests: set[str], items: set[str]) -> None:
    """Raise ContractError when a rule offers what is not prescribed, or can never speak.

    items: the linkIds that the plan's forms ask.
    """
    names = [rule.id for rule in rules]
    if len(set(names)) != len(names):
        raise ContractError(f"two rules have one id in {names}")
    for rule in rules:
        if rule.offer != HELP and rule.offer not in requests:
            raise ContractError(f"rule {rule.id} offers {rule.offer}: the plan prescribes {sorted(requests)}")
        for one in rule.conditions:
            _check_condition(rule, one, items)


def _check_condition(rule: NeedRule, one: Condition, items: set[str]) -> None:
    if one.item not in items:
        raise ContractError(f"rule {rule.id}: no form of the plan asks {one.item!r}; they ask {sorted(items)}")
    if one.at_least is None and one.at_most is None and one.risen_by is None:
        raise ContractError(f"rule {rule.id}: its condition on {one.item} says nothing")
    if one.at_least is not None and one.at_most is not None and one.at_least > one.at_most:
        raise ContractError(f"rule {rule.id}: {one.item} cannot be {one.at_least} or more and {one.at_most} or less")
    if one.risen_by is not None and rule.moment != "after":
        raise ContractError(f"rule {rule.id}: risen_by is known after a care only")
