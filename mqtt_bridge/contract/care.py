"""What is prescribed: the plan of a person, its prescriptions, and who signed it."""

from typing import Annotated, Literal

from msgspec import Meta

from mqtt_bridge.contract.codec import ContractError, Line, Paragraph, Word
from mqtt_bridge.contract.forms import Questionnaire, check_form

Identifier = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"\A[A-Za-z0-9][A-Za-z0-9._-]*\Z")]
"""Letters, digits, dot, dash and underscore: safe in a topic, a file name and a URL."""

CareKind = Literal["relaxation", "crisis", "sleep", "sophrology", "mediation", "education"]


class Patient(Word, frozen=True):
    """The person, by no more than the box must show. `address_as`: how they chose to be addressed."""

    id: Identifier
    address_as: Line


class Practitioner(Word, frozen=True):
    """A member of staff as the patient knows them: « Claire, infirmière »."""

    given: Line
    role: Line


class Period(Word, frozen=True):
    """FHIR Period in milliseconds since 1970 UTC; the end is excluded."""

    start_ms: int
    end_ms: int

    def holds(self, wall_ms: int) -> bool:
        return self.start_ms <= wall_ms < self.end_ms


class PackageReference(Word, frozen=True):
    """A session package: its id, and the SHA-256 of its manifest, so that what plays is what was prescribed."""

    id: Identifier
    fingerprint: Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]


LEVEL_DBA_MIN, LEVEL_DBA_MAX = 45.0, 80.0
"""What a plan may prescribe. The upper one is the cap: no plan and no patient raises it (80 dBA for 40 h a week)."""
LevelDba = Annotated[float, Meta(ge=LEVEL_DBA_MIN, le=LEVEL_DBA_MAX)]
GainDb = Annotated[float, Meta(ge=-40, le=0)]


class ServiceRequest(Word, frozen=True):
    """One prescribed care. `explanation` and `advice` are paragraphs, shown one screen each.

    level_dba: how loud it begins; level_max_dba: how loud the person may make it. gain_db and gain_max_db are of plans
    written before levels; where they stand they hold beside the levels, and the softer of the two counts.
    """

    id: Identifier
    title: Line
    kind: CareKind
    package: PackageReference
    duration_s: Annotated[int, Meta(ge=1, le=4 * 3600)]
    explanation: Annotated[tuple[Paragraph, ...], Meta(max_length=12)]
    advice: Annotated[tuple[Paragraph, ...], Meta(max_length=12)]
    questionnaire: str
    """Canonical `url|version` of the questionnaire asked before and after."""
    gain_db: GainDb | None = None
    gain_max_db: GainDb | None = None
    level_dba: LevelDba = 70.0
    level_max_dba: LevelDba = LEVEL_DBA_MAX


class PlanReference(Word, frozen=True):
    """Whose record a report belongs to, and the plan that it was made under."""

    patient: Identifier
    plan: Identifier
    version: int


class CarePlan(Word, frozen=True):
    """The plan in force of one person on one box, as the clinician signed it.

    sensitive: H.870's mode for children and sensitive persons, a weekly dose of 75 dBA for 40 h instead of 80.
    """

    id: Identifier
    version: Annotated[int, Meta(ge=1)]
    patient: Patient
    place: Literal["home", "establishment"]
    period: Period
    requester: Practitioner
    activity: Annotated[tuple[ServiceRequest, ...], Meta(max_length=40)]
    questionnaires: tuple[Questionnaire, ...]
    sensitive: bool = False

    def request(self, request_id: str) -> ServiceRequest:
        """The prescription `request_id`. Raises KeyError when the plan does not hold it."""
        for request in self.activity:
            if request.id == request_id:
                return request
        raise KeyError(request_id)

    def questionnaire(self, canonical: str) -> Questionnaire:
        """The questionnaire `url|version`. Raises KeyError when the plan does not carry it."""
        for form in self.questionnaires:
            if form.canonical == canonical:
                return form
        raise KeyError(canonical)


def check_plan(plan: CarePlan) -> None:
    """Raise ContractError when a prescription names a form that the plan does not carry, or the box cannot show it."""
    identifiers = [request.id for request in plan.activity]
    if len(set(identifiers)) != len(identifiers):
        raise ContractError(f"plan {plan.id}: two prescriptions have one id in {identifiers}")
    if plan.period.end_ms <= plan.period.start_ms:
        raise ContractError(f"plan {plan.id}: its period ends before it starts")
    carried = {form.canonical for form in plan.questionnaires}
    for request in plan.activity:
        if request.questionnaire not in carried:
            raise ContractError(f"prescription {request.id} asks {request.questionnaire}: the plan carries {carried}")
        if not request.explanation:
            raise ContractError(f"prescription {request.id}: it has no explanation")
        check_levels(request)
    for form in plan.questionnaires:
        check_form(form)


def check_levels(request: ServiceRequest) -> None:
    """Raise ContractError when a care would begin louder than it may become."""
    if request.level_dba > request.level_max_dba:
        raise ContractError(
            f"prescription {request.id}: level_dba {request.level_dba} is above level_max_dba {request.level_max_dba}"
        )
    gain_db, gain_max_db = request.gain_db, request.gain_max_db
    if gain_db is not None and gain_max_db is not None and gain_db > gain_max_db:
        raise ContractError(f"prescription {request.id}: gain_db {gain_db} is above gain_max_db {gain_max_db}")
