"""Every page of the console in a real Chromium: axe-core finds nothing, and nothing is wider than 320 pixels (400 %).

The pages are found by their links, and held to the table of addresses: one that no browser test opens fails here.
"""

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.urls import Resolver404, resolve

from tests.clinic import test_plan_in_browser, test_record_in_browser, test_team_in_browser
from tests.clinic.driven import ZOOMED, Person, driven
from tests.clinic.parts import PASSWORD, Commands, furnished, running
from tests.clinic.test_access import MAY_SEE, OPEN
from tests.clinic.test_in_browser import live_a_month

LOOKED_AT_ELSEWHERE = (*test_plan_in_browser.PAGES, *test_record_in_browser.PAGES, *test_team_in_browser.PAGES)
"""By the same checks, at more sizes."""
NO_PAGES = {
    "health", "language", "find-patient", "form-fhir", "protocol-fhir", "results-chart",
    "plan-picture", "draft-picture", "form-picture", "lesson-picture", "session-table",
    "box-silences",
}  # fmt: skip
"""Pictures, files, a part of a page, a word for machines, an act that anybody does."""


def name_of(address: str) -> str:
    """Of the page at this address of ours; empty: none."""
    try:
        return str(resolve(urlsplit(address).path).url_name)
    except Resolver404:
        return ""


@pytest.fixture(scope="module")
def commands() -> Iterator[Commands]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CHEVET_", "DJANGO_"))}
    with furnished(kept) as made:
        for who, role in (("ada", "administrator"), ("paul", "physician")):
            words = ("--given", who.title(), "--family", "Roy", "--role", role, "--shown-as", role)
            made.run("add-practitioner", who, *words, "--password-file", "-", said=PASSWORD)
        live_a_month(made)
        yield made


@pytest.fixture(scope="module")
def address(commands: Commands) -> Iterator[str]:
    with running(commands, "console", "--port", "0") as console:
        yield console.line().removeprefix("console: ready ").strip()


def put_everything(commands: Commands) -> None:
    environment = {**commands.environment, "DJANGO_SETTINGS_MODULE": "clinic.settings"}
    words = [sys.executable, "-m", "tests.clinic.everything"]
    subprocess.run(words, env=environment, check=True, cwd=Path(__file__).parents[2])


def walk(person: Person, begin: Iterable[str], known: set[str], wrong: list[str]) -> set[str]:
    """From link to link, one page of each name; what nobody has looked at yet is. The names that were seen."""
    waiting, seen = list(begin), set[str]()
    assert [path for path in waiting if not name_of(f"/{path}")] == [], "no page has this address"
    while waiting:
        path = waiting.pop(0)
        name = name_of(f"/{path}")
        if not name or name in seen or name in NO_PAGES or name not in {*MAY_SEE, *OPEN}:
            continue
        answer = person.page.goto(f"{person.address}{path}")
        if answer is None or answer.status >= 400:
            continue  # a link that is not for this role is another test's
        person.settle()
        seen.add(name)
        if name not in known:
            wrong += look(person, path)
        links = person.page.eval_on_selector_all("a[href]", "all => all.map(one => one.href)")
        waiting += [link.removeprefix(person.address) for link in links if link.startswith(person.address)]
    return seen


def look(person: Person, path: str) -> list[str]:
    """What is wrong with it."""
    person.look(*ZOOMED)
    wider = person.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    found = [f"{path} is {wider} pixels wider than {ZOOMED[0]}"] if wider > 0 else []
    person.look(1280, 800)
    return found + person.found()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_page_is_for_everyone(commands: Commands, address: str) -> None:
    elsewhere = {name_of(f"/{path}") for path in LOOKED_AT_ELSEWHERE}
    seen, wrong = set(elsewhere), list[str]()
    with driven(address) as nobody:
        seen |= walk(nobody, ["connexion"], seen, wrong)
    with driven(address) as claire:
        claire.sign_in("claire", PASSWORD)
        put_everything(commands)
        by_the_keyboard_alone(claire)
        begin = ["", *(f"patients/martin/{page}" for page in ("dossier", "demande", "resultats", "dossier/silence"))]
        seen |= walk(claire, begin, seen, wrong)  # the way to "silence" is gone once its words have come in its place
    with driven(address) as ada:
        ada.sign_in("ada", PASSWORD)
        seen |= walk(ada, ["personnel"], seen, wrong)
    with driven(address) as paul:
        paul.sign_in("paul", PASSWORD)
        assert name_of(paul.page.url) == "code"
        wrong += look(paul, "connexion/code")
        seen.add("code")
    assert wrong == [], "\n".join(wrong)
    assert {*MAY_SEE, *OPEN} - NO_PAGES - seen == set(), "no browser has seen these: link them, or begin from them here"
    assert seen - {*MAY_SEE, *OPEN} == set()


def by_the_keyboard_alone(person: Person) -> None:
    """« Résultats »: another period, the way to each session, how it is reckoned; then a request for the care."""
    person.open("patients/martin/resultats")
    person.tab_to("nav.choice a[href*='jours=30']")
    with person.page.expect_navigation():
        person.page.keyboard.press("Enter")
    assert person.page.url.endswith("jours=30") or "jours=30&" in person.page.url
    person.tab_to("details.method summary")
    person.page.keyboard.press("Enter")
    assert person.page.locator("details.method").get_attribute("open") is not None
    person.open("demandes/nouvelle")
    person.tab_to("#id_given")
    for words in ("Ange", "Noël", "Ange", ""):
        person.page.keyboard.type(words)
        person.page.keyboard.press("Tab")
    person.tab_to("input[name=asker]")
    person.page.keyboard.press("Space")
    person.tab_to("#id_words")
    person.page.keyboard.type("Dort mal.")
    person.tab_to("#id_asked_of")
    person.page.keyboard.press("ArrowDown")
    person.tab_to("main form .primary")
    with person.page.expect_navigation():
        person.page.keyboard.press("Enter")
    assert "Ange Noël" in person.page.inner_text("main")
