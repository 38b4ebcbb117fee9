"""The box's own words, in files that a therapist can review: a folder for each language, a file for each chapter.

Those of a form travel with it.
"""

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

LANGUAGES = ("fr", "en")


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
    tables = {file.stem: _table(file) for file in sorted((Path(__file__).parent / language).glob("*.toml"))}
    return msgspec.convert({**tables.pop("bedside"), **tables}, Words)


def _table(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))
