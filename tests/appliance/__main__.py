"""`make boot`, `make join`, `make damaged`: the image in the emulator, each until a screen that a person looks at."""

import argparse
import sys
import time

from firmware_config.image.recipe.__main__ import CARD
from tests.appliance import damage, joining
from tests.appliance.emulator import Emulator, emptied
from tests.appliance.qmp import EmulatorError


def main() -> int:
    if not CARD.exists():
        print("appliance: there is no image; make it with: make image", file=sys.stderr)
        return 1
    parser = argparse.ArgumentParser(prog="python -m tests.appliance")
    parser.add_argument("what", choices=tuple(WAYS))
    what = parser.parse_args().what
    if what == "join":
        joining.apart()
    try:
        WAYS[what](_Told())
    except EmulatorError as error:
        print(f"appliance: {error}", file=sys.stderr)
        return 1
    return 0


class _Told:
    """A line for each step, with the seconds since the beginning."""

    def __init__(self) -> None:
        self._began_s = time.monotonic()

    def __call__(self, words: str) -> None:
        print(f"appliance: {time.monotonic() - self._began_s:5.0f} s  {words}", flush=True)


def _boot(say: joining.Say) -> None:
    with Emulator(emptied("boot"), CARD) as box:
        for what, mark in (
            ("U-Boot chose a slot", "chevet: slot "),
            ("the root is open", "root hash"),
            ("the data partition is mounted", "chevet-data: mounted"),
        ):
            box.until_told(mark, joining.WAIT_S_MAX)
            say(what)
        box.until(lambda: box.colours() > joining.COLOURS_DRAWN, joining.WAIT_S_MAX, "no screen was drawn in time")
        say(f"the first screen: {box.screen('first')}")
        box.until_told("is good:", joining.WAIT_S_MAX)
        say("U-Boot's record: this slot is good")


WAYS = {"boot": _boot, "join": joining.join, "damaged": damage.damaged}


if __name__ == "__main__":
    sys.exit(main())
