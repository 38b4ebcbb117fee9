"""Three silences (X4): a box out of reach, a box that is there and nobody answers, a person who has declined."""

import pytest
from django.test import Client

from clinic.console.boxes_told import silence_said
from clinic.fleet.models import Device
from clinic.fleet.silence import GRACE_MS, LATE_MS, Asked, Contact, reachable, silence
from clinic.results.asked import asked_of, silence_of
from mqtt_bridge.contract.wire import BoxState
from tests.clinic.box import T0_MS, evaluation, listening
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
    assert asked_of(clinic.patient, NOW) == []


def test_it_stands_on_the_patients_page_and_on_the_boxes(clinic: Clinic, console: Client) -> None:
    clinic.receive(clinic.box.report(listening()))
    for path in ("/patients/martin/seances", "/patients/martin/dossier/silence", "/boites"):
        words = read(console, path).text
        assert "injoignable" in words
        assert "Cela ne dit rien de la personne." in words
