"""The channel `urgent` at the clinic: kept before a backlog of all boxes, told of only while it can be written to."""

from collections.abc import Callable
from pathlib import Path

import pytest

from clinic.ingest.urgent import Urgent
from clinic.results.models import LedgerRow, Quarantine
from mqtt_bridge.contract import wire
from mqtt_bridge.contract.report import HelpAsked
from mqtt_bridge.mqtt.fake import FakeBroker, FakeClient
from mqtt_bridge.mqtt.port import Mailbox
from mqtt_bridge.seal import read_letter
from tests.clinic.box import CLINIC, evaluation, stamp
from tests.clinic.conftest import Clinic
from tests.clinic.test_process import Loop
from tests.clinic.test_share import OnePeer
from tests.mqtt_bridge.test_settled import acks_in

pytestmark = pytest.mark.django_db(databases=["default", "audit"])
BACKLOG, CALLS = 600, 5


class PressedLoop(Loop):
    """With the second connection."""

    def __init__(self, clinic: Clinic, folder: Path) -> None:
        super().__init__(clinic, folder)
        self.press()

    def press(self) -> None:
        mailbox = Mailbox()
        self.calls = FakeClient(self.broker, mailbox)
        self.second = Urgent(CLINIC, "ingest-1-urgent", self.calls, mailbox, self.peers.is_mine)
        self.urgent, self.end.hears_urgent = self.second, self.second.stands


@pytest.fixture
def loop(clinic: Clinic, tmp_path: Path) -> PressedLoop:
    return PressedLoop(clinic, tmp_path)


def channel(clinic: Clinic) -> str:
    return wire.topic(CLINIC, clinic.box.name, "urgent")


def calls(clinic: Clinic, count: int = CALLS) -> list[bytes]:
    return [clinic.box.report(HelpAsked(help=f"h-{n}", asked=stamp())) for n in range(count)]


def once_ready(loop: PressedLoop, give: Callable[[], None], until: Callable[[], bool]) -> Callable[[], bool]:
    given: list[bool] = []

    def done() -> bool:
        if loop.ready and not given:
            given.append(True)
            give()
        return bool(given) and until()

    return done


def test_calls_are_kept_before_a_backlog_that_came_first(clinic: Clinic, loop: PressedLoop) -> None:
    waiting = [clinic.box.report(evaluation("before", (1, 2, 3, 4, 5), session=f"s-{n}")) for n in range(BACKLOG)]
    pressing, first = calls(clinic), len(waiting) + 1
    behind: list[int] = []

    def give() -> None:
        for payload in waiting:
            loop.client.arrive(clinic.box.up, payload, retained=False)
        for payload in pressing:
            loop.calls.arrive(channel(clinic), payload, retained=False)

    def until() -> bool:
        if not behind and LedgerRow.objects.filter(seq__gte=first).count() == CALLS:
            behind.append(BACKLOG + CALLS - LedgerRow.objects.count())
        return LedgerRow.objects.count() == BACKLOG + CALLS

    loop.run(once_ready(loop, give, until))
    assert behind[0] >= BACKLOG / 2
    assert len(loop.client.settled) == BACKLOG, "each by the connection that brought it"
    assert len(set(loop.calls.settled)) > CALLS, "and ingest's own word to itself"


def test_a_flood_of_it_leaves_every_second_transaction_to_the_rest(clinic: Clinic, loop: PressedLoop) -> None:
    """A box that says of everything that it presses delays the others, and stops nobody."""
    report = clinic.box.report(evaluation("before", (1, 2, 3, 4, 5), session="s-1"))
    pressing = calls(clinic, 200)
    left: list[int] = []

    def give() -> None:
        for payload in pressing:
            loop.calls.arrive(channel(clinic), payload, retained=False)
        loop.client.arrive(clinic.box.up, report, retained=False)

    def until() -> bool:
        if not left and LedgerRow.objects.filter(seq=1).exists():
            left.append(201 - LedgerRow.objects.count())
        return LedgerRow.objects.count() == 201

    loop.run(once_ready(loop, give, until))
    assert left[0] >= 100


def test_nothing_else_than_reports_is_taken_there(clinic: Clinic, loop: PressedLoop) -> None:
    def give() -> None:
        for payload in (clinic.box.hello(through=0), b"\x00"):
            loop.calls.arrive(channel(clinic), payload, retained=False)

    loop.run(once_ready(loop, give, lambda: Quarantine.objects.count() == 2))
    assert loop.sent("/ack") == []


def answered(loop: PressedLoop, clinic: Clinic, nonce: str) -> list[wire.Ack]:
    """What a hello with this nonce is answered, once ingest's word has come back, or was lost."""
    hello = clinic.box.hello(through=0, nonce=nonce)

    def until() -> bool:
        if loop.sent("/ingest-1-urgent") and not asked:
            asked.append(True)
            loop.client.arrive(clinic.box.up, hello, retained=False)
        return bool(loop.sent("/ack"))

    asked: list[bool] = []
    loop.run(once_ready(loop, lambda: None, until))
    letters = [read_letter(payload) for payload in loop.sent("/ack")]
    return [ack for letter in letters for ack in acks_in(letter)]


@pytest.mark.parametrize(
    ("nonce", "fate", "told"),
    [
        (wire.TAKES_URGENT, "deliver", True),
        (wire.TAKES_SETTLED, "deliver", False),  # a box of before would refuse the word
        ("", "deliver", False),
        (wire.TAKES_URGENT, "lose", False),  # rights of before the channel: what is written there is dropped
        (wire.TAKES_URGENT, "refuse", False),
    ],
)
def test_it_is_told_to_who_takes_it_while_the_brokers_rights_let_it(
    clinic: Clinic, loop: PressedLoop, nonce: str, fate: str, *, told: bool
) -> None:
    loop.broker.fate = lambda topic, _payload: fate if topic.endswith("-urgent") else "deliver"
    acks = answered(loop, clinic, f"{nonce}0123456789abcdef")
    assert [ack.urgent for ack in acks] == [told]


def test_without_its_connection_it_is_not_told(clinic: Clinic, loop: PressedLoop) -> None:
    loop.run(once_ready(loop, lambda: None, loop.second.stands))
    loop.calls.cut("the network")
    loop.second.turn(0.0)
    assert not loop.second.stands()


def test_what_is_a_peers_is_settled_unread_and_kept_when_it_dies(clinic: Clinic, loop: PressedLoop) -> None:
    peer = OnePeer({clinic.box.name})
    loop.peers = peer
    loop.press()
    pressing, rows = calls(clinic, 3), list[int]()

    def give() -> None:
        for payload in pressing:
            loop.calls.arrive(channel(clinic), payload, retained=False)

    def until() -> bool:
        if len(set(loop.calls.settled)) >= 3 and not rows and not loop.second.waits:
            rows.append(LedgerRow.objects.count())
            peer.die()
        return LedgerRow.objects.count() == 3

    loop.run(once_ready(loop, give, until))
    assert rows == [0]


def test_rights_of_before_are_told_once_with_the_remedy(caplog: pytest.LogCaptureFixture) -> None:
    broker, mailbox = FakeBroker(), Mailbox()
    broker.fate = lambda _topic, _payload: "lose"
    urgent = Urgent(CLINIC, "ingest-1-urgent", FakeClient(broker, mailbox), mailbox)
    urgent.start()
    for now_s in (0.0, 11.0, 22.0, 33.0):
        urgent.turn(now_s)
    urgent.stop()
    mailbox.close()
    assert len(broker.seen) == 4
    assert [record.message.count("broker --reload") for record in caplog.records] == [1]
