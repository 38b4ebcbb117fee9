"""The library of protocols (A10, B1): each makes a plan that the box takes; its packages are those of the shelf."""

import datetime as dt
import json
from pathlib import Path

import pytest
from django.test import Client

from audio.montage.sessions import SESSIONS
from clinic.demo.packages import make_packages
from clinic.people.models import Role
from clinic.plans.beginning import OnShelf, from_protocol
from clinic.plans.forms import house_form
from clinic.plans.library import forms_listed, lessons_listed, protocol_named, protocols_listed
from clinic.plans.plan_file import care_plan, resolved
from clinic.plans.protocols import PATHWAYS, house_protocol, house_protocols
from clinic.plans.protocols.fhir import plan_definition
from clinic.plans.unfinished import UnfinishedPlan, finished
from clinic.shelf.choosing import newest_packages
from mqtt_bridge.contract.care import CarePlan
from mqtt_bridge.contract.codec import ContractError, encode
from mqtt_bridge.contract.identity import Patient, Practitioner
from mqtt_bridge.contract.questions import Scale, screens
from tests.clinic.cast import practitioner, signed_in
from tests.clinic.conftest import Clinic

TODAY = dt.date(2026, 11, 29)
VOICES = Path(__file__).parents[2] / "audio" / "voice" / "texts"


def shelf(name: str) -> OnShelf:
    return OnShelf(name, "ab" * 32, 1263)


def as_plan(draft: UnfinishedPlan) -> CarePlan:
    told = Patient(id="martin", address_as="Madame Martin"), Practitioner(given="Claire", role="infirmière")
    return care_plan(resolved(finished(draft)), "plan-martin", 1, *told)


@pytest.mark.parametrize("name", house_protocols())
def test_each_protocol_makes_a_plan_that_a_box_takes(name: str) -> None:
    definition = house_protocol(name)
    plan = as_plan(from_protocol(definition, TODAY, shelf))
    assert [one.id for one in plan.activity] == [one.id for one in definition.activity]
    assert {one.duration_s for one in plan.activity} == {1263}, "the shelf says how long it is"
    assert len(encode(plan)) < 64 * 1024


@pytest.mark.parametrize("name", house_protocols())
def test_a_protocol_names_packages_that_are_made(name: str) -> None:
    made = {*SESSIONS, *(text.name.removesuffix(".fr.toml") for text in VOICES.glob("sophrologie-*.fr.toml"))}
    assert {care.package for care in house_protocol(name).activity} <= made


def test_the_library_has_every_kind_and_every_pathway() -> None:
    kinds = {care.kind for name in house_protocols() for care in house_protocol(name).activity}
    assert {"relaxation", "crisis", "sleep", "sophrology", "mediation"} <= kinds
    assert sorted(one.pathway for name in house_protocols() if (one := house_protocol(name)).pathway) == sorted(
        PATHWAYS
    )
    assert all(house_protocol(name).english for name in house_protocols())


def test_a_style_is_a_package_and_a_tile() -> None:
    cares = house_protocol("relaxation").activity
    assert len({care.package for care in cares}) == len(cares) == 3


def test_what_is_not_there_is_told() -> None:
    with pytest.raises(ContractError, match="the house has"):
        house_protocol("../relaxation")
    with pytest.raises(ContractError, match="no care"):
        house_protocol("relaxation").care("x")


def test_a_package_that_is_not_on_the_shelf_is_no_fingerprint() -> None:
    draft = from_protocol(house_protocol("crise"), TODAY, lambda _: None)
    assert {one.package.fingerprint for one in draft.activity} == {""}
    with pytest.raises(ContractError, match="not on the shelf"):
        as_plan(draft)


@pytest.mark.parametrize("name", house_protocols())
def test_each_is_a_plan_definition_of_fhir(name: str) -> None:
    told = plan_definition(house_protocol(name))
    assert told["resourceType"] == "PlanDefinition"
    names = {action["id"] for action in told["action"]}
    assert len(names) == len(told["action"])
    for action in told["action"]:
        assert {one["actionId"] for one in action.get("relatedAction", ())} <= names
        assert not {"frequencyMax"} & set(action.get("timingTiming", {}).get("repeat", {})) or (
            action["timingTiming"]["repeat"]["frequencyMax"] > action["timingTiming"]["repeat"]["frequency"]
        )
    json.dumps(told)


@pytest.mark.django_db(databases=["default", "audit"])
def test_protocols_forms_and_lessons_are_found_by_url_and_version() -> None:
    for told in protocols_listed():
        assert protocol_named(told.canonical) == told
    assert "urn:chevet:questionnaire:sommeil|1" in forms_listed()
    assert "urn:chevet:lesson:douleur.fr|1" in lessons_listed()
    with pytest.raises(ContractError):
        protocol_named("urn:chevet:plan-definition:relaxation|2")


@pytest.mark.django_db(databases=["default", "audit"])
def test_who_writes_plans_reads_the_library(clinic: Clinic) -> None:
    client = signed_in(clinic.claire)
    told = client.get("/protocoles").content.decode()
    assert "Relaxation psychomusicale" in told
    page = client.get("/protocoles/voir", {"nom": house_protocol("palliatif").canonical}).content.decode()
    assert "soins palliatifs" in page
    assert "Séances qui ne sont pas sur l’étagère" in page
    fhir = client.get("/protocoles/fhir", {"nom": house_protocol("sommeil").canonical})
    assert fhir.headers["Content-Type"] == "application/fhir+json"
    assert fhir.json()["title"] == "Sommeil"
    assert client.get("/protocoles/voir", {"nom": "rien|1"}).status_code == 404
    english: Client = signed_in(practitioner("ann", Role.PHYSICIAN))
    english.post("/langue", {"language": "en", "next": "/"})
    assert "Psychomusical relaxation" in english.get("/protocoles").content.decode()


@pytest.mark.parametrize("name", ["cinq-mots.fr", "cinq-visages.fr"])
def test_words_and_faces_ask_the_same_on_the_same_measure(name: str) -> None:
    """A rule of a plan on 7 or more of pain speaks whichever way it was asked."""
    cones = {one.question.link_id for one in screens(house_form())}
    asked = {one.question.link_id: one.question for one in screens(house_form(name))}
    assert asked.keys() == cones
    scales = [one for one in asked.values() if isinstance(one, Scale)]
    assert [[option.value for option in one.options] for one in scales] == [[0, 3, 5, 8, 10]] * 5
    assert [one.ramp for one in scales] == ["intense"] * 4 + ["pleasant"]
    assert {one.faces for one in scales} == {name == "cinq-visages.fr"}


@pytest.mark.django_db(databases=["default", "audit"])
def test_a_demonstration_has_every_package_of_the_protocols() -> None:
    make_packages(1)
    there = {one.package: one for one in newest_packages()}
    for name in house_protocols():
        assert {care.package for care in house_protocol(name).activity} <= there.keys()
    assert "shortness-of-breath" in (there["souffle"].contraindications or [])
