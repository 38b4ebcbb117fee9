"""French first, English second: each phrase has its translation, and French its spaces."""

import ast
import gettext
import re
import shutil
import subprocess
from pathlib import Path
from typing import get_args

import pytest

from audio.player.protocol import Cause
from clinic import console
from clinic.console.templatetags import words
from clinic.console.told import cause_said

FOLDER = Path(console.__file__).parent
CATALOGUE = FOLDER / "locale" / "en" / "LC_MESSAGES"
IN_TEMPLATES = re.compile(r"""{% translate (?:"([^"]*)"|'([^']*)') %}""")
SAY = {"gettext", "ngettext", "gettext_noop", "gettext_lazy"}


def phrases() -> set[str]:
    """What the pages and the code say through gettext."""
    said = {a or b for page in FOLDER.rglob("*.html") for a, b in IN_TEMPLATES.findall(page.read_text())}
    for file in FOLDER.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in SAY:
                said |= {a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)}
    return said


def test_every_phrase_is_in_english() -> None:
    with (CATALOGUE / "django.mo").open("rb") as file:
        known = gettext.GNUTranslations(file)
    catalogue = known._catalog  # type: ignore[attr-defined]  # the only way to list it
    ids = {key[0] if isinstance(key, tuple) else key for key in catalogue}
    plurals = {
        "%(n)s coupures, %(total)s en tout",
        "%(n)s envois",
        "il y a %(n)s jours",
        "Trop peu pour le dire : %(n)s séances sur les %(least)s qu’il faut.",
        "Rien depuis %(n)s jours",
        "%(n)s repères",
        "%(n)s ans",
        "tous les %(n)s jours",
        "%(n)s jours",
        "%(n)s redémarrages en un jour",
        "%(n)s changements de niveau ou de casque",
        "depuis %(n)s jours",
    }
    assert {phrase for phrase in phrases() if phrase not in ids} - plurals == set()


def test_the_catalogue_is_compiled_from_its_source(tmp_path: Path) -> None:
    if shutil.which("msgfmt") is None:
        pytest.skip("no msgfmt here: apt-get install gettext")
    made = tmp_path / "django.mo"
    subprocess.run(["msgfmt", "-o", str(made), str(CATALOGUE / "django.po")], check=True, stderr=subprocess.DEVNULL)
    with made.open("rb") as fresh, (CATALOGUE / "django.mo").open("rb") as kept:
        assert gettext.GNUTranslations(fresh)._catalog == gettext.GNUTranslations(kept)._catalog  # type: ignore[attr-defined]


def test_french_spaces_do_not_break() -> None:
    for phrase in phrases():
        assert not re.search(r" [:;?!»]|« ", phrase), phrase


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (0.42, "0,4 s"),
        (9.96, "10 s"),
        (60, "1 min"),
        (1203, "20 min 3 s"),
        (4000, "66 min 40 s"),
        (0.095, "95 ms"),
        (1.18, "1,2 s"),
        (10_800, "3 h"),
        (7500, "2 h 5 min"),
    ],
)
def test_durations(seconds: float, said: str) -> None:
    assert words.duration(seconds) == said.replace(" ", "\N{NO-BREAK SPACE}")


def test_a_title_typed_by_hand_does_not_break() -> None:
    assert words.unbroken("Relaxation : la rivière ?") == "Relaxation\u00a0: la rivière\u202f?"


@pytest.mark.parametrize("cause", [*get_args(Cause), "power-lost", "player-lost", "player-silent", "patient"])
def test_each_cause_of_the_box_is_said(cause: str) -> None:
    assert cause_said(cause) != cause


def test_where_a_problem_comes_from() -> None:
    assert (words.of_box("chevet/v1/maison/box-77/up"), words.beside_box("chevet/v1/maison/box-77/up")) == (
        "box-77",
        "up",
    )
    row = "box-12/kiosk/0123456789abcdef/7"
    assert (words.of_box(row), words.beside_box(row)) == ("box-12", "kiosk · 012345… · 7")
    assert (words.of_box("x"), words.beside_box("x")) == ("—", "x")


def test_the_year_is_said_when_it_does_not_go_without_saying() -> None:
    at_ms = 1_763_733_900_000
    assert words.lately(at_ms, at_ms + 60_000).replace("\u00a0", " ") == "aujourd’hui à 15 h 05"
    assert words.lately(at_ms, at_ms - 60_000).replace("\u00a0", " ") == "aujourd’hui à 15 h 05"
    assert words.lately(at_ms, at_ms + 2 * 86_400_000).replace("\u00a0", " ") == "21 nov. à 15 h 05"
    assert words.lately(at_ms, at_ms - 2 * 86_400_000).replace("\u00a0", " ") == "21 nov. à 15 h 05"
    assert "2025" in words.lately(at_ms, at_ms + 300 * 86_400_000)
    assert "2025" in words.lately(at_ms, at_ms - 300 * 86_400_000)


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (0, "depuis 1 min"),
        (59, "depuis 59 min"),
        (60, "depuis 1 h"),
        (26 * 60, "depuis 1 jour"),
        (50 * 60, "depuis 2 jours"),
    ],
)
def test_what_goes_on_since_when(minutes: int, said: str) -> None:
    assert words.since(0, minutes * 60_000).replace("\u00a0", " ") == said


def test_an_absurd_date_is_no_error() -> None:
    assert words.day(2**53)
