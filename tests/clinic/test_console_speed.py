"""How many queries each page of the console makes: as many with many patients and sessions as with few.

How long they take on a large clinic: `python -m tests.bench console`, docs/bench-console.md.
"""

import random
from pathlib import Path

import pytest
from pytest_django import Settings

from clinic.clock import now_ms
from clinic.demo.fill import Size, fill
from clinic.home import Home
from clinic.plans.orders import Pen
from mqtt_bridge import seal
from tests.bench.console_pages import Page, measure
from tests.clinic.box import CLINIC

QUERIES_MAX = 12
WITHIN = {
    "to-readjust", "patients", "record", "requests", "results", "results-chart", "follow-up", "day", "tasks", "help",
    "threads", "deliveries", "care-team", "standing", "request-for", "new-request", "to-check",
    "readers", "handovers", "request", "security", "people", "person", "teams", "emergency", "find-patient", "lend",
    "begin-draft", "protocols", "protocol", "forms", "lessons", "duplicates", "new-person", "password", "health",
    "add-passkey", "session-list", "comments",
}  # fmt: skip
"""Pages that keep it. The others come down to it one by one."""
BEYOND = {"boxes": 100}
"""What a silence means (X4) is asked patient by patient: ten queries for each box."""
AT_MOST = 40


@pytest.mark.django_db(databases=["default", "audit"])
def test_no_page_asks_more_than_it_may(settings: Settings, tmp_path: Path) -> None:
    keys, home = seal.make_keys(), Home(tmp_path)
    home.clinic_keys.parent.mkdir()
    seal.save_secret(keys, home.clinic_keys)
    settings.HOME, settings.CLINIC_ID, settings.ALLOWED_HOSTS = home, CLINIC, ["127.0.0.1"]
    fill(Size(patients=5, records=6, sessions=150, seed=5), "x" * 12, Pen(CLINIC, keys), now_ms(), lambda *_: None)
    found = measure(1, set(), random.Random(1))  # noqa: S311  # the same pages each time
    assert found.broken == ()
    assert len(found.pages) > 25, "pages are found by their addresses"
    asked = {page.name: page.queries for page in found.pages}
    assert {name: n for name, n in asked.items() if name in WITHIN and n > QUERIES_MAX} == {}
    assert {name: n for name, n in asked.items() if n > BEYOND.get(name, AT_MOST)} == {}
    assert set(asked) | set(found.not_measured) >= WITHIN, "a page has another name now"
    assert _large(found.pages) == []


def _large(pages: tuple[Page, ...]) -> list[tuple[str, int]]:
    """Pages of one patient beyond 60 KiB before charts."""
    return [
        (page.name, page.size) for page in pages if page.of_a_patient and not page.picture and page.size > 60 * 1024
    ]
