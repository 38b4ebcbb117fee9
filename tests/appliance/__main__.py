"""`make boot`, `join`, `damaged`, `sealed`, `burnt`: the image in the emulator, until a screen that a person looks at.

`make keyboard`: what U-Boot does with keys, and with a stranger's stick.
`make image-test-short`, `make image-test`: the whole journey, checked, with a table at its end.
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from firmware_config.image.recipe.__main__ import CARD
from firmware_config.image.recipe.place import ImageError
from tests.appliance import (
    damage,
    first,
    first_cuts,
    joining,
    keyboard,
    newer,
    page,
    sealed,
    sheet,
    short,
    tested,
    update,
)
from tests.appliance.part import Told
from tests.appliance.parts import PARTS, UPDATE_CUTS
from tests.appliance.qmp import EmulatorError
from tests.appliance.results import Book
from tests.appliance.table import code, summary, table
from tests.appliance.whole import Whole
from tests.support.process import ProcessError

NEWER = frozenset({*update.CASES, UPDATE_CUTS, "stick"})
"""The parts that need a build under a higher number, themselves or before them."""


def main() -> int:
    if not CARD.exists():
        print("appliance: there is no image; make it with: make image", file=sys.stderr)
        return 1
    parser = argparse.ArgumentParser(prog="python -m tests.appliance")
    parser.add_argument("what", choices=(*LOOKS, "test"))
    parser.add_argument("parts", nargs="*", choices=(*PARTS, []), help="of the test; all, in this order")
    parser.add_argument("--first-cuts", type=int, default=first_cuts.COUNT, help="how many power cuts in a first start")
    parser.add_argument("--other-image", action="store_true", help="test the image that is there, whatever it is of")
    parser.add_argument("--into", type=Path, metavar="FILE", help="add what is seen to the runs in this file")
    parser.add_argument("--rest", action="store_true", help="of the parts those that FILE has not, fine, of this image")
    parser.add_argument("--page", type=Path, help="write what all runs have shown into this page")
    parser.add_argument("--picture", type=Path, help="and the session's screens into this one")
    options = parser.parse_args()
    if options.rest and options.into is None:
        parser.error("--rest is the rest of a file: name it with --into")
    try:
        if options.what == "test" and not options.other_image:
            _of_this_tree(options.parts)
        joining.apart()
        if options.what in LOOKS:
            LOOKS[options.what](Told())
            return 0
        return _test(options)
    except (EmulatorError, ImageError, ProcessError) as error:
        print(f"appliance: {error}", file=sys.stderr)
        return 1


def _test(options: argparse.Namespace) -> int:
    """The parts that are asked for; the table of all that the file has. Raises EmulatorError, ImageError."""
    book, image, began_s = Book(options.into), tested.image(any_=options.other_image), time.monotonic()
    wanted = options.parts or tuple(PARTS)
    chosen = book.rest(wanted, image) if options.rest else wanted

    def program(name: str, out: Path) -> list[str]:
        words = [sys.executable, "-m", "tests.appliance.part", name, str(out), "--began", str(began_s)]
        return [*words, "--first-cuts", str(options.first_cuts)]

    Whole(book, image, tested.commit(), Told(began_s), program).run(chosen)
    whole = tuple(PARTS) if options.into or not options.parts else ()
    print(f"\n{table(book.runs)}\n{summary(book.runs, whole)}", flush=True)
    if options.page:
        page.write(book.runs, whole, options.page)
    if options.picture:
        sheet.draw(short.FOLDER, options.picture)
    return code(book.runs)


def _of_this_tree(parts: Sequence[str]) -> None:
    """The parts that need a newer build make it, and the image too. Raises EmulatorError, ImageError: it is another."""
    if not joining.is_apart() and (not parts or not NEWER.isdisjoint(parts)):
        newer.built()
    tested.check()


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
