"""How many queries each page of the console makes: at most twelve, and as many with many rows as with few.

Every address of the console is held, a new one too. How long they take on a large clinic, on SQLite and PostgreSQL:
`python -m tests.bench console`, docs/bench-console.md.
"""

import random
from pathlib import Path

import pytest
from django.db import transaction
from pytest_django import Settings

from clinic.clock import now_ms
from clinic.demo.fill import Size, fill
from clinic.fleet.boxes import register
from clinic.home import Home
from clinic.people.models import Patient
from clinic.plans.orders import Pen
from mqtt_bridge import seal
from tests.bench.console_page import PATIENT_KIB, QUERIES
from tests.bench.console_pages import Pages, measure
from tests.bench.console_rows import furnish
from tests.clinic.box import CLINIC

FEW, MANY = Size(patients=5, records=6, sessions=100, seed=5), Size(patients=10, records=14, sessions=500, seed=5)
NOT_HELD = {
    "login": "for nobody who is signed in",
    "code": "for somebody who is half signed in",
    "plan-picture": "the kiosk's own program draws it",
    "draft-picture": "the same",
    "form-picture": "the same",
    "lesson-picture": "the same",
}


@pytest.mark.timeout(900)
@pytest.mark.django_db(databases=["default", "audit"])
def test_no_page_asks_more_than_it_may_and_more_rows_add_no_query(settings: Settings, tmp_path: Path) -> None:
    keys, home = seal.make_keys(), Home(tmp_path)
    home.clinic_keys.parent.mkdir()
    seal.save_secret(keys, home.clinic_keys)
    settings.HOME, settings.CLINIC_ID, settings.ALLOWED_HOSTS = home, CLINIC, ["127.0.0.1"]
    few, many = looked_at(FEW, Pen(CLINIC, keys), boxes=1), looked_at(MANY, Pen(CLINIC, keys), boxes=3)
    for found in (few, many):
        assert found.broken == ()
        assert set(found.not_measured) <= set(NOT_HELD), "a page that nothing leads to: give it something here"
        assert {page.name: page.queries for page in found.pages if page.queries > QUERIES} == {}
        large = [page for page in found.pages if page.of_a_patient and not page.picture and not page.file]
        assert {page.name: page.size for page in large if page.size > PATIENT_KIB * 1024} == {}
    before = {page.name: page.queries for page in few.pages}
    grown = {page.name: (before[page.name], page.queries) for page in many.pages if page.queries > before[page.name]}
    assert grown == {}
    assert len(few.pages) > 60, "pages are found by their addresses"


def looked_at(size: Size, pen: Pen, boxes: int) -> Pages:
    """An invented clinic of this size, whose people have so many boxes; gone again afterwards."""
    with transaction.atomic():
        fill(size, "x" * 12, pen, now_ms(), lambda *_: None)
        furnish()
        for patient in Patient.objects.filter(device_associations__until_ms=None):
            for number in range(1, boxes):
                register(f"{patient.id}-{number}", seal.make_keys().public, patient)
        found = measure(0, set(), random.Random(1), looks=1, of_one=True)  # noqa: S311  # the same pages each time
        transaction.set_rollback(True)
    return found
