"""The whole way in a real browser and at a real bedside: asked for, validated, lent, prescribed, heard, read."""

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from audio.package import read
from tests.clinic.driven import Person, driven
from tests.house.conftest import PACKAGE_S, SIZE
from tests.support.house import BOX, CLINICIAN, PASSWORD, House
from tests.support.paced.package import make_package, write_manifest
from tests.support.visit import Visit

pytestmark = [pytest.mark.slow, pytest.mark.timeout(420)]


@pytest.fixture
def house(tmp_path: Path, display: str) -> Iterator[House]:
    """A clinic where nobody has asked for anything, its shelf, and a box that belongs to nobody yet."""
    packages = tmp_path / "packages"
    packages.mkdir()
    made = make_package(packages / "riviere", PACKAGE_S)
    write_manifest(made, msgspec.structs.replace(read(made).manifest, id="riviere", title="La rivière"))
    found = House(tmp_path / "house", packages=packages, size=SIZE, display=display, speed=4.0)
    found.found()
    found.stock()
    found.start("broker", "ingest", "registrar", "console")
    yield found
    found.stop()


@pytest.fixture
def claire(house: House) -> Iterator[Person]:
    with driven(house.console_address) as person:
        person.look(1280, 800)
        person.sign_in(CLINICIAN, PASSWORD)
        yield person


def press(person: Person, selector: str) -> None:
    with person.page.expect_navigation():
        person.page.click(selector)


def test_from_a_request_to_a_result(house: House, claire: Person) -> None:
    patient = asked_for_and_validated(claire)
    paper = house.folder / "chevet-enrol.toml"
    paper.write_text(lent(claire, patient))
    house.enrol_from(paper)
    house.write_configuration()
    house.start("player", "link", "kiosk")
    prescribed(claire, patient)
    visit = heard(house)
    claire.open(f"patients/{patient}/seances")
    told = claire.page.inner_text("main")
    assert "La rivière" in told
    assert re.search(r"Douleur\s+6", told), told
    visit.patient.see(lambda shown: shown["view"].get("read") == "Lues par Claire, infirmière", 90)
    claire.open(f"patients/{patient}/resultats")
    assert "La rivière" in claire.page.inner_text("main")
    claire.check()


def asked_for_and_validated(claire: Person) -> str:
    """« Demandes »: entered, then the référent's yes. The patient's identifier."""
    claire.open("demandes/nouvelle")
    for field, words in (("given", "Jeanne"), ("family", "Martin"), ("address_as", "Madame Martin")):
        claire.page.fill(f"#id_{field}", words)
    claire.page.check("input[name=asker][value=patient]")
    claire.page.fill("#id_words", "Dort mal depuis une semaine.")
    claire.page.select_option("#id_asked_of", label="Claire Moreau, infirmière")
    press(claire, "main form .primary")
    press(claire, "main a:has-text('Jeanne Martin')")
    claire.page.fill("[name=reason]", "Relaxation indiquée.")
    press(claire, "button[name=answer][value=yes]")
    claire.open("")
    found = claire.page.get_attribute("main a[href*='/dossier']", "href")
    assert found is not None
    return found.split("/")[2]


def lent(claire: Person, patient: str) -> str:
    """« Boîtes »: the file that goes onto the box, saved by its button."""
    claire.open("boites/preter")
    claire.page.select_option("#id_patient", value=patient)
    claire.page.fill("#id_box", BOX)
    press(claire, "main form .primary")
    with claire.page.expect_download() as saved:
        claire.page.click("a[download]")
    assert saved.value.suggested_filename == "chevet-enrol.toml"
    return saved.value.path().read_text()


def prescribed(claire: Person, patient: str) -> None:
    """« Plan »: from nothing, one care of the shelf, signed."""
    claire.open(f"patients/{patient}/plan/nouveau")
    press(claire, "button[value=blank]")
    claire.open(f"patients/{patient}/plan/brouillon/soins")
    claire.page.check("input[name=care][value^='package:']")
    press(claire, "main form .primary")
    press(claire, "#cares a[href$='/soins/riviere']")
    claire.page.fill("#id_explanation", "Vous allez écouter une rivière.")
    press(claire, "main form .primary")
    claire.open(f"patients/{patient}/plan/brouillon/signer")
    press(claire, "text=Signer ce plan")
    assert "en vigueur" in claire.page.inner_text("main")


def heard(house: House) -> Visit:
    """At the bedside: the plan has come, a care is chosen, answered, heard to its end, and is in the record."""
    visit = Visit(house.patient())
    patient = visit.patient
    patient.see(lambda shown: any(tile["target"] == "care:riviere" for tile in shown["view"].get("tiles", ())), 90)
    visit.choose()
    for height in (3, 4, 6, 2, 5):
        patient.answer(height)
    patient.touch("continue")
    visit.read_explanation()
    patient.see(lambda shown: bool(shown["view"].get("armed")))
    patient.press_button()
    visit.finish()
    visit.see_in_record()
    patient.touch("done")
    return visit
