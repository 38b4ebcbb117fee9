"""Words as a tree of tables and lists, and each sentence's name in it: `letters.empty`, `notice.no-room.lines.0`."""

from collections.abc import Callable, Iterator
from typing import Any

Say = Callable[[str, str], str]
"""(name, French) -> the words of another language."""


def leaves(node: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Each sentence with its name, in the order of the files."""
    if isinstance(node, str):
        yield name, node
        return
    for key, part in _parts(node):
        yield from leaves(part, f"{name}.{key}" if name else key)


def translated(node: Any, say: Say, name: str = "") -> Any:
    """The same tree in other words."""
    if isinstance(node, str):
        return say(name, node)
    found = [(key, translated(part, say, f"{name}.{key}" if name else key)) for key, part in _parts(node)]
    return dict(found) if isinstance(node, dict) else [part for _, part in found]


def _parts(node: Any) -> list[tuple[str, Any]]:
    """What a table or a list holds. Words are made of nothing else."""
    if isinstance(node, dict):
        return list(node.items())
    if isinstance(node, list):
        return [(str(number), part) for number, part in enumerate(node)]
    raise TypeError(f"{node!r} among the words; allowed: strings, lists and tables of them")
