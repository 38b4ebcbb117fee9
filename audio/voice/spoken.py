"""Every text that the box says aloud, gathered from the files that hold them: read as data, by path."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from audio.voice.errors import VoiceError

HOUSE = Path(__file__).parents[2]
SPOKEN_KEYS = ("title", "question", "help", "words", "lines", "explanation", "advice")
HOLE = re.compile(r"\{(\w+)\}")


class Text(msgspec.Struct, frozen=True):
    """`shown` is what the box looks up (a name still as `{name}`); `said` is what the recording says."""

    shown: str
    said: str
    source: str


class _Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    without_the_name: dict[str, str]
    numbers: dict[str, tuple[int, int]]
    fillings: dict[str, tuple[str, ...]]
    also: dict[str, tuple[str, ...]]


def box_texts(language: str = "fr", more: Iterable[Path] = (), house: Path = HOUSE) -> list[Text]:
    """Return the box's words, the forms' and those of the files in `more` (forms, plans), each text once.

    Raises VoiceError (words-unreadable, hole-unknown).
    """
    rules = msgspec.convert(_toml(Path(__file__).parent / f"texts/spoken.{language}.toml"), _Rules)
    forms = [file for file in sorted((house / "clinic/plans/forms").glob("*.toml")) if _spoken_in(file, language)]
    words = [text for file in _files(house / "kiosk/words" / language) for text in _words(file, rules)]
    said = [*words, *(text for file in (*forms, *more) for text in _form(file))]
    said += [Text(text, text, "numbers") for text in rules.also["texts"]]
    return list({text.shown: text for text in reversed(said)}.values())[::-1]


def _files(folder: Path) -> list[Path]:
    if not (found := sorted(folder.glob("*.toml"))):
        raise VoiceError(
            "words-unreadable", "There are no words", value=str(folder), allowed="TOML files", remedy="Give a house."
        )
    return found


def _words(file: Path, rules: _Rules) -> Iterator[Text]:
    table = _toml(file)
    named = {name: text for name, text in table.items() if isinstance(text, str)}
    within = {name for names in rules.fillings.values() for name in names}
    texts = [(name, text) for name, text in named.items() if name not in within]
    texts += [(file.name, text) for text in _strings(table.get("notice"))]
    for name, text in texts:
        if name in rules.without_the_name:
            yield Text(text, rules.without_the_name[name], name)
        else:
            yield from (Text(whole, whole, name) for whole in _filled(name, text, named, rules))


def _filled(name: str, text: str, named: dict[str, str], rules: _Rules) -> list[str]:
    """The text with every filling of its first hole, and then of the next."""
    hole = HOLE.search(text)
    if hole is None:
        return [text]
    return [
        whole
        for filling in _fillings(hole[1], name, text, named, rules)
        for whole in _filled(name, text.replace(hole[0], filling), named, rules)
    ]


def _fillings(hole: str, name: str, text: str, named: dict[str, str], rules: _Rules) -> list[str]:
    if hole in rules.numbers:
        first, last = rules.numbers[hole]
        return [str(number) for number in range(first, last + 1)]
    if hole in rules.fillings:
        return [named[words] for words in rules.fillings[hole]]
    raise VoiceError(
        "hole-unknown",
        "A text has a hole that no rule fills",
        value=f"{name}: {text}",
        allowed="the holes of audio/voice/texts/spoken.*.toml",
        remedy="Tell there how it is said.",
    )


def _form(file: Path) -> Iterator[Text]:
    return (Text(text, text, file.name) for text in _strings(_toml(file)))


def _strings(node: object, key: str = "") -> Iterator[str]:
    """The strings under the keys that are words for the patient; urls, ids and versions are not."""
    if isinstance(node, str) and key in SPOKEN_KEYS:
        yield node
    elif isinstance(node, list):
        for part in node:
            yield from _strings(part, key)
    elif isinstance(node, dict):
        for name, part in node.items():
            yield from _strings(part, name)


def _spoken_in(file: Path, language: str) -> bool:
    return _toml(file).get("language", language) == language


def _toml(file: Path) -> dict[str, object]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise VoiceError(
            "words-unreadable",
            "A file of words cannot be read",
            value=f"{file}: {error}",
            allowed="UTF-8 TOML",
            remedy="Correct the file.",
        ) from error
