"""`make image`: the image of the box in var/image/chevet.img, compressed, its SBOM and its licences beside it."""

import argparse
import os
import sys
from collections.abc import Sequence

from firmware_config.image.recipe import bill, debian, disk, inputs, left_out, root, shipped, twice
from firmware_config.image.recipe.place import VAR, ImageError
from firmware_config.image.recipe.progress import Progress, Step

CARD = VAR / "chevet.img"


def main() -> int:
    parser = argparse.ArgumentParser(prog="make image", description=__doc__)
    named = {packages.of: packages for packages in debian.ALL}
    pins = "pin what Debian's archive gives today, of all lists or of these; builds nothing"
    parser.add_argument("--pins", nargs="*", choices=tuple(named), help=pins)
    parser.add_argument("--anew", action="store_true", help="build even if no input changed")
    parser.add_argument("--twice", action="store_true", help="build anew, packages too, and compare with the former")
    options = parser.parse_args()
    try:
        _prepare()
        if options.pins is not None:
            _pin([one for name, one in named.items() if name in (options.pins or named)])
        elif options.twice:
            _twice()
        else:
            _build(anew=options.anew)
    except ImageError as error:
        print(f"image: {error}", file=sys.stderr)
        return 1
    return 0


def _prepare() -> None:
    """The modes of what is made are the recipe's, not those of who makes it."""
    if os.geteuid() != 0:
        raise ImageError("a root's files belong to root: run it as root")
    os.umask(0o022)
    VAR.mkdir(parents=True, exist_ok=True)


def _pin(wanted: Sequence[debian.Packages]) -> None:
    with Progress([packages.step for packages in wanted]) as say:
        debian.pin(wanted, say)


def _build(*, anew: bool) -> None:
    left_out.check()
    wanted = inputs.digest()
    if not anew and CARD.exists() and inputs.STAMP.exists() and inputs.STAMP.read_text() == wanted:
        print(f"image: nothing changed since {CARD.name} was made (--anew builds it all the same)")
        return
    inputs.STAMP.unlink(missing_ok=True)
    with Progress(tuple(Step)) as say:
        debian.kept(debian.BENCH, say)
        root.build(say)
        disk.make(CARD, say)
        say(Step.BILL)
        bill.write()
        say(Step.SHIP)
        shipped.write(CARD)
        inputs.STAMP.write_text(wanted)
        print(f"image: {CARD.name}: sha256 {twice.hashes(VAR)[CARD.name]}", flush=True)


def _twice() -> None:
    """The image as it is, or made now if an input changed; then all of it once more, the packages unpacked anew."""
    _build(anew=False)
    former = twice.hashes(VAR)
    debian.forget()
    _build(anew=True)
    print(f"image: {twice.compared(former, twice.hashes(VAR))}")


if __name__ == "__main__":
    sys.exit(main())
