"""The two forms of letters: bytes as they are kept, limits that hold before memory grows, and ends of every age."""

import hashlib
import json
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from mqtt_bridge import seal
from mqtt_bridge.clinic_end import ClinicEnd
from mqtt_bridge.contract import compact, wire
from mqtt_bridge.contract.codec import BYTES_MAX, ContractError, decode, encode
from mqtt_bridge.contract.dictionary import DICTIONARIES
from mqtt_bridge.contract.order import Order
from mqtt_bridge.contract.packing import PAD, pack, unpack
from mqtt_bridge.contract.report import Report
from mqtt_bridge.link.end import LinkEnd
from mqtt_bridge.link.next_hello import HELLO_MS_MAX
from tests.support.ages import OldClinicEnd, OldLinkEnd, OldLinkStore
from tests.support.clinic_store import MemoryStore
from tests.support.wire import BOX, CLINIC, Wire, listening

MESSAGES = Path(__file__).parent / "messages"
BOX_KEYS = seal.SecretKeys(sign=b"\1" * 32, unseal=b"\2" * 32)
CLINIC_KEYS = seal.SecretKeys(sign=b"\3" * 32, unseal=b"\4" * 32)
"""Of nobody, and no secret of anybody's: the kept letters must be read by a test."""
KINDS: dict[str, tuple[wire.LetterKind, type[msgspec.Struct], str]] = {
    "report-evaluation": ("report", Report, "v1-2026-11-21/report-evaluation.json"),
    "report-listening": ("report", Report, "v1-2026-11-21/report-listening.json"),
    "hello": ("hello", wire.Hello, "v1-2026-11-29/hello-told-the-time.json"),
    "state": ("state", wire.BoxState, "v1-2026-11-29/state-heartbeat.json"),
    "acks": ("acks", wire.Acks, "v2-2026-11-29/acks.json"),
    "acks-urgent": ("acks", wire.Acks, "v2-2026-11-30-urgent/acks-urgent.json"),
    "acks-settled": ("acks", wire.Acks, "v2-2026-11-30-settled/acks-settled.json"),
    "report-evaluation-whole": ("report", Report, "v2-2026-11-30-whole/report-evaluation-whole.json"),
    "report-listening-whole": ("report", Report, "v2-2026-11-30-whole/report-listening-whole.json"),
    "hello-whole": ("hello", wire.Hello, "v2-2026-11-30-whole/hello-whole.json"),
    "state-whole": ("state", wire.BoxState, "v2-2026-11-30-whole/state-whole.json"),
    "acks-whole": ("acks", wire.Acks, "v2-2026-11-30-whole/acks-whole.json"),
}
"""Each kept letter of form 2: its kind, what its body is, and the file that says the same."""
LETTERS_OF_FORM_1: dict[str, tuple[wire.LetterKind, type[msgspec.Struct]]] = {
    "report-evaluation": ("report", Report),
    "report-listening": ("report", Report),
    "report-order-received": ("report", Report),
    "hello": ("hello", wire.Hello),
    "state": ("state", wire.BoxState),
    "ack": ("ack", wire.Ack),
    "order-plan": ("order", Order),
    "order-read": ("order", Order),
    "order-plan-whole": ("order", Order),
}
"""All but the last written by the code of 22 November 2026 (070a89a), long before there was another form. What each
says stands under its name in one of `SAID_IN_FORM_1`."""
SAID_IN_FORM_1 = ("v1-2026-11-21", "v1-2026-11-30-whole")

FORMS: tuple[wire.Form, ...] = (1, 2)


def letter(kind: wire.LetterKind = "hello", body: bytes = b"{}", form: wire.Form = 2) -> wire.Letter:
    return wire.Letter(kind=kind, clinic=CLINIC, box=BOX, signer=BOX_KEYS.public.verify_id, body=body, v=form)


def report(plain: bytes, form: wire.Form) -> wire.Letter:
    to = CLINIC_KEYS.public
    named = replace(letter("report", seal.seal_body(plain, to, form), form), recipient=to.seal_id)
    return replace(named, stream="kiosk", epoch="0123456789abcdef", seq=7)


# Bytes that are read for ever


@pytest.mark.parametrize("name", KINDS)
def test_a_letter_of_form_2_that_was_once_sent_is_still_read(name: str) -> None:
    kind, word, same = KINDS[name]
    keys = CLINIC_KEYS if kind == "acks" else BOX_KEYS
    (kept,) = MESSAGES.glob(f"v2-*/{name}.letter")
    read = seal.verify(kept.read_bytes(), keys.public)
    body = seal.open_body(read, CLINIC_KEYS) if kind == "report" else read.body
    assert (read.kind, read.v) == (kind, 2)
    assert decode(body, word) == decode((MESSAGES / same).read_bytes(), word)


@pytest.mark.parametrize("name", LETTERS_OF_FORM_1)
def test_a_letter_of_form_1_that_was_once_sent_is_still_read(name: str) -> None:
    kind, word = LETTERS_OF_FORM_1[name]
    by_the_clinic = kind in ("ack", "order")
    sender, reader = (CLINIC_KEYS, BOX_KEYS) if by_the_clinic else (BOX_KEYS, CLINIC_KEYS)
    (kept,) = MESSAGES.glob(f"v1-*/{name}.letter")
    (same,) = (file for file in MESSAGES.glob(f"v1-*/{name}.json") if file.parent.name in SAID_IN_FORM_1)
    raw = kept.read_bytes()
    read = seal.verify(raw, sender.public)
    body = seal.open_body(read, reader) if read.recipient is not None else read.body
    assert (read.kind, read.v, read.clinic, read.box) == (kind, 1, CLINIC, "box-7")
    assert decode(body, word) == decode(same.read_bytes(), word)
    signed = decode(raw, wire.Signed)
    altered = replace(signed, letter=signed.letter.replace(b'"box-7"', b'"box-8"'))
    with pytest.raises(seal.SealError, match="not its sender's"):
        seal.verify(encode(altered), sender.public)


@pytest.mark.parametrize(
    "name", [name for name, (kind, _) in LETTERS_OF_FORM_1.items() if kind not in ("ack", "order")]
)
def test_todays_clinic_takes_what_was_once_sent_in_form_1(name: str) -> None:
    store = MemoryStore()
    store.keys["box-7"] = BOX_KEYS.public
    channel: wire.Channel = "state" if name == "state" else "up"
    raw = (MESSAGES / f"v1-2026-11-22-letters/{name}.letter").read_bytes()
    ClinicEnd(CLINIC, CLINIC_KEYS, store).receive(wire.topic(CLINIC, "box-7", channel), raw, 1_795_972_812_999)
    assert store.quarantined == []
    assert len(store.contents.reports) + len(store.hellos) + len(store.states) == 1
    assert [row.report is not None for row in store.contents.reports.values()] in ([], [True])


def test_every_kept_letter_of_form_2_is_read() -> None:
    assert {kept.stem for kept in MESSAGES.glob("v2-*/*.letter")} == set(KINDS)


def test_every_kept_letter_of_form_1_is_read() -> None:
    assert {kept.stem for kept in MESSAGES.glob("v1-*/*.letter")} == set(LETTERS_OF_FORM_1)
    assert {kind for kind, _ in LETTERS_OF_FORM_1.values()} == {"report", "hello", "state", "ack", "order"}


def test_a_dictionary_is_never_changed() -> None:
    digests = {number: hashlib.sha256(told).hexdigest() for number, told in DICTIONARIES.items()}
    assert digests == {1: "bf0790705e11a7d9b1cbe5d5dd95ad7dc84c4b3dbf42d432c4be3c50bebdf9ea"}


@pytest.mark.parametrize("form", FORMS)
def test_a_letter_comes_out_as_it_went_in(form: wire.Form) -> None:
    sent = report(b'{"a":1}', form)
    read = seal.verify(seal.sign(sent, BOX_KEYS), BOX_KEYS.public)
    assert read == sent
    assert seal.open_body(read, CLINIC_KEYS) == b'{"a":1}'
    clear = letter(body=b'{"b":2}', form=form)
    assert seal.verify(seal.sign(clear, BOX_KEYS), BOX_KEYS.public) == clear


def test_a_report_and_an_acknowledgement_are_small() -> None:
    plain = (MESSAGES / "v1-2026-11-21/report-evaluation.json").read_bytes()
    plain = encode(decode(plain, Report))
    sizes = {form: len(seal.sign(report(plain, form), BOX_KEYS)) for form in FORMS}
    assert sizes[2] < sizes[1] / 4
    ack = wire.Ack(ledger="0" * 16, serial=9, stream="kiosk", epoch="0" * 16, through=1, server_ms=1_795_972_812_999)
    assert len(seal.sign(letter("acks", encode(wire.Acks(acks=(ack,)))), CLINIC_KEYS)) < 200


# What is not read


def test_a_signature_is_of_one_form_alone() -> None:
    """The same bytes, signed as form 1, are no letter of form 2; nor the other way round."""
    raw = compact.write(replace(letter(), body=pack(b"{}", padded=False)))
    signed = decode(seal.sign_bytes(raw, BOX_KEYS, 1), wire.Signed)
    with pytest.raises(seal.SealError, match="not its sender's"):
        seal.verify(compact.frame(raw, signed.signature), BOX_KEYS.public)
    plain = encode(letter(form=1))
    _, signature = compact.unframe(seal.sign_bytes(plain, BOX_KEYS, 2))
    with pytest.raises(seal.SealError, match="not its sender's"):
        seal.verify(encode(wire.Signed(letter=plain, signature=signature)), BOX_KEYS.public)


def test_a_letter_in_json_is_not_of_form_2() -> None:
    with pytest.raises(ContractError, match="is of form 1"):
        seal.verify(seal.sign_bytes(encode(letter()), BOX_KEYS, 1), BOX_KEYS.public)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda fields: [*fields, None], "not a readable letter"),
        (lambda fields: fields[:-1], "not a readable letter"),
        (lambda fields: [*fields[:3], b"short", *fields[4:]], "not a readable letter"),
        (lambda fields: ["orders", *fields[1:]], "not a readable letter"),
        (lambda fields: [*fields[:8], b""], "the dictionary none"),
        (lambda fields: [*fields[:8], b"\x09rest"], "the dictionary 09"),
    ],
)
def test_a_letter_of_form_2_says_what_it_must_and_nothing_else(
    change: Callable[[list[Any]], list[Any]], why: str
) -> None:
    fields = msgspec.msgpack.decode(compact.write(replace(letter(), body=pack(b"{}", padded=False))))
    raw = msgspec.msgpack.encode(change(fields))
    with pytest.raises(ContractError, match=why):
        seal.verify(seal.sign_bytes(raw, BOX_KEYS, 2), BOX_KEYS.public)


def test_nothing_stands_behind_a_letter() -> None:
    raw = compact.write(replace(letter(), body=pack(b"{}", padded=False)))
    with pytest.raises(ContractError, match="not a readable letter"):
        seal.verify(seal.sign_bytes(raw + b"\xc0", BOX_KEYS, 2), BOX_KEYS.public)


@pytest.mark.parametrize("payload", [b"\2", b"\2" + bytes(64), b"\2" + bytes(BYTES_MAX)])
def test_a_message_too_short_or_too_long_is_not_read(payload: bytes) -> None:
    with pytest.raises(ContractError, match=r"message of \d+ bytes"):
        seal.verify(payload, BOX_KEYS.public)


# Packing


@pytest.mark.parametrize("padded", [False, True])
@pytest.mark.parametrize("raw", [b"", b"{}", b'"\xc3\xa9"' * 99, bytes(range(256)) * 1024])
def test_what_is_packed_comes_out(raw: bytes, *, padded: bool) -> None:
    packed = pack(raw, padded=padded)
    assert unpack(packed) == raw
    assert not padded or len(packed) % PAD == 0


@pytest.mark.parametrize(
    ("packed", "why"),
    [
        (pack(b"{}" * 100, padded=False)[:-2], "ends too early"),
        (b"\1", "ends too early"),
        (pack(b"{}", padded=True) + b"\0\1", "behind its end"),
        (b"\1\xff\xff\xff", "cannot be inflated"),
        (b"\2" + pack(b"{}", padded=False)[1:], "dictionary 02"),
    ],
)
def test_what_is_badly_packed_is_refused(packed: bytes, why: str) -> None:
    with pytest.raises(ContractError, match=why):
        unpack(packed)


def test_a_bomb_is_refused_before_it_takes_memory() -> None:
    packed = b"\1" + zlib.compress(bytes(100_000_000), wbits=-15)
    tracemalloc.start()
    with pytest.raises(ContractError, match=f"more than {BYTES_MAX} bytes"):
        unpack(packed)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 40 * BYTES_MAX, "a tenth of what it would become: others may work in this process"


# Ends of every age


@pytest.fixture
def ends(tmp_path: Path) -> Iterator[Wire]:
    held = Wire(tmp_path)
    yield held
    held.close()


def forms(held: Wire, channel: str) -> list[int]:
    """Of everything that was published on a channel, in order."""
    return [seal.form_of(payload) for topic, payload in held.broker.seen if topic.endswith(f"/{channel}")]


def age(held: Wire, clinic: type[ClinicEnd]) -> None:
    held.clinic_end = clinic(CLINIC, held.clinic_keys, held.store)


def old_link(held: Wire) -> None:
    held.link_client.stop()
    held.link_store.close()
    held._link_box.close()
    held.make_link = OldLinkEnd, OldLinkStore
    held._start_link()


def test_form_2_is_written_once_the_clinic_has_written_it(ends: Wire) -> None:
    first = ends.report("s1")
    ends.settle_down()
    before = len(forms(ends, "up"))
    assert set(forms(ends, "up")) == {1}, "the first hello, and what was written before its answer"
    assert forms(ends, "ack")[:2] == [2, 1], "the answer to a box that reads it; to a report, as it was written"
    second = ends.report("s2")
    ends.pass_ms(16 * 60_000)
    assert set(forms(ends, "up")[before:]) == {2}
    assert {ends.truth(key) for key in (first, second)} == {"in_record"}


def test_an_older_clinic_is_never_written_form_2(ends: Wire) -> None:
    age(ends, OldClinicEnd)
    for number in range(3):
        key = ends.report(f"s{number}")
        ends.pass_ms(16 * 60_000)
        assert ends.truth(key) == "in_record"
    assert set(forms(ends, "up") + forms(ends, "ack")) == {1}
    assert ends.store.quarantined == []


def test_an_older_box_is_never_written_form_2(ends: Wire) -> None:
    old_link(ends)
    for number in range(3):
        key = ends.report(f"s{number}")
        ends.order(number + 1)
        ends.pass_ms(16 * 60_000)
        assert ends.truth(key) == "in_record"
    assert set(forms(ends, "up") + forms(ends, "ack") + forms(ends, "down")) == {1}
    assert [order.serial for order in ends.reader.orders()] == [3, 2, 1]


def test_a_clinic_whose_update_is_taken_back_is_written_form_1_again_and_gets_all_when_it_is_back(ends: Wire) -> None:
    ends.settle_down()
    age(ends, OldClinicEnd)
    written = ends.report("of-form-2")
    ends.pass_ms(16 * 60_000)
    ends.pass_ms(HELLO_MS_MAX)
    assert ends.link_store.clinic_reads() == 1
    assert ends.truth(written) == "pending"
    later = ends.report("of-form-1")
    ends.pass_ms(HELLO_MS_MAX)
    assert ends.truth(later) == "in_record"
    age(ends, ClinicEnd)
    for _ in range(4):
        ends.pass_ms(HELLO_MS_MAX)
    assert ends.truth(written) == "in_record"
    assert len(ends.store.contents.reports) == 2
    assert ends.link_store.clinic_reads() == 2


def test_a_box_whose_update_is_taken_back_learns_what_became_of_its_rows(ends: Wire) -> None:
    ends.settle_down()
    ends.broker.fate = lambda topic, _payload: "lose" if topic.endswith("/up") else "deliver"
    key = ends.report("of-form-2")
    ends.settle_down()
    ends.broker.fate = lambda _topic, _payload: "deliver"
    old_link(ends)
    ends.settle_down()  # it cannot read what its row is answered, and asks
    ends.pass_ms(HELLO_MS_MAX)
    assert ends.truth(key) == "in_record"
    assert ends.store.quarantined == []


def test_the_answer_to_one_hello_is_a_few_letters(ends: Wire) -> None:
    ends.settle_down()
    keys = []
    for number in range(wire.ACKS_MAX + 6):
        ends.restart_kiosk()
        with ends.bedside.atomic():
            identity = ends.outbox.add(listening(f"s{number}", ends.clock()), ends.clock())
        keys.append((identity.epoch, identity.seq))
    ends.pass_ms(60_000)
    before = len(forms(ends, "ack"))
    ends.restart_link()
    ends.settle_down()
    assert {ends.truth(key) for key in keys} == {"in_record"}
    assert len(forms(ends, "ack")) - before == 2


def test_a_link_that_lost_what_it_knew_begins_with_form_1(ends: Wire) -> None:
    ends.settle_down()
    assert (ends.link_store.clinic_reads(), ends.reader.clinic_reads()) == (2, 2)
    ends.link_client.stop()
    ends.link_store.close()
    ends._link_box.close()
    for file in ends.folder.glob("link.db*"):
        file.unlink()
    ends._start_link()
    assert (ends.link_store.clinic_reads(), ends.reader.clinic_reads()) == (1, 1)
    assert seal.form_of(ends.end.state(alive=True, boot="b")[1]) == 1
    ends.settle_down()
    assert seal.form_of(ends.end.state(alive=True, boot="b")[1]) == 2


def test_a_restarted_link_still_knows(ends: Wire) -> None:
    ends.settle_down()
    ends.restart_link()
    assert isinstance(ends.end, LinkEnd)
    assert ends.link_store.clinic_reads() == 2


def test_what_is_kept_says_the_same_in_both_forms() -> None:
    """A report of form 2 is told from another by its content, not by its bytes: packing may differ from day to day."""
    plain = encode(decode((MESSAGES / "v1-2026-11-21/report-evaluation.json").read_bytes(), Report))
    bodies = {
        seal.open_body(seal.verify(seal.sign(report(plain, form), BOX_KEYS), BOX_KEYS.public), CLINIC_KEYS)
        for form in FORMS
    }
    assert [json.loads(body) for body in bodies] == [json.loads(plain)]
