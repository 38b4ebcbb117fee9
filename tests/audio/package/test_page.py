"""docs/packages.md tells every field and every command."""

from pathlib import Path

import pytest

from audio.package.command_line import COMMANDS
from audio.package.manifest import Manifest, Part, Phase
from audio.package.signature import CONTEXT, SignedStatement

PAGE = (Path(__file__).parents[3] / "docs/packages.md").read_text()


@pytest.mark.parametrize("struct", [Manifest, Part, Phase, SignedStatement])
def test_every_field(struct: type) -> None:
    fields: tuple[str, ...] = struct.__struct_fields__  # type: ignore[attr-defined]
    assert not [name for name in fields if f"`{name}`" not in PAGE]


def test_every_command() -> None:
    assert not [name for name, *_ in COMMANDS if f"chevet-audio {name}" not in PAGE and name != "check"]


def test_what_is_signed_first() -> None:
    assert f"`{CONTEXT[:-1].decode()}`" in PAGE
