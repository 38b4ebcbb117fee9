"""The table with which the test of the image ends, and its one line."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """name: what was done to the box; told: what was seen; lost, twice: by the clinic's database.

    ended: it came to its end; else `told` says why not.
    """

    name: str
    told: str
    boots: int = 1
    cuts: int = 0
    lost: int = 0
    twice: int = 0
    ended: bool = True


def table(rows: Sequence[Row]) -> str:
    wide = max((len(row.name) for row in rows), default=0)
    lines = [
        f"  {row.name:<{wide}}  {row.boots:>3} boots {row.cuts:>3} cuts  lost {row.lost}  twice {row.twice}  {row.told}"
        for row in rows
    ]
    return "\n".join(lines)


def summary(rows: Sequence[Row]) -> str:
    boots, cuts = sum(row.boots for row in rows), sum(row.cuts for row in rows)
    lost, twice = sum(row.lost for row in rows), sum(row.twice for row in rows)
    unended = [row.name for row in rows if not row.ended]
    told = f"; not to their end: {', '.join(unended)}" if unended else ""
    return f"image-test: {boots} boots, {cuts} cuts, lost {lost}, twice {twice}{told}"


def code(rows: Sequence[Row]) -> int:
    """0 when something was started, all came to its end, and nothing was lost and nothing is there twice."""
    return 0 if rows and not any(row.lost or row.twice or not row.ended for row in rows) else 1
