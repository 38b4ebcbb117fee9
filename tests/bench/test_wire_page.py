"""What the wire's bench tells of what it measured, by a measurement of invented numbers."""

import json

from tests.bench.figures import Spread
from tests.bench.wire.coming_back import CameBack
from tests.bench.wire.measure import OURS, figures
from tests.bench.wire.one_box import OneBox, SessionBytes
from tests.bench.wire.parts import Parts
from tests.bench.wire.rates import Rates
from tests.bench.wire.several import Kept, Several
from tests.support.house import TOP

PARTS = Parts(receive=100, verify_and_open=100, decode=10, insert=39, acknowledge=1, bare_receive=25)
"""250 us, which allow 4,000 a second; 175 us by the bare loop's receiving, which allow 5,714."""
PEER = "Node-RED, SQLite"
RATES = Rates(
    messages=3600,
    usual={OURS: (3000.0, 3200.0, 100.0), PEER: (5000.0, 5100.0, 5200.0)},
    slow_disk={OURS: (2000.0, 1000.0, 9000.0), PEER: (300.0, 250.0, 400.0)},
    waited=20_010,
    killed_after={OURS: 5002, PEER: 5003},
    lost={OURS: 0, PEER: 13_294},
    batch=150.0,
    parts=PARTS,
    left_out=(),
)
ONE = Kept(1, 7200, 2000.0, (300.0,), 100.0, 10.0)
TWO = Kept(2, 7200, 3500.0, (150.0, 160.0), 100.0, 10.0)
SHARED = Several(ONE, TWO, (2000.0,) * 3, (3500.0,) * 3, 400.0, PARTS, 40.0)
BOX = OneBox(Spread.of([12.0, 13.0]), SessionBytes(2280, 2016, 8535), 0.0002, 7.5)
BACK = CameBack(
    boxes=1000, reports=21_022, seconds=70.0, connected_s=40.0, sent=33_000, kept=21_022, lost=0, help_s=0.3
)

TOLD = {figure.name: figure for figure in figures(RATES, SHARED, BOX, BACK)}


def test_the_share_of_the_parts_is_told_by_our_clients_receiving_and_by_the_bare_loops() -> None:
    """The one that is judged has a part that we made slow ourselves: the other says how much that is."""
    for name in ("ingest_of_parts", "postgresql_of_parts"):
        assert "250 us allow 4000/s" in TOLD[name].note
        assert "(25 us, without its INSERT) 175 us allow 5714/s" in TOLD[name].note
    assert "75% of it" in TOLD["ingest_of_parts"].note
    assert "52% of it" in TOLD["ingest_of_parts"].note
    assert TOLD["ingest_of_parts"].value == 1e6 / 3000 / 250


def test_a_slow_disk_is_told_by_the_median_of_its_turns() -> None:
    slow = TOLD["ingest_slow_disk"]
    assert (slow.value, slow.limit) == (500.0, 1e6 / (4 * 300))
    assert "each turn: 2000, 1000, 9000" in slow.note
    assert "of 20010 that waited" in TOLD["ingest_lost"].note


def test_the_page_of_today_tells_every_figure_that_a_run_makes() -> None:
    """By name alone: a page of before a figure was added is noticed, whatever its numbers are."""
    page = json.loads((TOP / "docs" / "bench-wire.json").read_bytes())
    missing = TOLD.keys() - {figure["name"] for figure in page["figures"]}
    assert not missing, "docs/bench-wire.json is of before them: run `python -m tests.bench wire`"
