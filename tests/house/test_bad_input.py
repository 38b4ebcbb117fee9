"""A clear sentence for the patient, the cause for staff, nothing lost."""

import contextlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.house.conftest import OpenHouse
from tests.support.house import BIN, House
from tests.support.visit import Visit

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


def _finding(house: House, name: str) -> dict[str, object]:
    return next(finding for finding in house.selftest() if finding["name"] == name)


def test_a_damaged_package_never_starts(open_house: OpenHouse, packages: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "packages"
    shutil.copytree(packages, damaged)
    house = open_house(packages=damaged)
    (sound,) = (damaged / "riviere").glob("*.flac")
    sound.write_bytes(sound.read_bytes()[:-1000])
    house.start("broker", "ingest", "player", "link", "kiosk")
    visit = Visit(house.patient())
    visit.choose()
    visit.decline_all()
    visit.read_explanation()
    notice = visit.patient.see_screen("NoticeView")["view"]
    assert (notice["title"], notice["code"]) == ("Le soin ne peut pas commencer.", "package-damaged")
    assert not _finding(house, "package riviere")["fine"]
    assert "sha" in str(_finding(house, "package riviere")["detail"]).lower()
    visit.patient.touch("done")
    visit.see_in_record()
    (session,) = house.sessions()
    assert (session["outcome"], session["listened_s"]) == ("failed", 0)
    assert house.paced is not None
    assert house.paced.events("start") == []


def test_no_sound_device(open_house: OpenHouse) -> None:
    house = open_house(device="sysdefault:CARD=Missing", player_flags=("--device-wait-s-max", "1"))
    house.start("player", "broker", "ingest", "link", "kiosk")
    visit = Visit(house.patient())
    visit.choose()
    visit.decline_all()
    visit.read_explanation()
    assert visit.patient.see_screen("NoticeView")["view"]["code"] == "device-missing"
    card = _finding(house, "sound-card")
    assert not card["fine"]
    assert "Plug it in" in str(card["detail"])


def test_a_box_that_is_not_enrolled_says_so(open_house: OpenHouse) -> None:
    house = open_house()
    shutil.rmtree(house.box / "enrolment")
    command = [str(BIN / "chevet-kiosk"), "run", "--config", str(house.box / "kiosk.toml")]
    process = subprocess.Popen(command, env={**os.environ, "DISPLAY": house.display}, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    assert any("waits to be enrolled" in line for line in process.stderr)
    process.terminate()
    assert process.wait(60) == 1
    process.stderr.close()
    assert "enrol" in str(_finding(house, "enrolment")["remedy"])


def test_a_wrong_configuration_is_refused_with_its_key(tmp_path: Path) -> None:
    (tmp_path / "kiosk.toml").write_text(
        '[folders]\ndata="a"\nrun="a"\nenrolment="a"\npackages="a"\n[button]\nfactory="guess"'
    )
    command = [str(BIN / "chevet-kiosk"), "run", "--config", str(tmp_path / "kiosk.toml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "guess" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def small_disk(tmp_path: Path):  # type: ignore[no-untyped-def]  # noqa: ANN201
    """A disk of 72 MiB that can be filled: a session begins on no less than 48."""
    folder = tmp_path / "small"
    folder.mkdir()
    if (
        os.geteuid() != 0
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=72m", "tmpfs", str(folder)], check=False).returncode
    ):
        pytest.skip("mounting a small disk needs root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def _fill(folder: Path) -> None:
    """Take every byte that is free."""
    descriptor = os.open(folder / "filler", os.O_WRONLY | os.O_CREAT)
    with contextlib.suppress(OSError):
        while True:
            os.write(descriptor, bytes(4096))
    os.close(descriptor)


def test_a_full_disk_starts_no_session(open_house: OpenHouse, small_disk: Path) -> None:
    house = open_house()
    (house.box / "data").symlink_to(small_disk)
    house.start("broker", "ingest", "player", "link", "kiosk")
    visit = Visit(house.patient())
    visit.choose()
    visit.decline_all()
    visit.patient.see_screen("TextView")
    (small_disk / "filler").write_bytes(bytes(40 * 1024 * 1024))
    visit.read_explanation()
    assert visit.patient.see_screen("NoticeView")["view"]["title"] == "La boîte est pleine."


def test_a_disk_that_fills_while_playing_loses_nothing(open_house: OpenHouse, small_disk: Path) -> None:
    house = open_house()
    (house.box / "data").symlink_to(small_disk)
    house.start("broker", "ingest", "player", "link", "kiosk")
    visit = Visit(house.patient())
    visit.to_playing()
    _fill(small_disk)  # the session's own room stays
    visit.finish()
    (small_disk / "filler").unlink()
    visit.see_in_record(120)
    (session,) = house.sessions()
    assert session["outcome"] == "heard_whole"


def test_every_command_teaches() -> None:
    for name in ("chevet-kiosk", "chevet-audio", "chevet-link", "chevet-clinic"):
        done = subprocess.run([str(BIN / name), "--help"], capture_output=True, text=True, check=True)
        assert "example" in done.stdout or "session" in done.stdout


def test_link_status_speaks_to_people_and_machines(house: House) -> None:
    told = house.link_status()
    assert json.dumps(told)
    assert {"pending", "in_record", "held"} <= told.keys()
