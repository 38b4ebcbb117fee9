"""The time that a box goes by (X5), with clocks that start in 1970, are years off, jump, and are put right."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mqtt_bridge.contract.order import PlanOrder
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.contract.wire import Exchange
from mqtt_bridge.honest_time import AGREE_MS, Floor, HonestClock, Known, better, floor_now, honest
from mqtt_bridge.link.reading import LinkReader
from mqtt_bridge.version import BUILT_MS
from tests.support.wire import Wire
from tests.support.words_of_care import DAY_MS, NOW_MS, ManualClock

YEAR_MS = 365 * DAY_MS


def exchange(server_ms: int = NOW_MS, *, boot: str = "boot-1", sent: int = 1_000, took: int = 200) -> Exchange:
    return Exchange(boot=boot, sent_monotonic_ms=sent, received_monotonic_ms=sent + took, server_ms=server_ms)


def machine(wall_ms: int, *, trusted: bool = True, boot: str = "boot-1", monotonic_ms: int = 1_100) -> Stamp:
    return Stamp(wall_ms=wall_ms, trusted=trusted, boot=boot, monotonic_ms=monotonic_ms)


def test_a_clock_of_1970_is_never_believed_and_never_hidden() -> None:
    for wall_ms in (0, BUILT_MS - 1):
        told = honest(machine(wall_ms), Known())
        assert (told.trusted, told.wall_ms, told.machine_ms) == (False, wall_ms, None)
    assert honest(machine(BUILT_MS), Known()).trusted


@pytest.mark.parametrize("off_ms", [-30 * YEAR_MS, -2 * AGREE_MS, 2 * AGREE_MS, 30 * YEAR_MS])
@pytest.mark.parametrize("trusted", [True, False])
def test_the_clinics_answer_is_taken_in_the_stead_of_a_wrong_clock_and_the_raw_time_kept(
    off_ms: int, *, trusted: bool
) -> None:
    told = honest(machine(NOW_MS + off_ms, trusted=trusted), Known(exchange()))
    assert (told.wall_ms, told.trusted, told.machine_ms) == (NOW_MS, True, NOW_MS + off_ms)


def test_a_clock_that_agrees_stays_the_boxs_own() -> None:
    own = machine(NOW_MS + AGREE_MS)
    assert honest(own, Known(exchange())) == own


def test_the_monotonic_clock_carries_the_clinics_time_on_and_the_error_grows() -> None:
    later = machine(0, trusted=False, monotonic_ms=1_100 + 10 * DAY_MS)
    assert honest(later, Known(exchange())).wall_ms == NOW_MS + 10 * DAY_MS
    assert exchange().error_ms(1_100) == 100
    assert exchange().error_ms(later.monotonic_ms) == 100 + 86_400  # 100 ppm of ten days


def test_in_another_boot_the_answer_is_a_floor_only() -> None:
    known = Known(exchange(boot="boot-0"))
    before, after = machine(NOW_MS - 1), machine(NOW_MS + 2_000)
    assert not honest(before, known).trusted
    assert honest(after, known) == after
    assert known.floor_ms(machine(0, trusted=False, monotonic_ms=5_000)) == NOW_MS + 5_000


def test_a_floor_rises_with_what_has_run_and_never_falls_by_itself() -> None:
    floor = Floor(at_ms=NOW_MS, boot="boot-1", monotonic_ms=1_000)
    assert floor.after(machine(0, monotonic_ms=4_000)).at_ms == NOW_MS + 3_000
    assert floor.after(machine(0, monotonic_ms=500)).at_ms == NOW_MS
    assert floor.after(machine(0, boot="boot-2", monotonic_ms=500)).at_ms == NOW_MS + 500


def test_a_floor_that_a_wrong_clock_set_is_mended_by_the_clinic() -> None:
    """A source of time that lied by years: until the clinic answers nothing is believed, then it is as before."""
    lied = machine(NOW_MS + 5 * YEAR_MS)
    floor = floor_now(Known(), lied)
    right = machine(NOW_MS, boot="boot-2")
    assert not honest(right, Known(floor=floor)).trusted
    told = Known(exchange(boot="boot-2"), floor)
    assert honest(right, told) == right
    assert abs(floor_now(told, right).at_ms - NOW_MS) <= 100


def test_the_nearer_answer_is_kept_and_the_newer_one_where_they_disagree() -> None:
    near, far = exchange(took=20), exchange(NOW_MS + 1_000, sent=2_000, took=900)
    assert better(near, far) == near
    assert better(far, near) == near
    mended = exchange(NOW_MS - YEAR_MS, sent=3_000, took=900)
    assert better(near, mended) == mended
    assert better(near, exchange(boot="boot-2", took=5_000)).boot == "boot-2"


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    wire = Wire(tmp_path)
    yield wire
    wire.close()


def test_the_link_keeps_the_clinics_time_and_a_restart_finds_it(wire: Wire) -> None:
    wire.settle_down()
    told = wire.reader.clinic_time()
    assert told is not None
    assert told.server_ms == NOW_MS
    wire.restart_link()
    assert wire.link_store.known_time() == Known(told)


def test_a_box_from_1970_learns_the_time_at_its_first_hello(wire: Wire) -> None:
    """Cold start: no network time, no chip. The clinic's clock is right, the box's begins at nothing."""
    box = ManualClock(wall_ms=0, trusted=False)
    clock = HonestClock(box, lambda: Known(wire.reader.clinic_time()))
    assert not clock().trusted
    wire.settle_down()
    assert (clock().wall_ms, clock().trusted, clock().machine_ms) == (NOW_MS, True, 0)


def test_what_has_expired_by_the_clinics_word_is_refused_by_a_box_without_a_clock(wire: Wire) -> None:
    wire.settle_down()
    letter = wire.order(1, PlanOrder(plan=None), expires_ms=NOW_MS + 1_000)
    wire.clock.pass_ms(2_000)
    wire.clock.trusted, wire.clock.wall_ms = False, 0
    wire.link_client.arrive(f"chevet/v1/maison/{wire.enrolment.place.box}/down", letter, retained=False)
    wire._link_reads()
    assert wire.reader.orders() == []


def test_a_link_db_of_before_has_no_clinics_time(tmp_path: Path) -> None:
    assert LinkReader(tmp_path / "link.db").clinic_time() is None
