"""Three silences (X4): a box out of reach, a box that is there and nobody answers, a person who has declined."""

from typing import Any

import pytest
from django.test import Client

from clinic.console.boxes_told import silence_said
from clinic.fleet.boxes import register
from clinic.fleet.models import Device
from clinic.fleet.silence import GRACE_MS, LATE_MS, Asked, Contact, reachable, silence
from clinic.people.models import Patient
from clinic.results.asked import asked_of, silence_of, silences_of
from clinic.results.pending import pending_of
from mqtt_bridge import seal
from mqtt_bridge.contract import wire
from mqtt_bridge.contract.wire import BoxState
from tests.clinic.box import EPOCH, T0_MS, Box, evaluation, listening
from tests.clinic.conftest import Clinic
from tests.clinic.test_console import read

MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3600_000, 86_400_000
NOW = T0_MS + 10 * DAY_MS
HERE = Contact(last_ms=NOW - MINUTE_MS)
OPEN = Asked("la rivière", NOW - 2 * HOUR_MS)
ANSWERED = Asked("la rivière", NOW - 5 * HOUR_MS, NOW - 4 * HOUR_MS)
DECLINED = Asked("la semaine", NOW - 5 * HOUR_MS, NOW - 3 * HOUR_MS, declined=True)


@pytest.mark.parametrize("every_s", [60, 900, 3600])
def test_a_box_is_out_of_reach_by_its_own_rhythm(every_s: int) -> None:
    patience_ms = 2 * every_s * 1000 + LATE_MS
    assert reachable(Contact(NOW - patience_ms, every_s=every_s), NOW)
    assert not reachable(Contact(NOW - patience_ms - 1, every_s=every_s), NOW)


def test_the_brokers_word_that_a_connection_is_lost_counts_until_the_box_is_heard_again() -> None:
    assert not reachable(Contact(NOW - 2, gone_ms=NOW - 1), NOW)
    assert reachable(Contact(NOW - 1, gone_ms=NOW - 2), NOW)
    assert not reachable(Contact(None), NOW)


@pytest.mark.parametrize(
    ("contact", "asked", "kind", "since_ms"),
    [
        (Contact(None), (OPEN,), "never-heard", None),
        (Contact(NOW - DAY_MS), (OPEN,), "unreachable", NOW - DAY_MS),
        (Contact(NOW - DAY_MS), (DECLINED,), "unreachable", NOW - DAY_MS),
        (HERE, (OPEN,), "no-answer", OPEN.since_ms),
        (HERE, (DECLINED, OPEN), "no-answer", OPEN.since_ms),
        (HERE, (ANSWERED, DECLINED), "declined", DECLINED.answered_ms),
        (HERE, (ANSWERED,), "answered", ANSWERED.answered_ms),
        (HERE, (), "nothing-asked", HERE.last_ms),
        (HERE, (Asked("x", NOW - GRACE_MS + 1),), "nothing-asked", HERE.last_ms),
        (HERE, (Asked("x", NOW - GRACE_MS),), "no-answer", NOW - GRACE_MS),
        (Contact(NOW - MINUTE_MS, pending=3), (OPEN,), "on-the-way", NOW - MINUTE_MS),
        (Contact(NOW - MINUTE_MS, pending=3), (DECLINED,), "declined", DECLINED.answered_ms),
    ],
)
def test_no_silence_is_taken_for_another(
    contact: Contact, asked: tuple[Asked, ...], kind: str, since_ms: int | None
) -> None:
    found = silence(contact, asked, NOW)
    assert (found.kind, found.since_ms) == (kind, since_ms)
    assert bool(silence_said(found, NOW)) == (kind != "nothing-asked")


pytestmark = pytest.mark.django_db(databases=["default", "audit"])


def heard(clinic: Clinic, at_ms: int, *, alive: bool = True) -> None:
    clinic.store.heard_state(clinic.box.name, BoxState(alive=alive, boot="boot-1", version="1"), at_ms, retained=False)


def kind_of(clinic: Clinic, now_ms: int) -> str:
    found = silence_of(clinic.patient, now_ms)
    assert found is not None
    return found.kind


def test_a_care_that_was_heard_and_not_answered_then_declined_then_answered(clinic: Clinic) -> None:
    clinic.receive(clinic.box.report(evaluation("before", (1, 2, 3, 4, 5))))
    clinic.receive(clinic.box.report(listening()))
    later_ms = T0_MS + 3 * HOUR_MS
    heard(clinic, later_ms)
    assert kind_of(clinic, later_ms) == "no-answer"
    declined = ("declined",) * 5
    clinic.receive(clinic.box.report(evaluation("after", declined)), at_ms=later_ms)
    assert kind_of(clinic, later_ms) == "declined"
    clinic.receive(
        clinic.box.report(evaluation("after", ("declined", 0, "declined", "declined", "declined"))), at_ms=later_ms
    )
    assert kind_of(clinic, later_ms) == "answered"  # one answer among five is an answer, were it 0
    assert kind_of(clinic, later_ms + DAY_MS) == "unreachable"


def test_a_sound_that_failed_asks_nothing_after_it(clinic: Clinic) -> None:
    clinic.receive(clinic.box.report(evaluation("before", (1, 2, 3, 4, 5))))
    clinic.receive(clinic.box.report(listening(outcome="failed", played_s=0.0)))
    heard(clinic, T0_MS + 3 * HOUR_MS)
    assert kind_of(clinic, T0_MS + 3 * HOUR_MS) == "answered"


def test_the_last_will_makes_a_box_unreachable_at_once(clinic: Clinic) -> None:
    heard(clinic, T0_MS)
    assert kind_of(clinic, T0_MS + 1) == "nothing-asked"
    heard(clinic, T0_MS + 2, alive=False)
    assert kind_of(clinic, T0_MS + 3) == "unreachable"
    heard(clinic, T0_MS + 4)
    assert kind_of(clinic, T0_MS + 5) == "nothing-asked"


def test_nobody_who_has_no_box_is_silent(clinic: Clinic) -> None:
    Device.objects.filter(id=clinic.device.id).update(revoked_ms=1)
    assert silence_of(clinic.patient, NOW) is None
    assert asked_of([clinic.patient.id], NOW) == {clinic.patient.id: []}


def test_it_stands_on_the_patients_page_and_on_the_boxes(clinic: Clinic, console: Client) -> None:
    """The pages ask for it once they stand; without a script they have a link to it."""
    clinic.receive(clinic.box.report(listening()))
    alone = "/patients/martin/dossier/silence"
    for path in ("/patients/martin/seances", "/patients/martin/dossier", "/boites"):
        assert f'href="{alone}"' in console.get(path).content.decode()
    for path in ("/patients/martin/seances", "/patients/martin/dossier"):
        assert f'hx-get="{alone}"' in console.get(path).content.decode()
    assert 'hx-get="/boites/silences?q=&amp;page=1"' in console.get("/boites").content.decode()
    for path in (alone, "/boites/silences?q=&page=1"):
        words = read(console, path).text
        assert "injoignable" in words
        assert "Cela ne dit rien de la personne." in words
    key = clinic.device.associations.get(patient=clinic.patient).pk
    assert f'<small id="silence-{key}" hx-swap-oob="true">' in console.get("/boites/silences").content.decode()
    assert f'<small id="silence-{key}">' in console.get("/boites").content.decode()


def test_the_silences_of_many_are_told_apart_in_as_many_questions_as_one(
    clinic: Clinic, django_assert_max_num_queries: Any
) -> None:
    told = {"p-answered": (3, 0, 3, 2, 5), "p-declined": ("declined",) * 5, "p-unanswered": None, "p-unasked": None}
    later_ms = T0_MS + 3 * HOUR_MS
    for name, scores in told.items():
        patient = Patient.objects.create(id=name, family=name, address_as=name)
        box = Box(clinic.keys.public, f"box-of-{name}")
        register(box.name, box.keys.public, patient)
        heard_of = () if name == "p-unasked" else (listening(session=f"s-{name}"),)
        answers = (evaluation("after", scores, session=f"s-{name}"),) if scores else ()
        for content in (*heard_of, *answers):
            clinic.receive(box.report(content, patient=name), at_ms=later_ms, topic=box.up)
        clinic.store.heard_state(box.name, BoxState(alive=True, boot="boot-1", version="1"), later_ms, retained=False)
    with django_assert_max_num_queries(7):
        found = silences_of(told, later_ms)
    kinds = {
        "p-answered": "answered",
        "p-declined": "declined",
        "p-unanswered": "no-answer",
        "p-unasked": "nothing-asked",
    }
    assert {patient: one.kind for patient, one in found.items()} == kinds
    assert silences_of([], later_ms) == {}


def test_what_boxes_still_keep_is_told_of_each(clinic: Clinic) -> None:
    """By stream and epoch, as each said; a box that never said hello says nothing."""
    silent = register("box-silent", seal.make_keys().public, clinic.patient)
    other = Box(clinic.keys.public, "box-13")
    register(other.name, other.keys.public, clinic.patient)
    clinic.receive(clinic.box.report(listening()))
    for box, last in ((clinic.box, 4), (other, 2)):
        held = (wire.Held(stream="kiosk", epoch=EPOCH, last=last), wire.Held(stream="link", epoch="f" * 16, last=1))
        clinic.receive(box.hello(held), topic=box.up)
    boxes = Device.objects.select_related("hello")
    assert pending_of(boxes) == {clinic.box.name: 4, other.name: 3}
    assert silent.id not in pending_of(boxes)
