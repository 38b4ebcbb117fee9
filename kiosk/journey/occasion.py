"""Why a form is asked apart from a care: at its rhythm, on a day that follows a care, or to see what a lesson left."""

from typing import Annotated

from msgspec import Meta

from mqtt_bridge.contract.codec import Line, Word
from mqtt_bridge.contract.identity import Identifier
from mqtt_bridge.contract.schedule import Respondent


class Occasion(Word, frozen=True):
    """One asking of one form. id: `<epoch>.<count>`, as a session's.

    request: id of the FormRequest, FollowUp or Education; after, day: of which session it is which following day.
    respondent: who is meant to answer, None when the box asks. about_relative: the answers are the relative's own.
    """

    id: Identifier
    request: Identifier
    title: Line
    respondent: Respondent | None = None
    about_relative: bool = False
    after: Identifier | None = None
    day: Annotated[int, Meta(ge=0, le=14)] = 0
