"""What the ear has heard, from the box's report to the staff's page and the machine's JSON."""

import io
import re
from contextlib import redirect_stdout
from html import unescape

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from msgspec import structs

from clinic.commands.results import _session_cells
from clinic.console.hearing import Hearing, percent
from clinic.results.models import LedgerRow
from clinic.results.models import Listening as KeptListening
from clinic.results.sessions import as_json, records, sessions
from mqtt_bridge.contract.report import Gap, HeadphonesChange, LevelChange, Listening
from tests.clinic.box import RATE_HZ, listening
from tests.clinic.conftest import Clinic

pytestmark = pytest.mark.django_db(databases=["default", "audit"])
NB = "\N{NO-BREAK SPACE}"


def ear(**more: object) -> Listening:
    fields: dict[str, object] = {
        "level_dba": 68.24,
        "level_max_dba": 73.0,
        "dose_pa2h": 0.0088,
        "dose_week_percent": 12.4,
        "calibration": "Sennheiser HD 206",
        "gain_start_db": -12.0,
        "level_changes": (
            LevelChange(at_frame=10 * RATE_HZ, gain_db=-9.0),
            LevelChange(at_frame=20 * RATE_HZ, gain_db=-15.0),
        ),
        "level_changes_total": 2,
        "headphones_changes": (HeadphonesChange(at_frame=15 * RATE_HZ, headphones="out"),),
        "headphones_changes_total": 1,
    }
    return structs.replace(listening(), **{**fields, **more})


def page(console: Client) -> str:
    answer = console.get("/patients/martin/seances")
    assert answer.status_code == 200
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())).replace(NB, " "))


def test_the_page_tells_level_week_and_every_change(console: Client, clinic: Clinic) -> None:
    clinic.receive(clinic.box.report(ear()))
    told = page(console)
    assert "68 dBA au plus 73 dBA" in told
    assert "12 % de la dose d’une semaine" in told
    assert "Sennheiser HD 206" in told
    assert "3 changements de niveau ou de casque" in told
    # the loudest gain heard, -9 dB, made 73 dBA: -15 dB is 67
    assert "à 10 s : 73 dBA à 15 s : casque débranché à 20 s : 67 dBA" in told
    assert "dépassée" not in told


def test_the_page_says_it_in_english(console: Client, clinic: Clinic) -> None:
    clinic.receive(clinic.box.report(ear(sensitive=True)))
    console.post("/langue", {"language": "en", "next": "/"})
    told = page(console)
    assert "at most 73 dBA" in told
    assert "12 % of a week’s dose, sensitive mode" in told
    assert "headphones unplugged" in told


def test_a_week_beyond_its_cap_and_headphones_that_nobody_measured(console: Client, clinic: Clinic) -> None:
    clinic.receive(clinic.box.report(ear(dose_week_percent=103.2, calibration="uncalibrated")))
    told = page(console)
    assert "103 % de la dose d’une semaine dépassée" in told
    assert "casque non étalonné : niveau calculé par excès" in told


def test_a_report_of_before_levels_shows_no_level_and_is_not_0(console: Client, clinic: Clinic) -> None:
    clinic.receive(clinic.box.report(listening()))
    told = page(console)
    assert "dose" not in told
    (kept,) = records(sessions("martin"))
    assert as_json(kept)["level_dba"] is None
    assert as_json(kept)["dose_week_percent"] is None
    assert _session_cells(kept)[6:8] == ["-", "-"]


ABSURD = 1.7e308
"""Two of them have no sum."""


@pytest.mark.parametrize(
    "told",
    [
        {"gaps": (Gap(at_frame=1, duration_ms=ABSURD), Gap(at_frame=2, duration_ms=ABSURD))},
        {"gain_start_db": -ABSURD, "level_changes": (LevelChange(at_frame=1, gain_db=ABSURD),)},
        {"gain_db": ABSURD},
    ],
)
def test_absurd_numbers_are_held_and_the_page_still_tells_the_rest(
    console: Client, clinic: Clinic, told: dict[str, object]
) -> None:
    """One broken box must not take a person's whole page from the nurse."""
    clinic.receive(clinic.box.report(listening()))
    clinic.receive(clinic.box.report(ear(session="s-2", **told)))
    assert LedgerRow.objects.get(seq=2).state == LedgerRow.State.HELD
    assert "1 min" in page(console)


def test_machines_and_terminals_read_it_too(clinic: Clinic) -> None:
    clinic.receive(clinic.box.report(ear(calibration="uncalibrated")))
    (kept,) = records(sessions("martin"))
    told = as_json(kept)
    assert (told["level_dba"], told["dose_week_percent"], told["level_changes_total"]) == (68.24, 12.4, 2)
    assert told["headphones_changes"] == [{"at_frame": 15 * RATE_HZ, "headphones": "out"}]
    assert _session_cells(kept)[6:8] == ["68.2 dBA (uncalibrated)", "12.40 %"]


@pytest.mark.parametrize(
    ("number", "said"),
    [(0.0, "0,0 %"), (0.04, "moins de 0,1 %"), (0.833, "0,8 %"), (9.96, "10,0 %"), (12.4, "12 %"), (103.2, "103 %")],
)
def test_how_a_percent_is_said(number: float, said: str) -> None:
    assert percent(number).replace(NB, " ") == said


@pytest.mark.parametrize(("week", "filled", "cap"), [(0.0, 0.0, 192.3), (50.0, 96.2, 192.3), (208.0, 192.3, 92.5)])
def test_the_bar_keeps_its_cap_in_sight(week: float, filled: float, cap: float) -> None:
    bar = Hearing(KeptListening(dose_week_percent=week)).bar
    assert float(bar.filled) == pytest.approx(filled, abs=0.06)
    assert float(bar.cap) == pytest.approx(cap, abs=0.06)
    assert bar.over == (week > 100)


@pytest.mark.django_db(transaction=True)  # the trail’s own database refuses to be emptied afterwards
def test_the_columns_can_be_taken_away_and_come_back() -> None:
    def columns() -> set[str]:
        with connection.cursor() as cursor:
            described = connection.introspection.get_table_description(cursor, "results_listening")
        return {column.name for column in described}

    try:
        with redirect_stdout(io.StringIO()):
            call_command("migrate", "results", "0003", verbosity=0)
        assert "level_dba" not in columns()
        assert "gain_db" in columns()
    finally:
        call_command("migrate", verbosity=0)
    assert "level_dba" in columns()
    assert MigrationExecutor(connection).loader.graph.leaf_nodes("results")
