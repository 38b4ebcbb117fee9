"""The ears' week on real parts: what was heard before is in bedside.db, the real player gets the gain that fits."""

import sqlite3

import pytest

from audio.hearing.dose import allowance_pa2h, exposure_pa2h
from audio.package import read
from tests.house.conftest import PACKAGE_S
from tests.support.house import PATIENT, House
from tests.support.visit import Visit

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
FITS_DBA = 61.0


def test_a_week_nearly_used_up_softens_the_care_and_staff_see_it(slow_house: House) -> None:
    house = slow_house
    house.stop("kiosk")
    hear_all_but(house, FITS_DBA)
    house.start("kiosk")
    visit = Visit(house.patient())
    visit.to_ready()
    assert "Vos oreilles ont beaucoup écouté" in visit.patient.shown["view"]["detail"]
    visit.patient.press_button()
    visit.patient.see(lambda shown: shown["screen"] == "PlayingView" and shown["view"]["fraction"] > 0)
    visit.patient.touch("louder")
    visit.patient.see(lambda shown: shown["view"].get("sentence") == "C’est le plus fort pour vos oreilles.")
    visit.finish()
    visit.see_in_record()
    (session,) = house.sessions()
    assert session["outcome"] == "heard_whole"
    assert session["level_dba"] == pytest.approx(FITS_DBA, abs=0.01)
    assert session["dose_week_percent"] == pytest.approx(100, abs=0.01)
    assert session["calibration"] == "Casque de démonstration (inventé)"
    assert session["level_changes"] == []


def hear_all_but(house: House, left_dba: float) -> None:
    """As if the person had listened so much today that one session more at `left_dba` fills the week."""
    manifest = read(house.packages / house.package).manifest
    left_pa2h = exposure_pa2h(left_dba, max(PACKAGE_S, manifest.duration_s))
    database = sqlite3.connect(house.data / "bedside.db")
    (lived_ms,) = database.execute("SELECT lived_ms FROM lived").fetchone()
    row = (PATIENT, allowance_pa2h("adult") - left_pa2h, lived_ms)
    database.execute("INSERT INTO dose (patient, session, pa2h, lived_ms) VALUES (?, 'earlier', ?, ?)", row)
    database.commit()
    database.close()
