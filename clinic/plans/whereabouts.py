"""Where in a plan's file a refusal belongs, and what is allowed there: the line, and the remedy."""

import re
from typing import Any

import msgspec
from msgspec import inspect

from clinic.plans.plan_draft import PlanDraft

Steps = tuple[str | int, ...]
_TABLE = re.compile(r"\s*(\[\[|\[)\s*([\w.\-]+)\s*\]")
_KEY = re.compile(r"\s*([A-Za-z_][\w\-]*)\s*=")
_PATH = re.compile(r" - at `(key in )?\$([^`]*)`")
WORDS_MAX = 160


def told(raw: str, error: Exception, *, toml: bool) -> str:
    """The refusal with its line (TOML) and what is allowed there."""
    words = str(error)
    found = _PATH.search(words)
    steps = _steps(found.group(2)) if found else ()
    unknown = re.search(r"unknown field `(\w+)`", words)
    line = _line(raw, (*steps, unknown.group(1)) if unknown else steps) if toml and found else None
    line = line or (_line_of_name(raw, words) if toml else None)
    allowed = _allowed(steps) if isinstance(error, msgspec.ValidationError) else ""
    return "".join([f"line {line}: " if line else "", words, f"; allowed: {allowed}" if allowed else ""])


def _steps(path: str) -> Steps:
    return tuple(int(n) if n else name for name, n in re.findall(r"\.(\w+)|\[(\d+)\]", path) for n in [n])


def _line(raw: str, steps: Steps) -> int | None:
    """The line of the deepest step that the file names."""
    lines = _lines(raw)
    return next((lines[steps[:n]] for n in range(len(steps), 0, -1) if steps[:n] in lines), None)


def _lines(raw: str) -> dict[Steps, int]:
    """Each table and key of a TOML file with its line. What stands inside an inline table is its key's."""
    found: dict[Steps, int] = {}
    counts: dict[Steps, int] = {}
    table: Steps = ()
    for number, line in enumerate(raw.splitlines(), 1):
        head, key = _TABLE.match(line), _KEY.match(line)
        if head:
            table = _table(head.group(2).split("."), counts, several=head.group(1) == "[[")
            found.setdefault(table, number)
        elif key:
            found.setdefault((*table, key.group(1)), number)
    return found


def _table(names: list[str], counts: dict[Steps, int], *, several: bool) -> Steps:
    """The path of a table's head; a table under `[[activity]]` belongs to the last activity."""
    path: Steps = ()
    for place, name in enumerate(names):
        path = (*path, name)
        if several and place == len(names) - 1:
            counts[path] = counts.get(path, 0) + 1
        if path in counts:
            path = (*path, counts[path] - 1)
    return path


def _line_of_name(raw: str, words: str) -> int | None:
    """A rule that speaks of something by its id: where that id stands."""
    spoken: list[tuple[int, int]] = []
    for number, line in enumerate(raw.splitlines(), 1):
        named = re.match(r"""\s*(?:id|package|questionnaire|lesson)\s*=\s*.*?["']([^"']+)["']""", line)
        found = named and re.search(rf"(?<![\w.-]){re.escape(named.group(1))}(?![\w-])", words)
        if found:
            spoken.append((found.start(), number))
    return min(spoken)[1] if spoken else None


def _allowed(steps: Steps) -> str:
    """What the contract takes at this place, in a few words; empty when that says nothing more."""
    kind: Any = inspect.type_info(PlanDraft)
    for step in steps:
        kind = next((inner for one in _each(kind) if (inner := _inside(one, step)) is not None), None)
        if kind is None:
            return ""
    return " or ".join(dict.fromkeys(filter(None, map(_said, _each(kind)))))[:WORDS_MAX]


def _each(kind: Any) -> tuple[Any, ...]:
    return kind.types if isinstance(kind, inspect.UnionType) else (kind,)


def _inside(kind: Any, step: str | int) -> Any:
    if isinstance(kind, inspect.StructType):
        return next((field.type for field in kind.fields if field.encode_name == step), None)
    return kind.item_type if isinstance(kind, inspect.VarTupleType) and isinstance(step, int) else None


def _said(kind: Any) -> str:
    match kind:
        case inspect.LiteralType(values=values):
            return ", ".join(map(str, values))
        case inspect.IntType(ge=ge, le=le) if ge is not None or le is not None:
            return f"a whole number from {ge} to {le}"
        case inspect.StrType(pattern=pattern, max_length=most) if most is not None:
            return f"1 to {most} characters" + (f" that fit {pattern}" if pattern and "x00" not in pattern else "")
        case inspect.StrType(pattern=pattern) if pattern and ":[0-5]" in pattern:
            return "a time of day, as 21:30"
        case inspect.BoolType():
            return "true or false"
        case inspect.VarTupleType(min_length=least, max_length=most) if least or most:
            return f"{least or 0} to {most} of them" if most else f"at least {least}"
        case inspect.DateType():
            return "a day, as 2026-11-22"
        case inspect.StructType(fields=fields):
            return "the fields " + ", ".join(field.encode_name for field in fields)
        case _:
            return ""
