"""CSV for a spreadsheet: the one place that writes it, so that no cell of it is a formula.

A cell that begins with = + - @ or a control is run as a formula by Excel, LibreOffice and others (OWASP, CSV
injection). It gets an apostrophe before it, which a spreadsheet hides and a machine can take off. A number stays one.
"""

import csv
import io
from collections.abc import Iterable, Sequence

_WIDE = (
    "\N{FULLWIDTH EQUALS SIGN}", "\N{FULLWIDTH PLUS SIGN}", "\N{FULLWIDTH HYPHEN-MINUS}",
    "\N{FULLWIDTH COMMERCIAL AT}",
)  # fmt: skip
BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", *_WIDE)
BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""Excel reads UTF-8 only with it."""
Value = str | int | float | bool | None


def cell(value: Value) -> str:
    """As it stands in the file. None is an empty cell, never 0."""
    if value is None:
        return ""
    if isinstance(value, int | float):
        return str(value)
    plain = value.replace("\0", "")
    return f"'{plain}" if plain.lstrip(" \N{NO-BREAK SPACE}").startswith(BEGINS_A_FORMULA) else plain


def table(heads: Sequence[str], rows: Iterable[Sequence[Value]], *, between: str = ";") -> str:
    """The whole file. `;` between cells: what a French spreadsheet expects."""
    to = io.StringIO()
    writer = csv.writer(to, delimiter=between, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([cell(head) for head in heads])
    writer.writerows([cell(value) for value in row] for row in rows)
    return BYTE_ORDER_MARK + to.getvalue()
