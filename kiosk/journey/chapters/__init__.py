"""The chapters of the journey, and whose each place is. The order is that of the tiles at home."""

from typing import Any

from kiosk.journey.chapter import Chapter
from kiosk.journey.chapters.forms import FormsChapter
from kiosk.journey.draft import Draft
from kiosk.journey.places import Elsewhere
from kiosk.journey.places.forms import Form, FormSent

_forms = FormsChapter()

TABLE: dict[type[Elsewhere], Chapter[Any]] = {
    Form: _forms,
    FormSent: _forms,
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
