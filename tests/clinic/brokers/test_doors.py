"""A box that comes, and one that is revoked: when the door of each broker is open and when it is closed."""

import json

import pytest

from mqtt_bridge import departure
from mqtt_bridge.contract import wire
from mqtt_bridge.mqtt.port import Address, Connected, Disconnected
from tests.clinic.brokers.ward import CLINIC, Party, Ward, answers, configured, enrol
from tests.clinic.parts import Commands, revoke_on_the_console, running
from tests.support.brokers import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


def test_a_box_that_comes_later_and_one_that_goes(ward: Ward) -> None:
    if ward.broker.kind != "rabbitmq":
        assert "may come in" in ward.commands.run("broker", "--kind", "mosquitto", "--reload")
        return
    address = enrol(ward, "box-14").address()
    assert not answers(address)
    assert "3 box(es) may come in" in ward.commands.run("broker", "--kind", "rabbitmq", "--reload")
    box = Party(address, wire.topic(CLINIC, "box-14", "down"))
    wait_until(lambda: box.has(Connected))
    configured(ward, "rabbitmq")
    ward.commands.run("revoke", "box-14")  # closes the door by itself, where clinic.toml says which broker it is
    wait_until(lambda: box.has(Disconnected))
    box.client.stop()
    assert not answers(address)
    assert "2 box(es) may come in" in ward.commands.run("broker", "--reload")
    configured(ward, "mosquitto")


def test_a_box_that_is_connected_learns_that_it_is_revoked_before_it_is_shut_out(ward: Ward) -> None:
    configured(ward, ward.broker.kind)
    box = f"box-told-{ward.broker.kind}"
    enrolled = enrol(ward, box)
    if ward.broker.kind == "rabbitmq":
        ward.commands.run("broker", "--reload")
    folder = ward.folder / f"{box}-data"
    link = ward.link(box, folder)
    try:
        with running(ward.commands, "ingest") as ingest:
            ingest.line()
            link.start()
            wait_until(lambda: ward.hears(box))
            said = ward.commands.run("revoke", box)
            assert "it knows that it is no longer linked" in said
            assert "the broker's door is closed" in said
            assert ingest.stop() == 0
        found = departure.read(folder)
        assert found is not None
        assert (found.kind, found.phase) == ("revoked", "kept")
        assert departure.is_ordered(found, enrolled)
        wait_until(lambda: not answers(enrolled.address()))
    finally:
        link.stop()
    configured(ward, "mosquitto")


def test_the_registrar_lets_a_new_box_in_and_remembers_whom_to_keep_out(ward: Ward) -> None:
    """RabbitMQ knows its users by itself: one that was revoked while it was away must not be let in when it is back."""
    if ward.broker.kind != "rabbitmq":
        return  # mosquitto reads its files when it starts
    configured(ward, "rabbitmq")
    address, lost = (enrol(ward, box).address() for box in ("box-16", "box-17"))
    with running(ward.commands, "registrar") as registrar:
        registrar.line()
        wait_until(lambda: answers(address))
        _is_cut_off(ward, "box-17", lost)
    ward.broker.kill()
    assert "STILL OPEN" in ward.commands.run("revoke", "box-16")
    ward.broker.start()
    assert "box-16 is refused and cut off" in ward.commands.run("broker", "--reload")
    assert not answers(address)
    closed = {one["box"]: one["closed_ms"] for one in json.loads(ward.commands.run("boxes", "--json"))}
    assert closed["box-16"] is not None
    configured(ward, "mosquitto")


def _is_cut_off(ward: Ward, box: str, address: Address) -> None:
    """One that is connected, by the registrar alone, when the console has revoked it."""
    party = Party(address, wire.topic(CLINIC, box, "down"))
    try:
        wait_until(lambda: party.has(Connected))
        revoke_on_the_console(ward.commands, box)
        wait_until(lambda: party.has(Disconnected))
    finally:
        party.client.stop()
    assert not answers(address)


def test_a_name_that_rabbitmq_would_make_two_of_is_refused(home: Commands) -> None:
    home.run("enrol", "box.15", "--patient", "martin", "--out", str(home.home.parent / "dotted"))
    told = home.run("broker", "--kind", "rabbitmq", "--write", fails=True)
    assert "'box.15' has a dot" in told
    assert "or use mosquitto" in told
    home.run("revoke", "box.15")
    assert "files in" in home.run("broker", "--kind", "rabbitmq", "--write")
