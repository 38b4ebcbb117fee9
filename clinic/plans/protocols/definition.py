"""PlanDefinition (FHIR): a protocol or a pathway, from which a plan is begun and then changed for the patient.

It says everything of a plan but the patient, the dates, and which version of a package: the shelf knows that one.
"""

from typing import Annotated, Literal, get_args

from msgspec import Meta

from clinic.plans.plan_draft import EducationDraft, FormDraft, Title
from mqtt_bridge.contract.care import LEVEL_DBA_MAX, CareKind
from mqtt_bridge.contract.codec import ContractError, Line, Paragraph, Word
from mqtt_bridge.contract.framing import Hours
from mqtt_bridge.contract.identity import Identifier
from mqtt_bridge.contract.need import NeedRule
from mqtt_bridge.contract.schedule import FollowUp

Pathway = Literal["palliative", "flare-up", "care-home-support"]
"""B1, as on a patient's record: palliative care; an acute phase or a flare-up of an illness; support to care homes."""
PATHWAYS: tuple[str, ...] = get_args(Pathway)
TeamRole = Literal[
    "physician", "therapist", "nurse", "coordinating-nurse", "advanced-practice-nurse", "social-worker",
]  # fmt: skip
"""Of clinic.people.models.Role, those who may be in a care team."""


class LimitsTemplate(Word, frozen=True):
    """See mqtt_bridge.contract.framing.Limits; dates are the plan's."""

    hours: Annotated[tuple[Hours, ...], Meta(max_length=6)] = ()
    per_day_max: Annotated[int, Meta(ge=1, le=24)] | None = None
    interval_s_min: Annotated[int, Meta(ge=1, le=14 * 24 * 3600)] | None = None


class CareTemplate(Word, frozen=True):
    """One care. package: its id on the shelf; duration_s: about, until the shelf says it exactly."""

    id: Identifier
    title: Title
    kind: CareKind
    package: Identifier
    duration_s: Annotated[int, Meta(ge=1, le=4 * 3600)]
    explanation: Annotated[tuple[Paragraph, ...], Meta(min_length=1, max_length=12)]
    advice: Annotated[tuple[Paragraph, ...], Meta(max_length=12)] = ()
    questionnaire: str = ""
    """A FormName; empty: the house's five cones."""
    level_dba: float = 70.0
    level_max_dba: float = LEVEL_DBA_MAX
    limits: LimitsTemplate = LimitsTemplate()


class English(Word, frozen=True):
    """What staff read, in English; what the person reads is in the definition's own language."""

    title: Line
    purpose: Paragraph
    rhythm: Annotated[str, Meta(max_length=500)] = ""


class PlanDefinition(Word, frozen=True):
    """uses: cares of other protocols, as `crise/ancre`. rhythm: how often the team looks. source: whence it comes.

    days: how long a plan made from it lasts, unless it is changed. team: who is expected in the patient's care team.
    """

    url: Annotated[str, Meta(min_length=1, max_length=200)]
    version: Annotated[str, Meta(min_length=1, max_length=20, pattern=r"\A[0-9A-Za-z][0-9A-Za-z.-]*\Z")]
    title: Line
    purpose: Paragraph
    source: Paragraph
    english: English | None = None
    pathway: Pathway | None = None
    rhythm: Annotated[str, Meta(max_length=500)] = ""
    team: tuple[TeamRole, ...] = ()
    days: Annotated[int, Meta(ge=1, le=366)] = 90
    uses: tuple[str, ...] = ()
    place: Literal["home", "establishment"] = "establishment"
    activity: Annotated[tuple[CareTemplate, ...], Meta(max_length=40)] = ()
    needs: Annotated[tuple[NeedRule, ...], Meta(max_length=20)] = ()
    forms: Annotated[tuple[FormDraft, ...], Meta(max_length=10)] = ()
    follow_ups: Annotated[tuple[FollowUp, ...], Meta(max_length=10)] = ()
    education: Annotated[tuple[EducationDraft, ...], Meta(max_length=20)] = ()
    messages: bool = False
    garden: bool = True
    eyes_closed: bool = False
    still: bool = False
    sensitive: bool = False

    @property
    def canonical(self) -> str:
        return f"{self.url}|{self.version}"

    def care(self, care_id: str) -> CareTemplate:
        """Raises ContractError: it has no such care."""
        for care in self.activity:
            if care.id == care_id:
                return care
        raise ContractError(f"protocol {self.canonical}: no care {care_id!r}; it has {[c.id for c in self.activity]}")
