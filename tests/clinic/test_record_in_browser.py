"""The record's pages driven by a person: axe-core, the keyboard alone, every size; pictures stay in pytest's folder."""

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.clinic.driven import Person, driven
from tests.clinic.parts import PASSWORD, furnished, running
from tests.clinic.test_in_browser import live_a_month

RECORD = "patients/martin/dossier"
PAGES = (
    "", RECORD, f"{RECORD}/identite", f"{RECORD}/precautions", f"{RECORD}/proches/nouveau", f"{RECORD}/export",
    f"{RECORD}/doublons", f"{RECORD}/effacer",
)  # fmt: skip


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The console of a clinic that has lived a month."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CHEVET_", "DJANGO_"))}
    with furnished(kept) as commands:
        live_a_month(commands)
        with running(commands, "console", "--port", "0") as console:
            yield console.line().removeprefix("console: ready ").strip()


@pytest.fixture
def claire(address: str) -> Iterator[Person]:
    with driven(address) as person:
        person.sign_in("claire", PASSWORD)
        yield person


@pytest.mark.slow
def test_pages_are_for_everyone(claire: Person, tmp_path: Path) -> None:
    for path in PAGES:
        claire.check_at_every_size(path, tmp_path)
    assert {urlsplit(asked).netloc for asked in claire.asked} == {urlsplit(claire.address).netloc}


def test_a_patient_is_found_by_the_keyboard_alone(claire: Person, tmp_path: Path) -> None:
    claire.open("")
    claire.tab_to("#find")
    claire.search("#find", "mart")
    assert claire.page.locator("#found a").count() == 1
    claire.check()
    claire.picture(tmp_path / "cherche.png")
    claire.page.keyboard.press("Tab")
    with claire.page.expect_navigation():
        claire.page.keyboard.press("Enter")
    assert claire.page.url.endswith(RECORD)


def test_a_precaution_and_a_relative_by_the_keyboard_alone(claire: Person, tmp_path: Path) -> None:
    claire.open(f"{RECORD}/precautions")
    claire.tab_to("input[name=hyperacusis]")
    claire.page.keyboard.press("ArrowUp")
    claire.page.keyboard.press("ArrowDown")
    claire.tab_to(".acts .primary")
    with claire.page.expect_navigation():
        claire.page.keyboard.press("Enter")
    claire.open(f"{RECORD}/proches/nouveau")
    claire.tab_to("#id_name")
    claire.page.keyboard.type("Anne Martin")
    claire.tab_to("#id_main_caregiver")
    claire.page.keyboard.press("Space")
    claire.tab_to(".acts .primary")
    with claire.page.expect_navigation():
        claire.page.keyboard.press("Enter")
    words = claire.page.inner_text("main")
    assert "Anne Martin" in words
    assert "aidant principal" in words
    claire.check()
    claire.picture(tmp_path / "dossier-rempli.png")


def test_the_timeline_is_searched_as_one_types(claire: Person) -> None:
    claire.open(RECORD)
    before = claire.page.locator("#timeline .events li").count()
    claire.search("#words", "rivière arrêtée")
    found = claire.page.locator("#timeline .events li").all_inner_texts()
    assert 0 < len(found) < before
    assert all("rivière" in one.lower() and "arrêtée" in one for one in found)
    claire.check()


def test_everything_works_without_a_script(address: str) -> None:
    with driven(address) as person:
        person.page.route("**/*.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
        person.sign_in("claire", PASSWORD)
        person.open(RECORD)
        with person.page.expect_navigation():
            person.page.click(".pages a")
        assert person.page.locator("#timeline .events li").count() > 0
        person.page.fill("#find", "jeanne")
        with person.page.expect_navigation():
            person.page.press("#find", "Enter")
        assert person.page.locator("#mine .people a").count() == 1
        person.check()
