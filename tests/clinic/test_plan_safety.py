"""The pages of a plan under hostile words, few queries, and all of it in the trail."""

from typing import Any

import pytest
from django.test import Client

from clinic.audit.models import AuditEvent
from clinic.plans.models import CarePlan, Draft
from clinic.plans.protocols import house_protocol
from clinic.shelf.models import Package
from tests.clinic.conftest import Clinic
from tests.clinic.plan_pages import DRAFT, PAGE, begin, now, opened, shelf, sign

__all__ = ["shelf"]
pytestmark = pytest.mark.django_db(databases=["default", "audit"])

NASTY = '<script>alert("x")</script>&"\''
"""A title would cut it: see `nasty`."""
MOST = 12


def test_script_in_every_text_field_is_escaped(console: Client, clinic: Clinic, shelf: dict[str, Package]) -> None:
    begin(console)
    nasty = '<b onx="1">&"'
    care = opened(console, f"{DRAFT}/soins/riviere") | {"title": nasty, "explanation": NASTY, "advice": NASTY}
    assert console.post(f"{DRAFT}/soins/riviere", care).status_code == 302
    console.post(f"{DRAFT}/cadre", opened(console, f"{DRAFT}/cadre") | {"pharmacy": NASTY})
    told = opened(console, f"{DRAFT}/besoins") | {"rows-0-item_0": "douleur", "rows-0-at_least_0": "6"}
    console.post(f"{DRAFT}/besoins", told | {"rows-0-reason": NASTY})
    form = opened(console, f"{DRAFT}/questionnaires") | {"rows-0-title": nasty}
    console.post(f"{DRAFT}/questionnaires", form | {"rows-0-questionnaire": "urn:chevet:questionnaire:suivi-semaine|1"})
    console.post(f"{DRAFT}/suites", opened(console, f"{DRAFT}/suites") | {"rows-0-title": nasty})
    kept = console.post(f"{DRAFT}/protocole", {"title": NASTY, "purpose": NASTY}).headers["Location"]
    sign_page = f"{DRAFT}/signer"
    pages = [DRAFT, sign_page, *(f"{DRAFT}/{p}" for p in ("cadre", "besoins", "questionnaires", "suites", "lecons"))]
    pages += [f"{DRAFT}/soins", f"{DRAFT}/soins/riviere", f"{PAGE}/nouveau", "/protocoles", kept]
    for path in pages:
        page = console.get(path).content.decode()
        assert "<script>alert" not in page, path
        assert "<b onx" not in page, path
    sign(console)
    begin(console, f"version:{CarePlan.objects.get().pk}")
    console.post(f"{DRAFT}/soins/riviere", opened(console, f"{DRAFT}/soins/riviere") | {"title": "Simple"})
    for path in (PAGE, f"{PAGE}/versions/{CarePlan.objects.get().pk}", DRAFT, sign_page):
        page = console.get(path).content.decode()
        assert "&lt;script&gt;" in page, path
        assert "<script>alert" not in page, path


def test_no_page_asks_more_than_twelve_queries(
    console: Client, clinic: Clinic, shelf: dict[str, Package], django_assert_max_num_queries: Any
) -> None:
    begin(console, house_protocol("poussee").canonical)
    for _ in range(3):
        sign(console)
        begin(console, f"version:{CarePlan.objects.order_by('-pk')[0].pk}")
    last = CarePlan.objects.order_by("-pk")[0].pk
    own = ("", "/cadre", "/besoins", "/questionnaires", "/suites", "/lecons", "/soins", "/soins/riviere", "/signer")
    for path in [PAGE, f"{PAGE}/versions/{last}", f"{PAGE}/nouveau", *(f"{DRAFT}{one}" for one in own)]:
        with django_assert_max_num_queries(MOST):
            assert console.get(path).status_code == 200, path


def test_reads_and_writes_are_in_the_trail(console: Client, clinic: Clinic, shelf: dict[str, Package]) -> None:
    begin(console)
    console.get(DRAFT)
    console.post(f"{DRAFT}/soins/riviere", opened(console, f"{DRAFT}/soins/riviere"))
    sign(console)
    told = set(AuditEvent.objects.filter(patient="martin").values_list("action", "detail"))
    assert {("write", "plan: begin"), ("read", "plan: draft"), ("write", "plan: a care")} <= told
    assert ("write", "plan: sign") in told
    page = console.get("/patients/martin/lectures").content.decode()
    assert "la signature du plan" in page


@pytest.mark.parametrize("told", ["blank\0", "x|\0", "version:9\0", "version:" + "9" * 30, "", "\0|1", "a" * 9000])
def test_a_beginning_that_is_none_begins_nothing(console: Client, clinic: Clinic, told: str) -> None:
    assert console.post(f"{PAGE}/nouveau", {"from": told}).status_code in (200, 404)
    assert not Draft.objects.exists()


@pytest.mark.parametrize("told", ["package:\0", "package:" + "f" * 64, "x#y", "", "urn:x|1#\0"])
def test_a_care_that_is_none_is_not_attributed(
    console: Client, clinic: Clinic, shelf: dict[str, Package], told: str
) -> None:
    begin(console, "blank")
    assert console.post(f"{DRAFT}/soins", {"care": [told]}).status_code == 200
    assert now().activity == ()


@pytest.mark.parametrize("total", ["", "-1", "x", "1000", "9" * 40])
@pytest.mark.parametrize("more", [{}, {"more": "1"}])
def test_rows_that_no_page_sent_change_nothing(
    console: Client, clinic: Clinic, shelf: dict[str, Package], total: str, more: dict[str, str]
) -> None:
    begin(console)
    told = {"revision": "1", "rows-TOTAL_FORMS": total, "rows-INITIAL_FORMS": "0", **more}
    assert console.post(f"{DRAFT}/questionnaires", told).status_code in (200, 302)
    assert now().forms == ()


@pytest.mark.parametrize("seen", ["", "0", "9", "-1", "9" * 30, "²"])
def test_a_revision_that_nobody_saw_changes_nothing(
    console: Client, clinic: Clinic, shelf: dict[str, Package], seen: str
) -> None:
    begin(console)
    told = opened(console, f"{DRAFT}/soins/riviere") | {"revision": seen, "title": "Autre"}
    assert console.post(f"{DRAFT}/soins/riviere", told).status_code == 404
    assert console.post(f"{DRAFT}/signer", {"revision": seen, "former": "0", "box": "box-12"}).status_code == 409
    assert Draft.objects.get().revision == 1
    assert not CarePlan.objects.exists()
