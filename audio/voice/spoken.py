"""Every text that the box says aloud, gathered from the files that hold them: read as data, by path."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from audio.voice.errors import VoiceError

HOUSE = Path(__file__).parents[2]
SPOKEN_KEYS = (
    "title", "question", "help", "words", "lines", "explanation", "advice", "options", "heading", "text", "reason",
)  # fmt: skip
NOT_SAID = ("when", "english")
"""Nothing that a patient hears stands under these: a condition names a question, the other language is for staff."""
HOLE = re.compile(r"\{(\w+)\}")
BLANK = re.compile(r"\$\w+")
"""What the demonstration fills into its plan."""
OWN_WORDS = "bedside"
"""The file whose words have no chapter before their name."""


class Text(msgspec.Struct, frozen=True):
    """`shown` is what the box looks up (a name still as `{name}`); `said` is what the recording says."""

    shown: str
    said: str
    source: str


class _Also(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    texts: tuple[str, ...]
    numbers: tuple[int, int]


class _Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    silent: tuple[str, ...]
    without_the_name: dict[str, str]
    numbers: dict[str, tuple[int, int]]
    fillings: dict[str, tuple[str, ...]]
    also: _Also


def box_texts(language: str = "fr", more: Iterable[Path] = (), house: Path = HOUSE) -> list[Text]:
    """Return the box's words, the house's forms and lessons, and the words of the files in `more` (forms, plans).

    Each text once. Raises VoiceError (words-unreadable, hole-unknown).
    """
    rules = msgspec.convert(_toml(Path(__file__).parent / f"texts/spoken.{language}.toml"), _Rules)
    named = {name: text for file in _files(house / "kiosk/words" / language) for name, text in _named(file)}
    said = [text for name, texts in named.items() for text in _words(name, texts, named, rules)]
    said += [text for file in (*_of_the_house(house, language), *more) for text in _form(file)]
    said += [text for file in _protocols(house, language) for text in _protocol(file)]
    first, last = rules.also.numbers
    numbers = [str(number) for number in range(first, last + 1)]
    said += [Text(text, text, "also") for text in (*rules.also.texts, *numbers)]
    return list({text.shown: text for text in reversed(said)}.values())[::-1]


def _files(folder: Path) -> list[Path]:
    if not (found := sorted(folder.glob("*.toml"))):
        raise VoiceError(
            "words-unreadable", "There are no words", value=str(folder), allowed="TOML files", remedy="Give a house."
        )
    return found


def _of_the_house(house: Path, language: str) -> list[Path]:
    """Forms and lessons of this language, and the plan of the demonstration."""
    plans = house / "clinic/plans"
    return [
        file
        for folder in (plans / "forms", plans / "lessons", plans)
        for file in sorted(folder.glob(f"*.{language}.toml"))
    ]


def _protocols(house: Path, language: str) -> list[Path]:
    return sorted((house / "clinic/plans/protocols").glob(f"*.{language}.toml"))


def _protocol(file: Path) -> Iterator[Text]:
    """What a plan made from it would say; its own title and purpose are for who chooses it."""
    parts = {name: part for name, part in _toml(file).items() if not isinstance(part, str)}
    return (Text(text, text, file.name) for text in _strings(parts))


def _named(file: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each name of a file of words with its sentences: `back`, `notice.no-room.lines`, `letters.empty`."""
    chapter = "" if file.stem == OWN_WORDS else f"{file.stem}."
    return _leaves(_toml(file), chapter.rstrip("."))


def _leaves(node: object, name: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    if isinstance(node, str):
        yield name, (node,)
    elif isinstance(node, list):
        yield name, tuple(text for text in node if isinstance(text, str))
    elif isinstance(node, dict):
        for key, part in node.items():
            yield from _leaves(part, f"{name}.{key}" if name else key)


Named = dict[str, tuple[str, ...]]


def _words(name: str, texts: tuple[str, ...], named: Named, rules: _Rules) -> Iterator[Text]:
    within = {part for names in rules.fillings.values() for part in names}
    if name in within or _is_silent(name, rules):
        return
    for text in texts:
        if name in rules.without_the_name:
            yield Text(text, rules.without_the_name[name], name)
        else:
            yield from (Text(whole, whole, name) for whole in _filled(name, text, named, rules))


def _is_silent(name: str, rules: _Rules) -> bool:
    return any(name == silent or name.startswith(f"{silent}.") for silent in rules.silent)


def _filled(name: str, text: str, named: Named, rules: _Rules) -> list[str]:
    """The text with every filling of its first hole, and then of the next."""
    hole = HOLE.search(text)
    if hole is None:
        return [text]
    return [
        whole
        for filling in _fillings(hole[1], name, text, named, rules)
        for whole in _filled(name, text.replace(hole[0], filling), named, rules)
    ]


def _fillings(hole: str, name: str, text: str, named: Named, rules: _Rules) -> list[str]:
    if hole in rules.numbers:
        first, last = rules.numbers[hole]
        return [str(number) for number in range(first, last + 1)]
    if hole in rules.fillings:
        return [filling for words in rules.fillings[hole] for filling in named[words]]
    raise VoiceError(
        "hole-unknown",
        "A text has a hole that no rule fills",
        value=f"{name}: {text}",
        allowed="the holes of audio/voice/texts/spoken.*.toml, or a name under [without_the_name] or in `silent` there",
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
            if name not in NOT_SAID:
                yield from _strings(part, key if key == "options" else name)


def _toml(file: Path) -> dict[str, object]:
    try:
        return tomllib.loads(BLANK.sub("0", file.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise VoiceError(
            "words-unreadable",
            "A file of words cannot be read",
            value=f"{file}: {error}",
            allowed="UTF-8 TOML",
            remedy="Correct the file.",
        ) from error
