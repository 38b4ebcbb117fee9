"""`make image`: the image of the box in var/image/chevet.img, its SBOM and its licences beside it."""

import argparse
import hashlib
import os
import sys
import time

from firmware_config.image.recipe import bill, debian, disk, inputs, root
from firmware_config.image.recipe.place import VAR, ImageError

CARD = VAR / "chevet.img"
_BEGAN_S = time.monotonic()


class _Progress:
    """One line a step: which of how many, how long since the start."""

    def __init__(self) -> None:
        self._step = 0

    def __call__(self, words: str) -> None:
        self._step += 1
        print(f"image: [{self._step:2}] {time.monotonic() - _BEGAN_S:5.0f} s  {words}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make image", description=__doc__)
    parser.add_argument("--pins", action="store_true", help="pin what Debian's archive gives today; builds nothing")
    parser.add_argument("--anew", action="store_true", help="build even if no input changed")
    options = parser.parse_args()
    try:
        _prepare()
        if options.pins:
            debian.pin(_Progress())
        else:
            _build(anew=options.anew)
    except ImageError as error:
        print(f"image: {error}", file=sys.stderr)
        return 1
    return 0


def _prepare() -> None:
    if os.geteuid() != 0:
        raise ImageError("a root's files belong to root: run it as root")
    VAR.mkdir(parents=True, exist_ok=True)


def _build(*, anew: bool) -> None:
    wanted = inputs.digest()
    if not anew and CARD.exists() and inputs.STAMP.exists() and inputs.STAMP.read_text() == wanted:
        print(f"image: nothing changed since {CARD.name} was made (--anew builds it all the same)")
        return
    inputs.STAMP.unlink(missing_ok=True)
    say = _Progress()
    debian.kept("bench", "bench.txt", root.OF_THIS_MACHINE, say, variant="apt")
    root.build(say)
    disk.make(CARD, say)
    bill.write()
    inputs.STAMP.write_text(wanted)
    with CARD.open("rb") as file:
        say(f"{CARD.name}: sha256 {hashlib.file_digest(file, 'sha256').hexdigest()}")


if __name__ == "__main__":
    sys.exit(main())
