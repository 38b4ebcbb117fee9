"""The whole house on real parts: Xvfb, the paced device, mosquitto, SQLite, the console."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.display import virtual_screen
from tests.support.house import House
from tests.support.paced.package import make_package
from tests.support.visit import Visit

PACKAGE_S = 12.0
SIZE = (800, 480)
OpenHouse = Callable[..., House]
NO_HURRY = 0.5
"""The speed of the sound for who has something to do before it ends: 24 s, on a machine that may be busy."""


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One short package of noise; nothing in it repeats, so that bit-identical means what it says."""
    folder = tmp_path_factory.mktemp("house") / "packages"
    folder.mkdir()
    make_package(folder / "riviere", PACKAGE_S)
    return folder


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    with virtual_screen(*SIZE) as name:
        yield name


@pytest.fixture
def open_house(tmp_path: Path, packages: Path, display: str) -> Iterator[OpenHouse]:
    """A furnished house, not started; ended with the test."""
    houses: list[House] = []

    def opened(**settings: object) -> House:
        fields: dict[str, object] = {"packages": packages, "size": SIZE, "display": display, "speed": 4.0, **settings}
        house = House(tmp_path / f"house{len(houses)}", **fields)  # type: ignore[arg-type]
        houses.append(house)
        house.furnish()
        return house

    yield opened
    for house in houses:
        house.stop()


@pytest.fixture
def house(open_house: OpenHouse) -> House:
    """Started, all of it but the console; the sound runs four times faster than a clock."""
    house = open_house()
    house.start("broker", "ingest", "player", "link", "kiosk")
    return house


@pytest.fixture
def visit(house: House) -> Visit:
    return Visit(house.patient())


@pytest.fixture
def slow_house(open_house: OpenHouse) -> House:
    """The same, whose sound lasts while something is done."""
    house = open_house(speed=NO_HURRY)
    house.start("broker", "ingest", "player", "link", "kiosk")
    return house


@pytest.fixture
def slow_visit(slow_house: House) -> Visit:
    return Visit(slow_house.patient())
