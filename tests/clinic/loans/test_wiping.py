"""The end of a loan by a wipe: what is still taken from such a box, what it is still told, and its proof."""

import pytest
from django.test import Client

from clinic.clock import now_ms
from clinic.errors import RecordError
from clinic.fleet.boxes import note_disinfected, note_returned
from clinic.fleet.certificates import may_renew
from clinic.fleet.loans import loans, state_of
from clinic.fleet.models import Device, DeviceAssociation
from clinic.fleet.open_doors import PROVED_MS, due
from clinic.plans.ending import revoke_box, take_back
from clinic.plans.orders import letters_after, unsent
from clinic.results.models import LedgerRow, Quarantine
from mqtt_bridge.clinic_store import Has
from mqtt_bridge.contract.order import ReturnOrder, WipeOrder
from tests.clinic.box import T0_MS, evaluation
from tests.clinic.conftest import Clinic
from tests.clinic.loans.said import fresh, order_of, wiped

pytestmark = pytest.mark.django_db(databases=["default", "audit"])


def test_a_box_that_is_to_be_wiped_is_told_that_and_nothing_else(clinic: Clinic) -> None:
    take_back(clinic.device, clinic.pen)  # an order of before, which it does not have yet
    revoke_box(clinic.device, "volée", clinic.pen, wipe=True)
    told = [clinic.box.order(letter).content for letter in letters_after("box-12", Has(), now_ms())]
    assert told == [WipeOrder()]
    assert [clinic.box.order(letter).content for _, letter in unsent(now_ms(), 10)] == [WipeOrder()]


def test_only_its_proof_is_taken_from_it(clinic: Clinic) -> None:
    revoke_box(clinic.device, "volée", clinic.pen, wipe=True)
    order = order_of(clinic)
    assert clinic.receive(clinic.box.report(evaluation("before", (1, 2, 3, 4, 5)))) == []
    assert LedgerRow.objects.count() == 0
    assert "nothing is taken from it but its last word" in Quarantine.objects.get().problem
    [ack] = clinic.receive(wiped(clinic, order, lost=3), at_ms=T0_MS + 5)
    assert clinic.box.ack(ack.payload).ranges
    device = fresh(clinic)
    assert (device.wiped_ms, device.wiped_lost, state_of(device)) == (T0_MS + 5, 3, ("wiped", T0_MS + 5))
    assert not DeviceAssociation.objects.filter(device=device, until_ms=None).exists()
    assert list(letters_after("box-12", Has(), now_ms())) == [], "it has done it"


def test_what_a_box_could_not_count_is_told_as_that(clinic: Clinic, console: Client) -> None:
    revoke_box(clinic.device, "volée", clinic.pen, wipe=True)
    clinic.receive(wiped(clinic, order_of(clinic), uncounted=True), at_ms=T0_MS + 5)
    [loan] = loans()
    assert loan.as_dict().items() >= {"lost_reports": 0, "lost_uncounted": True}.items()
    assert "personne ne sait combien" in console.get("/boites/box-12").content.decode()


def test_a_returning_box_gives_everything_and_is_then_revoked(clinic: Clinic) -> None:
    take_back(clinic.device, clinic.pen)
    order = clinic.box.order(list(letters_after("box-12", Has(), now_ms()))[-1])
    assert order.content == ReturnOrder()
    assert clinic.receive(clinic.box.report(evaluation("before", (1, 2, 3, 4, 5))))
    assert LedgerRow.objects.filter(state="stored").count() == 1
    letter = wiped(clinic, order.id)
    assert clinic.receive(letter)
    device = fresh(clinic)
    assert device.revoked_ms is not None
    assert (device.wiped_lost, device.revoked_reason) == (0, "rendue")
    assert clinic.receive(letter), "the answer was lost: the same proof is answered again"
    assert list(due(T0_MS + PROVED_MS)) == [], "it needs the answer to destroy its keys"
    assert [one.id for one in due(T0_MS + PROVED_MS + 1)] == ["box-12"]
    with pytest.raises(RecordError, match="asked back already"):
        take_back(device, clinic.pen)


def test_a_proof_that_nobody_ordered_is_held(clinic: Clinic) -> None:
    clinic.receive(wiped(clinic, "of-nobody"))
    row = LedgerRow.objects.get()
    assert (row.state, fresh(clinic).wiped_ms) == ("held", None)
    assert "has not written to the box" in row.problem


def test_headphones_are_noted_once_the_box_is_back(clinic: Clinic) -> None:
    with pytest.raises(RecordError, match="not back yet"):
        note_disinfected(clinic.device, "claire")
    note_returned(clinic.device)
    note_disinfected(clinic.device, "claire")
    device = fresh(clinic)
    assert state_of(device)[0] == "ready"
    assert device.disinfected_by == "claire"
    [told] = [loan.as_dict() for loan in loans()]
    assert told["patients"] == ["martin"]


def test_a_stolen_box_may_renew_until_it_is_wiped(clinic: Clinic) -> None:
    """Its certificate may have ended in a drawer: the order to wipe can reach it by no other door."""
    revoke_box(clinic.device, "volée", clinic.pen, wipe=True)
    assert may_renew("box-12").pk == "box-12"
    Device.objects.filter(pk="box-12").update(wiped_ms=now_ms())
    with pytest.raises(RecordError, match="revoked"):
        may_renew("box-12")
