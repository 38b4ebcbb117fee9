"""No cell of a file for a spreadsheet is a formula, and one place alone writes such files."""

import ast
import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic import spreadsheet

CLINIC = Path(spreadsheet.__file__).parent


@pytest.mark.parametrize(
    "words",
    [
        '=HYPERLINK("http://x")',
        "+1",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        " =1",
        "\u00a0=1",
        "＝1",
        "－1",
        "＠SUM(A1)",
        "=cmd|' /C calc'!A0",
    ],
)
def test_words_are_words(words: str) -> None:
    assert spreadsheet.cell(words).startswith("'")


def test_numbers_and_words_stay_what_they_are() -> None:
    assert [spreadsheet.cell(value) for value in (-3, 0, 2.5, None, "J’ai mal", "")] == [
        "-3",
        "0",
        "2.5",
        "",
        "J’ai mal",
        "",
    ]


@given(st.lists(st.lists(st.text(max_size=20) | st.integers() | st.none(), min_size=2, max_size=2), max_size=5))
def test_a_table_is_read_back_and_holds_no_formula(rows: list[list[str | int | None]]) -> None:
    told = spreadsheet.table(["=a", "b"], rows)
    read = list(csv.reader(io.StringIO(told.removeprefix(spreadsheet.BYTE_ORDER_MARK), newline=""), delimiter=";"))
    assert read[0] == ["'=a", "b"]
    assert read[1:] == [[spreadsheet.cell(value) for value in row] for row in rows]
    for asked, row in zip(rows, read[1:], strict=True):
        for value, shown in zip(asked, row, strict=True):
            assert isinstance(value, int) or not shown.lstrip(" \u00a0").startswith(spreadsheet.BEGINS_A_FORMULA)


def test_nothing_else_of_the_clinic_writes_csv() -> None:
    """Through clinic/spreadsheet.py: elsewhere a cell could be a formula."""
    for file in CLINIC.rglob("*.py"):
        tree = ast.parse(file.read_text())
        names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert "csv" not in names or file.name == "spreadsheet.py", file
