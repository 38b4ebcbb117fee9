"""The channel `urgent`: who writes to it and when, and that a call is never lost there nor waits for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mqtt_bridge import seal
from mqtt_bridge.clinic_end import ClinicEnd
from mqtt_bridge.contract.report import HelpAsked
from mqtt_bridge.link.end import Publish
from mqtt_bridge.link.next_hello import HELLO_MS_MIN
from mqtt_bridge.link.status import read_status
from mqtt_bridge.link.status_words import Language, in_words
from mqtt_bridge.link.store import Key
from mqtt_bridge.link.urgent import ANSWER_MS, CUT_SHORT_MAX
from tests.clinic.box import evaluation
from tests.support.ages import UnurgentClinicEnd, UnurgentLinkEnd, UnurgentLinkStore
from tests.support.wire import BOX, CLINIC, Wire

HELLO_MS = 16 * 60_000
PAIN = (0, 0, 7, 0, 10)


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    """The clinic has said that it reads the channel."""
    wire = Wire(tmp_path)
    read_by(wire, ClinicEnd)
    wire.settle_down()
    yield wire
    wire.close()


def read_by(wire: Wire, clinic: type[ClinicEnd], *, heard: bool = True) -> None:
    wire.clinic_end = clinic(CLINIC, wire.clinic_keys, wire.store, lambda: heard)


def call(wire: Wire, name: str = "h1") -> Key:
    """Somebody asks for help."""
    with wire.bedside.atomic():
        identity = wire.outbox.add(HelpAsked(help=name, asked=wire.clock()), wire.clock())
    wire._do(wire.end.rung(wire.clock()))
    return identity.epoch, identity.seq


def channels(wire: Wire, since: int = 0) -> list[str]:
    """Of the box's letters, in the order in which they left; the state apart."""
    told = [topic.rpartition("/")[2] for topic, _ in wire.broker.seen[since:] if f"/{BOX}/" in topic]
    return [channel for channel in told if channel in ("up", "urgent")]


def on_urgent(wire: Wire, fate: str) -> None:
    wire.broker.fate = lambda topic, _payload: fate if topic.endswith("/urgent") else "deliver"


def test_a_call_and_an_alert_go_by_it_and_all_else_does_not(wire: Wire) -> None:
    before = len(wire.broker.seen)
    keys = [call(wire), wire.report()]
    with wire.bedside.atomic():
        alert = wire.outbox.add(evaluation("after", PAIN), wire.clock())
    wire._do(wire.end.rung(wire.clock()))
    wire.settle_down()
    assert channels(wire, before) == ["urgent", "up", "urgent"]
    assert {wire.truth(key) for key in (*keys, (alert.epoch, alert.seq))} == {"in_record"}


def test_before_the_clinic_has_said_so_a_call_goes_by_up(wire: Wire) -> None:
    read_by(wire, ClinicEnd, heard=False)
    wire.pass_ms(HELLO_MS)
    assert wire.truth(_kept(wire)) == "in_record"
    assert "urgent" not in channels(wire)


def test_a_clinic_put_back_is_written_to_by_up_from_its_next_answer_on(wire: Wire) -> None:
    _kept(wire)
    assert channels(wire)[-1] == "urgent"
    for clinic in (UnurgentClinicEnd, ClinicEnd):
        read_by(wire, clinic)
        wire.pass_ms(HELLO_MS)
        _kept(wire, clinic.__name__)
        assert channels(wire)[-1] == ("urgent" if clinic is ClinicEnd else "up")


def test_a_box_of_before_is_never_told(wire: Wire) -> None:
    wire.make_link = UnurgentLinkEnd, UnurgentLinkStore
    wire.restart_link()
    wire.settle_down()
    before = len(wire.broker.seen)
    wire.pass_ms(HELLO_MS)
    assert wire.truth(_kept(wire)) == "in_record"
    assert "urgent" not in channels(wire, before)
    told = [seal.read_letter(payload) for topic, payload in wire.broker.seen[before:] if topic.endswith("/ack")]
    assert told
    assert not any(b'"urgent"' in letter.body for letter in told)


def test_a_technician_is_told(wire: Wire) -> None:
    def told(language: Language) -> str:
        return in_words(read_status(wire.folder / "bedside.db", wire.folder / "link.db"), language)

    assert "it reads calls for help first" in told("en")
    assert "elle lit d’abord les appels à l’aide" in told("fr")
    read_by(wire, UnurgentClinicEnd)
    wire.pass_ms(HELLO_MS)
    assert "calls for help first" not in told("en")


def test_it_is_known_after_a_restart_before_any_answer(wire: Wire) -> None:
    wire.broker.fate = lambda topic, _payload: "lose" if topic.endswith("/up") else "deliver"
    wire.restart_link()
    wire.settle_down()
    assert wire.truth(_kept(wire)) == "in_record"
    assert channels(wire)[-1] == "urgent"


@pytest.mark.parametrize("fate", ["lose", "refuse"])
def test_what_the_broker_drops_there_goes_by_up(wire: Wire, fate: str) -> None:
    """Rights of before: MQTT 3.1.1 says that it was taken, 5 that it was not."""
    on_urgent(wire, fate)
    before = len(wire.broker.seen)
    key = _kept(wire)
    if fate == "lose":
        assert channels(wire, before) == ["urgent"]
        wire.pass_ms(wire.end.due_ms(wire.clock()))
    assert channels(wire, before)[:2] == ["urgent", "up"]
    assert wire.truth(key) == "in_record"
    assert channels(wire, before).count("urgent") == 1


def test_it_is_waited_for_no_longer_than_an_answer(wire: Wire) -> None:
    on_urgent(wire, "lose")
    wire.pass_ms(HELLO_MS_MIN)
    call(wire)
    assert wire.end.due_ms(wire.clock()) <= ANSWER_MS


def test_a_copy_that_comes_late_changes_nothing(wire: Wire) -> None:
    on_urgent(wire, "lose")
    key = call(wire)
    late = next((topic, payload) for topic, payload in reversed(wire.broker.seen) if topic.endswith("/urgent"))
    wire.pass_ms(ANSWER_MS)
    assert wire.truth(key) == "in_record"
    on_urgent(wire, "deliver")
    wire.broker.carry(*late, retain=False)
    wire.settle_down()
    assert (len(wire.store.contents.reports), wire.store.quarantined) == (1, [])
    assert wire.truth(key) == "in_record"


def test_an_answer_that_does_not_name_it_yet_has_it_sent_by_up(wire: Wire) -> None:
    """The hello was read before what stood in the other queue: a needless second sending, and nothing unsaid."""
    on_urgent(wire, "lose")
    key = call(wire)
    before = len(wire.broker.seen)
    wire._do([wire.end._hello(wire.clock())])
    wire.settle_down()
    assert channels(wire, before) == ["up", "up"]
    assert wire.truth(key) == "in_record"


def test_a_broker_that_ends_the_connection_for_it_does_so_twice_and_no_more(wire: Wire) -> None:
    """RabbitMQ under rights of before, told of by a clinic that has not noticed yet, whose answers do not come."""
    wire.broker.fate = lambda topic, _payload: "deliver" if topic.endswith("/down") else "lose"
    call(wire)
    for _ in range(CUT_SHORT_MAX):
        assert channels(wire)[-1] == "urgent"
        wire.link_client.cut("it is not allowed")
        wire.settle_down()
        wire.link_client.connect()
        wire.settle_down()
    assert channels(wire)[-1] == "up"
    call(wire, "h2")
    assert channels(wire)[-1] == "up"
    wire.broker.fate = lambda _topic, _payload: "deliver"
    wire.pass_ms(ANSWER_MS)
    assert len(wire.store.contents.reports) == 2


def test_a_network_that_goes_once_leaves_the_call_its_channel(wire: Wire) -> None:
    on_urgent(wire, "lose")
    call(wire)
    wire.link_client.cut("the network")
    on_urgent(wire, "deliver")
    before = len(wire.broker.seen)
    wire.link_client.connect()
    wire.settle_down()
    assert "urgent" in channels(wire, before)


def test_a_hello_is_not_taken_there(wire: Wire) -> None:
    hello = wire.end._hello(wire.clock())
    assert isinstance(hello, Publish)
    wire.broker.carry(f"chevet/v1/{CLINIC}/{BOX}/urgent", hello.payload, retain=False)
    wire.settle_down()
    assert len(wire.store.quarantined) == 1


def _kept(wire: Wire, name: str = "h1") -> Key:
    key = call(wire, name)
    wire.settle_down()
    return key
