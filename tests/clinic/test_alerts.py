"""What the clinic notices as strong pain is what a box sends before its backlog, and it may so come before the rest."""

import pytest
from msgspec import structs

from clinic.coordination.models import Task
from clinic.results.sessions import as_json, records, sessions
from mqtt_bridge.contract.forms import ORDINAL, Coding, Extension, answered
from mqtt_bridge.contract.need import PAIN_ITEMS
from mqtt_bridge.contract.report import ALERT, CARE, Content, Evaluation, FormAnswered, priority_of
from tests.clinic.box import evaluation, listening, response, stamp
from tests.clinic.conftest import Clinic

pytestmark = pytest.mark.django_db(databases=["default", "audit"])

PAIN = (0, 0, 8, 0, 9)


def told(item: str, height: int) -> tuple[Content, ...]:
    """The answer as a cone gives it, and as a scale of words does: of a care, and of a form apart from one."""
    step = Extension(url=ORDINAL, value_decimal=float(height))
    choice = Coding(system="urn:s", code=f"n{height}", extension=(step,))
    cone, scale = (structs.replace(response((0,) * 5), item=(answered(item, value),)) for value in (height, choice))
    stopped = structs.replace(scale, status="stopped")
    return (
        Evaluation(session="s-1", request="riviere", moment="after", response=cone, asked=stamp()),
        Evaluation(session="s-2", request="riviere", moment="before", response=stopped, asked=stamp()),
        FormAnswered(occasion="o-1", request="semaine", response=cone, asked=stamp()),
        FormAnswered(occasion="o-2", request="semaine", response=scale, asked=stamp()),
    )


@pytest.mark.parametrize("item", [*PAIN_ITEMS, "fatigue"])
@pytest.mark.parametrize("height", [0, 6, 7, 10])
def test_the_clinic_and_the_wire_agree_on_strong_pain(clinic: Clinic, item: str, height: int) -> None:
    for content in told(item, height):
        Task.objects.all().delete()
        clinic.receive(clinic.box.report(content))
        noticed = Task.objects.filter(kind=Task.Kind.STRONG_PAIN).exists()
        assert priority_of(content) == (ALERT if noticed else CARE)
        assert noticed == (item != "fatigue" and height >= 7)


def test_an_alert_that_comes_before_its_own_session_is_noticed_at_once_and_the_session_made_whole(
    clinic: Clinic,
) -> None:
    parts: list[Content] = [evaluation("before", (6, 5, 2, 5, 1)), listening(), evaluation("after", PAIN, "J’ai mal.")]
    letters = [clinic.box.report(content) for content in parts]
    clinic.receive(letters[-1])
    (noticed,) = Task.objects.all()
    assert (noticed.kind, noticed.score) == (Task.Kind.STRONG_PAIN, 8)
    (alone,) = map(as_json, records(sessions("martin")))
    assert (alone["before"], alone["outcome"]) == ({}, None)
    for letter in letters[:-1]:
        clinic.receive(letter)
    (whole,) = map(as_json, records(sessions("martin")))
    assert (whole["outcome"], whole["comment_after"]) == ("heard_whole", "J’ai mal.")
    assert (whole["before"] or {})["douleur"] == 2
    assert (whole["after"] or {})["douleur"] == 8
    assert Task.objects.count() == 1
