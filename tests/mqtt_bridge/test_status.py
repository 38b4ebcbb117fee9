"""What the link tells a technician and the kiosk: what waits, by priority; when the clinic last answered; orders."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from mqtt_bridge import cli
from mqtt_bridge.contract.order import PlanOrder
from mqtt_bridge.contract.report import HelpAsked
from mqtt_bridge.link.reading import LinkReader
from mqtt_bridge.link.status import read_status
from tests.mqtt_bridge.test_sending import receipt, write
from tests.support.wire import Wire


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    wire = Wire(tmp_path)
    yield wire
    wire.close()


def away(wire: Wire) -> None:
    wire.broker.fate = lambda _topic, _payload: "lose"


def test_nothing_is_known_before_the_first_answer(tmp_path: Path) -> None:
    assert LinkReader(tmp_path / "link.db").answered() is None
    status = read_status(tmp_path / "bedside.db", tmp_path / "link.db")
    assert (status.pending, status.levels, status.answered) == (0, (), None)


def test_an_answer_is_noted_once_a_minute_at_most(wire: Wire) -> None:
    wire.settle_down()
    first = wire.reader.answered()
    assert first == wire.clock()
    wire.clock.pass_ms(30_000)
    wire._do(wire.end.connected(wire.clock()))
    wire.settle_down()
    assert wire.reader.answered() == first
    wire.clock.pass_ms(40_000)
    wire._do(wire.end.connected(wire.clock()))
    wire.settle_down()
    assert wire.reader.answered() == wire.clock()
    wire.clock.boot, wire.clock.monotonic_ms = "boot-2", 1_000  # another boot: its time begins anew
    wire._do(wire.end.connected(wire.clock()))
    wire.settle_down()
    assert wire.reader.answered() == wire.clock()


def test_what_nobody_answers_is_no_contact(wire: Wire) -> None:
    wire.settle_down()
    seen = wire.reader.answered()
    away(wire)
    wire.pass_ms(2 * 3600_000)
    assert wire.reader.answered() == seen


def test_the_status_counts_by_priority(wire: Wire, capsys: pytest.CaptureFixture[str]) -> None:
    wire.settle_down()
    wire.order(1)
    wire.send_orders()
    write(wire, 2)
    wire.pass_ms(1_000)
    away(wire)
    write(wire, 3)
    with wire.bedside.atomic():
        wire.outbox.add(HelpAsked(help="h", asked=wire.clock()), wire.clock())
    assert cli.main(["status", "--data", str(wire.folder), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [(one["priority"], one.get("pending", 0), one.get("in_record", 0)) for one in told["levels"]] == [
        (0, 1, 0), (1, 3, 2), (2, 0, 1),
    ]  # fmt: skip
    assert (told["pending"], told["in_record"]) == (4, 3)
    assert cli.main(["status", "--data", str(wire.folder)]) == 0
    words = capsys.readouterr().out
    assert "4 report(s) not yet in the clinic's record: 1 of help, 3 of care\n" in words
    assert "it last answered on 2027-01-15T" in words


def test_orders_of_one_kind_and_what_is_new_of_them(wire: Wire) -> None:
    wire.settle_down()
    wire.order(1, PlanOrder(plan=None))
    wire.send_orders()
    wire.settle_down()
    for serial in (5, 3, 4):
        wire.link_store.keep_order(receipt(serial), f"letter {serial}".encode(), wire.clock())
    reader = wire.reader
    assert [order.serial for order in reader.orders()] == [5, 4, 3, 1]
    assert [order.serial for order in reader.orders("read")] == reader.serials("read") == [5, 4, 3]
    assert [order.serial for order in reader.orders("read", after=3)] == [5, 4]
    kept = reader.order(4)
    assert kept is not None
    assert (kept.kind, kept.letter) == ("read", b"letter 4")
    assert reader.order(9) is None
