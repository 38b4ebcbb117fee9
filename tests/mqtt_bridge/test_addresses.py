"""A box that was enrolled before there was a registrar learns where it is, by an order, and from nobody else."""

from pathlib import Path

import pytest

from mqtt_bridge import enrolment, seal
from mqtt_bridge.contract.codec import ContractError
from mqtt_bridge.contract.order import Addresses, PlanOrder
from mqtt_bridge.link.addresses import Whereabouts, applied
from tests.mqtt_bridge.test_leaving import Box

TOLD = Addresses(registrar_host="clinique.example", registrar_port=8885, shelf_host="clinique.example", shelf_port=8884)


def test_a_box_finds_the_registrar_that_its_enrolment_does_not_know(tmp_path: Path) -> None:
    box = Box(tmp_path, PlanOrder(plan=None))
    store, enrolled = box.store(), enrolment.load(tmp_path / "enrolment")
    place = Whereabouts(enrolled, store)
    assert not place().has_registrar
    store.close()
    box.order(TOLD, serial=8)
    store = box.store()
    place = Whereabouts(enrolled, store)
    assert (place().registrar_host, place().registrar_port, place().shelf_port) == ("clinique.example", 8885, 8884)
    assert (place().broker_host, place().box) == (enrolled.place.broker_host, enrolled.place.box)
    store.close()
    box.order(Addresses(registrar_host="autre.example", registrar_port=9), serial=9)
    store = box.store()
    place = Whereabouts(enrolled, store)
    assert (place().registrar_host, place().has_shelf) == ("autre.example", False)
    store.close()


def test_another_clinics_order_moves_nothing(tmp_path: Path) -> None:
    box = Box(tmp_path, PlanOrder(plan=None))
    box.order(TOLD, seal.make_keys(), serial=8)
    store, enrolled = box.store(), enrolment.load(tmp_path / "enrolment")
    assert Whereabouts(enrolled, store)() == enrolled.place
    newest, plan = store.newest_letter("addresses"), store.newest_letter("plan")
    store.close()
    assert newest is not None
    assert plan is not None
    for letter in (newest[1], plan[1]):
        with pytest.raises(ContractError):
            applied(enrolled, letter)
