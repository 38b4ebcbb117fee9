"""One part of the image's test, in a process of its own: `whole` runs it, and lives on whatever becomes of it."""

import argparse
import json
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path

from firmware_config.image.recipe.place import ImageError
from tests.appliance import first_cuts
from tests.appliance.emulator import Emulator
from tests.appliance.parts import PARTS, Part
from tests.appliance.qmp import EmulatorError
from tests.appliance.table import Row
from tests.support.process import ProcessError


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.appliance.part", description=__doc__)
    parser.add_argument("part", choices=tuple(PARTS))
    parser.add_argument("out", type=Path, help="where its rows are written")
    parser.add_argument("--began", type=float, default=time.monotonic(), help="the whole's beginning, monotonic, in s")
    parser.add_argument("--first-cuts", type=int, default=first_cuts.COUNT)
    options = parser.parse_args()
    parts: dict[str, Part] = {**PARTS, "first-cuts": partial(first_cuts.first_cuts, count=options.first_cuts)}
    run(options.part, parts, options.out, Told(options.began))
    return 0


class Told:
    """A line for each step, with the seconds since the beginning."""

    def __init__(self, began_s: float | None = None) -> None:
        self._began_s = time.monotonic() if began_s is None else began_s

    def __call__(self, words: str) -> None:
        print(f"appliance: {time.monotonic() - self._began_s:5.0f} s  {words}", flush=True)


def run(name: str, parts: Mapping[str, Part], out: Path, say: Told) -> None:
    """Write the part's rows, or one that says why it did not come to its end, and how often the machine was started.

    Any other exception than those of the machine is a fault of the test: its trace is told, and there are no rows.
    """
    rows: list[Row] = []
    try:
        rows = parts[name](say)
        for row in rows:
            say(f"{row.name}: {row.told}; lost {row.lost}, twice {row.twice}")
    except (EmulatorError, ImageError, ProcessError) as error:
        say(f"{name}: not to its end: {error}")
        rows = [not_ended(name, str(error), Emulator.powered)]
    finally:
        out.write_text(json.dumps({"rows": [asdict(row) for row in rows], "boots": Emulator.powered}))


def not_ended(name: str, why: str, boots: int) -> Row:
    return Row(name, f"not to its end: {why}", boots=boots, ended=False)


if __name__ == "__main__":
    sys.exit(main())
