"""A sentence that nothing says is taken away: somebody would translate, review and record it for nobody."""

import re
from pathlib import Path

import msgspec

import kiosk
from kiosk.words import Words, load

FOLDER = Path(kiosk.__file__).parent
RECIPE = FOLDER.parent / "firmware_config/image/recipe/pictures.py"
"""The image's pictures of the start, which are there before the kiosk is."""


def said(*, samples: bool = False) -> str:
    """The code that may say something; samples: and what draws the gallery."""
    files = [file for file in FOLDER.rglob("*.py") if file.relative_to(FOLDER).parts[0] != "words"]
    return "\n".join(file.read_text() for file in files if samples or "gallery" not in file.parts)


def fields(struct: type[msgspec.Struct], seen: set[type]) -> set[str]:
    """The names of all sentences and tables, in whatever table they stand."""
    found: set[str] = set()
    if struct in seen:
        return found
    seen.add(struct)
    for one in msgspec.structs.fields(struct):
        found.add(one.name)
        if isinstance(one.type, type) and issubclass(one.type, msgspec.Struct):
            found |= fields(one.type, seen)
    return found


def test_every_sentence_is_said_somewhere() -> None:
    code = said()
    unsaid = {name for name in fields(Words, set()) if not re.search(rf"\.{name}\b", code)}
    assert unsaid == set()


def test_every_notice_is_shown_somewhere() -> None:
    code = said(samples=True) + RECIPE.read_text()
    unsaid = {name for name in load("fr").notice if f'"{name}"' not in code}
    assert unsaid == set()
