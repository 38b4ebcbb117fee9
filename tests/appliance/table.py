"""The table with which the test of the image ends, and its one line."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.appliance.results import Image, Run


@dataclass(frozen=True)
class Row:
    """name: what was done to the box; told: what was seen; lost, twice: by the clinic's database.

    ended: it came to its end; else `told` says why not. within: what was measured kept its limit, which `told` names.
    """

    name: str
    told: str
    boots: int = 1
    cuts: int = 0
    lost: int = 0
    twice: int = 0
    ended: bool = True
    within: bool = True


def table(runs: Sequence["Run"]) -> str:
    """A line for each image, by a letter; then the rows of each run, in the order in which they were made."""
    named = images(runs)
    wide = max((len(row.name) for run in runs for row in run.rows), default=0)
    lines = [f"{letter}: {image}" for image, letter in named.items()]
    for run in runs:
        head = f"{named[run.image]} {run.commit:<10} {run.began} {run.took_s:>6.0f} s load {run.load:>4.1f}"
        for row in run.rows:
            counted = f"{row.boots:>3} boots {row.cuts:>3} cuts  lost {row.lost}  twice {row.twice}"
            lines.append(f"  {head}  {row.name:<{wide}} {counted}  {' '.join(row.told.split())}")
            head = " " * len(head)
    return "\n".join(lines)


def images(runs: Sequence["Run"]) -> dict["Image", str]:
    """Each by its letter."""
    found = dict.fromkeys(run.image for run in runs)
    return {image: chr(ord("A") + number) for number, image in enumerate(found)}


def summary(runs: Sequence["Run"], wanted: Sequence[str] = ()) -> str:
    """Of all runs: what is lost once stays lost. What did not come to its end, or kept no limit, of the last of each.

    wanted: the parts of a whole table; those that are missing are named, and so is that it is of several images.
    """
    rows, now = [row for run in runs for row in run.rows], [row for run in last(runs) for row in run.rows]
    boots, cuts = sum(row.boots for row in rows), sum(row.cuts for row in rows)
    lost, twice = sum(row.lost for row in rows), sum(row.twice for row in rows)
    told = _named("not to their end", [row.name for row in now if not row.ended])
    told += _named("beyond their limit", [row.name for row in now if not row.within])
    told += _named("not run", [name for name in wanted if name not in {run.part for run in runs}])
    if (count := len(images(runs))) > 1:
        told += f"; of {count} images"
    return f"image-test: {boots} boots, {cuts} cuts, lost {lost}, twice {twice}{told}"


def last(runs: Sequence["Run"]) -> list["Run"]:
    """The last run of each part."""
    return list({run.part: run for run in runs}.values())


def _named(words: str, names: Sequence[str]) -> str:
    return f"; {words}: {', '.join(names)}" if names else ""


def code(runs: Sequence["Run"]) -> int:
    """0 when something was run, the last of each part is fine, and no run has lost anything or had it twice."""
    bad = any(row.lost or row.twice for run in runs for row in run.rows)
    return 0 if runs and not bad and all(run.fine for run in last(runs)) else 1
