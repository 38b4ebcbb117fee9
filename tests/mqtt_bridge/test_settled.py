"""What the clinic tells of how long it has had everything, and what leaves the box by that word."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mqtt_bridge import seal
from mqtt_bridge.clinic_end import ClinicEnd
from mqtt_bridge.contract import wire as words
from mqtt_bridge.contract.codec import decode
from mqtt_bridge.link.end import LinkEnd
from mqtt_bridge.link.store import LinkStore
from tests.support.ages import UnsettledClinicEnd, UnsettledLinkEnd, UnsettledLinkStore
from tests.support.wire import BOX, CLINIC, Wire
from tests.support.words_of_care import DAY_MS

HELLO_MS = 16 * 60_000


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    wire = Wire(tmp_path)
    wire.settle_down()
    yield wire
    wire.close()


def said(wire: Wire) -> list[words.Ack]:
    """Every acknowledgement that the clinic has published."""
    letters = [seal.read_letter(payload) for topic, payload in wire.broker.seen if topic.endswith("/ack")]
    return [ack for letter in letters for ack in acks_in(letter)]


def acks_in(letter: words.Letter) -> tuple[words.Ack, ...]:
    return decode(letter.body, words.Acks).acks if letter.kind == "acks" else (decode(letter.body, words.Ack),)


def kept(wire: Wire, session: str = "s1") -> tuple[str, int]:
    """A report that the clinic has at once."""
    key = wire.report(session)
    wire.settle_down()
    return key


def age(wire: Wire, clinic: type[ClinicEnd]) -> None:
    wire.clinic_end = clinic(CLINIC, wire.clinic_keys, wire.store)


def link_of(wire: Wire, end: type[LinkEnd], store: type[LinkStore]) -> None:
    wire.make_link = end, store
    wire.restart_link()
    wire.settle_down()


def kiosk_reads(wire: Wire, epoch: str) -> bool:
    """Whether the box still keeps something of an epoch."""
    ack = wire.reader.ack(epoch)
    assert ack is not None
    wire.outbox.landed(ack)
    return any(held.epoch == epoch for held in wire.link_store.kept())


def test_an_answer_says_what_has_been_there_for_thirty_days(wire: Wire) -> None:
    epoch, _ = kept(wire)
    wire.pass_ms(20 * DAY_MS)
    kept(wire, "s2")
    wire.pass_ms(11 * DAY_MS)
    last = [ack for ack in said(wire) if ack.epoch == epoch and ack.nonce is not None][-1]
    assert (last.through, last.settled) == (2, 1)
    wire.pass_ms(20 * DAY_MS)
    assert said(wire)[-1].settled == 2


def test_what_is_told_unasked_settles_nothing(wire: Wire) -> None:
    epoch, _ = kept(wire)
    unasked = [ack for ack in said(wire) if ack.epoch == epoch]
    assert [(ack.nonce, ack.settled) for ack in unasked] == [(None, None)]
    told = wire.reader.ack(epoch)
    assert told is not None
    assert told.settled == 0


def test_what_was_sent_again_is_settled_thirty_days_later(wire: Wire) -> None:
    """Though it was written, and first kept, long before: the times are those of the rows that are there now."""
    epoch, _ = kept(wire)
    wire.pass_ms(20 * DAY_MS)
    wire.store.contents.reports.clear()  # a snapshot of the clinic's machine: the ledger goes on
    wire.pass_ms(HELLO_MS)
    assert len(wire.store.contents.reports) == 1
    for days, still_there in ((0, True), (12, True), (17, True), (2, False)):
        wire.pass_ms(days * DAY_MS)
        assert kiosk_reads(wire, epoch) == still_there, days


def test_a_clinic_of_before_leaves_the_box_to_its_own_account(wire: Wire) -> None:
    age(wire, UnsettledClinicEnd)
    epoch, _ = kept(wire)
    wire.pass_ms(HELLO_MS)
    told = wire.reader.ack(epoch)
    assert told is not None
    assert told.settled is None
    assert kiosk_reads(wire, epoch)
    wire.pass_ms(31 * DAY_MS)
    assert not kiosk_reads(wire, epoch)
    assert {ack.settled for ack in said(wire) if ack.epoch == epoch} == {None}


def test_a_clinic_whose_update_is_taken_back_and_comes_again(wire: Wire) -> None:
    epoch, _ = kept(wire)
    wire.pass_ms(HELLO_MS)
    told = []
    for clinic in (ClinicEnd, UnsettledClinicEnd, ClinicEnd):
        age(wire, clinic)
        wire.pass_ms(HELLO_MS)
        ack = wire.reader.ack(epoch)
        assert ack is not None
        told.append(ack.settled)
    assert told == [0, None, 0]


def test_a_box_of_before_is_never_told(wire: Wire) -> None:
    link_of(wire, UnsettledLinkEnd, UnsettledLinkStore)
    before = len(said(wire))
    key = kept(wire)
    wire.pass_ms(HELLO_MS)
    assert wire.truth(key) == "in_record"
    assert {ack.settled for ack in said(wire)[before:]} == {None}


def test_a_box_whose_update_is_taken_back_reads_what_it_was_told_and_believes_no_more_afterwards(wire: Wire) -> None:
    key = kept(wire)
    wire.pass_ms(31 * DAY_MS)
    wire.pass_ms(HELLO_MS)
    told = wire.reader.ack(key[0])
    assert told is not None
    assert told.settled == 1
    link_of(wire, UnsettledLinkEnd, UnsettledLinkStore)
    assert wire.truth(key) == "in_record"
    wire.broker.fate = lambda topic, _payload: "lose" if topic.endswith("/up") else "deliver"
    link_of(wire, LinkEnd, LinkStore)
    again = wire.reader.ack(key[0])
    assert again is not None
    assert again.settled == 0


def test_a_hello_says_in_its_nonce_that_the_box_takes_it(wire: Wire) -> None:
    letters = [seal.read_letter(payload) for topic, payload in wire.broker.seen if topic.endswith(f"{BOX}/up")]
    nonces = [decode(letter.body, words.Hello).nonce for letter in letters if letter.kind == "hello"]
    assert nonces
    assert all(nonce.startswith("2.s") for nonce in nonces), "a clinic of form 2 looks for « 2. »"
