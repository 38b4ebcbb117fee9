"""What is asked apart from a care: at a rhythm (E3, C2), and on the days that follow one (D3)."""

from typing import Annotated, Literal

from msgspec import Meta

from mqtt_bridge.contract.codec import Line, Word
from mqtt_bridge.contract.identity import Identifier, TimeOfDay

Respondent = Literal["self", "with-relative", "relative", "carer"]
"""Who answered: the person alone, with a relative's help, a relative about the person, a professional."""
Purpose = Literal["monitoring", "adherence", "satisfaction", "caregiver", "sleep", "other"]


class FormRequest(Word, frozen=True):
    """A form asked every so many days from `start_ms` on; it stays due for `open_days`, then the next one counts.

    respondent: who is meant to answer; None: asked on the box. about_relative: the answers are the relative's own
    (their burden), never averaged with the patient's.
    """

    id: Identifier
    title: Line
    questionnaire: str
    purpose: Purpose
    every_days: Annotated[int, Meta(ge=1, le=366)]
    start_ms: int
    open_days: Annotated[int, Meta(ge=1, le=366)] = 2
    respondent: Respondent | None = None
    about_relative: bool = False


class FollowUp(Word, frozen=True):
    """A form asked again on the days after a care (D3). days: 1 is the next day; requests: of which, none: of all."""

    id: Identifier
    title: Line
    questionnaire: str
    days: Annotated[tuple[Annotated[int, Meta(ge=1, le=14)], ...], Meta(min_length=1, max_length=14)]
    requests: tuple[Identifier, ...] = ()
    not_before: TimeOfDay = "08:00"
    respondent: Respondent | None = None
