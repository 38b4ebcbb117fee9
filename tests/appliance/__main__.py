"""`make boot`, `join`, `damaged`, `sealed`, `burnt`: the image in the emulator, until a screen that a person looks at.

`make keyboard`: what U-Boot does with keys, and with a stranger's stick.
`make image-test-short`, `make image-test`: the whole journey, checked, with a table at its end.
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial

from firmware_config.image.recipe.__main__ import CARD
from firmware_config.image.recipe.place import ImageError
from tests.appliance import damage, first, first_cuts, joining, keyboard, newer, sealed, tested, update
from tests.appliance.qmp import EmulatorError
from tests.appliance.table import code, summary, table
from tests.appliance.whole import PARTS, Part, whole
from tests.support.process import ProcessError

NEWER = frozenset({*update.CASES, "stick"})
"""The parts that need a build under a higher number."""


def main() -> int:
    if not CARD.exists():
        print("appliance: there is no image; make it with: make image", file=sys.stderr)
        return 1
    parser = argparse.ArgumentParser(prog="python -m tests.appliance")
    parser.add_argument("what", choices=(*LOOKS, "test"))
    parser.add_argument("parts", nargs="*", choices=(*PARTS, []), help="of the test; all, in this order")
    parser.add_argument("--first-cuts", type=int, default=first_cuts.COUNT, help="how many power cuts in a first start")
    parser.add_argument("--other-image", action="store_true", help="test the image that is there, whatever it is of")
    options = parser.parse_args()
    try:
        if options.what == "test" and not options.other_image:
            _of_this_tree(options.parts)
        joining.apart()
        if options.what in LOOKS:
            LOOKS[options.what](_Told())
            return 0
        image = tested.told() + (", whatever it is of" if options.other_image else "")
        parts: dict[str, Part] = {**PARTS, "first-cuts": partial(first_cuts.first_cuts, count=options.first_cuts)}
        rows = whole(_Told(), tuple(options.parts), parts)
    except (EmulatorError, ImageError, ProcessError) as error:
        print(f"appliance: {error}", file=sys.stderr)
        return 1
    print(f"\n{image}\n{table(rows)}\n{summary(rows)}", flush=True)
    return code(rows)


def _of_this_tree(parts: Sequence[str]) -> None:
    """The parts that need a newer build make it, and the image too. Raises EmulatorError, ImageError: it is another."""
    if not joining.is_apart() and (not parts or not NEWER.isdisjoint(parts)):
        newer.built()
    tested.check()


class _Told:
    """A line for each step, with the seconds since the beginning."""

    def __init__(self) -> None:
        self._began_s = time.monotonic()

    def __call__(self, words: str) -> None:
        print(f"appliance: {time.monotonic() - self._began_s:5.0f} s  {words}", flush=True)


LOOKS: dict[str, Callable[[joining.Say], None]] = {
    "boot": first.boot,
    "join": joining.join,
    "damaged": damage.damaged,
    "sealed": sealed.sealed,
    "burnt": sealed.burnt,
    "keyboard": keyboard.keyboard,
}


if __name__ == "__main__":
    sys.exit(main())
