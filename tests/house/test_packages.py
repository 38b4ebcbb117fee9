"""A package travels from the clinic to a box that has not got it, through cut networks and kills, and is heard."""

import json
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from audio.package import read
from tests.house.conftest import PACKAGE_S, OpenHouse
from tests.support.house import BOX, House
from tests.support.paced.package import make_package, write_manifest
from tests.support.visit import Visit

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

SOON_S = 120.0
FETCH_KIB_S = 400


def make(folder: Path, name: str, seconds: float = PACKAGE_S) -> Path:
    made = make_package(folder / name, seconds)
    write_manifest(made, msgspec.structs.replace(read(made).manifest, id=name, title=name.title()))
    return made


def until(so: Callable[[], bool], house: House) -> None:
    """Other processes' files: there is no event to wait for."""
    end_s = time.monotonic() + SOON_S
    while not so():
        assert time.monotonic() < end_s, house.link_status()
        time.sleep(0.1)


def on_box(house: House, name: str) -> dict[str, Any]:
    return next((told for told in house.link_status()["packages"] if told["id"] == name), {"stage": "unknown"})


def at_clinic(house: House, name: str, version: str = "1.0") -> dict[str, Any]:
    rows = json.loads(house.clinic("package", "list", "--json"))
    row = next(row for row in rows if (row["id"], row["version"]) == (name, version))
    found: dict[str, Any] = row["boxes"].get(BOX, {})
    return found


def received(house: House) -> int:
    return max((part.stat().st_size for part in (house.data / "spool").glob("*.part")), default=0)


@pytest.fixture
def house(open_house: OpenHouse, tmp_path: Path) -> House:
    """A box with one package of its own, and a clinic whose plan names another."""
    source, packages = tmp_path / "studio", tmp_path / "packages"
    packages.mkdir()
    make(source, "riviere")
    house = open_house(packages=packages, source=source, fetch_kib_s=FETCH_KIB_S)
    house.start("broker", "ingest", "shelf", "player", "link", "kiosk")
    return house


def test_from_the_shelf_to_the_ear(house: House, tmp_path: Path) -> None:
    house.clinic("package", "add", str(tmp_path / "studio" / "riviere"))
    house.prescribe()  # what the plan names is offered with it
    size = on_box(house, "riviere").get("size_bytes", 0)
    until(lambda: received(house) > 200_000, house)
    house.kill("shelf")
    half = received(house)
    house.start("shelf")
    until(lambda: received(house) > half + 200_000, house)
    house.kill("link")
    house.start("link")
    until(lambda: on_box(house, "riviere")["stage"] == "installed", house)
    until(lambda: at_clinic(house, "riviere").get("state") == "installed", house)
    assert size == 0 or size > half
    visit = Visit(house.patient())
    _a_session_pauses_a_fetch(house, visit, make(tmp_path / "studio", "estuaire"))
    assert [session["outcome"] for session in house.sessions()] == ["heard_whole"]


def _a_session_pauses_a_fetch(house: House, visit: Visit, package: Path) -> None:
    house.clinic("package", "add", str(package))
    house.clinic("package", "offer", "estuaire", "--box", BOX)
    until(lambda: received(house) > 100_000, house)
    shelf = house.processes["shelf"]
    shelf.signal(signal.SIGSTOP)  # else a slow machine has it all before the session begins
    visit.to_playing()
    shelf.signal(signal.SIGCONT)
    told = on_box(house, "estuaire")
    assert (told["stage"], told["paused"]) == ("offered", True)
    assert 0 < told["received_bytes"] < told["size_bytes"]
    kept = received(house)
    visit.finish()
    assert received(house) >= kept
    visit.see_in_record()
    until(lambda: on_box(house, "estuaire")["stage"] == "installed", house)
    assert (house.packages / "estuaire" / "manifest.sig").exists()
    house.clinic("package", "withdraw", "estuaire", "--box", BOX)
    house.clinic("package", "withdraw", "riviere", "--box", BOX)
    until(lambda: at_clinic(house, "estuaire").get("state") == "removed", house)
    until(lambda: at_clinic(house, "riviere").get("reason") == "plan-names-it", house)
    assert (house.packages / "riviere" / "manifest.toml").exists()
    assert not (house.packages / "estuaire").exists()


def test_a_package_of_another_clinic_is_refused_with_its_reason(open_house: OpenHouse, tmp_path: Path) -> None:
    """The box trusts no key but that of its own enrolment, whatever stands on the shelf."""
    source = tmp_path / "studio"
    make(source, "riviere", 2.0)
    house = open_house(packages=tmp_path / "packages", source=source)
    house.clinic("package", "add", str(source / "riviere"))
    house.prescribe()
    house.start("broker", "ingest", "shelf")
    _sign_with_another_key(house)
    house.start("link")
    until(lambda: on_box(house, "riviere")["stage"] == "refused", house)
    until(lambda: at_clinic(house, "riviere", "2.0").get("reason") == "signature-of-another-clinic", house)


def _sign_with_another_key(house: House) -> None:
    """What an intruder on the shelf's disk could do, and an order that names its work."""
    from mqtt_bridge import seal

    keys = house.clinic_home / "keys" / "clinic.secret"
    honest = keys.read_bytes()
    seal.save_secret(seal.make_keys(), keys)
    assert house.source is not None
    version = make(house.folder / "other", "riviere", 3.0)
    write_manifest(version, msgspec.structs.replace(read(version).manifest, version="2.0"))
    house.clinic("package", "add", str(version))
    keys.write_bytes(honest)
    house.clinic("package", "offer", "riviere", "--version", "2.0", "--box", BOX)
