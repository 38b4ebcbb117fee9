"""docs/threats.md says line by line what a copied card tells; a table or a column that no line names fails here."""

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from mqtt_bridge import seal
from mqtt_bridge.contract.codec import ContractError
from tests.kiosk_shell.test_card import use
from tests.kiosk_shell.test_helps import ask
from tests.kiosk_shell.test_past import listen
from tests.support.shell import Bedside

TOP = Path(__file__).parents[2]
PAGE = TOP / "docs" / "threats.md"
FOLDERS = TOP / "firmware_config/image/tree/usr/lib/chevet/data-folders"
LINE = re.compile(r"^\| `(?P<database>bedside|link)\.(?P<table>\w+)`: (?P<columns>[\w, ]+) \|", re.MULTILINE)
LETTERS = {("bedside", "outbox"), ("link", "outbox"), ("link", "orders")}
"""Their column `letter` is a whole letter, signed, its body sealed to who is to read it."""
SEALED = {("bedside", "writing"), ("bedside", "sent_letter")}
"""Their column `body` is sealed to the box itself."""
OURS = re.compile(r"[\w.:|/+=-]*")
"""Identifiers, codes, hashes. A sentence has spaces; single words are searched for by `test_card`."""

Table = tuple[str, str]


def lines() -> dict[Table, set[str]]:
    found = LINE.finditer(PAGE.read_text())
    return {(one["database"], one["table"]): set(one["columns"].split(", ")) for one in found}


def tables(folder: Path) -> dict[Table, set[str]]:
    """What a copy's databases have, with the columns of each."""
    found = {}
    for name in ("bedside", "link"):
        with closing(sqlite3.connect(folder / f"{name}.db")) as reader:
            for (table,) in reader.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                found[name, table] = {str(row[1]) for row in reader.execute(f"PRAGMA table_info({table})")}
    return found


def values(folder: Path, of: Table, columns: set[str]) -> list[object]:
    database, table = of
    query = f"SELECT {', '.join(sorted(columns))} FROM {table}"  # noqa: S608  # our own words
    with closing(sqlite3.connect(folder / f"{database}.db")) as reader:
        return [value for row in reader.execute(query).fetchall() for value in row]


def strings(value: object) -> list[str]:
    """Every text in it, whatever it is wrapped in. Raises ValueError: bytes that are not JSON."""
    match value:
        case bytes():
            return strings(json.loads(value))
        case str() if value[:1] in ("[", "{"):
            return strings(json.loads(value))
        case str():
            return [value]
        case list():
            return [text for one in value for text in strings(one)]
        case dict():
            return [text for one in value.values() for text in strings(one)]
        case _:
            return []


@pytest.fixture
def used(bedside: Bedside, tmp_path: Path) -> Path:
    """A box with a message each way, two cares, one with answers, and a call for help."""
    use(bedside)
    listen(bedside)
    ask(bedside)
    bedside.clinic_hears()
    return tmp_path


def test_every_folder_of_the_data_partition_stands_in_a_line() -> None:
    """Those that its script makes, and the one that the enrolment makes."""
    made = set(re.findall(r'"\$place/(\w+)"', FOLDERS.read_text()))
    told = set(re.findall(r"^\| `(\w+)` \|", PAGE.read_text(), re.MULTILINE))
    assert made >= {"data", "packages", "updates", "system"}, "where does the script make them?"
    assert told == made | {"enrolment"}


def test_every_table_and_column_of_a_card_stands_in_a_line_and_no_other(used: Path) -> None:
    assert lines() == tables(used)


def test_letters_on_a_card_are_sealed_to_who_is_to_read_them(used: Path) -> None:
    for one in sorted(LETTERS):
        found = [raw for raw in values(used, one, {"letter"}) if isinstance(raw, bytes)]
        assert found, one
        for raw in found:
            letter = seal.read_letter(raw)
            assert letter.recipient, one
            with pytest.raises(ValueError, match=r".*"):
                strings(letter.body)


def test_what_was_written_on_the_box_is_sealed_to_it(used: Path, bedside: Bedside) -> None:
    keys = bedside.wire.enrolment.keys
    (body,) = values(used, ("bedside", "sent_letter"), {"body"})
    assert isinstance(body, bytes)
    assert b"zorglub" in seal.unseal(body, keys)
    assert b"zorglub" not in body
    with pytest.raises(ContractError):
        seal.unseal(body, seal.make_keys())


def test_what_is_clear_are_identifiers_and_numbers_and_no_words(used: Path) -> None:
    seen = 0
    for one, columns in lines().items():
        hidden = {"letter"} if one in LETTERS else {"body"} if one in SEALED else set()
        for value in values(used, one, columns - hidden):
            for text in strings(value):
                assert OURS.fullmatch(text), (one, text)
                seen += 1
    assert seen > 50
