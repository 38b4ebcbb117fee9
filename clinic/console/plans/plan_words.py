"""The codes of a plan, as staff read them."""

import re

from django.utils.translation import get_language, gettext, ngettext

from clinic.console.bedside_words import purpose_said, respondent_said
from clinic.console.colon import colon
from clinic.plans.contraindications import NOT_TOLD
from clinic.plans.errors import Code, PlanRefused
from clinic.plans.protocols import PlanDefinition
from mqtt_bridge.contract.codec import ContractError
from mqtt_bridge.contract.framing import Hours
from mqtt_bridge.contract.need import HELP, Condition

NBSP = "\N{NO-BREAK SPACE}"


PARTS = {"cadre": "frame", "besoins": "needs", "questionnaires": "forms", "suites": "follow-ups", "lecons": "lessons"}
"""The parts of a draft that have a page, as its address has them."""


def address_of_part(part: str) -> str:
    return next((address for address, code in PARTS.items() if code == part), part)


def kind_said(kind: str) -> str:
    words = {
        "relaxation": gettext("relaxation"),
        "crisis": gettext("moment de crise"),
        "sleep": gettext("sommeil"),
        "sophrology": gettext("sophrologie"),
        "mediation": gettext("médiation"),
        "education": gettext("éducation"),
    }
    return words.get(kind, kind)


def part_said(part: str) -> str:
    words = {
        "cares": gettext("Soins"),
        "frame": gettext("Cadre"),
        "needs": gettext("Besoins du moment"),
        "forms": gettext("Questionnaires à un rythme"),
        "follow-ups": gettext("Jours après un soin"),
        "lessons": gettext("Leçons"),
    }
    return words[part]


def pathway_said(pathway: str) -> str:
    words = {
        "palliative": gettext("soins palliatifs"),
        "flare-up": gettext("phase aiguë ou poussée"),
        "care-home-support": gettext("appui à un établissement"),
    }
    return words.get(pathway, pathway)


def contraindication_said(code: str) -> str:
    words = {
        "musicogenic-epilepsy": gettext("épilepsie musicogène"),
        "hyperacusis": gettext("hyperacousie"),
        "dissociation": gettext("tendance à la dissociation"),
        "shortness-of-breath": gettext("essoufflement"),
        NOT_TOLD: gettext("contre-indications de la séance inconnues"),
    }
    return words.get(code, code)


def locked_said(locked: str) -> str:
    words = {
        "care": gettext("les soins"),
        "messages": gettext("les messages"),
        "answers": gettext("les réponses"),
        "garden": gettext("le jardin"),
    }
    return words.get(locked, locked)


def code_said(kind: str) -> str:
    return gettext("des images") if kind == "pictures" else gettext("un code à chiffres")


def purposes() -> list[tuple[str, str]]:
    codes = ("monitoring", "adherence", "satisfaction", "caregiver", "sleep", "other")
    return [(code, purpose_said(code) or gettext("autre")) for code in codes]


def respondents() -> list[tuple[str, str]]:
    codes = ("self", "with-relative", "relative", "carer")
    return [("", gettext("demandé sur la boîte")), *((code, respondent_said(code)) for code in codes)]


def moment_said(moment: str) -> str:
    words = {
        "before": gettext("avant un soin"),
        "after": gettext("après un soin"),
        "both": gettext("avant et après un soin"),
    }
    return words[moment]


def hour_said(told: str) -> str:
    """« 19:30 » as one says it: « 19 h 30 », « 2 h »; in English as it stands."""
    if not (get_language() or "fr").startswith("fr"):
        return told
    hour, _, minute = told.partition(":")
    return f"{int(hour)}{NBSP}h" + (f"{NBSP}{minute}" if minute != "00" else "")


def hours_said(hours: tuple[Hours, ...]) -> str:
    """Says « de 19 h 30 à 2 h »."""
    spans = [
        gettext("de %(start)s à %(end)s") % {"start": hour_said(one.start), "end": hour_said(one.end)} for one in hours
    ]
    return ", ".join(spans) if spans else gettext("à toute heure")


def times_a_day_said(count: int | None) -> str:
    if count is None:
        return gettext("autant que la personne veut")
    return ngettext("%(n)s fois par jour au plus", "%(n)s fois par jour au plus", count) % {"n": count}


def days_said(days: tuple[int, ...]) -> str:
    """Says « jours 1 et 3 »."""
    told = ", ".join(map(str, days))
    return gettext("jour %(days)s") % {"days": told} if len(days) == 1 else gettext("jours %(days)s") % {"days": told}


def every_said(days: int) -> str:
    return ngettext("chaque jour", "tous les %(n)s jours", days) % {"n": days}


def condition_said(one: Condition, asked: str) -> str:
    """Says « douleur : 7 ou plus »."""
    parts = []
    if one.at_least is not None:
        parts.append(gettext("%(n)s ou plus") % {"n": one.at_least})
    if one.at_most is not None:
        parts.append(gettext("%(n)s ou moins") % {"n": one.at_most})
    if one.risen_by is not None:
        parts.append(gettext("monté de %(n)s ou plus") % {"n": one.risen_by})
    return f"{asked}{colon()} {', '.join(parts)}"


def offer_said(offer: str, titles: dict[str, str]) -> str:
    return gettext("prévenir un soignant") if offer == HELP else titles.get(offer, offer)


def title_said(definition: PlanDefinition) -> str:
    english = definition.english if (get_language() or "fr").startswith("en") else None
    return english.title if english else definition.title


def purpose_of(definition: PlanDefinition) -> str:
    english = definition.english if (get_language() or "fr").startswith("en") else None
    return english.purpose if english else definition.purpose


def rhythm_of(definition: PlanDefinition) -> str:
    english = definition.english if (get_language() or "fr").startswith("en") else None
    return english.rhythm if english else definition.rhythm


def not_begun_said(refused: PlanRefused | ContractError) -> str:
    """Why nothing was added to the draft; the contract refuses what a protocol names and the library has no more."""
    if isinstance(refused, PlanRefused):
        return refusal_said(refused)
    return gettext(
        "Ce protocole nomme un questionnaire ou une leçon que la bibliothèque n’a plus : rien n’est ajouté. Choisissez "
        "un autre protocole, ou publiez-le de nouveau sans."
    )


def refusal_said(refusal: PlanRefused) -> str:
    words: dict[Code, str] = {
        "no-draft": gettext("Ce brouillon n’est plus ouvert : il a été signé, ou abandonné."),
        "draft-open": gettext("Un plan est déjà en préparation pour ce patient : continuez celui-là."),
        "not-their-box": gettext("Cette boîte n’est pas pour ce patient."),
        "code-missing": gettext("Cette boîte est partagée : donnez un code à la personne, dans « Cadre »."),
        "others-code": gettext(
            "Un autre résident de cette boîte n’a pas de code : signez d’abord son plan avec un code."
        ),
        "others-plan": gettext("Ce nom de plan est celui d’un autre patient."),
        "plan-over": gettext("La fin du plan est passée : donnez d’autres dates, dans « Cadre »."),
        "standing": gettext("L’accès ou le consentement est retiré, ou la personne est décédée : rien n’est prescrit."),
        "draft-moved": gettext(
            "Le brouillon a changé depuis que vous l’avez ouvert : rien n’est signé. Relisez-le, puis signez."
        ),
        "plan-moved": gettext(
            "Un autre plan a été signé ou arrêté entre-temps : rien n’est signé. Relisez, puis signez."
        ),
        "contraindicated": gettext(
            "Un soin est contre-indiqué : retirez-le, ou écrivez pourquoi il est donné quand même."
        ),
        "published": gettext("Cette version est publiée : elle ne change plus. Faites-en une nouvelle version."),
        "canonical-taken": gettext("Cette adresse et cette version existent déjà : donnez une autre version."),
        "not-a-draft": gettext("Ce n’est pas encore complet : corrigez d’abord ce qui est marqué."),
        "resource-moved": gettext("Quelqu’un a changé cette page entre-temps. Votre saisie est encore là."),
        "of-the-house": gettext(
            "Cette adresse est celle d’un document de la maison : donnez-en une autre dans le fichier, ou copiez celui "
            "de la maison."
        ),
        "too-many-cares": gettext(
            "Un plan tient quarante soins : rien n’a été ajouté. Choisissez-en moins, ou retirez-en d’abord."
        ),
        "no-package": gettext("Cette séance n’est pas sur l’étagère."),
    }
    return words[refusal.code]


def slug(words: str) -> str:
    """An identifier from a title: letters without accents, digits, dashes."""
    import unicodedata

    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40] or "x"
