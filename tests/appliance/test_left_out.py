"""A file that nobody gave to git is named, and no image is made without it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from firmware_config.image.recipe import left_out
from firmware_config.image.recipe.place import TOP, ImageError
from firmware_config.image.recipe.root import ROOMS


def git(top: Path, *words: str) -> None:
    subprocess.run(["git", "-C", str(top), *words], check=True, capture_output=True)


@pytest.fixture
def top(tmp_path: Path) -> Path:
    """A checkout in which git knows one file of each room."""
    git(tmp_path, "init", "-q")
    (tmp_path / ".gitignore").write_text("__pycache__/\n")
    for room in ROOMS:
        put(tmp_path, f"{room}/known.py")
    git(tmp_path, "add", ".")
    return tmp_path


def put(top: Path, name: str) -> None:
    (top / name).parent.mkdir(parents=True, exist_ok=True)
    (top / name).write_text("")


def test_what_git_has_or_ignores_or_no_box_needs_is_no_reason_to_stop(top: Path) -> None:
    put(top, "kiosk/__pycache__/known.pyc")
    put(top, "clinic/new.py")
    put(top, "firmware_config/image/recipe/__pycache__/root.pyc")
    left_out.check(top)


@pytest.mark.parametrize("name", ["image/tree/etc/new.conf", "image/tree/usr/__pycache__/x.pyc", "box/new.toml"])
def test_what_would_be_taken_in_is_named_too_and_in_the_tree_what_git_ignores(top: Path, name: str) -> None:
    put(top, f"firmware_config/{name}")
    with pytest.raises(ImageError, match=f"firmware_config/{name}"):
        left_out.check(top)
    git(top, "add", "--force", "firmware_config")
    left_out.check(top)


@pytest.mark.parametrize("room", ROOMS)
def test_what_would_be_left_out_is_named_with_the_remedy_and_taken_once_it_is_added(top: Path, room: str) -> None:
    put(top, f"{room}/déjà vu/new.py")
    with pytest.raises(ImageError) as told:
        left_out.check(top)
    assert f"\n  {room}/déjà vu/new.py\n`git add`" in str(told.value)
    git(top, "add", room)
    left_out.check(top)


def test_of_many_some_are_named_and_the_rest_counted(top: Path) -> None:
    for number in range(left_out.NAMED_MAX + 3):
        put(top, f"audio/new{number:02}.py")
    with pytest.raises(ImageError, match="23 of the files") as told:
        left_out.check(top)
    assert "\n  and 3 more\n" in str(told.value)
    assert "new22" not in str(told.value)


@pytest.mark.skipif(os.geteuid() != 0, reason="the recipe runs as root alone")
def test_the_recipe_itself_stops_there_and_makes_nothing(top: Path) -> None:
    """The command, of a checkout of its own: its top is where its files are."""
    unwanted = shutil.ignore_patterns("__pycache__", "workstation")
    shutil.copytree(TOP / "firmware_config", top / "firmware_config", ignore=unwanted)
    git(top, "add", "firmware_config")
    put(top, "audio/new.py")
    done = subprocess.run(
        [sys.executable, "-m", "firmware_config.image.recipe"],
        cwd=top,
        env={**os.environ, "PYTHONPATH": f"{top}{os.pathsep}{TOP}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "audio/new.py" in done.stderr
    assert [*(top / "var/image").iterdir()] == []
