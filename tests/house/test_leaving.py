"""The end of a loan in the whole house: a stolen box is wiped at once, one asked back once all is in the record."""

import time
from contextlib import closing
from pathlib import Path

import pytest

from mqtt_bridge.database import open_reader
from tests.support.house import BOX, PATIENT, House
from tests.support.process import ProcessError
from tests.support.visit import Visit

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


def kept(house: House) -> list[str]:
    """What is still on the box, but for locks and the mark of where it stands."""
    found = [path for folder in (house.data, house.box / "enrolment") if folder.exists() for path in folder.rglob("*")]
    return sorted(str(path.relative_to(house.box)) for path in found if path.is_file() and path.suffix != ".lock")


def see_title(visit: Visit, title: str) -> None:
    visit.patient.see(lambda shown: shown["view"].get("title") == title, 90)


def wait_until_gone(house: House, seconds: float = 60) -> None:
    until_s = time.monotonic() + seconds
    while (house.box / "enrolment").exists():
        if time.monotonic() > until_s:
            raise ProcessError(f"still there: {kept(house)}")
        time.sleep(0.05)  # another process's files: there is no event to wait for


def test_a_stolen_box_is_wiped_proves_it_and_says_that_it_is_linked_no_more(house: House, visit: Visit) -> None:
    house.stop("ingest")  # what was answered cannot be in the record when the order comes
    visit.choose()
    for height in (6, 7, 5, 4, 2):
        visit.patient.answer(height)
    visit.patient.touch("continue")
    visit.patient.see_screen("TextView")
    house.clinic("revoke", BOX, "--reason", "volée", "--wipe")
    assert house.boxes()[BOX]["state"] == "to-be-wiped"
    house.start("ingest")
    see_title(visit, "Cette boîte n’est plus reliée.")
    told = house.wait_for_state("wiped")
    assert told["lost_reports"] >= 1, "the answers were on their way, and a stolen box waits for nobody"
    assert told["revoked_ms"]
    assert told["closed_ms"] is None
    wait_until_gone(house)
    assert kept(house) == ["data/departure.json"]
    for name in ("link", "kiosk"):  # switched off and on: it says the same
        house.stop(name)
    house.start("kiosk")
    assert visit_again(house)["title"] == "Cette boîte n’est plus reliée."


def test_a_revoked_box_ends_its_care_then_says_that_nobody_hears_it_and_keeps_what_it_holds(
    slow_house: House, slow_visit: Visit
) -> None:
    house, visit = slow_house, slow_visit
    visit.to_playing()
    said = house.clinic("revoke", BOX, "--reason", "cassée")
    assert "it knows that it is no longer linked" in said
    assert "the broker's door is closed" in said
    shown = visit.patient.see(lambda one: one["view"].get("title") == "Cette boîte n’est plus reliée.", 120)
    assert "le 15 ou le 112" in " ".join(shown["view"]["lines"])
    assert shown["targets"] == [], "nothing to touch: no call that reaches nobody"
    records = open_reader(house.data / "bedside.db")
    assert records is not None
    with closing(records) as database:
        heard = database.execute("SELECT outcome FROM result WHERE kind = 'listening'").fetchall()
    assert heard == [("heard_whole",)], "what sounds is never cut"
    assert (house.box / "enrolment" / "box.secret").exists()
    for name in ("link", "kiosk"):  # switched off and on: it says the same
        house.stop(name)
    house.start("kiosk")
    assert visit_again(house)["title"] == "Cette boîte n’est plus reliée."


def test_a_box_that_is_asked_back_gives_everything_first(house: House, visit: Visit, tmp_path: Path) -> None:
    house.stop("broker")
    visit.choose()
    visit.patient.answer(6)
    visit.patient.answer(7)
    visit.patient.see(lambda shown: shown["view"].get("step") == 4)
    house.start("broker")
    house.clinic("take-back", BOX)
    see_title(visit, "Cette boîte est à rendre.")
    told = house.wait_for_state("wiped", 90)
    assert told["lost_reports"] == 0
    wait_until_gone(house)
    visit.patient.see(lambda shown: "La boîte ne garde plus rien." in shown["view"].get("lines", ()), 60)
    (session,) = house.sessions()
    assert (session["before"]["angoisse"], session["before"]["anxiete"]) == (6, 7), "what was begun was kept"
    house.clinic("returned", BOX, "--disinfected")
    assert house.boxes()[BOX]["state"] == "ready"
    # The same machine, for the next person: enrolled by a code under another name, in service again.
    house.start("registrar")
    paper = tmp_path / "chevet-enrol.toml"
    house.clinic("enrolment-code", "--patient", PATIENT, "--box", "chevet-2", "--out", str(paper))
    house.enrol_from(paper)
    visit.patient.go_away()
    house.stop("link", "kiosk")
    house.start("link", "kiosk")
    assert visit_again(house, "HomeView")
    assert house.boxes()["chevet-2"]["state"] == "lent"
    assert "data/departure.json" not in kept(house)


def visit_again(house: House, screen: str = "NoticeView") -> dict[str, str]:
    """What the screen says to somebody who comes now."""
    for patient in house.patients:
        patient.go_away()
    house.patients.clear()
    view: dict[str, str] = house.patient().see_screen(screen, 60)["view"]
    return view
