"""What nobody should read on a screen: the code's own names, and words of the other language.

Known are the box's words in both languages, and every name that stands in the code of the box as a string. A name of
several parts (`device-lost`) is never a word. A name of one (`uncalibrated`) is none in French unless the box's French
has it, or an author wrote it for a sample (OF_AUTHORS); in English most names are ordinary words.
"""

import ast
import re
from functools import cache
from pathlib import Path
from typing import TypeGuard

import msgspec

import audio
import kiosk
import mqtt_bridge
from kiosk.journey.views import View
from kiosk.screen.painter import laid_out
from kiosk.screen.text import Laid
from kiosk.words import load
from kiosk.words.tree import leaves

WORD = re.compile(r"[^\W\d_]+(?:[-_][^\W_]+)*")
"""What a hyphen or an underscore joins is one."""
NAME = re.compile(r"[a-z][a-z0-9]+(?:[-_][a-z0-9]+)*")
HOLE = re.compile(r"\{\w+\}")
NO_SCREEN = ("gallery", "montage", "voice")
"""Folders whose strings come on no screen of the box: samples, scores, spoken French."""
SIZE = (1280, 800)
LETTERS_MIN = {"fr": 2, "en": 4}
"""A key of the keyboard is one letter; « de La » is a part of a name."""
OF_AUTHORS = {
    "fr": {"abc", "angoisse", "calme", "comment", "dormi", "lundi", "relaxation"},
    "en": {"angoisse", "place"},
}
"""Words of plans, samples and keys that are names in the code as well."""


def seen(view: View) -> tuple[str, ...]:
    """Every text that is drawn, in order."""
    keys = [piece.key for piece in laid_out(view, SIZE).pieces]
    return tuple(" ".join(key[0].lines) for key in keys if isinstance(key, tuple) and isinstance(key[0], Laid))


def raw(texts: tuple[str, ...], language: str) -> set[str]:
    """The words among these that are no words of this language, but names of the code or words of the other."""
    own, other = vocabulary(language), vocabulary("en" if language == "fr" else "fr")
    every = {word.lower() for text in texts for word in WORD.findall(text)} - own - OF_AUTHORS[language]
    foreign = {word for word in every & other if len(word) >= LETTERS_MIN[language]}
    names = every & code_names()
    return foreign | (names if language == "fr" else {name for name in names if re.search(r"[-_]", name)})


@cache
def vocabulary(language: str) -> frozenset[str]:
    """Every word of the box's own sentences."""
    words = msgspec.json.decode(msgspec.json.encode(load(language)))
    return frozenset(word.lower() for _, text in leaves(words) for word in WORD.findall(HOLE.sub("", text)))


@cache
def code_names() -> frozenset[str]:
    """Every string of the box's code that is a name: values of enumerations, causes, states, kinds."""
    rooms = [Path(room.__path__[0]) for room in (kiosk, audio, mqtt_bridge)]
    files = [file for room in rooms for file in room.rglob("*.py") if not set(file.parts) & set(NO_SCREEN)]
    strings = (node.value for file in files for node in ast.walk(ast.parse(file.read_text())) if _is_text(node))
    return frozenset(one for one in strings if isinstance(one, str) and NAME.fullmatch(one))


def _is_text(node: ast.AST) -> TypeGuard[ast.Constant]:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
