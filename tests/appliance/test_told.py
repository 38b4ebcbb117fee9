"""firmware_config/README.md tells every key that a technician may write on a box."""

import re
from collections.abc import Iterator

import msgspec
import pytest

from audio.player.config import PlayerConfig
from firmware_config.image.recipe.place import TOP
from kiosk.shell.config import Config

BOX = TOP / "firmware_config/box"
README = (TOP / "firmware_config/README.md").read_text()


def keys(table: type[msgspec.Struct], of: str = "") -> Iterator[tuple[str, str]]:
    """(table, key) of each key; a table within it has its own."""
    for field in msgspec.structs.fields(table):
        if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct):
            yield from keys(field.type, field.name)
        else:
            yield of, field.encode_name


def told(file: str) -> set[tuple[str, str]]:
    """(table, key) of the first column of the file's own part of the README."""
    part = README.split(f"## box/{file}\n", 1)[1].split("\n## ", 1)[0]
    found = set()
    for row in re.findall(r"^\| (`.*?) \|", part, re.MULTILINE):
        table = re.match(r"`\[(\w+)\]", row)
        found |= {(table[1] if table else "", name) for name in re.findall(r"(\w+)`", row)}
    return found


@pytest.mark.parametrize(("file", "table"), [("kiosk.toml", Config), ("player.toml", PlayerConfig)])
def test_every_key_has_its_why_and_no_other(file: str, table: type[msgspec.Struct]) -> None:
    assert set(keys(table)) == told(file)


@pytest.mark.parametrize("file", ["kiosk.toml", "player.toml"])
def test_a_key_that_is_offered_as_a_comment_is_one_of_them(file: str) -> None:
    """`# serving = 22`: whoever takes the mark away must have a file that is read."""
    known = {name for _, name in told(file)}
    offered = re.findall(r"^# ?(\w+) = ", (BOX / file).read_text(), re.MULTILINE)
    assert set(offered) <= known
