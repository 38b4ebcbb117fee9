"""`chevet-clinic update bundle`: what it refuses, with the remedy. tests/appliance looks at what it makes."""

from pathlib import Path

import pytest

from clinic.errors import RecordError
from clinic.home import Home
from clinic.shelf.bundling import bundle
from mqtt_bridge import authority


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    authority.make_authority(home.authority, "maison")
    return home


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = tmp_path / "slot"
    folder.mkdir()
    for name in ("root.img", "boot.img"):
        (folder / name).write_bytes(b"\0" * 4096)
    (folder / "version").write_text("2026.12.1\n")
    return folder


def test_a_folder_that_is_no_build(home: Home, built: Path, tmp_path: Path) -> None:
    (built / "boot.img").unlink()
    with pytest.raises(RecordError, match=r"no boot\.img.*var/image/slot"):
        bundle(home, built, tmp_path / "u.raucb")


@pytest.mark.parametrize("version", ["", "2026.12", "2026.12.01", "latest", "2026.12.1-rc"])
def test_a_version_that_rauc_could_not_compare(home: Home, built: Path, tmp_path: Path, version: str) -> None:
    (built / "version").write_text(version)
    with pytest.raises(RecordError, match="three numbers between dots"):
        bundle(home, built, tmp_path / "u.raucb")


def test_nothing_is_written_over(home: Home, built: Path, tmp_path: Path) -> None:
    (tmp_path / "u.raucb").write_text("mine")
    with pytest.raises(RecordError, match="never written over"):
        bundle(home, built, tmp_path / "u.raucb")
    assert (tmp_path / "u.raucb").read_text() == "mine"


def test_without_the_program_it_says_which(home: Home, built: Path, tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="apt-get install rauc"):
        bundle(home, built, tmp_path / "u.raucb", program="rauc-that-is-not-there")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "slot"]


def test_words_of_rauc_are_told_and_nothing_stays(home: Home, built: Path, tmp_path: Path) -> None:
    refuses = tmp_path / "refuses"
    refuses.write_text("#!/bin/sh\necho 'Failed to create bundle' >&2\nexit 1\n")
    refuses.chmod(0o755)
    with pytest.raises(RecordError, match="Failed to create bundle"):
        bundle(home, built, tmp_path / "u.raucb", program=str(refuses))
    assert not list(tmp_path.glob("*.raucb"))
    assert not list(tmp_path.glob(".bundle-*"))
