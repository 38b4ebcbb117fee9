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


class ServiceRequest(Word, frozen=True):
    """One prescribed care. `explanation` and `advice` are paragraphs, shown one screen each."""

    id: Identifier
    title: Line
    kind: CareKind
    package: PackageReference
    duration_s: Annotated[int, Meta(ge=1, le=4 * 3600)]
    explanation: Annotated[tuple[Paragraph, ...], Meta(max_length=12)]
    advice: Annotated[tuple[Paragraph, ...], Meta(max_length=12)]
    questionnaire: str
    """Canonical `url|version` of the questionnaire asked before and after."""
    gain_db: Annotated[float, Meta(ge=-40, le=0)] = -12.0
    gain_max_db: Annotated[float, Meta(ge=-40, le=0)] = -6.0


class PlanReference(Word, frozen=True):
    """Whose record a report belongs to, and the plan that it was made under."""

    patient: Identifier
    plan: Identifier
    version: int


class CarePlan(Word, frozen=True):
    """The plan in force of one person on one box, as the clinician signed it."""

    id: Identifier
    version: Annotated[int, Meta(ge=1)]
    patient: Patient
    place: Literal["home", "establishment"]
    period: Period
    requester: Practitioner
    activity: Annotated[tuple[ServiceRequest, ...], Meta(max_length=40)]
    questionnaires: tuple[Questionnaire, ...]

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
        if request.gain_db > request.gain_max_db or not request.explanation:
            raise ContractError(f"prescription {request.id}: gain_db at most gain_max_db, and an explanation")
    for form in plan.questionnaires:
        check_form(form)
