"""The chapters of the journey, and whose each place is. The order is that of the tiles at home."""

from typing import Any

from kiosk.journey.chapter import Chapter
from kiosk.journey.chapters.delivery import DeliveryChapter
from kiosk.journey.chapters.forms import FormsChapter
from kiosk.journey.chapters.garden import GardenChapter
from kiosk.journey.chapters.lessons import LessonsChapter
from kiosk.journey.chapters.letters import LettersChapter
from kiosk.journey.chapters.need import NeedChapter, WorryChapter
from kiosk.journey.chapters.people import People
from kiosk.journey.chapters.service import Service
from kiosk.journey.chapters.standing import Standing
from kiosk.journey.chapters.stopped import StoppedChapter
from kiosk.journey.draft import Draft
from kiosk.journey.places import Elsewhere
from kiosk.journey.places.delivery import DeliveryNote, DeliveryShown
from kiosk.journey.places.forms import Form, FormSent
from kiosk.journey.places.garden import Strolling
from kiosk.journey.places.lessons import LessonList, LessonOpen
from kiosk.journey.places.letters import LetterList, LetterOpen, LetterSent, LetterWriting
from kiosk.journey.places.need import Needing, Worrying
from kiosk.journey.places.people import Entering, Leaving, Who
from kiosk.journey.places.service import Dying, Examining, Levelling, Menu, NoPin, Pin
from kiosk.journey.places.standing import Stopped
from kiosk.journey.places.stopped import StoppedCare

_people = People()
_service = Service()
_forms = FormsChapter()
_letters, _lessons, _delivery = LettersChapter(), LessonsChapter(), DeliveryChapter()

TABLE: dict[type[Elsewhere], Chapter[Any]] = {
    Stopped: Standing(),
    Needing: NeedChapter(),
    Worrying: WorryChapter(),
    StoppedCare: StoppedChapter(),
    Form: _forms,
    FormSent: _forms,
    LetterList: _letters,
    LetterOpen: _letters,
    LetterWriting: _letters,
    LetterSent: _letters,
    LessonList: _lessons,
    LessonOpen: _lessons,
    DeliveryShown: _delivery,
    DeliveryNote: _delivery,
    Strolling: GardenChapter(),
    Who: _people,
    Entering: _people,
    Leaving: _people,
    Pin: _service,
    NoPin: _service,
    Menu: _service,
    Examining: _service,
    Levelling: _service,
    Dying: _service,
}
"""Place -> chapter. A chapter with several places stands under each."""


def chapter_of(place: object) -> Chapter[Any] | None:
    """None: a place of the care itself, which `step` knows."""
    return TABLE[type(place)] if isinstance(place, Elsewhere) else None


def all_chapters() -> tuple[Chapter[Any], ...]:
    """Each once, in order."""
    return tuple(dict.fromkeys(TABLE.values()))


def named(target: str) -> tuple[Chapter[Any], str] | None:
    """The chapter that a target of home leads to, and the rest of the target."""
    name, _, rest = target.partition(":")
    return next(((one, rest) for one in all_chapters() if name and one.name == name), None)


def of_draft(draft: Draft | None) -> Chapter[Any] | None:
    """The chapter that wrote this draft; None: a care's, or none."""
    return next((one for one in all_chapters() if draft and draft.step in one.drafts), None)
