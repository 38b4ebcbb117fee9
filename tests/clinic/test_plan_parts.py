"""The other parts of a draft: its frame, questionnaires, rules of need, days after a care, lessons."""

import pytest
from django.test import Client

from clinic.shelf.models import Package
from tests.clinic.conftest import Clinic
from tests.clinic.plan_pages import DRAFT, begin, fields, in_force, now, opened, shelf, sign

__all__ = ["shelf"]
pytestmark = pytest.mark.django_db(databases=["default", "audit"])


def test_the_frame_is_changed_and_the_code_is_never_kept(
    console: Client, clinic: Clinic, shelf: dict[str, Package]
) -> None:
    begin(console)
    told = opened(console, f"{DRAFT}/cadre")
    told |= {"place": "home", "pharmacy": "Pharmacie du Marché", "code_kind": "pin", "secret": "2580"}
    told |= {"locked": ["messages"], "eyes_closed": "on", "messages": "on"}
    assert console.post(f"{DRAFT}/cadre", told).status_code == 302
    plan = now()
    assert (plan.place, plan.eyes_closed, plan.locked) == ("home", True, ("messages",))
    assert plan.code is not None
    assert not plan.code.secret
    assert plan.code.digest.startswith("$argon2id$")
    kept = opened(console, f"{DRAFT}/cadre")
    assert kept["secret"] == [""]
    console.post(f"{DRAFT}/cadre", kept)
    assert now().code == plan.code, "an empty field leaves the code as it was"
    wrong = console.post(f"{DRAFT}/cadre", kept | {"code_kind": "pictures", "secret": "dragon"}).content.decode()
    assert "3 ou 4 images" in wrong
    none = console.post(f"{DRAFT}/cadre", kept | {"code_kind": ""}).content.decode()
    assert "Donnez d’abord un code" in none


def test_rows_are_added_changed_and_removed(console: Client, clinic: Clinic, shelf: dict[str, Package]) -> None:
    begin(console)
    told = opened(console, f"{DRAFT}/questionnaires")
    assert told["rows-TOTAL_FORMS"] == ["1"]
    told |= {"rows-0-title": "Votre semaine", "rows-0-questionnaire": "urn:chevet:questionnaire:suivi-semaine|1"}
    assert console.post(f"{DRAFT}/questionnaires", told).status_code == 302
    [form] = now().forms
    assert (form.id, form.every_days, form.open_days) == ("votre-semaine", 7, 3)
    more = fields(
        console.post(
            f"{DRAFT}/questionnaires", opened(console, f"{DRAFT}/questionnaires") | {"more": "1"}
        ).content.decode()
    )
    assert more["rows-TOTAL_FORMS"] == ["2"]
    assert now().forms == (form,), "a further row is not saved by itself"
    console.post(f"{DRAFT}/questionnaires", more | {"rows-0-title": "La semaine"})
    [form] = now().forms
    assert (form.id, form.title) == ("votre-semaine", "La semaine"), "it keeps its id, so its answers go on"
    console.post(f"{DRAFT}/questionnaires", opened(console, f"{DRAFT}/questionnaires") | {"rows-0-DELETE": "on"})
    assert now().forms == ()


def test_a_rule_is_made_of_what_the_forms_ask(console: Client, clinic: Clinic, shelf: dict[str, Package]) -> None:
    begin(console)
    told = opened(console, f"{DRAFT}/besoins")
    told |= {"rows-0-item_0": "douleur", "rows-0-at_least_0": "6", "rows-0-offer": "jardin"}
    told |= {"rows-0-reason": "Votre douleur est forte.", "rows-0-item_1": "angoisse", "rows-0-at_most_1": "3"}
    wrong = console.post(f"{DRAFT}/besoins", told | {"rows-0-risen_by_1": "2"}).content.decode()
    assert "On ne sait qu’après un soin" in wrong
    assert console.post(f"{DRAFT}/besoins", told).status_code == 302
    [rule] = now().needs
    assert [one.item for one in rule.conditions] == ["douleur", "angoisse"]
    assert rule.offer == "jardin"
    page = console.get(DRAFT).content.decode()
    assert "douleur\u00a0: 6 ou plus" in page


def test_following_days_and_lessons(console: Client, clinic: Clinic, shelf: dict[str, Package]) -> None:
    begin(console)
    told = opened(console, f"{DRAFT}/suites")
    assert told["rows-0-days"] == ["1"]
    console.post(f"{DRAFT}/suites", told | {"rows-0-days": "3 1,1", "rows-0-respondent": "carer"})
    assert (now().follow_ups[0].days, now().follow_ups[0].respondent) == ((1, 3), "carer")
    assert "1 à 14" in console.post(f"{DRAFT}/suites", told | {"rows-0-days": "0, x"}).content.decode()
    lessons = opened(console, f"{DRAFT}/lecons") | {"lessons": ["urn:chevet:lesson:douleur.fr|1"]}
    console.post(f"{DRAFT}/lecons", lessons)
    [lesson] = now().education
    assert (lesson.title, len(lesson.pages)) == ("La douleur et ses traitements", 8)
    assert lesson.read_back == "urn:chevet:questionnaire:compris-douleur|1"
    assert sign(console).status_code == 302
    assert in_force(clinic.patient).education[0].pages == lesson.pages
