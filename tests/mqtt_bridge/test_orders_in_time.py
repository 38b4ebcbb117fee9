"""An order and the time: what only a machine's clock refuses waits for the clinic's answer; the rest is refused."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import structs

from mqtt_bridge.contract import wire
from mqtt_bridge.contract.report import OrderReceived
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.honest_time import HonestClock, Known
from mqtt_bridge.link.next_hello import HELLO_MS_MAX, MISSED_MS, QUIET_HELLO_MS
from mqtt_bridge.link.taking import FUTURE_MS_MAX
from tests.support.wire import BOX, CLINIC, Wire
from tests.support.words_of_care import DAY_MS, NOW_MS

HOUR_MS, YEAR_MS = 3_600_000, 365 * DAY_MS
LATE = pytest.mark.parametrize("off_ms", [25 * HOUR_MS, 20 * YEAR_MS, -HOUR_MS])
"""A plan of a day seems to have expired, or to be from the future."""


class Box(Wire):
    """Its machine's clock was set by a network, and is off by so much."""

    off_ms = 0

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.box_clock = HonestClock(self._machine, self._known)

    def _known(self) -> Known:
        return self.link_store.known_time()

    def _machine(self) -> Stamp:
        now = self.clock()
        return structs.replace(now, wall_ms=now.wall_ms + self.off_ms)

    def boots(self) -> None:
        """Without the power for a moment: what the clinic said of the time is of another boot."""
        self.clock.boot, self.clock.monotonic_ms = f"{self.clock.boot}+", 1_000
        self.restart_link()

    def loses(self, *channels: str) -> None:
        self.broker.fate = lambda topic, _payload: "lose" if topic.rpartition("/")[2] in channels else "deliver"

    def brings(self, serial: int, **changes: int) -> None:
        """The broker had the order in its queue."""
        self.order(serial, None, **changes)
        self.send_orders()

    def there(self) -> list[int]:
        return [order.serial for order in self.reader.orders()]

    def told(self) -> list[tuple[str, bool, str]]:
        found = [a.report.content for a in self.store.contents.reports.values() if a.report]
        return [(word.order, word.accepted, word.reason) for word in found if isinstance(word, OrderReceived)]


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    box = Box(tmp_path)
    yield box
    box.close()


@LATE
def test_before_the_clinics_first_answer_a_wrong_clock_refuses_nothing(box: Box, off_ms: int) -> None:
    box.off_ms = off_ms
    box.loses("ack")
    box.brings(1)
    box.settle_down()
    for _ in range(10):  # asked for again and again meanwhile
        box.pass_ms(60_000)
    assert (box.there(), box.told()) == ([], [])
    box.loses()
    box.pass_ms(QUIET_HELLO_MS)
    assert (box.there(), box.told()) == ([1], [("order-1", True, "")])


@pytest.mark.parametrize("off_ms", [25 * HOUR_MS, 20 * YEAR_MS])  # a clock behind the former answer is not believed
def test_after_another_boot_the_clinics_former_answer_tells_no_time(box: Box, off_ms: int) -> None:
    box.settle_down()
    box.off_ms = off_ms
    box.loses("ack")
    box.boots()
    box.brings(1)
    box.settle_down()
    assert (box.there(), box.told()) == ([], [])
    box.loses()
    box.pass_ms(QUIET_HELLO_MS)
    assert (box.there(), box.told()) == ([1], [("order-1", True, "")])


def test_it_is_asked_for_again_soon_when_it_overtook_the_answer(box: Box) -> None:
    """It came before the clinic had said what time it is, each time. Not a quarter of an hour later."""
    box.off_ms = 20 * YEAR_MS
    box.loses("ack")
    box.brings(1)
    for _ in range(12):
        box.pass_ms(HELLO_MS_MAX)
    (answer,) = [payload for topic, payload in box.broker.seen if topic.endswith("/ack")][-1:]
    box.loses()
    box.broker.carry(wire.topic(CLINIC, BOX, "ack"), answer, retain=False)
    box.settle_down()
    assert (box.there(), box.told()) == ([], [])
    box.pass_ms(MISSED_MS)
    assert (box.there(), box.told()) == ([1], [("order-1", True, "")])


def test_what_is_surely_past_is_refused_whatever_the_clock_says(box: Box) -> None:
    """The clinic's last word of before the power was cut, and what has run since."""
    box.settle_down()
    box.off_ms = 20 * YEAR_MS
    box.loses("ack")
    box.boots()
    box.brings(1, expires_ms=NOW_MS - 1)
    box.brings(2, expires_ms=NOW_MS + HOUR_MS)
    box.settle_down()
    assert box.told() == [("order-1", False, "expired")]
    box.pass_ms(2 * HOUR_MS)
    box.send_orders()
    box.settle_down()
    assert box.told() == [("order-1", False, "expired"), ("order-2", False, "expired")]


def test_what_the_clinics_own_time_refuses_is_refused_at_once(box: Box) -> None:
    box.off_ms = -HOUR_MS
    box.settle_down()
    box.brings(1, expires_ms=NOW_MS - HOUR_MS // 2)
    box.brings(2, issued_ms=NOW_MS + FUTURE_MS_MAX + HOUR_MS // 2)
    box.settle_down()
    assert box.told() == [("order-1", False, "expired"), ("order-2", False, "from the future")]


def test_a_clock_that_agrees_takes_an_order_before_any_answer(box: Box) -> None:
    box.loses("ack")
    box.brings(1)
    box.settle_down()
    assert box.there() == [1]


def test_while_nobody_answers_it_is_asked_for_less_and_less_often(box: Box) -> None:
    """The broker alone is there, and each question costs somebody's network."""
    box.off_ms = 20 * YEAR_MS
    box.settle_down()
    box.boots()
    box.loses("up", "ack")
    box.settle_down()
    before = len(box.broker.seen)
    letter = box.order(1)
    for _ in range(2 * 60):
        box.broker.carry(wire.topic(CLINIC, BOX, "down"), letter, retain=False)
        box.pass_ms(60_000)
    asked = [topic for topic, _ in box.broker.seen[before:] if topic.endswith("/up")]
    assert len(asked) <= 2 * 30 + 10  # at most every two minutes, as any question that has no answer
