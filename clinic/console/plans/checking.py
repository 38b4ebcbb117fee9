"""What keeps a draft from being signed, part by part, in words; the last word has what a plan's file is checked by."""

from dataclasses import dataclass

import msgspec
from django.utils import timezone
from django.utils.translation import gettext

from clinic.console.plans.plan_words import contraindication_said
from clinic.plans.plan_file import care_plan, resolved
from clinic.plans.unfinished import UnfinishedPlan, finished
from clinic.shelf.choosing import LookedUp
from mqtt_bridge.contract import identity
from mqtt_bridge.contract.codec import ContractError, encode
from mqtt_bridge.contract.forms import Questionnaire
from mqtt_bridge.contract.need import HELP, items_of
from mqtt_bridge.contract.questions import Information, screens

PLAN_BYTES_MAX = 160 * 1024
"""An order holds 256 KiB, sealed; its plan a little less, and a shared box carries several."""


@dataclass(frozen=True)
class Problem:
    """part: of the draft; subject: id of the care, rule... ; technical: the contract's own words, in English."""

    part: str
    subject: str
    words: str
    technical: str = ""


def problems_of(plan: UnfinishedPlan, looked: LookedUp) -> tuple[Problem, ...]:
    """Empty: it can be signed."""
    found = [*_cares(plan, looked), *_frame(plan), *_references(plan)]
    if found:
        return tuple(found)
    return _by_the_contract(plan)


def _cares(plan: UnfinishedPlan, looked: LookedUp) -> list[Problem]:
    if not plan.activity:
        return [Problem("cares", "", gettext("Aucun soin n’est encore attribué."))]
    against = looked.all_against((one.package.id, one.package.fingerprint) for one in plan.activity)
    found = []
    for one in plan.activity:
        if not one.package.fingerprint:
            words = gettext("La séance « %(name)s » n’est pas sur l’étagère.") % {"name": one.package.id}
            found.append(Problem("cares", one.id, words))
        if told := against.get(one.package.fingerprint):
            what = ", ".join(map(contraindication_said, sorted(told)))
            found.append(Problem("cares", one.id, gettext("Contre-indiqué : %(what)s.") % {"what": what}))
        if not one.explanation:
            found.append(Problem("cares", one.id, gettext("Écrivez l’explication.")))
    return found


def _frame(plan: UnfinishedPlan) -> list[Problem]:
    found = []
    if plan.period.end < timezone.localdate():
        found.append(Problem("frame", "", gettext("Le dernier jour du plan est passé.")))
    if plan.locked and plan.code is None:
        found.append(Problem("frame", "", gettext("Un code est demandé, et la personne n’en a pas.")))
    if plan.code is not None and not plan.code.digest:
        found.append(Problem("frame", "", gettext("Le code de la personne n’est pas encore choisi.")))
    return found


def _references(plan: UnfinishedPlan) -> list[Problem]:
    """Rules and following days may speak of a care, or of a question, that was taken out since."""
    cares = {one.id for one in plan.activity}
    gone = gettext("Le soin dont il s’agit n’est plus dans le plan.")
    asked = items_asked(plan)
    found = [Problem("needs", one.id, gone) for one in plan.needs if one.offer != HELP and one.offer not in cares]
    found += [Problem("follow-ups", one.id, gone) for one in plan.follow_ups if not set(one.requests) <= cares]
    for rule in plan.needs:
        if strange := [one.item for one in rule.conditions if one.item not in asked]:
            words = gettext("Aucun questionnaire du plan ne demande « %(item)s ».") % {"item": strange[0]}
            found.append(Problem("needs", rule.id, words))
    names = [one.id for one in plan.forms] + [one.id for one in plan.follow_ups]
    names += [one.id for one in plan.education if one.read_back]
    twice = {name for name in names if names.count(name) > 1}
    words = gettext("Deux questionnaires ou leçons portent le même nom : renommez l’un des deux.")
    return found + [Problem("forms", name, words) for name in sorted(twice)]


def forms_of(plan: UnfinishedPlan) -> tuple[Questionnaire, ...]:
    """Those that the plan would carry, as far as its names are known."""
    try:
        kept = msgspec.structs.replace(plan, activity=tuple(one for one in plan.activity if one.package.fingerprint))
        return tuple(form for form in resolved(kept).questionnaires if isinstance(form, Questionnaire))
    except ContractError:
        return tuple(form for form in plan.questionnaires if isinstance(form, Questionnaire))


def items_asked(plan: UnfinishedPlan) -> dict[str, str]:
    """(linkId: question) of everything that the plan's forms ask and a rule can look at."""
    forms = forms_of(plan)
    asked: dict[str, str] = {}
    for form in forms:  # those of the cares come first: of two questions of one name, theirs is said
        for one in screens(form):
            if not isinstance(one.question, Information):
                asked.setdefault(one.question.link_id, one.question.question)
    return {name: asked[name] for name in sorted(items_of(forms)) if name in asked}


def _by_the_contract(plan: UnfinishedPlan) -> tuple[Problem, ...]:
    """The same check as `chevet-clinic prescribe` makes of a file."""
    told = identity.Patient(id="patient", address_as="X"), identity.Practitioner(given="X", role="X")
    try:
        content = care_plan(resolved(finished(plan)), plan.id or "plan", 1, *told)
    except (ContractError, msgspec.ValidationError) as error:
        words = gettext("La boîte refuserait ce plan.")
        return (Problem(*_place(plan, str(error)), words, str(error)),)
    if len(encode(content)) > PLAN_BYTES_MAX:
        words = gettext("Le plan est trop long pour un envoi : enlevez des questionnaires, des leçons ou des soins.")
        return (Problem("frame", "", words),)
    return ()


def _place(plan: UnfinishedPlan, words: str) -> tuple[str, str]:
    """Which part the contract's words speak of, by the ids that they name."""
    named: dict[str, tuple[str, ...]] = {
        "cares": tuple(one.id for one in plan.activity),
        "needs": tuple(one.id for one in plan.needs),
        "forms": tuple(one.id for one in plan.forms),
        "follow-ups": tuple(one.id for one in plan.follow_ups),
        "lessons": tuple(one.id for one in plan.education),
    }
    spoken = words.replace(":", " ").split()
    return next(((part, one) for part, ids in named.items() for one in ids if one in spoken), ("frame", ""))
