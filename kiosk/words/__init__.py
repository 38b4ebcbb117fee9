"""The box's own words: French in files that a therapist can review, one for each chapter; from it every other language.

Those of a form travel with it. Another language is a gettext catalogue: `python -m kiosk.words.catalogue`.
"""

import gettext
import tomllib
from pathlib import Path
from typing import Any

import msgspec

from kiosk.words.aloud import Aloud
from kiosk.words.asking import Asking
from kiosk.words.delivery import Delivery
from kiosk.words.framing import FramingWords
from kiosk.words.garden import GardenWords
from kiosk.words.greeting import GreetingWords
from kiosk.words.helping import HelpingWords
from kiosk.words.lessons import Lessons
from kiosk.words.letters import Letters
from kiosk.words.need import NeedWords
from kiosk.words.notice import Notice
from kiosk.words.people import People
from kiosk.words.service import ServiceWords
from kiosk.words.standing import Standing
from kiosk.words.stopped import StoppedWords
from kiosk.words.tree import translated

LANGUAGES = ("fr", "en")
FOLDER = Path(__file__).parent


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every sentence that the box says by itself. `{name}` is replaced.

    Its own fields are those of `bedside.toml`; a chapter's words are a field named after their file, and their struct
    stands in kiosk/words/<chapter>.py.
    """

    hello: str
    home_due: str
    home_rest: str
    choose_care: str
    choose_care_detail: str
    choosing: str
    more_cares: str
    one_minute: str
    minutes: str
    help: str
    back: str
    home: str
    go_on: str
    go_on_comment: str
    decline: str
    done: str
    before: str
    after: str
    touch_cone: str
    touch_cone_detail: str
    comment_placeholder: str
    explanation: str
    advice: str
    ready: str
    ready_armed: str
    ready_waiting: str
    ready_detail: str
    ready_softer: str
    ready_unplugged: str
    loudest: str
    headphones_out: str
    later: str
    in_one_hour: str
    in_hours: str
    in_days: str
    playing: str
    stopping: str
    softer: str
    louder: str
    stop: str
    stop_question: str
    stop_detail: str
    stop_yes: str
    stop_no: str
    rest: str
    thanks: str
    thanks_detail: str
    record_pending: str
    record_in: str
    record_held: str
    read_by: str
    notice: dict[str, Notice]
    aloud: Aloud
    asking: Asking
    framing: FramingWords
    garden: GardenWords
    greeting: GreetingWords
    helping: HelpingWords
    need: NeedWords
    stopped: StoppedWords
    people: People
    service: ServiceWords
    standing: Standing
    letters: Letters
    lessons: Lessons
    delivery: Delivery


def load(language: str) -> Words:
    """The words of `fr` or `en`. Raises ValueError for another language."""
    if language not in LANGUAGES:
        raise ValueError(f"language {language!r}: the box speaks {' and '.join(LANGUAGES)}")
    if (FOLDER / language).is_dir():
        return msgspec.convert(tables(language), Words)
    with (FOLDER / "locale" / language / "LC_MESSAGES" / "kiosk.mo").open("rb") as file:
        catalogue = gettext.GNUTranslations(file)
    return msgspec.convert(translated(tables("fr"), catalogue.pgettext), Words)


def tables(language: str, folder: Path = FOLDER) -> dict[str, Any]:
    """What the files of a language hold: the box's own words, and a table for each chapter."""
    found = {file.stem: _table(file) for file in sorted((folder / language).glob("*.toml"))}
    return {**found.pop("bedside"), **found}


def _table(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))
