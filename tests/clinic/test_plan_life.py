"""The life of a plan's versions: changed, compared, stopped, each step with its time; a draft kept as a protocol."""

import datetime as dt
import re

import pytest
from django.test import Client
from django.utils import timezone

from clinic.plans.in_force import plan_in_force
from clinic.plans.models import CarePlan, Order
from clinic.plans.orders import mark_sent
from clinic.plans.protocols import house_protocol
from clinic.shelf.models import Package
from mqtt_bridge.contract.report import OrderReceived
from tests.clinic.box import T0_MS, evaluation
from tests.clinic.conftest import Clinic
from tests.clinic.plan_pages import DRAFT, PAGE, begin, in_force, now, opened, shelf, sign, token

__all__ = ["shelf"]
pytestmark = pytest.mark.django_db(databases=["default", "audit"])


def test_a_plan_is_changed_and_its_differences_are_said(
    console: Client, clinic: Clinic, shelf: dict[str, Package]
) -> None:
    begin(console)
    sign(console)
    [first] = CarePlan.objects.all()
    begin(console, f"version:{first.pk}")
    page = console.get(DRAFT).content.decode()
    assert "Rien ne change pour la personne" in page
    console.post(f"{DRAFT}/soins/riviere", opened(console, f"{DRAFT}/soins/riviere") | {"level_dba": "55"})
    console.post(f"{DRAFT}/soins/jardin/place", {"revision": "2", "act": "out"})
    console.post(f"{DRAFT}/suites", opened(console, f"{DRAFT}/suites") | {"rows-0-DELETE": "on"})
    page = console.get(f"{DRAFT}/signer").content.decode()
    assert "66\u00a0dBA" in page
    assert "55\u00a0dBA" in page
    assert "retiré" in page
    sign(console)
    second = CarePlan.objects.get(version=2)
    told = console.get(f"{PAGE}/versions/{second.pk}").content.decode()
    assert "Ce qui a changé depuis la version 1" in told
    assert "Relaxation\u00a0: le jardin" in told
    assert "remplacé par la version 2" in console.get(f"{PAGE}/versions/{first.pk}").content.decode()


def test_nothing_changes_when_a_plan_is_signed_as_it_was(
    console: Client, clinic: Clinic, shelf: dict[str, Package]
) -> None:
    begin(console, house_protocol("poussee").canonical)
    console.post(f"{DRAFT}/cadre", opened(console, f"{DRAFT}/cadre") | {"code_kind": "pin", "secret": "2580"})
    sign(console)
    first = in_force(clinic.patient)
    begin(console, f"version:{CarePlan.objects.get().pk}")
    assert sign(console).status_code == 302
    second = in_force(clinic.patient)
    told = {name: getattr(second, name) for name in second.__struct_fields__ if name != "version"}
    assert told == {name: getattr(first, name) for name in first.__struct_fields__ if name != "version"}
    assert second.version == 2


def test_one_signature_stops_the_plan(console: Client, clinic: Clinic, shelf: dict[str, Package]) -> None:
    begin(console)
    sign(console)
    page = console.get(f"{PAGE}/arreter").content.decode()
    assert console.post(f"{PAGE}/arreter", {"version": "999"}).status_code == 409
    assert plan_in_force(clinic.patient) is not None
    assert console.post(f"{PAGE}/arreter", {"version": token(page, "version")}).status_code == 302
    assert plan_in_force(clinic.patient) is None
    assert Order.objects.filter(kind=Order.Kind.STOP).count() == 1
    assert "arrêté" in console.get(PAGE).content.decode()


def test_a_day_that_is_over_is_not_signed(console: Client, clinic: Clinic, shelf: dict[str, Package]) -> None:
    begin(console)
    past = timezone.localdate() - dt.timedelta(days=1)
    told = opened(console, f"{DRAFT}/cadre") | {"start": str(past - dt.timedelta(days=9)), "end": str(past)}
    console.post(f"{DRAFT}/cadre", told)
    assert "Le dernier jour du plan est passé" in console.get(DRAFT).content.decode()


def test_each_step_of_a_version_is_shown_with_its_time(
    console: Client, clinic: Clinic, shelf: dict[str, Package]
) -> None:
    begin(console)
    sign(console)
    order = Order.objects.get(kind=Order.Kind.PLAN)
    assert "pas encore" in console.get(PAGE).content.decode()
    mark_sent(order.digest, T0_MS)
    clinic.receive(clinic.box.report(OrderReceived(order=order.order, accepted=True)), at_ms=T0_MS + 60_000)
    page = console.get(PAGE).content.decode()
    steps = re.findall(r'<li class="(\w+)"><b>([^<]*)</b><small>([^<]*)', page)
    assert [(kind, words) for kind, words, _ in steps] == [
        ("done", "signé"), ("done", "envoyé"), ("done", "reçu par la boîte"),
        ("todo", "appliqué\u00a0: premier retour de la boîte"),
    ]  # fmt: skip
    clinic.receive(clinic.box.report(evaluation("before", (1, 2, 3, 4, 5))), at_ms=T0_MS + 120_000)
    applied = re.findall(r'<li class="done"><b>appliqué[^<]*</b><small>([^<]*)', console.get(PAGE).content.decode())
    assert [one.replace("\u00a0", " ") for one in applied] == ["21 nov. 2025 à 15 h 07"]


def test_a_plan_that_the_box_refused_says_why(console: Client, clinic: Clinic, shelf: dict[str, Package]) -> None:
    begin(console)
    sign(console)
    order = Order.objects.get(kind=Order.Kind.PLAN)
    refused = OrderReceived(order=order.order, accepted=False, reason="no such form")
    clinic.receive(clinic.box.report(refused), at_ms=T0_MS)
    page = console.get(PAGE).content.decode()
    assert "refusé par la boîte" in page
    assert "no such form" in page
    assert "appliqué" not in page


def test_a_draft_becomes_a_protocol_of_the_clinic_in_versions(
    console: Client, clinic: Clinic, shelf: dict[str, Package]
) -> None:
    begin(console)
    console.post(f"{DRAFT}/cadre", opened(console, f"{DRAFT}/cadre") | {"code_kind": "pin", "secret": "2580"})
    words = {"title": "Notre soir", "purpose": "Pour les soirs difficiles."}
    first = console.post(f"{DRAFT}/protocole", words).headers["Location"]
    second = console.post(f"{DRAFT}/protocole", words).headers["Location"]
    assert first != second
    page = console.get(second).content.decode()
    assert "Écrit ici par Claire Moreau" in page
    assert "argon2" not in page
    listed = console.get("/protocoles").content.decode()
    assert listed.count("Notre soir") == 1, "the last version alone is offered"
    console.post(f"{DRAFT}/abandonner")
    begin(console, "urn:chevet:maison:plan-definition:notre-soir|2")
    assert now().code is None
    assert [one.id for one in now().activity] == ["riviere", "jardin", "estuaire"]
    console.post("/protocoles/retirer", {"protocol": token(page, "protocol")})
    assert "version</small" not in listed
