"""Writes a manifest as TOML. A JSON string is a TOML string, DEL apart."""

import json

from msgspec import structs

from audio.package.manifest import Manifest


def to_toml(manifest: Manifest) -> str:
    """Return the text of `manifest.toml`; `read` gives the same manifest back."""
    fields = structs.asdict(manifest)
    tables = {name: fields.pop(name) for name in ("phases", "parts")}
    blocks = [_lines(fields)]
    for name, entries in tables.items():
        blocks += [f"[[{name}]]\n{_lines(structs.asdict(entry))}" for entry in entries] or [f"{name} = []"]
    return "\n\n".join(_top_level_first(blocks)) + "\n"


def _top_level_first(blocks: list[str]) -> list[str]:
    return sorted(blocks, key=lambda block: block.startswith("[["))


def _lines(fields: dict[str, object]) -> str:
    return "\n".join(f"{name} = {_value(value)}" for name, value in fields.items() if value is not None)


def _value(value: object) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
