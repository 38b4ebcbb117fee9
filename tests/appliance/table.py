"""The table with which the test of the image ends, and its one line."""

from collections.abc import Sequence
from dataclasses import dataclass


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
    told = _named("not to their end", [row.name for row in rows if not row.ended])
    told += _named("beyond their limit", [row.name for row in rows if not row.within])
    return f"image-test: {boots} boots, {cuts} cuts, lost {lost}, twice {twice}{told}"


def _named(words: str, names: Sequence[str]) -> str:
    return f"; {words}: {', '.join(names)}" if names else ""


def code(rows: Sequence[Row]) -> int:
    """0 when something was started, all came to its end within its limits, and nothing is lost or there twice."""
    return 0 if rows and not any(row.lost or row.twice or not row.ended or not row.within for row in rows) else 1
