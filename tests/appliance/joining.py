"""A new box joins a real clinic: the code on its boot partition, its plan, its package, home, one touch.

The clinic runs on this machine, in a network of its own in which QEMU runs too: nothing leaves it.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from firmware_config.image.recipe.__main__ import CARD
from firmware_config.image.recipe.disk import LAYOUT
from firmware_config.image.recipe.place import VAR, in_bench
from tests.appliance.emulator import Emulator, emptied
from tests.support.house import CLINICIAN, PATIENT, House
from tests.support.paced.package import make_package

HOST = "10.77.0.1"
"""The clinic's, on the loopback of that network."""
NEW_BOX = "chevet-2"
WAIT_S_MAX = 900.0
PACKAGE_S = 12.0
COLOURS_DRAWN = 50
_INSIDE = "CHEVET_APPLIANCE_APART"
Say = Callable[[str], None]


def apart() -> None:
    """Go on in a network namespace of our own, with the clinic's address on its loopback."""
    if _INSIDE not in os.environ:
        script = f'ip link set lo up; ip address add {HOST}/32 dev lo; exec "$@"'
        words = ["unshare", "--net", "sh", "-ec", script, "sh", sys.executable, "-m", "tests.appliance", *sys.argv[1:]]
        os.execvpe("unshare", words, {**os.environ, _INSIDE: "yes"})  # noqa: S606


def furnished(folder: Path) -> House:
    """The clinic, one patient, one plan, its package on the shelf; another box of the patient's exists already."""
    packages = folder / "packages"
    packages.mkdir()
    make_package(packages / "riviere", PACKAGE_S)
    house = House(folder / "house", folder / "unused", source=packages, host=HOST)
    house.furnish(stock=True)
    return house


def insert(house: House, folder: Path, card: Path) -> None:
    """What a technician does: the code's file onto the card's first partition."""
    paper = folder / "chevet-enrol.toml"
    house.clinic("enrolment-code", "--patient", PATIENT, "--box", NEW_BOX, "--out", str(paper))
    start = next(one.start_mib for one in LAYOUT if one.name == "firmware")
    inside = folder.relative_to(VAR)
    in_bench(f"mcopy -i {inside}/{card.name}@@{start}M {inside}/{paper.name} ::", told="mcopy")


def join(say: Say) -> None:
    """Raises EmulatorError when a step does not come within its limit."""
    folder = emptied("join")
    house = furnished(folder)
    try:
        house.start("broker", "ingest", "shelf", "registrar")
        with Emulator(folder, CARD, before=lambda card: insert(house, folder, card)) as box:
            say("a clinic, and the code on the card")
            _steps(house, box, say)
            say(f"{_mib(box)} MiB of the card were written from its making")
    finally:
        house.stop()


def _steps(house: House, box: Emulator, say: Say) -> None:
    box.until_told("chevet-data: mounted", WAIT_S_MAX)
    say("the data partition is mounted")
    box.until(lambda: _state(house) != "", WAIT_S_MAX, f"the box did not join: {box.serial()[-800:]}")
    say(f"the box has joined: {_state(house)}")
    house.clinic(
        "prescribe", str(house.folder / "plan.toml"), "--patient", PATIENT, "--by", CLINICIAN, "--box", NEW_BOX
    )
    box.until(lambda: _has_package(house), WAIT_S_MAX, f"the package is not on the box: {_told(house)}")
    say("the package is installed on the box, by its own report")
    box.until_told("kiosk: ready", WAIT_S_MAX)
    time.sleep(20)
    say(f"home: {box.screen('home')}")
    box.touch(640, 300)
    time.sleep(20)
    say(f"after a touch: {box.screen('touched')}")


def _told(house: House) -> dict[str, object]:
    return dict(house.boxes().get(NEW_BOX, {}))


def _state(house: House) -> str:
    return str(_told(house).get("state", ""))


def _has_package(house: House) -> bool:
    """By what the box itself reported of its offer."""
    rows = json.loads(house.clinic("package", "list", "--json"))
    return any(row["boxes"].get(NEW_BOX, {}).get("state") == "installed" for row in rows)


def _mib(box: Emulator) -> int:
    return int(
        subprocess.run(["du", "-m", str(box.disk)], capture_output=True, text=True, check=True).stdout.split()[0]
    )
