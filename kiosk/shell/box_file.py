"""chevet-box.toml: what a technician sets on a delivered box, on the card's first partition, by any computer.

Its names are kiosk.toml's own, a few of them, and are laid over that file. Whoever opens the box can write there: it
holds a digest, never the PIN, no path, and nothing that decides how loud the box is. A file that cannot be used is left
out whole, and the box serves as it was delivered: staff are told, and why.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, structs

from kiosk.shell.config import Config
from mqtt_bridge.seal import is_code_digest

NAME = "chevet-box.toml"
FILE_BYTES_MAX = 16_384
Line = Annotated[int, Meta(ge=2, le=27)]
"""Of the Pi's header; 0 and 1 are for the chip of an add-on board."""
State = Literal["", "absent", "used", "refused"]
"""What became of the file; empty: this machine has no place for one."""


class BoxFileError(ValueError):
    """The file cannot be used; the message says which line, what is allowed and what to do. It repeats no value.

    line: counted from 1; 0 where no line is to blame.
    """

    def __init__(self, told: str, line: int = 0) -> None:
        super().__init__(f"{NAME}, line {line}: {told}" if line else f"{NAME}: {told}")
        self.line = line


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class _Service(_Table, frozen=True):
    pin: str


class _Voice(_Table, frozen=True):
    espeak: bool | None = None
    eyes_closed: bool | None = None


class _Button(_Table, frozen=True):
    """pin and led go together: who has soldered one line knows the other."""

    pin: Line
    led: Line
    serving: Line | None = None
    chip: Annotated[int, Meta(ge=0, le=31)] | None = None


class BoxFile(_Table, frozen=True):
    """Each table as kiosk.toml has it; None: the delivered value stays."""

    service: _Service | None = None
    voice: _Voice | None = None
    button: _Button | None = None


ALLOWED = tuple(
    f"{table.name}.{key.name}" for table in structs.fields(BoxFile) for key in structs.fields(table.type.__args__[0])
)
REMEDIES = {
    "service.pin": "it is the line that `chevet-kiosk pin` prints, whole; never the PIN itself",
    "voice": "true or false, without quotes",
    "button": "pin, led and, for a second light, serving: 2 to 27 each, as the header's lines are numbered (BCM); "
    "chip: 0 to 31",
}


@dataclass(frozen=True)
class LaidOver:
    """The box's configuration, and what became of the file: why, at which line, where it was refused.

    delivered: the configuration without the file, where one is used. lacking: what it asks for and the machine has not.
    """

    config: Config
    state: State = ""
    told: str = ""
    line: int = 0
    delivered: Config | None = None
    lacking: str = ""


def lay_over(config: Config) -> LaidOver:
    """Raises nothing: a box is never without its service because of this file."""
    if not config.box_file:
        return LaidOver(config)
    try:
        found = read(Path(config.box_file))
    except FileNotFoundError:
        return LaidOver(config, "absent")
    except BoxFileError as error:
        return LaidOver(config, "refused", str(error), error.line)
    except OSError as error:
        return LaidOver(config, "refused", f"{NAME}: {error.strerror}: look at the card on a computer")
    return LaidOver(over(config, found), "used", f"{NAME}: {', '.join(named(found)) or 'empty'}", delivered=config)


def read(path: Path) -> BoxFile:
    """Raises BoxFileError; OSError where it cannot be read at all, FileNotFoundError where there is none."""
    with path.open("rb") as file:
        raw = file.read(FILE_BYTES_MAX + 1)
    if len(raw) > FILE_BYTES_MAX:
        raise BoxFileError(f"longer than {FILE_BYTES_MAX} bytes: {_allowed()}, and nothing else")
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise BoxFileError("not UTF-8: save it as plain text in UTF-8") from error
    return _checked(text, _table(text))


def named(found: BoxFile) -> tuple[str, ...]:
    """What it sets, as `service.pin`."""
    return tuple(f"{table}.{key}" for table, keys in _given(found) for key in keys)


def over(config: Config, found: BoxFile) -> Config:
    """The configuration with what the file sets."""
    laid = {table: structs.replace(getattr(config, table), **keys) for table, keys in _given(found)}
    return structs.replace(config, **laid)


def _given(found: BoxFile) -> Iterator[tuple[str, dict[str, object]]]:
    for name, table in structs.asdict(found).items():
        if table is not None:
            yield name, {key: value for key, value in structs.asdict(table).items() if value is not None}


def _table(text: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)$", str(error))
        line = int(at[1] or text.count("\n") + 1) if at else 0
        told = str(error)[: at.start()] if at else str(error)
        raise BoxFileError(f"{told}: words stand between double quotes", line) from error
    except RecursionError as error:
        raise BoxFileError(f"tables in tables in tables: {_allowed()}, and nothing else") from error


def _checked(text: str, table: dict[str, object]) -> BoxFile:
    try:
        found = msgspec.convert(table, BoxFile)
    except msgspec.ValidationError as error:
        raise _refusal(text, str(error)) from error
    if found.service is not None and not is_code_digest(found.service.pin):
        raise BoxFileError(f"service.pin is no digest: {REMEDIES['service.pin']}", _line_of(text, "service.pin"))
    if found.button is not None and _is_shared(found.button):
        raise BoxFileError(f"button: two of its lines are the same: {REMEDIES['button']}", _line_of(text, "button"))
    return found


def _is_shared(button: _Button) -> bool:
    lines = [line for line in (button.pin, button.led, button.serving) if line is not None]
    return len(set(lines)) < len(lines)


def _refusal(text: str, error: str) -> BoxFileError:
    """In our words: msgspec's name its own types, and where by a path of JSON's."""
    at = re.search(r" - at `\$\.?(.*?)`$", error)
    place = at[1] if at else ""
    unknown = re.search(r"unknown field `(.*?)`(?: - at |$)", error)
    if unknown:
        name = f"{place}.{unknown[1]}".lstrip(".")
        return BoxFileError(f"{name} is not set by this file: {_allowed()}", _line_of(text, name))
    said = error.removesuffix(at[0]) if at else error
    remedy = REMEDIES.get(place) or REMEDIES.get(place.partition(".")[0]) or _allowed()
    return BoxFileError(f"{place}: {said}: {remedy}", _line_of(text, place))


def _allowed() -> str:
    return f"allowed are {', '.join(ALLOWED)} (docs/appliance.md)"


def _line_of(text: str, wanted: str) -> int:
    """Where that key, or that table, begins; 0: it is written in a way that this does not find."""
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[+([^\]]*)\]", line)
        if header:
            table = _bare(header[1])
        name = table if header else ".".join(filter(None, (table, _bare(line.partition("=")[0]))))
        if name == wanted:
            return number
    return 0


def _bare(name: str) -> str:
    return re.sub(r"[\s\"']", "", name)
