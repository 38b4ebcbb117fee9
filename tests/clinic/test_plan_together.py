"""Several write one plan: the second is told, nothing is lost, and what moved meanwhile is not signed."""

import pytest
from django.test import Client

from clinic.people.models import Role
from clinic.people.team import join
from clinic.plans.drafting import content_of
from clinic.plans.models import CarePlan, Draft
from clinic.shelf.models import Package
from tests.clinic.cast import practitioner, signed_in
from tests.clinic.conftest import Clinic
from tests.clinic.plan_pages import DRAFT, PAGE, begin, fields, now, opened, shelf, sign, token

__all__ = ["shelf"]
pytestmark = pytest.mark.django_db(databases=["default", "audit"])


def test_the_second_is_told_and_nothing_is_lost(console: Client, clinic: Clinic, shelf: dict[str, Package]) -> None:
    begin(console)
    paul = practitioner("paul", Role.PHYSICIAN, "Paul")
    join(clinic.patient, paul)
    mine, theirs = (opened(one, f"{DRAFT}/soins/riviere") for one in (console, signed_in(paul)))
    assert signed_in(paul).post(f"{DRAFT}/soins/riviere", theirs | {"level_dba": "50"}).status_code == 302
    answer = console.post(f"{DRAFT}/soins/riviere", mine | {"title": "La belle rivière"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Paul Paul" in page
    assert "50\u00a0dBA" in page, "what the other has changed is said"
    assert "La belle rivière" in page, "what was typed is still there"
    assert now().activity[0].level_dba == 50
    again = fields(page)
    assert console.post(f"{DRAFT}/soins/riviere", again).status_code == 302
    assert (now().activity[0].title, now().activity[0].level_dba) == ("La belle rivière", 66)
    draft = Draft.objects.get()
    assert [content_of(one).activity[0].level_dba for one in draft.revisions.order_by("number")] == [66, 50, 66]


def test_two_who_change_two_parts_both_keep_theirs(console: Client, clinic: Clinic, shelf: dict[str, Package]) -> None:
    begin(console)
    care, frame = opened(console, f"{DRAFT}/soins/riviere"), opened(console, f"{DRAFT}/cadre")
    assert console.post(f"{DRAFT}/soins/riviere", care | {"title": "Autre"}).status_code == 302
    assert console.post(f"{DRAFT}/cadre", frame | {"place": "home"}).status_code == 302
    assert (now().activity[0].title, now().place) == ("Autre", "home")


def test_a_second_draft_is_not_begun(console: Client, clinic: Clinic, shelf: dict[str, Package]) -> None:
    begin(console)
    told = console.post(f"{PAGE}/nouveau", {"from": "blank"}).content.decode()
    assert "déjà en préparation" in told
    assert Draft.objects.count() == 1


def test_a_draft_that_changed_meanwhile_is_not_signed(
    console: Client, clinic: Clinic, shelf: dict[str, Package]
) -> None:
    begin(console)
    page = console.get(f"{DRAFT}/signer").content.decode()
    seen = {"revision": token(page, "revision"), "former": token(page, "former"), "box": "box-12"}
    console.post(f"{DRAFT}/soins/riviere", opened(console, f"{DRAFT}/soins/riviere") | {"level_dba": "50"})
    answer = console.post(f"{DRAFT}/signer", seen)
    assert answer.status_code == 409
    assert "a changé depuis que vous l’avez ouvert" in answer.content.decode()
    assert not CarePlan.objects.exists()
    assert sign(console).status_code == 302


def test_a_plan_signed_elsewhere_meanwhile_is_not_replaced_unawares(
    console: Client, clinic: Clinic, shelf: dict[str, Package]
) -> None:
    begin(console)
    page = console.get(f"{DRAFT}/signer").content.decode()
    seen = {"revision": token(page, "revision"), "former": token(page, "former"), "box": "box-12"}
    from clinic.plans.prescribe import prescribe
    from tests.clinic.test_shared_box import CODED

    prescribe(CODED, clinic.patient, clinic.claire, clinic.device, clinic.pen)
    answer = console.post(f"{DRAFT}/signer", seen)
    assert "Un autre plan a été signé" in answer.content.decode()
    assert CarePlan.objects.count() == 1


def test_only_the_referent_signs_and_stops(console: Client, clinic: Clinic, shelf: dict[str, Package]) -> None:
    begin(console)
    coordinator = practitioner("coralie", Role.COORDINATING_NURSE)
    join(clinic.patient, coordinator)
    theirs = signed_in(coordinator)
    assert theirs.post(f"{DRAFT}/soins/riviere", opened(theirs, f"{DRAFT}/soins/riviere")).status_code == 302
    assert theirs.get(f"{DRAFT}/signer").status_code == 403
    assert "signer" not in theirs.get(DRAFT).content.decode().lower().replace("prêt à signer", "")
    physician = practitioner("paul", Role.PHYSICIAN)
    join(clinic.patient, physician)
    assert signed_in(physician).post(f"{DRAFT}/signer", {"revision": "1", "former": "0"}).status_code == 404
    sign(console)
    assert theirs.post(f"{PAGE}/arreter").status_code == 403


def test_a_shared_box_wants_a_code(console: Client, clinic: Clinic, shelf: dict[str, Package]) -> None:
    from tests.clinic.test_shared_box import resident

    resident(clinic, "leroy")
    begin(console)
    assert "boîte est partagée" in sign(console).content.decode()
