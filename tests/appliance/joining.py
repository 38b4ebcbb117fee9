"""A new box joins a real clinic: the code on its boot partition, its plan, its package, home.

The clinic runs on this machine, in a network of its own in which QEMU runs too: nothing leaves it.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from firmware_config.image.recipe.__main__ import CARD
from firmware_config.image.recipe.disk import LAYOUT
from firmware_config.image.recipe.place import VAR, in_bench
from kiosk.shell.box_file import NAME
from mqtt_bridge.seal import code_digest
from tests.appliance import counted
from tests.appliance.emulator import Emulator, Machine, emptied
from tests.appliance.resident import Resident
from tests.appliance.twin import Twin, plan_of
from tests.appliance.visit import CARE
from tests.support.house import CLINICIAN, PATIENT, STAFF_PIN, House
from tests.support.paced.package import make_package

HOST = "10.77.0.1"
"""The clinic's, on the loopback of that network."""
NEW_BOX = "chevet-2"
WAIT_S_MAX = 900.0
PACKAGE_S = 12.0
_INSIDE = "CHEVET_APPLIANCE_APART"
CLINIC = ("broker", "ingest", "shelf", "registrar")
Say = Callable[[str], None]


def is_apart() -> bool:
    """Whether this process is in the test's own network already: there is no other one there."""
    return _INSIDE in os.environ


def apart() -> None:
    """Go on in a network namespace of our own, with the clinic's address on its loopback."""
    if not is_apart():
        script = f'ip link set lo up; ip address add {HOST}/32 dev lo; exec "$@"'
        words = ["unshare", "--net", "sh", "-ec", script, "sh", sys.executable, "-m", "tests.appliance", *sys.argv[1:]]
        os.execvpe("unshare", words, {**os.environ, _INSIDE: "yes"})  # noqa: S606


def house_in(folder: Path) -> House:
    """The clinic whose records are in this folder."""
    return House(folder / "house", folder / "unused", source=folder / "packages", host=HOST)


def furnished(folder: Path) -> House:
    """The clinic, one patient, one plan, its package on the shelf; another box of the patient's exists already."""
    packages = folder / "packages"
    packages.mkdir()
    make_package(packages / "riviere", PACKAGE_S)
    house = house_in(folder)
    house.furnish(stock=True)
    return house


def insert(house: House, folder: Path, card: Path) -> None:
    """What a technician does: the code's file onto the card's first partition."""
    paper = folder / "chevet-enrol.toml"
    house.clinic("enrolment-code", "--patient", PATIENT, "--box", NEW_BOX, "--out", str(paper))
    _put(paper, card)


def set_on_the_box(folder: Path, card: Path) -> None:
    """Another thing that a technician does: staff's PIN, and the plain voice as it is delivered, said outright."""
    paper = folder / NAME
    paper.write_text(technicians_file())
    _put(paper, card)


def technicians_file() -> str:
    return f'[service]\npin = "{code_digest(STAFF_PIN)}"\n\n[voice]\nespeak = false\n'


def _put(paper: Path, card: Path) -> None:
    """Both are in one folder under var/image."""
    start = next(one.start_mib for one in LAYOUT if one.name == "firmware")
    inside = card.parent.relative_to(VAR)
    in_bench(f"mcopy -i {inside}/{card.name}@@{start}M {inside}/{paper.name} ::", told="mcopy")


def join(say: Say) -> None:
    """Raises EmulatorError when a step does not come within its limit."""
    folder = emptied("join")
    house = furnished(folder)
    try:
        house.start(*CLINIC)
        with Emulator(folder, CARD, Machine(logged=True), before=lambda card: insert(house, folder, card)) as box:
            say("a clinic, and the code on the card")
            person = joined(house, box, say)
            person.touch(CARE)
            person.see("who")
            say(f"{box.written() / 2**20:.0f} MiB were written to the card from its making on")
    finally:
        house.stop()


def joined(house: House, box: Emulator, say: Say) -> Resident:
    """From the start of a new box to its home screen; who will touch it."""
    has_joined(house, box, say)
    prescribed(house)
    return at_home(house, box, say)


def has_joined(house: House, box: Emulator, say: Say) -> None:
    """Until the clinic has the box. Raises EmulatorError."""
    at_s = box.until_told("chevet-data: mounted", WAIT_S_MAX)
    say(f"the data partition is mounted ({at_s:.0f} s from the start)")
    db = house.clinic_home / "clinic.db"
    at_s = box.until(lambda: counted.joined(db, NEW_BOX), WAIT_S_MAX, f"the box did not join: {box.serial()[-800:]}")
    say(f"the box has joined ({at_s:.0f} s from the start)")


def prescribed(house: House) -> None:
    """The plan, for the new box."""
    house.clinic(
        "prescribe", str(house.folder / "plan.toml"), "--patient", PATIENT, "--by", CLINICIAN, "--box", NEW_BOX
    )


def at_home(house: House, box: Emulator, say: Say) -> Resident:
    """Until a box that has joined has its plan and package and shows home; who will touch it. Raises EmulatorError."""
    db = house.clinic_home / "clinic.db"
    box.until(lambda: counted.has_package(db, NEW_BOX), WAIT_S_MAX, "the package is not on the box")
    say("the package is installed on the box, by its own report")
    person = Resident(box, Twin(plan_of(db, NEW_BOX), PACKAGE_S), say)
    person.see("home", WAIT_S_MAX)
    return person
