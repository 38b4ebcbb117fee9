"""The person and the plan of the training mode (B10): invented, with what a plan can hold, in both languages."""

from collections.abc import Sequence

from mqtt_bridge.contract.care import CareKind, CarePlan, PackageReference, Pharmacy, ServiceRequest, check_plan
from mqtt_bridge.contract.correspondence import MessageToPatient
from mqtt_bridge.contract.forms import Cone, ConeWord, Questionnaire, QuestionnaireItem, Ramp, cone_item
from mqtt_bridge.contract.identity import Patient, Period, Practitioner
from mqtt_bridge.contract.need import Condition, NeedRule
from mqtt_bridge.contract.schedule import FormRequest
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.contract.teaching import Education, Page

PATIENT = "formation"
DAY_MS = 24 * 3600_000
NEVER_INSTALLED = PackageReference(id="formation", fingerprint="0" * 64)
"""On a box without any package the journey can be learnt up to the button; there it says that it cannot begin."""

_FR = {
    "name": "Madame Exemple",
    "nurse": "Camille",
    "role": "formation",
    "care": "Un moment calme",
    "crisis": "Quand l’angoisse monte",
    "explanation": "Vous allez écouter un soin. Il dure quelques minutes.",
    "advice": "Installez-vous bien. Mettez le casque.",
    "form": "Comment allez-vous\u202f?",
    "angoisse": "Angoisse",
    "douleur": "Douleur",
    "help": "Touchez la hauteur qui vous va.",
    "none": "pas du tout",
    "some": "un peu",
    "much": "beaucoup",
    "comment": "Voulez-vous ajouter un mot\u202f?",
    "week": "Cette semaine",
    "slept": "Avez-vous bien dormi\u202f?",
    "reason": "Votre angoisse est forte. Ce soin peut aider.",
    "lesson": "Bien se reposer",
    "page": "Le soir, éteignez les écrans. Respirez doucement.",
    "pharmacy": "Pharmacie d’exemple",
    "message": "Bonjour. Ceci est un message pour apprendre.",
    "reply": "Merci",
}
_EN = {
    "name": "Mrs Example",
    "nurse": "Camille",
    "role": "training",
    "care": "A quiet moment",
    "crisis": "When anguish rises",
    "explanation": "You will listen to a session. It lasts a few minutes.",
    "advice": "Settle in. Put on the headphones.",
    "form": "How are you?",
    "angoisse": "Anguish",
    "douleur": "Pain",
    "help": "Touch the height that fits.",
    "none": "not at all",
    "some": "a little",
    "much": "very much",
    "comment": "Would you like to add a word?",
    "week": "This week",
    "slept": "Did you sleep well?",
    "reason": "Your anguish is strong. This session may help.",
    "lesson": "Resting well",
    "page": "In the evening, switch off the screens. Breathe slowly.",
    "pharmacy": "Example pharmacy",
    "message": "Hello. This is a message to learn with.",
    "reply": "Thank you",
}
_WORDS = {"fr": _FR, "en": _EN}


def plan_of(language: str, packages: Sequence[tuple[PackageReference, int]], now: Stamp) -> CarePlan:
    """packages: (which, seconds) of those installed; the first two are prescribed. Raises ContractError: a bug."""
    said = _WORDS[language]
    installed = [*packages[:2], (NEVER_INSTALLED, 60), (NEVER_INSTALLED, 60)]
    cones, week = _cones(said, language), _week(said, language)
    cares = (
        _care(said, "calme", "relaxation", said["care"], installed[0], cones),
        _care(said, "crise", "crisis", said["crisis"], installed[1], cones),
    )
    plan = CarePlan(
        id="formation",
        version=1,
        patient=Patient(id=PATIENT, address_as=said["name"]),
        place="establishment",
        period=Period(start_ms=0, end_ms=2**52),
        requester=Practitioner(given=said["nurse"], role=said["role"]),
        activity=cares,
        questionnaires=(cones, week),
        needs=(
            NeedRule(
                id="angoisse-forte",
                conditions=(Condition(item="angoisse", at_least=7),),
                offer="crise",
                reason=said["reason"],
            ),
        ),
        forms=(
            FormRequest(
                id="semaine",
                title=said["week"],
                questionnaire=week.canonical,
                purpose="monitoring",
                every_days=7,
                start_ms=now.wall_ms - now.wall_ms % DAY_MS,
            ),
        ),
        education=(
            Education(
                id="repos",
                version=1,
                title=said["lesson"],
                pages=(Page(heading=said["lesson"], text=said["page"], picture="sleep"),),
            ),
        ),
        pharmacy=Pharmacy(name=said["pharmacy"]),
        messages=True,
    )
    check_plan(plan)
    return plan


def message_of(language: str, now: Stamp) -> MessageToPatient:
    said = _WORDS[language]
    return MessageToPatient(
        message="formation",
        patient=PATIENT,
        sender=Practitioner(given=said["nurse"], role=said["role"]),
        sent_ms=max(0, now.wall_ms),
        text=(said["message"],),
        replies=(said["reply"],),
    )


def _care(
    said: dict[str, str],
    name: str,
    kind: CareKind,
    title: str,
    package: tuple[PackageReference, int],
    form: Questionnaire,
) -> ServiceRequest:
    return ServiceRequest(
        id=name,
        title=title,
        kind=kind,
        package=package[0],
        duration_s=package[1],
        explanation=(said["explanation"],),
        advice=(said["advice"],),
        questionnaire=form.canonical,
    )


def _cones(said: dict[str, str], language: str) -> Questionnaire:
    comment = QuestionnaireItem(link_id="commentaire", type="text", text=said["comment"])
    items = (_cone(said, "angoisse", "intense"), _cone(said, "douleur", "intense"), comment)
    return _form("cones", said["form"], language, items)


def _cone(said: dict[str, str], name: str, ramp: Ramp) -> QuestionnaireItem:
    words = (
        ConeWord(first=0, last=0, text=said["none"]),
        ConeWord(first=1, last=6, text=said["some"]),
        ConeWord(first=7, last=10, text=said["much"]),
    )
    return cone_item(Cone(link_id=name, question=said[name], help=said["help"], ramp=ramp, words=words))


def _week(said: dict[str, str], language: str) -> Questionnaire:
    return _form(
        "week", said["week"], language, (QuestionnaireItem(link_id="dormi", type="boolean", text=said["slept"]),)
    )


def _form(name: str, title: str, language: str, items: tuple[QuestionnaireItem, ...]) -> Questionnaire:
    url = f"urn:chevet:training:{name}"
    return Questionnaire(url=url, version="1", status="active", title=title, language=language, item=items)
