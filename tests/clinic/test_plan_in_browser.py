"""From a pathway to a signed plan in a real browser; its pages are for everyone; pictures stay in pytest's folder."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from mqtt_bridge.contract.report import OrderReceived
from tests.clinic.box import evaluation
from tests.clinic.driven import Person, driven
from tests.clinic.parts import PASSWORD, Commands, Link, furnished, running

PLAN = "patients/martin/plan"
DRAFT = f"{PLAN}/brouillon"
PAGES = (
    PLAN, DRAFT, f"{DRAFT}/cadre", f"{DRAFT}/besoins", f"{DRAFT}/questionnaires", f"{DRAFT}/suites", f"{DRAFT}/lecons",
    f"{DRAFT}/soins", f"{DRAFT}/soins/riviere", f"{DRAFT}/signer", f"{DRAFT}/protocole", f"{PLAN}/nouveau",
    f"{PLAN}/arreter", "protocoles", "protocoles/voir?nom=urn:chevet:plan-definition:parcours-palliatif|1",
    "questionnaires", "questionnaires/voir?nom=urn:chevet:questionnaire:sommeil|1", "questionnaires/1",
    "questionnaires/1/questions/nouvelle", "lecons", "lecons/2",
)  # fmt: skip
LOOKED_AT = (DRAFT, f"{DRAFT}/besoins", f"{DRAFT}/signer", "questionnaires/1")
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def commands() -> Iterator[Commands]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CHEVET_", "DJANGO_"))}
    with furnished(kept) as made:
        environment = {**made.environment, "DJANGO_SETTINGS_MODULE": "clinic.settings"}
        words = [sys.executable, "-m", "tests.clinic.shelved"]
        subprocess.run(words, env=environment, check=True, cwd=Path(__file__).parents[2])
        yield made


@pytest.fixture(scope="module")
def box(commands: Commands) -> Iterator[Link]:
    """The box's end of the wire, at the clinic's own broker and ingest."""
    with running(commands, "broker"), running(commands, "ingest") as ingest:
        assert ingest.line().startswith("ingest: ready")
        link = Link(commands.home.parent / "box")
        link.start()
        yield link
        link.client.stop()


@pytest.fixture(scope="module")
def claire(commands: Commands) -> Iterator[Person]:
    with (
        running(commands, "console", "--port", "0") as console,
        driven(console.line().removeprefix("console: ready ").strip()) as person,
    ):
        person.sign_in("claire", PASSWORD)
        yield person


def told_back(box: Link) -> list[str]:
    """The box has every order, and a first answer under the plan; what the page then says is done."""
    before = box.in_record
    told = [box.box.report(OrderReceived(order=order, accepted=True)) for order in sorted(box.orders)]
    for letter in (*told, box.box.report(evaluation("before", (1, 2, 3, 4, 5)))):
        box.client.publish(box.box.up, letter)
    box.until(lambda _: box.in_record == before + len(told) + 1)
    return ["signé", "envoyé", "reçu par la boîte", "appliqué\u00a0: premier retour de la boîte"]


def press(person: Person, selector: str) -> None:
    with person.page.expect_navigation():
        person.page.click(selector)


@pytest.mark.slow
def test_from_a_pathway_to_the_box_and_back(claire: Person, box: Link, tmp_path: Path) -> None:
    claire.look(1280, 800)
    claire.open(PLAN)
    press(claire, "text=Écrire un plan")
    press(claire, "button[value*='parcours-palliatif']")
    assert "prêt à signer" in claire.page.inner_text("main")
    press(claire, "#cares a[href$='/soins/riviere']")
    claire.page.fill("#id_level_dba", "58")
    press(claire, "text=Enregistrer")
    claire.page.locator("#preview").scroll_into_view_if_needed()
    first = claire.page.locator(".screens img").first
    assert first.evaluate("one => one.decode().then(() => one.naturalWidth)") == 800
    claire.picture(tmp_path / "brouillon.png")
    press(claire, "text=Relire et signer")
    claire.picture(tmp_path / "signer.png")
    press(claire, "text=Signer ce plan")
    assert "en vigueur" in claire.page.inner_text("main")
    box.until(lambda _: len(box.orders) > 1)
    steps = told_back(box)
    claire.open(PLAN)
    assert steps == claire.page.locator(".steps li.done b").all_inner_texts()
    press(claire, "text=Changer le plan")
    press(claire, "text=Reprendre ce plan")
    assert "Rien ne change pour la personne" in claire.page.inner_text("main")
    claire.check()
    claire.picture(tmp_path / "plan.png")
    pages_are_for_everyone(claire, tmp_path)


def pages_are_for_everyone(claire: Person, tmp_path: Path) -> None:
    """A draft stands open, a questionnaire (1) and a lesson (2) are being written."""
    for place, title in (("questionnaires", "Votre journée"), ("lecons", "Bien boire")):
        claire.open(place)
        claire.page.fill("#id_title", title)
        press(claire, "text=Commencer")
    for path in PAGES:
        claire.open(path)
        for width, height in ((360, 740), (1920, 1080), (1280, 800)):
            claire.look(width, height)
            assert claire.page.evaluate(WIDER) <= 0, f"{path} is wider than {width}"
            if path in LOOKED_AT:
                claire.picture(tmp_path / f"{path.replace('/', '-')}-{width}.png")
        claire.check()
        if path in LOOKED_AT:
            claire.look(1280, 800, dark=True)
            claire.check()
            claire.picture(tmp_path / f"{path.replace('/', '-')}-dark.png")
            claire.look(1280, 800)
    assert {urlsplit(asked).netloc for asked in claire.asked} == {urlsplit(claire.address).netloc}
