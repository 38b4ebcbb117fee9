"""Lessons that the house ships, as data: pages, and the form of their read-back (C3)."""

import tomllib
from importlib import resources
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from mqtt_bridge.contract.codec import ContractError, Line, Word
from mqtt_bridge.contract.teaching import Page


class Lesson(Word, frozen=True):
    """`read_back`: a form, named as in a plan's file; empty: nothing is asked at the end."""

    version: Annotated[int, Meta(ge=1)]
    title: Line
    page: Annotated[tuple[Page, ...], Meta(min_length=1, max_length=30)]
    read_back: str = ""


def house_lesson(name: str) -> Lesson:
    """A lesson of the house, by its file's name. Raises ContractError."""
    try:
        return _lesson((resources.files(__package__) / f"{name}.toml").read_text(), f"lesson {name!r}")
    except OSError as error:
        raise ContractError(f"lesson {name!r}: the house has {', '.join(house_lessons())}") from error


def house_lessons() -> tuple[str, ...]:
    found = [one.name for one in resources.files(__package__).iterdir() if one.name.endswith(".toml")]
    return tuple(sorted(name.removesuffix(".toml") for name in found))


def lesson_file(path: Path) -> Lesson:
    """A clinic's own. Raises ContractError."""
    try:
        return _lesson(path.read_text(), str(path))
    except OSError as error:
        raise ContractError(f"lesson {path}: {error.strerror}") from error


def _lesson(raw: str, name: str) -> Lesson:
    try:
        return msgspec.convert(tomllib.loads(raw), Lesson)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ContractError(f"{name}: {error}") from error
