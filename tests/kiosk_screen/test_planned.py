"""`chevet-kiosk draw --plan`: what a plan will look like, for who writes it."""

from pathlib import Path

import pygame
import pytest

from kiosk import words
from kiosk.cli import main
from kiosk.journey.views import ConeView, HomeView, LessonView, TextView
from kiosk.screen.gallery.planned import screens_of
from kiosk.shell.invented import plan_of
from mqtt_bridge.contract.codec import encode
from mqtt_bridge.contract.stamp import Stamp

NOW = Stamp(wall_ms=1_800_000_000_000, trusted=True, boot="b", monotonic_ms=0)
PLAN = plan_of("fr", [], NOW)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "plan.json").write_bytes(encode(PLAN))
    return tmp_path / "plan.json"


def test_a_plan_has_home_cares_questions_and_lessons() -> None:
    found = screens_of(PLAN, words.load("fr"))
    assert isinstance(found["home"], HomeView)
    assert isinstance(found["care.calme.0"], TextView)
    assert isinstance(found["care.crise.1"], TextView)
    assert isinstance(found["form.0.0"], ConeView)
    assert isinstance(found["lesson.repos.0"], LessonView)
    assert sum(name.startswith("form.") for name in found) == 4


def test_screens_are_drawn_as_files(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["draw", "--plan", str(file), "--list"]) == 0
    assert "care.calme.0" in capsys.readouterr().out.splitlines()
    out = tmp_path / "out"
    words_given = ["draw", "--plan", str(file), "--into", str(out), "--size", "800x480", "home", "form.0.0"]
    assert main(words_given) == 0
    assert sorted(path.name for path in out.iterdir()) == ["form.0.0.png", "home.png"]
    assert pygame.image.load(str(out / "home.png")).get_size() == (800, 480)


@pytest.mark.parametrize("name", ["nothing", "care.calme.9", "../home"])
def test_a_screen_that_the_plan_has_not_is_told(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert main(["draw", "--plan", str(file), "--into", str(tmp_path / "out"), name]) == 1
    assert "care.calme.0" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_what_is_no_plan_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for raw in (b"{}", b"\xff", b""):
        (tmp_path / "x.json").write_bytes(raw)
        assert main(["draw", "--plan", str(tmp_path / "x.json"), "--list"]) == 1
        assert "x.json" in capsys.readouterr().err
    assert main(["draw", "--plan", str(tmp_path / "none.json"), "--list"]) == 1
