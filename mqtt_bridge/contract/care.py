"""What is prescribed: the plan of a person, its prescriptions, and who signed it."""

from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Meta

from mqtt_bridge.contract.codec import ContractError, Line, Paragraph, Word
from mqtt_bridge.contract.form_rules import check_form
from mqtt_bridge.contract.forms import Questionnaire
from mqtt_bridge.contract.framing import Limits, check_limits
from mqtt_bridge.contract.identity import Identifier, Patient, Period, Practitioner
from mqtt_bridge.contract.need import NeedRule, check_needs, items_of
from mqtt_bridge.contract.schedule import FollowUp, FormRequest
from mqtt_bridge.contract.teaching import Education

CareKind = Literal["relaxation", "crisis", "sleep", "sophrology", "mediation", "education"]


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
    limits: Limits = Limits()


class PlanReference(Word, frozen=True):
    """Whose record a report belongs to, and the plan that it was made under."""

    patient: Identifier
    plan: Identifier
    version: int


Locked = Literal["care", "messages", "answers", "garden"]
"""What asks for the person's code first. On a shared box everything does."""


CodePicture = Literal[
    "sun", "boat", "cat", "house", "tree", "key", "flower", "bird", "star", "fish", "cup", "umbrella",
]  # fmt: skip
"""The pictures of a picture code, in the order in which they are always shown. Drawn by the box."""


class AccessCode(Word, frozen=True):
    """How a person signs in (A3).

    digest: argon2id of their code, as libsodium writes it; a picture code is the pictures' ids in order, with spaces.
    """

    kind: Literal["pictures", "pin"]
    digest: Annotated[str, Meta(min_length=1, max_length=128, pattern=r"\A\$argon2id\$[!-~]+\Z")]
    length: Annotated[int, Meta(ge=3, le=6)] = 4
    """How many pictures (3 or 4) or digits (4 to 6): the box checks when so many were entered."""


class Pharmacy(Word, frozen=True):
    """The pharmacy that the person chose (L.5125-25). Where a plan has none, nothing can be asked for."""

    name: Line


class CarePlan(Word, frozen=True):
    """The plan in force of one person on one box, as the clinician signed it.

    sensitive: H.870's mode for children and sensitive persons, a weekly dose of 75 dBA for 40 h instead of 80.
    needs: rules of the need of the moment (A14). forms, follow_ups: what is asked apart from a care (E3, C2, D3).
    education: pages prescribed like care (C3). code, locked: signing in (A3). messages: whether the person may write.
    garden: whether progress is shown (A13). eyes_closed: everything is said aloud (X3). still: no motion on the screen.
    time_zone: IANA name of where the box stands, for hours and days.
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
    needs: Annotated[tuple[NeedRule, ...], Meta(max_length=20)] = ()
    forms: Annotated[tuple[FormRequest, ...], Meta(max_length=10)] = ()
    follow_ups: Annotated[tuple[FollowUp, ...], Meta(max_length=10)] = ()
    education: Annotated[tuple[Education, ...], Meta(max_length=20)] = ()
    pharmacy: Pharmacy | None = None
    code: AccessCode | None = None
    locked: tuple[Locked, ...] = ()
    messages: bool = False
    garden: bool = True
    eyes_closed: bool = False
    still: bool = False
    time_zone: str = "Europe/Paris"

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
        check_limits(request.id, request.limits)
    for form in plan.questionnaires:
        check_form(form)
    _check_named_forms(plan, carried)
    _check_follow_ups(plan, set(identifiers))
    check_needs(plan.needs, set(identifiers), items_of(plan.questionnaires))
    check_time_zone(plan)
    if plan.locked and plan.code is None:
        raise ContractError(f"plan {plan.id}: {', '.join(plan.locked)} ask for a code, and the plan has none")


def _check_named_forms(plan: CarePlan, carried: set[str]) -> None:
    asked = [(form.id, form.questionnaire) for form in plan.forms]
    asked += [(one.id, one.questionnaire) for one in plan.follow_ups]
    asked += [(page.id, page.read_back) for page in plan.education if page.read_back]
    names = [name for name, _ in asked]
    if len(set(names)) != len(names):
        raise ContractError(f"plan {plan.id}: two of its forms, following days or lessons have one id in {names}")
    for name, canonical in asked:
        if canonical not in carried:
            raise ContractError(f"{name} asks {canonical}: the plan carries {carried}")


def _check_follow_ups(plan: CarePlan, requests: set[str]) -> None:
    for one in plan.follow_ups:
        if not set(one.requests) <= requests:
            raise ContractError(f"{one.id} follows {one.requests}: the plan prescribes {sorted(requests)}")


def check_time_zone(plan: CarePlan) -> None:
    """Raise ContractError when the wall clock of the place could not be told."""
    try:
        ZoneInfo(plan.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ContractError(f"plan {plan.id}: no time zone {plan.time_zone!r}; an IANA name, Europe/Paris") from error


def check_levels(request: ServiceRequest) -> None:
    """Raise ContractError when a care would begin louder than it may become."""
    if request.level_dba > request.level_max_dba:
        raise ContractError(
            f"prescription {request.id}: level_dba {request.level_dba} is above level_max_dba {request.level_max_dba}"
        )
    gain_db, gain_max_db = request.gain_db, request.gain_max_db
    if gain_db is not None and gain_max_db is not None and gain_db > gain_max_db:
        raise ContractError(f"prescription {request.id}: gain_db {gain_db} is above gain_max_db {gain_max_db}")
