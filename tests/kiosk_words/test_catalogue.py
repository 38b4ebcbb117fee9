"""French is the source; every other language says all of it, and today's. That it is not cut: tests/kiosk_screen."""

import gettext
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from kiosk.words import FOLDER, LANGUAGES, load, tables
from kiosk.words.catalogue import SOURCE, update
from kiosk.words.tree import leaves, translated

OTHERS = [language for language in LANGUAGES if language != SOURCE]
HOLE = re.compile(r"\{\w+\}")
LONGER = 1.5
LONGER_BY = 12
"""A translation may be half as long again, and a short one so many letters longer: a button has no more room."""


@pytest.fixture
def needs_gettext() -> None:
    if shutil.which("msgfmt") is None:
        pytest.skip("no msgfmt here: apt-get install gettext")


def french() -> dict[str, str]:
    return dict(leaves(tables(SOURCE)))


def said_in(language: str, folder: Path = FOLDER) -> dict[str, str]:
    """Each sentence that this language says itself, by name. A fuzzy or an empty one is not compiled."""
    if (folder / language).is_dir():
        return dict(leaves(tables(language, folder)))
    with (folder / "locale" / language / "LC_MESSAGES" / "kiosk.mo").open("rb") as file:
        known: dict[str, str] = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    return {key.split("\x04")[0]: said for key, said in known.items() if "\x04" in key and key in _keys(folder)}


def _keys(folder: Path) -> set[str]:
    return {f"{name}\x04{text}" for name, text in leaves(tables(SOURCE, folder))}


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_missing_fuzzy_or_stale(language: str) -> None:
    said, source = said_in(language), french()
    assert set(source) - set(said) == set(), "translate these, then: python -m kiosk.words.catalogue"
    assert set(said) - set(source) == set(), "these are gone in French: python -m kiosk.words.catalogue"
    assert load(language)


@pytest.mark.parametrize("language", OTHERS)
def test_the_holes_are_the_same(language: str) -> None:
    said = said_in(language)
    for name, text in french().items():
        allowed = set(HOLE.findall(text))
        assert set(HOLE.findall(said[name])) <= allowed, name


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_over_long(language: str) -> None:
    said = said_in(language)
    long = {
        name: said[name]
        for name, text in french().items()
        if len(said[name]) > max(LONGER * len(text), len(text) + LONGER_BY)
    }
    assert long == {}


@pytest.mark.parametrize("language", OTHERS)
def test_the_catalogue_is_compiled_from_its_source(language: str, tmp_path: Path, needs_gettext: None) -> None:
    folder = FOLDER / "locale" / language / "LC_MESSAGES"
    if not folder.exists():
        return  # still a folder of TOML, which needs no compiling
    made = tmp_path / "kiosk.mo"
    subprocess.run(["msgfmt", "-o", str(made), str(folder / "kiosk.po")], check=True, stderr=subprocess.DEVNULL)
    with made.open("rb") as fresh, (folder / "kiosk.mo").open("rb") as kept:
        assert gettext.GNUTranslations(fresh)._catalog == gettext.GNUTranslations(kept)._catalog  # type: ignore[attr-defined]


class Words:
    """A small house of words in French and a catalogue of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "fr").mkdir()
        (folder / "en").mkdir()
        self.say("fr", 'back = "Retour"\nhello = "Bonjour {name}"\n')
        self.say("en", 'back = "Back"\nhello = "Hello {name}"\n')

    def say(self, language: str, text: str) -> None:
        (self.folder / language / "bedside.toml").write_text(text)

    def said(self) -> dict[str, str]:
        return said_in("en", self.folder)

    def shown(self) -> Any:
        with (self.folder / "locale/en/LC_MESSAGES/kiosk.mo").open("rb") as file:
            return translated(tables("fr", self.folder), gettext.GNUTranslations(file).pgettext)


@pytest.fixture
def words(tmp_path: Path, needs_gettext: None) -> Words:
    return Words(tmp_path)


def test_a_folder_of_words_becomes_a_catalogue(words: Words) -> None:
    update("en", words.folder)
    assert not (words.folder / "en").exists()
    assert words.said() == {"back": "Back", "hello": "Hello {name}"}
    update("en", words.folder)  # once more changes nothing
    assert words.said() == {"back": "Back", "hello": "Hello {name}"}


def test_what_changed_is_new_or_is_gone_is_told(words: Words) -> None:
    update("en", words.folder)
    words.say("fr", 'back = "Revenir en arrière"\nmore = "Plus"\n')
    update("en", words.folder)
    assert words.said() == {}
    assert words.shown() == {
        "back": "Revenir en arrière",
        "more": "Plus",
    }  # until it is translated, the source is shown
    assert "Bonjour" not in (words.folder / "locale/en/LC_MESSAGES/kiosk.po").read_text()


def test_a_lost_hole_is_refused(words: Words) -> None:
    words.say("en", 'back = "Back"\nhello = "Hello"\n')
    with pytest.raises(OSError, match="name"):
        update("en", words.folder)


def test_words_are_strings_lists_and_tables() -> None:
    with pytest.raises(TypeError, match="3"):
        list(leaves({"count": 3}))


@pytest.mark.parametrize("language", OTHERS)
def test_one_sentence_has_one_translation(language: str) -> None:
    """Two ways to say the same thing are two things, to who has just learnt one of them."""
    said = said_in(language)
    ways: dict[str, set[str]] = {}
    for name, text in french().items():
        ways.setdefault(text, set()).add(said[name])
    assert {text: sorted(found) for text, found in ways.items() if len(found) > 1} == {}
