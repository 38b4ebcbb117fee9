"""Hostile bytes: receive never raises, and every message is in the ledger or in the quarantine."""

import msgspec
import pytest
from django.db.models import Sum
from hypothesis import HealthCheck, example, given, seed, settings
from hypothesis import strategies as st

from clinic.results.models import LedgerRow, Quarantine
from mqtt_bridge.contract import wire
from mqtt_bridge.contract.codec import encode
from mqtt_bridge.contract.stamp import Stamp
from tests.clinic.box import evaluation, listening
from tests.clinic.conftest import Clinic

pytestmark = pytest.mark.django_db(databases=["default", "audit"])

TOPICS = st.sampled_from(
    ["chevet/v1/maison/box-12/up", "chevet/v1/maison/box-12/state", "chevet/v1/maison/x/up", "a\0b", "chevet", ""]
)
HOSTILE = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)


def kept() -> int:
    aside = Quarantine.objects.aggregate(n=Sum("times"))["n"] or 0
    return LedgerRow.objects.count() + int(aside)


@seed(20251121)
@HOSTILE
@given(topic=TOPICS, payload=st.binary(max_size=400))
@example(topic="chevet/v1/maison/box-12/up", payload=b"[" * 100_000)
@example(topic="chevet/v1/maison/box-12/up", payload=b"\xff" * 300_000)
def test_any_bytes_are_kept(clinic: Clinic, topic: str, payload: bytes) -> None:
    before = kept()
    assert clinic.receive(payload, topic=topic) == []
    assert kept() == before + 1


@seed(20251121)
@HOSTILE
@given(data=st.data())
def test_any_body_under_a_good_signature_is_kept(clinic: Clinic, data: st.DataObject) -> None:
    """A box that was taken over signs whatever it likes."""
    body = data.draw(st.binary(max_size=200))
    seq = data.draw(st.one_of(st.none(), st.integers(min_value=-(2**66), max_value=2**66)))
    kinds: list[wire.LetterKind] = ["report", "hello", "state", "order", "ack"]
    kind = data.draw(st.sampled_from(kinds))
    before = kept()
    clinic.receive(clinic.box.sign(kind, body, "0" * 16, seq))
    assert kept() >= before  # the same identity again with the same bytes adds nothing
    assert kept() > 0


NUMBERS = st.integers(min_value=-(2**70), max_value=2**70)


@seed(20251121)
@HOSTILE
@given(numbers=st.tuples(NUMBERS, NUMBERS, NUMBERS, NUMBERS), text=st.text(max_size=80))
def test_any_numbers_in_a_hello_are_survived(clinic: Clinic, numbers: tuple[int, int, int, int], text: str) -> None:
    wall, monotonic, last, through = numbers
    sent = Stamp(wall_ms=wall, trusted=False, boot=text, monotonic_ms=monotonic)
    former = wire.Exchange(boot=text, sent_monotonic_ms=last, received_monotonic_ms=wall, server_ms=monotonic)
    keeps = (wire.Held(stream="kiosk", epoch="a" * 16, last=last),)
    word = wire.Hello(nonce=text, sent=sent, keeps=keeps, orders_through=through, former=former)
    clinic.receive(clinic.box.sign("hello", encode(word)))
    state = wire.BoxState(alive=True, boot=text * 3, version=text * 9)
    clinic.receive(clinic.box.sign("state", encode(state)), topic="chevet/v1/maison/box-12/state")


@seed(20251121)
@HOSTILE
@given(number=NUMBERS, text=st.text(max_size=60))
def test_any_content_of_a_report_is_kept(clinic: Clinic, number: int, text: str) -> None:
    heard = msgspec.structs.replace(listening(), frames_played=number, rate_hz=number, cause=text, package=text)
    told = evaluation("before", (1, 2, 3, 4, 5), text)
    for content in (heard, told):
        before = LedgerRow.objects.count()
        answers = clinic.receive(clinic.box.report(content))
        assert len(answers) == 1
        assert LedgerRow.objects.count() == before + 1
