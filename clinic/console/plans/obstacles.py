"""Why the box could not ask a form that is being written, in the words of who writes it."""

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext
from msgspec.structs import replace

from clinic.plans.forms.editing import UnfinishedForm, as_questionnaire
from clinic.plans.forms.shorthand import ItemShorthand, WhenShorthand
from mqtt_bridge.contract.codec import ContractError


def obstacle(form: UnfinishedForm) -> str:
    """The contract's own sentence, for a technician; empty: the box could ask it."""
    try:
        as_questionnaire(form)
    except ContractError as error:
        return str(error)
    return ""


def obstacles(form: UnfinishedForm) -> list[str]:
    """What the editor lets happen, with its remedy; empty where only the contract's sentence tells."""
    found = [] if any(_answered(one) for one in form.item) else [gettext("Ajoutez une question qui a une réponse.")]
    for place, one in enumerate(form.item):
        found += _conditions(form, form.item[:place], one)
    return found


def _answered(item: ItemShorthand) -> bool:
    return item.kind != "words"


def _conditions(form: UnfinishedForm, before: Iterable[ItemShorthand], item: ItemShorthand) -> Iterator[str]:
    asked = {one.id: one for one in before}
    for condition in item.when:
        about = form.named(condition.question)
        if about is None or not _answered(about):
            words = gettext("« %(item)s » dépend d’une question qui n’est plus là : refaites sa condition.")
            yield words % {"item": item.question}
        elif about.id not in asked:
            words = gettext("« %(item)s » dépend de « %(about)s », posée après elle : montez « %(about)s ».")
            yield words % {"item": item.question, "about": about.question}
        elif not _can_hold(form, about, item, condition):
            words = gettext("« %(item)s » dépend d’une réponse que « %(about)s » n’a plus : refaites sa condition.")
            yield words % {"item": item.question, "about": about.question}


def _can_hold(form: UnfinishedForm, about: ItemShorthand, item: ItemShorthand, condition: WhenShorthand) -> bool:
    """By the contract's own rule, of the two questions alone."""
    pair = (replace(about, when=()), replace(item, when=(condition,)))
    return not obstacle(replace(form, item=pair))
