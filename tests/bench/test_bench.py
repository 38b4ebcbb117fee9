"""That the bench judges rightly, and that nothing became ten times worse; the limits themselves are `make bench`."""

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench import memory, record, starting, touching, watch
from tests.bench.alone import BenchRunsError, alone
from tests.bench.care import Walk, furnished
from tests.bench.console_page import told_of_staff
from tests.bench.figures import Figure, Peer, Spread, missed, percentile
from tests.bench.machine import Quiet, describe, listen_to_the_noise
from tests.bench.page import Run, as_json, as_methods, as_page, as_wire_page, number
from tests.bench.peers.players import is_the_source_bytes
from tests.bench.plan import QUICK, SIZE, START_S_MAX, TAP_MS_MAX
from tests.bench.soak import Lap, Soak
from tests.bench.staff import Pace, Requests, Staff, Walked
from tests.bench.wire import coming_back
from tests.bench.wire.contenders import ours
from tests.bench.wire.counting import Counted
from tests.bench.wire.rig import rig
from tests.bench.wire.slow_sync import on_a_slow_disk
from tests.support.display import Display, watched_screen
from tests.support.house import House

TENFOLD = 10


def figure(value: float = 4.0, limit: float | None = 5.0, *, under: bool = False) -> Figure:
    peers = (Peer("a peer", 2.0), Peer("one that needs nothing", 0.0))
    return Figure(name="n", title="T", value=value, unit="ms", how="so", limit=limit, under=under, peers=peers)


@pytest.mark.parametrize(
    ("value", "limit", "under", "verdict"),
    [(5.0, 5.0, False, "pass"), (5.0, 5.0, True, "FAIL"), (5.1, 5.0, False, "FAIL"), (9.9, None, False, "told")],
)
def test_a_limit_is_kept_or_missed(value: float, limit: float | None, under: bool, verdict: str) -> None:  # noqa: FBT001
    assert figure(value, limit, under=under).verdict == verdict


def test_a_figure_without_a_limit_is_not_missed() -> None:
    lost = figure(6.0)
    assert missed([figure(), figure(6.0, None), lost]) == [lost]


def test_a_ratio_to_a_peer_that_needs_nothing_is_not_told() -> None:
    assert figure().ratios == (2.0, None)


def test_percentiles_are_samples_by_the_nearest_rank() -> None:
    samples = list(range(1, 201))
    assert [percentile(samples, p) for p in (50, 95, 99, 100)] == [100, 190, 198, 200]
    assert percentile([7.0], 99) == 7.0


def test_a_spread_keeps_the_order_for_its_halves() -> None:
    spread = Spread.of([1.0, 1.0, 1.0, 9.0, 9.0, 9.0])
    assert (spread.halves, spread.median, spread.most) == ((1.0, 9.0), 5.0, 9.0)
    with pytest.raises(ValueError, match="1 samples"):
        Spread.of([1.0])


def test_processor_time_is_read_behind_a_name_with_brackets() -> None:
    stat = "42 (a) b (c)) S " + " ".join(["0"] * 10) + " 7 5 0 0 20 0"
    assert watch.parse_ticks(stat) == 12


def test_the_machines_time_leaves_out_idling_and_waiting_for_disks() -> None:
    assert watch.parse_busy("cpu  100 1 99 5000 700 0 0 0 0 0\n") == 200 / os.sysconf("SC_CLK_TCK")


def test_a_status_line_that_is_not_there_is_nothing() -> None:
    status = "Name:\tx\nVmRSS:\t    2048 kB\n"
    assert (watch.parse_field(status, "VmRSS"), watch.parse_field(status, "VmHWM")) == (2048, 0)


def test_own_processor_time_is_seen() -> None:
    def work(seconds: float) -> None:
        until_s = time.monotonic() + seconds
        while time.monotonic() < until_s:
            pass

    busy = watch.use_over(os.getpid(), 0.3, work)
    assert busy.share > 0.1  # the other tests want the cores too
    assert abs(busy.share - busy.ticks_share) < 0.15
    assert watch.memory_of(os.getpid()).peak > 10


@pytest.mark.parametrize(
    ("value", "told"), [(0, "0"), (123.4, "123"), (12.34, "12.3"), (1.234, "1.23"), (0.0123, "0.012")]
)
def test_numbers_are_told_with_the_digits_that_mean_something(value: float, told: str) -> None:
    assert number(value) == told


def a_run(*figures: Figure) -> Run:
    noise = (Quiet("a part", 0.01, 60.0, 90.0),)
    return Run("2025-11-21", "whole", "no priority", 15.0, describe(), noise, figures, ("Kivy",))


def test_page_and_json_tell_the_same_and_name_no_machine() -> None:
    run = a_run(figure(), figure(6.0, under=True))
    page, told = as_page(run), json.loads(as_json(run))
    assert "**1 limits kept, 1 missed: T.**" in page
    assert "| T | 4.00 ms | at most 5.00 | pass | a peer 2.00, one that needs nothing 0 |" in page
    assert [(f["passed"], f["peers"][0]["ratio"]) for f in told["figures"]] == [(True, 2.0), (False, 3.0)]
    assert told["missed"] == ["n"]
    for secret in (platform.node(), str(Path(__file__).parents[2])):
        assert secret not in page + as_methods(run) + json.dumps(told)


def test_each_figure_stands_in_one_section_and_the_soak_beside_them() -> None:
    laps = (Lap(gaps=1, whole=True, identical=True, resident_mib=30.0, threads=1, descriptors=6),) * 3
    soak = Soak("2025-11-21", 1.0, 3.0, laps)
    page = as_page(a_run(figure()), soak)
    assert page.count("| T | 4.00 ms") == 1
    assert "## Hours of it" in page
    assert [one.name for one in missed(soak.figures())] == ["soak_gaps"]


def test_two_benches_do_not_run_at_once(tmp_path: Path) -> None:
    with alone(tmp_path), pytest.raises(BenchRunsError, match="another bench"), alone(tmp_path):
        pass
    with alone(tmp_path):
        pass


def test_the_bits_are_judged_with_silence_around_them_and_no_other() -> None:
    source = bytes(range(1, 200)) * 8
    assert is_the_source_bytes(bytes(64) + source + bytes(32), source)
    assert not is_the_source_bytes(source + b"x", source)
    assert not is_the_source_bytes(source[1:], source)


def test_the_noise_is_heard() -> None:
    quiet = listen_to_the_noise("now")
    assert quiet.late_us_p99 >= quiet.late_us_median > 0


@pytest.fixture(scope="module")
def display(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Display]:
    with watched_screen(tmp_path_factory.mktemp("screen"), SIZE) as opened:
        yield opened


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, display: Display) -> Iterator[House]:
    made = furnished(tmp_path_factory.mktemp("bench"), display.name, 4, SIZE)
    made.start("broker", "ingest", "player", "link")
    yield made
    made.stop()


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_nothing_is_ten_times_too_slow(house: House, display: Display) -> None:
    """On a machine that is busy with other tests: a limit times ten, and the quietest of a few."""
    start = starting.measure(house, display, 2, [])
    assert start.spread
    assert start.spread.least < TENFOLD * START_S_MAX
    walk = Walk(house.patient())
    taps, _pages = touching.measure(walk, display, QUICK, [])
    assert taps.value < TENFOLD * TAP_MS_MAX
    kiosk = house.processes["kiosk"].pid
    assert watch.use_over(kiosk, 3).share < TENFOLD * 0.003
    assert {figure.name: figure.value < 2 * (figure.limit or 100) for figure in memory.measure(house, [])} == {
        "memory_kiosk": True,
        "memory_player": True,
        "memory_link": True,
    }
    walk.patient.go_away()
    whole, *stages = record.measure(house, 6, print)
    assert whole.spread
    assert whole.spread.median < TENFOLD * 200
    assert sum(stage.value for stage in stages) < 2 * whole.value


def test_the_wires_page_is_one_of_its_own() -> None:
    lost = Figure(name="ingest_lost", title="Lost", value=3, unit="reports", how="killed", limit=0)
    page = as_wire_page(a_run(lost))
    assert "**0 limits kept, 1 missed: Lost.**" in page
    assert "| Lost | 3.00 reports | at most 0 | FAIL |  |" in page
    assert page.count("## ") == 3
    for secret in (platform.node(), str(Path(__file__).parents[2])):
        assert secret not in page


def test_tls_is_taken_off_whatever_the_pieces() -> None:
    """Two records of application data, and one of the handshake between them."""
    records = b"\x17\x03\x03\x00\x64" + bytes(100) + b"\x16\x03\x03\x00\x0a" + bytes(10)
    records += b"\x17\x03\x03\x01\x00" + bytes(256)
    whole, pieces = Counted(), Counted()
    whole.take(records)
    for byte in records:
        pieces.take(bytes([byte]))
    assert whole.passed == pieces.passed == len(records)
    assert whole.plain == pieces.plain == 100 + 256 - 2 * 17


def test_a_slow_disk_is_slow_for_whatever_runs_on_it(tmp_path: Path) -> None:
    sync = "import os, sys, time; f = os.open(sys.argv[1], os.O_CREAT | os.O_WRONLY); b = time.monotonic();"
    sync += "[os.fsync(f) for _ in range(5)]; [os.fdatasync(f) for _ in range(5)]; print(time.monotonic() - b)"
    environment = {**os.environ, **on_a_slow_disk(tmp_path, 30)}
    command = [sys.executable, "-c", sync, str(tmp_path / "file")]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert float(told.stdout) >= 10 * 0.03


@pytest.mark.slow
def test_boxes_that_come_back_lose_nothing() -> None:
    with rig() as clinic:
        ingest = ours(clinic)
        ingest.start()
        try:
            back = coming_back.measure(clinic, 5, 2, print)
        finally:
            ingest.stop()
    assert (back.kept, back.lost, back.reports) == (37, 0, 37)  # and one more box, which calls
    assert back.sent >= back.reports
    assert back.help_s > 0


def test_staff_who_were_measured_are_told_beside_the_pages(tmp_path: Path) -> None:
    asked = (Requests("record", 100, 1, 60.0, 140.0), Requests("sign in (POST)", 50, 0, 900.0, 2000.0))
    walked = [
        Walked(Pace(50, 100, (2, 6)), 9.0, 30, lost, 1.5, (*asked, Requests("all but signing in", 100, 1, 60.0, p95)))
        for lost, p95 in ((0, 140.0), (2, 160.0))
    ]
    pages = "\n".join(told_of_staff(Staff("2026-11-30", 2, 2, 2, "2.0", tuple(walked))))
    assert "**2 errors, 2 of 60 reports lost.**" in pages
    assert "| 50 | 2 to 6 | 100 | 1.0 | 60 ms | 140 ms | yes | 1.5 |" in pages
    assert "| 160 ms | no | 1.5 |" in pages
    assert "used 60 ms of processor time" in pages
