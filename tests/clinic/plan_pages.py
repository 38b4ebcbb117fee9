"""What the tests of a plan's pages share: a full shelf, a draft begun and read back, a page's fields as sent."""

import re
from typing import Any

import pytest
from django.test import Client

from clinic.people.models import Patient
from clinic.plans.drafting import content_of, draft_of, revision
from clinic.plans.in_force import plan_in_force
from clinic.plans.protocols import house_protocol
from clinic.plans.unfinished import UnfinishedPlan
from clinic.shelf.models import Package
from mqtt_bridge.contract.care import CarePlan as ContractCarePlan
from tests.clinic.shelved import put_all

PAGE = "/patients/martin/plan"
DRAFT = f"{PAGE}/brouillon"


@pytest.fixture
def shelf(db: None) -> dict[str, Package]:
    """Every package that the house's protocols name."""
    return put_all()


def token(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found.group(1)


def begin(console: Client, told: str = "") -> None:
    answer = console.post(f"{PAGE}/nouveau", {"from": told or house_protocol("relaxation").canonical})
    assert answer.headers["Location"] == DRAFT


def now(patient: str = "martin") -> UnfinishedPlan:
    draft = draft_of(Patient.objects.get(pk=patient))
    assert draft is not None
    return content_of(revision(draft))


def fields(page: str) -> dict[str, Any]:
    """Every field of the page's last form as the browser would send it."""
    form = page[page.rindex('<form class="sheet form') :]
    told: dict[str, Any] = {}
    for tag in re.findall(r"<input [^>]*>", form):
        name, kind = re.search(r'name="([^"]+)"', tag), re.search(r'type="(\w+)"', tag)
        if not name or (kind and kind.group(1) in ("checkbox", "radio") and "checked" not in tag):
            continue
        value = re.search(r'value="([^"]*)"', tag)
        told.setdefault(name.group(1), []).append(value.group(1) if value else "on" if "checked" in tag else "")
    for name, body in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', body) or re.search(r'value="([^"]*)"', body)
        told[name] = [chosen.group(1) if chosen else ""]
    for name, body in re.findall(r'<textarea name="([^"]+)"[^>]*>\n?(.*?)</textarea>', form, re.DOTALL):
        told[name] = [body]
    import html

    return {name: [html.unescape(one) for one in values] for name, values in told.items()}


def opened(console: Client, path: str) -> dict[str, Any]:
    return fields(console.get(path).content.decode())


def sign(console: Client) -> Any:
    page = console.get(f"{DRAFT}/signer").content.decode()
    told = {"revision": token(page, "revision"), "former": token(page, "former"), "box": "box-12"}
    return console.post(f"{DRAFT}/signer", told)


def in_force(patient: Patient) -> ContractCarePlan:
    found = plan_in_force(patient)
    assert found is not None
    return found.content
