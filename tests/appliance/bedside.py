"""A card's data partition under the box's own programs on this workstation: what they make of it after a cut.

Real kiosk, player and link, a real file system repaired as the box repairs it; what is not the box's is the machine
beneath. It takes seconds where a start in the emulator takes minutes.
"""

import shutil
import time
from pathlib import Path

from firmware_config.image.recipe.place import VAR, ImageError, in_bench
from tests.appliance.qmp import EmulatorError
from tests.support.display import virtual_screen
from tests.support.house import House

MENDED_MAX = 1
"""e2fsck: 0 clean, 1 mended; the box opens no other."""
SETTLE_S_MAX = 180.0
LOOK_S = 0.3
_TAKE = """\
code=0
e2fsck -p {image} >{folder}/e2fsck.log 2>&1 || code=$?
[ "$code" -le {most} ] || {{ cat {folder}/e2fsck.log; exit 9; }}
mkdir -p {folder}/taken
debugfs -R 'rdump /data /enrolment /packages {folder}/taken' {image} >/dev/null 2>&1
"""


def card_data(clear: Path, house: House) -> None:
    """Put what the partition holds where this house's box has it. Raises EmulatorError: the box would not open it."""
    folder = clear.parent.relative_to(VAR)
    try:
        in_bench(_TAKE.format(image=folder / clear.name, folder=folder, most=MENDED_MAX), told="e2fsck")
    except ImageError as error:
        raise EmulatorError(f"the data partition cannot be mended: {error}") from error
    taken = clear.parent / "taken"
    shutil.rmtree(house.box, ignore_errors=True)
    (house.box / "run").mkdir(parents=True)
    for name in ("data", "enrolment", "packages"):
        shutil.copytree(taken / name, house.box / name)
    house.packages = house.box / "packages"
    house.write_configuration()


def lived(house: House) -> None:
    """Start the clinic and the box, and wait until the clinic has all that the box has to tell. Raises ProcessError."""
    with virtual_screen(*house.size) as display:
        house.display = display
        try:
            house.start("broker", "ingest", "player", "link", "kiosk")
            _settle(house)
        finally:
            house.stop()


def _settle(house: House) -> None:
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    until_s = time.monotonic() + SETTLE_S_MAX
    while True:
        told = house.link_status()
        answered = told.get("answered")  # nothing is said of it before the clinic has answered
        if told["pending"] == 0 and answered is not None and answered["boot"] == boot:
            return
        if time.monotonic() > until_s:
            raise EmulatorError(f"the box still has something to tell: {told}")
        time.sleep(LOOK_S)  # another process's file: there is no event to wait for
