"""A box that several residents share (A3): one order names every plan in force on it; and their standing (E2)."""

import datetime as dt

import pytest
from msgspec.structs import replace

from clinic.errors import RecordError
from clinic.fleet.boxes import RESIDENTS_MAX, assign, take_off
from clinic.people.admission import decide, request_access
from clinic.people.models import Asker, Patient, Standing
from clinic.people.team import join
from clinic.plans.models import Order
from clinic.plans.orders import letters_after
from clinic.plans.plan_file import ActivityDraft, CodeDraft, PackageDraft, PeriodDraft, PlanDraft
from clinic.plans.prescribe import prescribe, stop
from clinic.plans.standing import declare, state_of
from mqtt_bridge.clinic_store import Has
from mqtt_bridge.contract import correspondence
from mqtt_bridge.contract.order import PlanOrder
from tests.clinic.conftest import Clinic

pytestmark = pytest.mark.django_db(databases=["default", "audit"])

CARE = ActivityDraft(
    id="a", title="A", kind="relaxation", duration_s=60, explanation=("x",), package=PackageDraft("a", "0" * 64)
)
DRAFT = PlanDraft(period=PeriodDraft(dt.date(2025, 1, 1), dt.date(2099, 1, 1)), activity=(CARE,))
CODED = replace(DRAFT, code=CodeDraft(kind="pin", secret="2580"))


def resident(clinic: Clinic, name: str) -> Patient:
    """Another resident of the same box, whose référent is Claire."""
    patient = Patient.objects.create(id=name, given="S", family=name.title(), address_as=name.title())
    join(patient, clinic.claire, referring=True)
    asked = request_access(patient, clinic.claire, Asker.PATIENT, "", "x", clinic.claire)
    decide(asked, clinic.claire, accepted=True, reason="x")
    assign(clinic.device, patient)
    return patient


def last_plans(clinic: Clinic) -> list[str]:
    """Whose plans the box would have now."""
    letters = list(letters_after("box-12", Has(0, 0), 0))
    orders = [clinic.box.order(letter).content for letter in letters]
    [word] = [word for word in orders if isinstance(word, PlanOrder)]
    return [plan.patient.id for plan in word.plans]


def sign(clinic: Clinic, patient: Patient, draft: PlanDraft = CODED) -> None:
    prescribe(draft, patient, clinic.claire, clinic.device, clinic.pen)


def test_each_signature_names_every_plan_of_the_box(clinic: Clinic) -> None:
    leroy = resident(clinic, "leroy")
    sign(clinic, clinic.patient)
    sign(clinic, leroy)
    assert last_plans(clinic) == ["leroy", "martin"]
    sign(clinic, clinic.patient)
    assert last_plans(clinic) == ["martin", "leroy"]


def test_stopping_one_leaves_the_others(clinic: Clinic) -> None:
    leroy = resident(clinic, "leroy")
    sign(clinic, clinic.patient)
    sign(clinic, leroy)
    stop(clinic.patient, clinic.device, clinic.pen)
    assert last_plans(clinic) == ["leroy"]
    stop(leroy, clinic.device, clinic.pen)
    assert last_plans(clinic) == []


def test_a_personal_box_needs_no_code_and_a_shared_one_asks_everybody(clinic: Clinic) -> None:
    sign(clinic, clinic.patient, DRAFT)
    leroy = resident(clinic, "leroy")
    with pytest.raises(RecordError, match="shared with martin"):
        sign(clinic, leroy, DRAFT)
    with pytest.raises(RecordError, match="plan of martin"):
        sign(clinic, leroy)
    sign(clinic, clinic.patient)
    sign(clinic, leroy)
    assert last_plans(clinic) == ["leroy", "martin"]


def test_who_was_taken_off_the_box_is_in_no_order_of_it(clinic: Clinic) -> None:
    leroy = resident(clinic, "leroy")
    sign(clinic, clinic.patient)
    sign(clinic, leroy)
    take_off(clinic.device, clinic.patient)
    sign(clinic, leroy)
    assert last_plans(clinic) == ["leroy"]
    with pytest.raises(RecordError, match="not for martin"):
        take_off(clinic.device, clinic.patient)


def test_a_box_is_for_so_many_and_no_more(clinic: Clinic) -> None:
    for number in range(RESIDENTS_MAX - 1):
        name = f"p{number}"
        assign(clinic.device, Patient.objects.create(id=name, given="x", family="x", address_as="x"))
    assign(clinic.device, clinic.patient)
    with pytest.raises(RecordError, match="12 people"):
        assign(clinic.device, Patient.objects.create(id="one-more", given="x", family="x", address_as="x"))


def test_more_than_a_box_can_read_is_refused(clinic: Clinic) -> None:
    heavy = replace(CODED, activity=tuple(replace(CARE, id=f"a{n}", explanation=("x" * 500,) * 12) for n in range(40)))
    with pytest.raises(RecordError, match="take out forms"):
        sign(clinic, clinic.patient, heavy)
    assert not Order.objects.exists()


def test_a_withdrawal_reaches_the_box_and_nothing_is_prescribed_until_it_is_lifted(clinic: Clinic) -> None:
    leroy = resident(clinic, "leroy")
    sign(clinic, clinic.patient)
    sign(clinic, leroy)
    declare(clinic.patient, Standing.State.CONSENT_WITHDRAWN, clinic.pen, by=clinic.claire, words="par écrit")
    letters = [clinic.box.order(letter).content for letter in letters_after("box-12", Has(0, 0), 0)]
    [word] = [one for one in letters if isinstance(one, correspondence.Standing)]
    assert (word.patient, word.state) == ("martin", "consent-withdrawn")
    with pytest.raises(RecordError, match="active again"):
        sign(clinic, clinic.patient)
    sign(clinic, leroy)
    assert last_plans(clinic) == ["leroy"], "their plan goes with nobody else's any more"
    declare(clinic.patient, Standing.State.ACTIVE, clinic.pen, by=clinic.claire)
    assert last_plans(clinic) == ["martin", "leroy"]
    assert state_of(clinic.patient) == "active"


def test_the_same_word_again_is_told_once(clinic: Clinic) -> None:
    for _ in range(2):
        declare(clinic.patient, Standing.State.DECEASED, clinic.pen, by=clinic.claire)
    assert Order.objects.filter(kind="standing").count() == 1
    sign_again = Order.objects.get(kind="standing")
    assert sign_again.expires_ms > sign_again.issued_ms + 364 * 86_400_000


def test_who_never_withdrew_is_active_already(clinic: Clinic) -> None:
    with pytest.raises(RecordError, match="active already"):
        declare(clinic.patient, Standing.State.ACTIVE, clinic.pen)
