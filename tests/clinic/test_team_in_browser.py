"""The team's pages in a real Chromium: axe-core, every size, and a task by the keyboard alone."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clinic.driven import Person, driven
from tests.clinic.parts import PASSWORD, furnished, running
from tests.clinic.test_in_browser import live_a_month

PAGES = (
    "journee",
    "patients/martin/taches",
    "messages",
    "patients/martin/messages",
    "releves",
    "a-verifier",
    "a-verifier/refuses/1",
)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CHEVET_", "DJANGO_"))}
    with furnished(kept) as commands:
        live_a_month(commands)
        with running(commands, "console", "--port", "0") as console:
            yield console.line().removeprefix("console: ready ").strip()


@pytest.mark.slow
@pytest.mark.timeout(420)
def test_the_teams_pages_are_for_everyone_and_a_task_by_the_keyboard_alone(address: str, tmp_path: Path) -> None:
    with driven(address) as person:
        person.sign_in("claire", PASSWORD)
        _a_task_from_its_words_to_its_end(person)
        for path in PAGES:
            person.check_at_every_size(path, tmp_path)


def _a_task_from_its_words_to_its_end(person: Person) -> None:
    """Written down, found in « Ma journée », taken there, and ended with what was done."""
    person.open("patients/martin/taches")
    person.tab_to("#id_reason")
    person.page.keyboard.type("Appeler sa fille")
    person.tab_to("form[aria-labelledby=new] .primary")
    with person.page.expect_navigation():
        person.page.keyboard.press("Enter")
    person.open("journee")
    person.tab_to("li.task form button")
    with person.page.expect_navigation():
        person.page.keyboard.press("Enter")
    person.tab_to("li.task .act a")
    with person.page.expect_navigation():
        person.page.keyboard.press("Enter")
    person.tab_to("#id_done")
    person.page.keyboard.type("Elle vient dimanche.")
    person.tab_to("button[value=end]")
    with person.page.expect_navigation():
        person.page.keyboard.press("Enter")
    assert person.page.url.endswith("/journee")
    assert "Appeler sa fille" not in person.page.inner_text("main")
    person.open("patients/martin/taches")
    assert "Elle vient dimanche." in person.page.inner_text("main")
