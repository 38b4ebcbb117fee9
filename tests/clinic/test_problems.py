"""Each refusal, made for real, has its code; each code has its words in both languages."""

from collections.abc import Callable

import pytest
from django.utils import translation

from clinic.console.problem_words import problem_said
from clinic.fleet.models import Device
from clinic.ingest.held import retry_held
from clinic.people.models import Patient
from clinic.results.models import LedgerRow, Quarantine
from clinic.results.problems import Code, code_of
from mqtt_bridge import seal
from mqtt_bridge.contract import compact, wire
from mqtt_bridge.contract.codec import encode
from mqtt_bridge.contract.report import DeliveryAsked, Gap, MessageOpened, OrderReceived
from tests.clinic.box import T0_MS, Box, evaluation, listening, stamp
from tests.clinic.conftest import Clinic

pytestmark = pytest.mark.django_db(databases=["default", "audit"])

TOLD = evaluation("before", (1, 2, 3, 4, 5))


def the_only_code(clinic: Clinic) -> str:
    codes = [*LedgerRow.objects.values_list("code", flat=True), *Quarantine.objects.values_list("code", flat=True)]
    [code] = [code for code in codes if code]
    return code


def stranger(clinic: Clinic) -> None:
    box = Box(clinic.keys.public, "box-99")
    clinic.receive(box.report(TOLD), topic=box.up)


def forger(clinic: Clinic) -> None:
    clinic.receive(Box(clinic.keys.public).report(TOLD))


def under_another_key_id(clinic: Clinic) -> None:
    box = clinic.box
    letter = wire.Letter(kind="hello", clinic="maison", box=box.name, signer="0" * 16, body=b"")
    clinic.receive(seal.sign(letter, box.keys))


def on_another_boxs_topic(clinic: Clinic) -> None:
    other = Box(clinic.keys.public, "box-13")
    Device.objects.create(
        id="box-13", verify_key=clinic.box.keys.public.verify, seal_key=other.keys.public.seal, enrolled_ms=0
    )
    clinic.receive(clinic.box.report(TOLD), topic=other.up)


def moved(clinic: Clinic) -> None:
    report = clinic.box.write(TOLD)
    body = seal.seal(encode(report), clinic.keys.public)
    clinic.receive(clinic.box.sign("report", body, clinic.keys.public.seal_id, 7))


def damaged(clinic: Clinic) -> None:
    clinic.receive(clinic.box.sign("report", b"x" * 90, clinic.keys.public.seal_id, 1))


def of_another_person(clinic: Clinic) -> None:
    Patient.objects.create(id="leroy", given="S", family="Le Roy", address_as="Suzanne")
    clinic.device.associations.create(patient_id="leroy", since_ms=0)
    clinic.receive(clinic.box.report(TOLD))
    clinic.receive(clinic.box.report(listening(), patient="leroy"))


def twice_otherwise(clinic: Clinic) -> None:
    clinic.receive(clinic.box.report(TOLD, seq=1))
    clinic.receive(clinic.box.report(listening(), seq=1))


def other_key(clinic: Clinic) -> None:
    clinic.receive(clinic.box.seal_report(clinic.box.write(TOLD), seal.make_keys().public))


def a_delivery_of_another_person(clinic: Clinic) -> None:
    Patient.objects.create(id="leroy", given="S", family="Le Roy", address_as="Suzanne")
    clinic.device.associations.create(patient_id="leroy", since_ms=0)
    for patient in ("martin", "leroy"):
        clinic.receive(clinic.box.report(DeliveryAsked(delivery="d-1", asked=stamp()), patient=patient))


def of_form_2(clinic: Clinic, body: bytes) -> None:
    """A hello whose packed body is this."""
    box = clinic.box
    letter = wire.Letter(kind="hello", clinic="maison", box=box.name, signer=box.keys.public.verify_id, body=body, v=2)
    clinic.receive(seal.sign_bytes(compact.write(letter), box.keys, 2))


def json_of_form_2(clinic: Clinic) -> None:
    box = clinic.box
    letter = wire.Letter(kind="hello", clinic="maison", box=box.name, signer=box.keys.public.verify_id, body=b"", v=2)
    clinic.receive(seal.sign_bytes(encode(letter), box.keys, 1))


REFUSALS: list[tuple[Code, Callable[[Clinic], object]]] = [
    (Code.NOT_ENROLLED, stranger),
    (Code.BAD_SIGNATURE, forger),
    (Code.BAD_SIGNATURE, under_another_key_id),
    (Code.MISDIRECTED, on_another_boxs_topic),
    (Code.MISDIRECTED, lambda c: c.receive(c.box.hello(), topic="chevet/v1/maison/box-12/state")),
    (Code.MISDIRECTED, lambda c: c.receive(b"", topic="elsewhere")),
    (Code.UNREADABLE, lambda c: c.receive(b"\x00")),
    (Code.UNREADABLE, lambda c: c.receive(b"x" * 300_000)),
    (Code.UNREADABLE, lambda c: c.receive(c.box.sign("hello", b"{}"))),
    (Code.UNREADABLE, lambda c: c.receive(b"\x02")),
    (Code.UNREADABLE, lambda c: c.receive(seal.sign_bytes(b"x", c.box.keys, 2))),
    (Code.UNREADABLE, lambda c: of_form_2(c, b"\x09")),
    (Code.UNREADABLE, lambda c: of_form_2(c, b"\x01\x02")),
    (Code.UNREADABLE, json_of_form_2),
    (Code.IMPOSSIBLE, lambda c: c.receive(c.box.sign("report", b"x"))),
    (Code.IMPOSSIBLE, lambda c: c.receive(c.box.hello(sent=stamp(2**70)))),
    (Code.IMPOSSIBLE, lambda c: c.receive(c.box.report(listening(started=stamp(boot="b" * 65))))),
    (Code.IMPOSSIBLE, lambda c: c.receive(c.box.report(listening(started=stamp(2**70))))),
    (Code.IMPOSSIBLE, lambda c: c.receive(c.box.report(listening(gaps=(Gap(at_frame=1, duration_ms=1.7e308),))))),
    (Code.CONFLICT, twice_otherwise),
    (Code.FAULT, lambda c: c.store.quarantine("t", b"", "a fault of Chevet: ZeroDivisionError: x", T0_MS)),
    (Code.OTHER_KEY, other_key),
    (Code.DAMAGED, damaged),
    (Code.MOVED, moved),
    (Code.NO_PATIENT, lambda c: c.receive(c.box.report(TOLD, patient=None))),
    (Code.OTHER_PATIENT, lambda c: c.receive(c.box.report(TOLD, patient="nobody"))),
    (Code.OTHER_SESSION, of_another_person),
    (Code.UNKNOWN_ORDER, lambda c: c.receive(c.box.report(OrderReceived(order="never", accepted=True)))),
    (Code.UNKNOWN_MESSAGE, lambda c: c.receive(c.box.report(MessageOpened(message="never", opened=stamp())))),
    (Code.OTHER_DELIVERY, a_delivery_of_another_person),
    (Code.BAD_ANSWER, lambda c: c.receive(c.box.report(evaluation("before", (11, 0, 0, 0, 0))))),
]


@pytest.mark.parametrize(("code", "make"), REFUSALS)
def test_a_refusal_has_its_code(clinic: Clinic, code: Code, make: Callable[[Clinic], object]) -> None:
    make(clinic)
    assert the_only_code(clinic) == code


def test_no_code_is_without_a_refusal() -> None:
    assert {code for code, _ in REFUSALS} | {Code.OTHER} == set(Code)


def test_the_code_goes_with_its_cause(clinic: Clinic) -> None:
    lost = seal.make_keys()
    clinic.receive(clinic.box.seal_report(clinic.box.write(TOLD, patient="nobody"), lost.public))
    assert LedgerRow.objects.get().code == Code.OTHER_KEY
    found = seal.SecretKeys(sign=clinic.keys.sign, unseal=clinic.keys.unseal, retired=(lost.unseal,))
    retry_held(found)
    assert LedgerRow.objects.get().code == Code.OTHER_PATIENT
    Patient.objects.create(id="nobody", given="N", family="N", address_as="N")
    clinic.device.associations.create(patient_id="nobody", since_ms=0)
    retry_held(found)
    assert LedgerRow.objects.get().code == ""


@pytest.mark.parametrize("language", ["fr", "en"])
def test_each_code_has_words_of_its_own(language: str) -> None:
    with translation.override(language):
        said = [problem_said(code) for code in Code]
    assert len(set(said)) == len(said)


def test_an_unknown_problem_is_other() -> None:
    assert code_of("something new") == Code.OTHER
    assert code_of("") == ""
