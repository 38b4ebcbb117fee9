"""Who comes in at both brokers, and who may say and hear what there."""

import ssl
import time
from dataclasses import replace

import pytest

from clinic.doctor import calls
from clinic.ingest.urgent import Urgent
from mqtt_bridge import authority
from mqtt_bridge.contract import wire
from mqtt_bridge.mqtt.paho import PahoClient, take_over
from mqtt_bridge.mqtt.port import Address, Connected, Delivered, Disconnected, Mailbox
from tests.clinic.brokers.ward import (
    BOX,
    CLINIC,
    OTHER,
    Party,
    Ward,
    answers,
    delivered,
    greeting,
    ingest_address,
    says,
    tells,
)
from tests.support.brokers import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


def test_who_comes_in(ward: Ward) -> None:
    """TLS 1.3 alone, with a certificate of our own authority, of a name that is known."""
    own = ward.enrolled(BOX).address()
    assert greeting(own, ssl.TLSVersion.TLSv1_3) == "TLSv1.3"
    assert greeting(own, ssl.TLSVersion.TLSv1_2) == "refused"
    assert answers(own)
    assert not answers(None, own)
    elsewhere = ward.folder / f"elsewhere-{ward.broker.kind}"
    authority.make_authority(elsewhere, "ailleurs")
    authority.issue(elsewhere, BOX, elsewhere / "box")
    stranger = Address(own.host, own.port, own.client_id, own.ca, elsewhere / "box.crt", elsewhere / "box.key", 4)
    assert not answers(stranger)


def test_another_boxs_topics_are_refused(ward: Ward) -> None:
    """Neither its orders are heard, nor can anything be said in its name; the clinic's own channels are closed too."""
    address = ward.enrolled(BOX).address()
    heard = Party(address, wire.topic(CLINIC, OTHER, "down"))
    wait_until(lambda: heard.has(Disconnected) or heard.has(Connected))
    own = Party(ward.enrolled(OTHER).address(), wire.topic(CLINIC, OTHER, "down"))
    wait_until(lambda: own.has(Connected))
    ingest = Party(ingest_address(ward), *(wire.topic(CLINIC, "+", channel) for channel in ("up", "urgent", "state")))
    wait_until(lambda: ingest.has(Connected))
    tells(ingest, wire.topic(CLINIC, OTHER, "down"), b"an order")
    wait_until(lambda: own.has(Delivered))
    tells(own, wire.topic(CLINIC, OTHER, "urgent"), b"its own")
    wait_until(lambda: ingest.has(Delivered))
    heard.client.stop()
    theirs = [wire.topic(CLINIC, OTHER, channel) for channel in ("up", "urgent")]
    probe = wire.probe_topic(CLINIC, ingest_address(ward).client_id)
    for topic in (*theirs, probe, wire.topic(CLINIC, BOX, "down"), f"{wire.ROOT}/else/{BOX}/up"):
        liar = Party(address, wire.topic(CLINIC, BOX, "down"))
        wait_until(lambda one=liar, there=topic: says(one, there, b"a lie"))
        says(liar, wire.topic(CLINIC, BOX, "state"), b"alive")
        says(liar, wire.topic(CLINIC, BOX, "up"), b"the last word")
        liar.client.stop()
    tells(own, wire.topic(CLINIC, OTHER, "up"), b"the end")
    wait_until(lambda: any(one.payload == b"the end" for one in delivered(ingest)))
    assert not heard.has(Delivered)
    assert b"a lie" not in [one.payload for one in (*delivered(ingest), *delivered(own))]
    for party in (own, ingest):
        party.client.stop()


def test_ingest_learns_that_the_rights_let_boxes_write_what_presses(ward: Ward) -> None:
    """By its own word, which those rights bring back to it alone."""
    mailbox, address = Mailbox(), replace(ingest_address(ward), client_id=f"chevet-{CLINIC}-ingest-test-urgent")
    urgent = Urgent(CLINIC, address.client_id, PahoClient(address, mailbox), mailbox)
    box = Party(ward.enrolled(OTHER).address(), wire.topic(CLINIC, OTHER, "down"))
    urgent.start()
    wait_until(lambda: _turned(urgent).stands())
    tells(box, wire.topic(CLINIC, OTHER, "urgent"), b"help")
    wait_until(lambda: _turned(urgent).waits)
    assert [one.payload for one in urgent.waiting()] == [b"help"]
    urgent.settle(urgent.waiting()[0].token)
    urgent.stop()
    box.client.stop()
    mailbox.close()
    box.mailbox.close()


def test_the_doctor_learns_it_too_and_leaves_no_session_behind(ward: Ward) -> None:
    """By the same word, on a connection of its own; what nobody may write does not come back."""
    address = replace(ingest_address(ward), client_id=f"chevet-{CLINIC}-ingest-test-doctor")
    assert calls.ask(address, wire.probe_topic(CLINIC, address.client_id)) == ""
    assert calls.ask(address, f"{wire.ROOT}/{CLINIC}/nowhere", back_s_max=2.0) != ""
    take_over(address)


def _turned(urgent: Urgent) -> Urgent:
    urgent.turn(time.monotonic())
    return urgent
