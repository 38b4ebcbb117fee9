"""`make boot` and `make join`: the image in the emulator, until its first screen, or as a new box of a real clinic."""

import argparse
import sys
import time
from pathlib import Path

from firmware_config.image.recipe.__main__ import CARD
from tests.appliance import joining
from tests.appliance.emulator import Emulator, emptied
from tests.appliance.qmp import EmulatorError


def main() -> int:
    if not CARD.exists():
        print("appliance: there is no image; make it with: make image", file=sys.stderr)
        return 1
    parser = argparse.ArgumentParser(prog="python -m tests.appliance")
    parser.add_argument("what", choices=("boot", "join"))
    try:
        if parser.parse_args().what == "join":
            joining.apart()
            began_s = time.monotonic()
            joining.join(lambda words: print(f"appliance: {time.monotonic() - began_s:5.0f} s  {words}", flush=True))
            return 0
        return _boot(emptied("boot"))
    except EmulatorError as error:
        print(f"appliance: {error}", file=sys.stderr)
        return 1


def _boot(folder: Path) -> int:
    with Emulator(folder, CARD) as box:
        for what, mark in (
            ("U-Boot chose a slot", "chevet: slot "),
            ("the root is open", "root hash"),
            ("the data partition is mounted", "chevet-data: mounted"),
        ):
            seconds = box.until_told(mark, joining.WAIT_S_MAX)
            print(f"appliance: {seconds:5.0f} s  {what}", flush=True)
        seconds = box.until(
            lambda: box.colours() > joining.COLOURS_DRAWN, joining.WAIT_S_MAX, "no screen was drawn within the limit"
        )
        print(f"appliance: {seconds:5.0f} s  the first screen: {box.screen('first')}", flush=True)
        seconds = box.until_told("is good:", joining.WAIT_S_MAX)
        print(f"appliance: {seconds:5.0f} s  U-Boot's record: this slot is good", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
