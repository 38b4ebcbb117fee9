"""A plan is begun, its cares are attributed, changed and ordered, through the real pages (A2, A11, A15)."""

import re

import pytest
from django.test import Client

from clinic.plans.drafting import draft_of
from clinic.plans.models import CarePlan, Order
from clinic.plans.protocols import house_protocol
from clinic.shelf.models import Package
from mqtt_bridge.contract.order import PlanOrder
from tests.clinic.conftest import Clinic
from tests.clinic.plan_pages import DRAFT, PAGE, begin, in_force, now, opened, shelf, sign

__all__ = ["shelf"]
pytestmark = pytest.mark.django_db(databases=["default", "audit"])


def test_a_protocol_becomes_a_signed_plan_on_its_way_to_the_box(
    console: Client, clinic: Clinic, shelf: dict[str, Package]
) -> None:
    begin(console, house_protocol("palliatif").canonical)
    page = console.get(DRAFT).content.decode()
    assert "prêt à signer" in page
    assert "Relaxation\u00a0: la rivière" in page
    assert CarePlan.objects.count() == 0
    assert sign(console).headers["Location"] == PAGE
    plan = in_force(clinic.patient)
    assert plan.activity[0].package.fingerprint == shelf["riviere"].fingerprint
    assert plan.activity[0].duration_s == 1263
    order = Order.objects.get(kind=Order.Kind.PLAN)
    content = clinic.box.order(bytes(order.letter)).content
    assert isinstance(content, PlanOrder)
    assert content.plan == plan
    assert Order.objects.filter(kind=Order.Kind.OFFER).count() == len({one.package.id for one in plan.activity})
    told = console.get(PAGE).content.decode()
    assert "en vigueur" in told
    assert "signé" in told
    assert draft_of(clinic.patient) is None


def test_a_blank_plan_says_what_it_lacks(console: Client, clinic: Clinic, shelf: dict[str, Package]) -> None:
    begin(console, "blank")
    assert "Aucun soin n’est encore attribué" in console.get(DRAFT).content.decode()
    assert 'name="former"' not in console.get(f"{DRAFT}/signer").content.decode(), "there is nothing to sign"
    console.post(f"{DRAFT}/soins", {"care": [f"package:{shelf['nuit'].fingerprint}"]})
    assert now().activity[0].kind == "sleep"
    assert "Écrivez l’explication" in console.get(DRAFT).content.decode()


def test_styles_are_attributed_together(console: Client, clinic: Clinic, shelf: dict[str, Package]) -> None:
    begin(console, "blank")
    url = house_protocol("relaxation").canonical
    console.post(f"{DRAFT}/soins", {"care": [f"{url}#jardin", f"{url}#estuaire", f"{url}#jardin"]})
    console.post(f"{DRAFT}/soins", {"care": [f"{url}#jardin"]})
    assert [one.id for one in now().activity] == ["jardin", "estuaire", "jardin-2"]


def test_more_cares_than_a_plan_holds_are_refused_and_none_is_cut(
    console: Client, clinic: Clinic, shelf: dict[str, Package]
) -> None:
    begin(console, "blank")
    url = house_protocol("relaxation").canonical
    console.post(f"{DRAFT}/soins", {"care": [f"{url}#jardin", f"{url}#estuaire"]})
    many = [f"package:{number}" for number in range(39)]
    assert "quarante soins" in console.post(f"{DRAFT}/soins", {"care": many}).content.decode()
    assert len(now().activity) == 2


def test_a_package_that_is_not_on_the_shelf_is_not_attributed(console: Client, clinic: Clinic) -> None:
    begin(console)
    page = console.get(DRAFT).content.decode()
    assert "n’est pas sur l’étagère" in page
    assert "à corriger" in page
    told = console.post(f"{DRAFT}/soins", {"care": [f"{house_protocol('crise').canonical}#ancre"]}).content.decode()
    assert "n’est pas sur l’étagère" in told


def test_a_care_is_changed_for_the_patient(console: Client, clinic: Clinic, shelf: dict[str, Package]) -> None:
    begin(console)
    told = opened(console, f"{DRAFT}/soins/riviere")
    assert told["level_dba"] == ["66.0"]
    told |= {
        "title": "Votre rivière", "package": shelf["estuaire"].fingerprint, "level_dba": "60", "level_max_dba": "70",
        "per_day_max": "2", "interval_min": "90", "hours_0_start": "14:00", "hours_0_end": "16:00",
        "explanation": "Un.\n\nDeux.", "advice": "", "start": "2026-12-01", "end": "2026-12-24",
    }  # fmt: skip
    assert console.post(f"{DRAFT}/soins/riviere", told).status_code == 302
    care = now().activity[0]
    assert (care.title, care.package.id, care.level_max_dba) == ("Votre rivière", "estuaire", 70)
    assert care.limits.interval_s_min == 5400
    assert care.limits.hours[0].start == "14:00"
    assert (care.explanation, care.advice) == (("Un.", "Deux."), ())
    assert care.limits.period is not None
    assert opened(console, f"{DRAFT}/soins/riviere") | {"revision": "", "csrfmiddlewaretoken": ""} == {
        **opened(console, f"{DRAFT}/soins/riviere"), "revision": "", "csrfmiddlewaretoken": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("title", "x" * 33, "32"),
        ("title", "\u200b", "Des lettres visibles"),
        ("level_dba", "81", "80"),
        ("level_dba", "79", "plus fort"),
        ("per_day_max", "0", "1"),
        ("interval_min", "99999", "20160"),
        ("hours_0_start", "14:00", "Donnez le début et la fin"),
        ("start", "2026-12-01", "Donnez les deux dates"),
        ("explanation", "", "obligatoire"),
        ("explanation", "x" * 501, "500"),
        ("explanation", "x\n" * 13, "12 paragraphes"),
        ("package", "f" * 64, "choix"),
        ("questionnaire", "urn:x|1", "choix"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    console: Client, clinic: Clinic, shelf: dict[str, Package], field: str, value: str, said: str
) -> None:
    begin(console)
    before = now()
    told = opened(console, f"{DRAFT}/soins/riviere") | {"level_max_dba": "76", field: value}
    page = console.post(f"{DRAFT}/soins/riviere", told).content.decode()
    [block] = re.findall(rf'<div class="field wrong">(?:(?!<div class="field).)*name="{field}"', page, re.DOTALL)
    assert said in block
    assert now() == before


def test_cares_are_ordered_and_taken_out(console: Client, clinic: Clinic, shelf: dict[str, Package]) -> None:
    begin(console)
    seen = {"revision": "1"}
    console.post(f"{DRAFT}/soins/estuaire/place", {**seen, "act": "up"})
    assert [one.id for one in now().activity] == ["riviere", "estuaire", "jardin"]
    console.post(f"{DRAFT}/soins/jardin/place", {"revision": "2", "act": "out"})
    assert [one.id for one in now().activity] == ["riviere", "estuaire"]
    assert "Le soin dont il s’agit n’est plus dans le plan" in console.get(DRAFT).content.decode()
