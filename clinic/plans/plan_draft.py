"""What a plan's file may hold, in the words of who writes it: days and names instead of milliseconds and digests."""

import datetime as dt
from typing import Annotated, Literal

from msgspec import Meta

from mqtt_bridge.contract.care import LEVEL_DBA_MAX, CareKind, Locked, Pharmacy
from mqtt_bridge.contract.codec import TEXT, Paragraph, Word
from mqtt_bridge.contract.forms import Questionnaire
from mqtt_bridge.contract.framing import Hours
from mqtt_bridge.contract.identity import Identifier
from mqtt_bridge.contract.need import NeedRule
from mqtt_bridge.contract.schedule import FollowUp, Purpose, Respondent
from mqtt_bridge.contract.teaching import Page

FormName = Annotated[str, Meta(min_length=1)]
"""A form of the house (`sommeil.fr`), a file beside the plan's (`formulaires/notre.json`), or a `url|version`.

The last of one in `questionnaires`, of the house, or of one that the clinic has published.
"""

TITLE_MAX = 32
Title = Annotated[str, Meta(min_length=1, max_length=TITLE_MAX, pattern=TEXT)]
"""What a tile is called; six of them stand on one screen of the 7-inch panel, and none is cut."""


class PeriodDraft(Word, frozen=True):
    """The last day is included."""

    start: dt.date
    end: dt.date


class PackageDraft(Word, frozen=True):
    id: Identifier
    fingerprint: str = ""
    manifest: str = ""
    """A manifest's path, beside the plan's file, when the fingerprint is to be computed."""


class LimitsDraft(Word, frozen=True):
    """See mqtt_bridge.contract.framing.Limits."""

    hours: Annotated[tuple[Hours, ...], Meta(max_length=6)] = ()
    per_day_max: Annotated[int, Meta(ge=1, le=24)] | None = None
    interval_s_min: Annotated[int, Meta(ge=1, le=14 * 24 * 3600)] | None = None
    period: PeriodDraft | None = None


class ActivityDraft(Word, frozen=True):
    id: Identifier
    title: Title
    kind: CareKind
    duration_s: Annotated[int, Meta(ge=1, le=4 * 3600)]
    package: PackageDraft
    explanation: Annotated[tuple[Paragraph, ...], Meta(max_length=12)] = ()
    advice: Annotated[tuple[Paragraph, ...], Meta(max_length=12)] = ()
    questionnaire: str = ""
    """A FormName; empty: the first of `questionnaires`, or the house's five cones."""
    level_dba: float = 70.0
    level_max_dba: float = LEVEL_DBA_MAX
    gain_db: float | None = None
    gain_max_db: float | None = None
    """Of plans written before levels: where they stand, the softer of gain and level counts."""
    limits: LimitsDraft = LimitsDraft()


class FormDraft(Word, frozen=True):
    """See mqtt_bridge.contract.schedule.FormRequest; `start`: the first day on which it is asked."""

    id: Identifier
    title: Title
    questionnaire: FormName
    purpose: Purpose
    every_days: Annotated[int, Meta(ge=1, le=366)]
    start: dt.date | None = None
    """None: the plan's first day."""
    open_days: Annotated[int, Meta(ge=1, le=366)] = 2
    respondent: Respondent | None = None
    about_relative: bool = False


class EducationDraft(Word, frozen=True):
    """`lesson`: one of the house, a `url|version` published here, or a file; or else its own title and pages."""

    id: Identifier
    lesson: str = ""
    version: Annotated[int, Meta(ge=1)] = 1
    title: Title | None = None
    pages: Annotated[tuple[Page, ...], Meta(max_length=30)] = ()
    read_back: str = ""


class CodeDraft(Word, frozen=True):
    """How the person signs in: the code itself, its digest, or neither: then it is asked for while prescribing."""

    kind: Literal["pictures", "pin"]
    secret: str = ""
    digest: str = ""
    length: Annotated[int, Meta(ge=3, le=6)] = 4
    """Of the code whose digest is given."""


class PlanDraft(Word, frozen=True):
    period: PeriodDraft
    activity: Annotated[tuple[ActivityDraft, ...], Meta(min_length=1, max_length=40)]
    place: Literal["home", "establishment"] = "establishment"
    id: Identifier | None = None
    """The plan's name; without one, `plan-` and the patient's id. Its versions grow."""
    questionnaires: tuple[FormName | Questionnaire, ...] = ()
    sensitive: bool = False
    needs: Annotated[tuple[NeedRule, ...], Meta(max_length=20)] = ()
    forms: Annotated[tuple[FormDraft, ...], Meta(max_length=10)] = ()
    follow_ups: Annotated[tuple[FollowUp, ...], Meta(max_length=10)] = ()
    education: Annotated[tuple[EducationDraft, ...], Meta(max_length=20)] = ()
    pharmacy: Pharmacy | None = None
    code: CodeDraft | None = None
    locked: tuple[Locked, ...] = ()
    messages: bool = False
    garden: bool = True
    eyes_closed: bool = False
    still: bool = False
    time_zone: str = "Europe/Paris"
