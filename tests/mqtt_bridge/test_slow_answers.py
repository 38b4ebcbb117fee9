"""Answers that take longer than the next hello waits: a queue, a network whose round trips are minutes."""

import copy
from collections.abc import Iterator
from pathlib import Path

import pytest

from mqtt_bridge import outbox
from mqtt_bridge.clinic_end import Outgoing
from mqtt_bridge.link.asking import ASKED_MAX
from mqtt_bridge.link.end import Effect, Publish
from mqtt_bridge.link.next_hello import ANSWER_MS, HELLO_MS_MAX
from mqtt_bridge.link.store import Key
from tests.support.wire import Wire, listening

ROUND_TRIP_MS = 10 * 60_000


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    held = Wire(tmp_path)
    held.settle_down()
    yield held
    held.close()


def rows(effects: list[Effect]) -> list[Key]:
    return [effect.row for effect in effects if isinstance(effect, Publish) and effect.row is not None]


def lose_a_row(wire: Wire) -> Key:
    """The broker says « Success », and it is gone."""
    with wire.bedside.atomic():
        identity = wire.outbox.add(listening("s1", wire.clock()), wire.clock())
    (key,) = rows(wire.end.rung(wire.clock()))
    assert key == (identity.epoch, identity.seq)
    wire.end.published(key, accepted=True, now=wire.clock())
    return key


def ask(wire: Wire, for_ms: int) -> list[Publish]:
    """The hellos of so long a time, none of them heard yet."""
    asked: list[Publish] = []
    until_ms = wire.clock.monotonic_ms + for_ms
    while wire.clock.monotonic_ms < until_ms:
        wire.clock.pass_ms(1_000)
        asked += [effect for effect in wire.end.due(wire.clock()) if isinstance(effect, Publish)]
    return asked


def answer(wire: Wire, hello: Publish) -> list[Effect]:
    """What the box does once it has the clinic's answer."""
    found: list[Effect] = []
    for said in wire.clinic_end.receive(hello.topic, hello.payload, wire.clock().wall_ms):
        found += wire.end.delivered(said.topic, said.payload, 1, wire.clock())
    return found


def test_the_answer_to_an_earlier_hello_says_what_was_lost_before_it(wire: Wire) -> None:
    key = lose_a_row(wire)
    asked = ask(wire, ROUND_TRIP_MS)
    assert len(asked) > 4
    assert rows(answer(wire, asked[0])) == [key]


def test_what_was_sent_again_is_not_lost_again_by_hellos_of_before(wire: Wire) -> None:
    key = lose_a_row(wire)
    first, *others = ask(wire, ROUND_TRIP_MS)
    assert rows(answer(wire, first)) == [key]
    assert [rows(answer(wire, hello)) for hello in others] == [[]] * len(others)


def test_a_row_lost_twice_is_found_lost_twice(wire: Wire) -> None:
    key = lose_a_row(wire)
    (first, *_) = ask(wire, ROUND_TRIP_MS)
    assert rows(answer(wire, first)) == [key]
    wire.end.published(key, accepted=True, now=wire.clock())
    later = ask(wire, ROUND_TRIP_MS)
    assert rows(answer(wire, later[0])) == [key]


def test_after_the_answer_to_a_later_hello_an_earlier_ones_is_old_news(wire: Wire) -> None:
    """Made before a backup was put back, it arrives last: the box must not believe it."""
    full = copy.deepcopy(wire.store.contents)
    key = lose_a_row(wire)
    first, *_, last = ask(wire, ROUND_TRIP_MS)
    (row,) = [row for row in outbox.rows(wire.bedside.conn, key[0], 0, 10) if row.key == key]
    wire.clinic_end.receive(first.topic, row.letter, wire.clock().wall_ms)
    old = wire.clinic_end.receive(first.topic, first.payload, wire.clock().wall_ms)
    wire.store.contents, wire.store.serial = full, 0  # the same ledger, of before
    wire.clock.pass_ms(1_000)
    answer(wire, last)
    assert wire.truth(key) == "pending"
    for said in old:
        wire.end.delivered(said.topic, said.payload, 1, wire.clock())
    assert wire.truth(key) == "pending"


def heard(wire: Wire, letters: list[Outgoing]) -> list[Effect]:
    return [e for told in letters for e in wire.end.delivered(told.topic, told.payload, 1, wire.clock())]


@pytest.mark.parametrize("clock_back_ms", [0, 60_000])
def test_an_answer_that_a_later_word_has_overtaken_unsays_nothing_and_is_asked_again(
    wire: Wire, clock_back_ms: int
) -> None:
    """The clinic's machine was put back, its serials count again, and two questions overtook each other (3000054).

    Its clock was put back too: then the later word may be of before, and the next answer tells.
    """
    with wire.bedside.atomic():
        identity = wire.outbox.add(listening("s1", wire.clock()), wire.clock())
    report = next(e for e in wire.end.rung(wire.clock()) if isinstance(e, Publish) and e.row is not None)
    key = identity.epoch, identity.seq
    wire.end.published(key, accepted=True, now=wire.clock())
    wire.store.serial = 10
    assert rows(answer(wire, ask(wire, ROUND_TRIP_MS)[-1])) == [key]
    wire.end.published(key, accepted=True, now=wire.clock())
    asked: list[Publish] = []
    while len(asked) < 2:
        asked += ask(wire, 1_000)
    (first, second), now_ms = asked, wire.clock().wall_ms

    wire.store.serial = 3
    low = wire.clinic_end.receive(second.topic, second.payload, now_ms)
    wire.store.serial = 20
    high = wire.clinic_end.receive(first.topic, first.payload, now_ms - clock_back_ms)
    word = wire.clinic_end.receive(report.topic, report.payload, now_ms - clock_back_ms + 1)
    heard(wire, high)
    heard(wire, word)
    assert wire.truth(key) == "in_record"
    hellos = [e for e in heard(wire, low) if isinstance(e, Publish) and e.row is None]
    if clock_back_ms:  # by time it is the later one: a database that was put back
        assert wire.truth(key) != "in_record"
        return
    assert wire.truth(key) == "in_record"
    assert len(hellos) == 1, "it is asked again"
    heard(wire, wire.clinic_end.receive(hellos[0].topic, hellos[0].payload, now_ms + 2))
    assert wire.truth(key) == "in_record"


def test_hellos_come_no_faster_than_their_answers(wire: Wire) -> None:
    lose_a_row(wire)
    asked = ask(wire, ROUND_TRIP_MS)
    count = len(asked)
    for _ in range(20):
        effects = answer(wire, asked.pop(0)) if asked else []
        for key in rows(effects):  # and is lost again
            wire.end.published(key, accepted=True, now=wire.clock())
        more = ask(wire, HELLO_MS_MAX)
        assert len(more) <= 2
        asked += more
        count += len(more)
    assert len(asked) < ASKED_MAX


def test_a_quick_network_is_asked_quickly_again_after_a_slow_hour(wire: Wire) -> None:
    lose_a_row(wire)
    for hello in ask(wire, ROUND_TRIP_MS):
        wire._do(answer(wire, hello))
    wire.settle_down()
    wire.pass_ms(16 * 60_000)  # one exchange in which nothing was lost
    lose_a_row(wire)
    assert wire.end.due_ms(wire.clock()) <= ANSWER_MS
