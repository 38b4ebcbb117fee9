"""Which word of the clinic holds: newer offers, withdrawals, what comes late, what has expired."""

import pytest

from mqtt_bridge.contract.wire import Exchange
from mqtt_bridge.honest_time import HonestClock
from mqtt_bridge.link.status import read_status
from tests.support import lying_shelf as lies
from tests.support.spooling import SpoolBench, archive


def test_a_newer_offer_replaces_the_one_under_way(bench: SpoolBench) -> None:
    bench.shelf.behaviours = [lies.slowly(0.05)]
    former = bench.offer("riviere", size=4_000_000)
    bench.until(lambda: bench.part_bytes(former) > 0)
    bench.offer("riviere", "1.1")
    bench.until_stage("riviere", "installed")
    assert "1.1" in bench.manifest("riviere")
    assert bench.part_bytes(former) == 0
    assert bench.told() == [("installed", "")]


def test_an_offer_taken_back_under_way_leaves_nothing(bench: SpoolBench) -> None:
    bench.shelf.behaviours = [lies.slowly(0.05)]
    digest = bench.offer("riviere", size=4_000_000)
    bench.until(lambda: bench.part_bytes(digest) > 0)
    bench.withdraw("riviere")
    bench.until_stage("riviere", "removed")
    bench.turn()
    assert not bench.spooler.watched
    assert list((bench.folder / "spool").iterdir()) == []
    assert bench.told() == [("removed", "")]


def test_an_older_word_that_comes_late_changes_nothing(bench: SpoolBench) -> None:
    bench.offer("riviere")
    bench.until_stage("riviere", "installed")
    bench._serial += 5
    bench.withdraw("riviere")
    bench._serial -= 4
    bench.offer("riviere")
    bench.until_stage("riviere", "removed")
    assert not bench.manifest("riviere")


def test_an_older_offer_that_comes_late_changes_nothing(bench: SpoolBench) -> None:
    bench._serial += 5
    bench.offer("riviere", "1.1")
    bench._serial -= 5
    bench.offer("riviere", "1.0")
    bench.until_stage("riviere", "installed")
    assert "1.1" in bench.manifest("riviere")
    assert [row.stage for row in bench.store.packages.rows()] == ["installed"]


def test_the_former_versions_withdrawal_takes_nothing_from_the_one_that_comes(bench: SpoolBench) -> None:
    """The former one goes at once, whatever the network of the newer one: it may be withdrawn for a reason."""
    bench.offer("riviere")
    bench.until_stage("riviere", "installed")
    bench.shelf.behaviours = [lies.slowly(0.05)]
    newer = bench.offer("riviere", "1.1", size=4_000_000)
    bench.until(lambda: bench.part_bytes(newer) > 0)
    bench.withdraw("riviere", "1.0")
    bench.until(lambda: not bench.manifest("riviere"))
    assert bench.part_bytes(newer) < 4_000_000
    bench.until(lambda: "1.1" in bench.manifest("riviere"))
    bench.until(lambda: bench.told() == [("installed", ""), ("removed", ""), ("installed", "")])


def test_a_withdrawal_of_what_was_replaced_leaves_the_newer_one(bench: SpoolBench) -> None:
    bench.offer("riviere")
    bench.until_stage("riviere", "installed")
    bench.offer("riviere", "1.1")
    bench.until(lambda: "1.1" in bench.manifest("riviere"))
    bench.withdraw("riviere", "1.0")
    bench.until(lambda: bench.told()[-1] == ("removed", ""))
    assert bench.states()[-1].package.fingerprint == archive("riviere", "1.0")[1]
    bench.stop()
    (bench.folder / "packages" / "riviere" / "manifest.toml").unlink()
    bench.start()
    bench.until(lambda: "1.1" in bench.manifest("riviere"))  # still the clinic's wish


def test_a_word_that_cannot_be_read_stops_neither_the_link_nor_the_others(bench: SpoolBench) -> None:
    bench.offer("riviere")
    bench.until_stage("riviere", "installed")
    bench.store._database.execute('UPDATE package_word SET word = CAST(\'{"type":"of later"}\' AS BLOB)')
    bench.stop()
    bench.start()
    bench.offer("estuaire")
    bench.until_stage("estuaire", "installed")
    assert [told.id for told in read_status(bench.places.bedside, bench.folder / "link.db").packages] == ["estuaire"]


def test_the_table_of_before_is_taken_over(bench: SpoolBench) -> None:
    bench.offer("riviere")
    bench.until_stage("riviere", "installed")
    database = bench.store._database
    database.execute(
        """CREATE TABLE package (id TEXT PRIMARY KEY, serial INTEGER NOT NULL, expires_ms INTEGER NOT NULL,
            word BLOB NOT NULL, stage TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '')"""
    )
    database.execute("INSERT INTO package SELECT id, serial, expires_ms, word, stage, reason FROM package_word")
    database.execute("DROP TABLE package_word")
    bench.stop()
    bench.start()
    assert bench.row("riviere").stage == "installed"
    bench.withdraw("riviere")
    bench.until_stage("riviere", "removed")
    assert [row.id for row in bench.store.packages.rows()] == ["riviere"]


def answered(bench: SpoolBench, server_ms: int) -> None:
    """The clinic says what time it is."""
    now = bench.clock()
    sent = received = now.monotonic_ms
    told = Exchange(boot=now.boot, sent_monotonic_ms=sent, received_monotonic_ms=received, server_ms=server_ms)
    bench.store.note_answer(now, told)


@pytest.mark.parametrize("late", [True, False])
def test_an_offer_that_a_clock_alone_believes_expired_waits_for_the_clinics_time(
    bench: SpoolBench, *, late: bool
) -> None:
    """A refusal is for good, and a network may have set the clock wrongly."""
    bench.clock = HonestClock(bench.clock, bench.store.known_time)
    ends_ms = bench.clock().wall_ms - 3600_000
    bench.offer("riviere", expires_ms=ends_ms)
    for _ in range(3):
        bench.turn()
    assert (bench.row("riviere").stage, bench.told(), bench.shelf.asked) == ("offered", [], [])
    answered(bench, ends_ms + (60_000 if late else -3600_000))
    bench.until_stage("riviere", "refused" if late else "installed")
    assert bench.told() == [("refused", "expired") if late else ("installed", "")]


def test_an_offer_that_has_expired_is_refused(bench: SpoolBench) -> None:
    answered(bench, bench.clock().wall_ms)
    bench.offer("riviere", expires_ms=bench.clock().wall_ms - 1000)
    bench.until_stage("riviere", "refused")
    assert bench.told() == [("refused", "expired")]
    assert bench.shelf.asked == []
