"""A package on its way to the box: real HTTPS, a real program that fetches, and a shelf that lies."""

import os
import random
from dataclasses import replace
from pathlib import Path

import pytest

from mqtt_bridge import authority
from mqtt_bridge.link.child import Child
from mqtt_bridge.link.spooling import LOOK_MS
from tests.support import lying_shelf as lies
from tests.support.lying_shelf import Behaviour, LyingShelf
from tests.support.spooling import QUICK, SpoolBench


def test_an_offered_package_is_fetched_checked_installed_and_told(bench: SpoolBench) -> None:
    digest = bench.offer("riviere")
    bench.until_stage("riviere", "installed")
    assert "riviere" in bench.manifest("riviere")
    assert bench.told() == [("installed", "")]
    assert bench.part_bytes(digest) == 0
    assert list((bench.folder / "spool").iterdir()) == []
    assert not bench.spooler.watched


def test_what_is_there_already_is_not_fetched(bench: SpoolBench) -> None:
    bench.offer("riviere")
    bench.until_stage("riviere", "installed")
    asked = len(bench.shelf.asked)
    bench.offer("riviere")
    bench.until_stage("riviere", "installed")
    assert len(bench.shelf.asked) == asked


def test_a_fetch_killed_at_any_byte_goes_on_where_it_was(bench: SpoolBench) -> None:
    chance = random.Random(7)  # noqa: S311
    bench.shelf.behaviours = [lies.slowly(0.01)] * 6
    digest = bench.offer("riviere", size=2_000_000)
    for _ in range(4):
        wanted = bench.part_bytes(digest) + chance.randrange(20_000, 300_000)
        bench.until(lambda wanted=wanted: bench.part_bytes(digest) >= wanted)  # type: ignore[misc]
        bench.spooler.watched[0].end()  # kill -9
        bench.spooler._running = None
    bench.until_stage("riviere", "installed")
    later = [span for _, span, _ in bench.shelf.asked[1:]]
    assert all(span is not None and span != "bytes=0-" for span in later)
    assert {condition for _, _, condition in bench.shelf.asked[1:]} == {f'"{digest}"'}
    assert bench.shelf.sent_bytes < 2_000_000 * 1.5  # what was under way in a socket is sent twice


def test_a_link_that_starts_again_goes_on_where_it_was(bench: SpoolBench) -> None:
    bench.shelf.behaviours = [lies.slowly(0.01)]
    digest = bench.offer("riviere", size=2_000_000)
    bench.until(lambda: bench.part_bytes(digest) > 100_000)
    bench.stop()
    bench.start()
    bench.until_stage("riviere", "installed")
    assert bench.shelf.asked[-1][1] not in (None, "bytes=0-")


@pytest.mark.parametrize(
    ("lie", "code"),
    [
        (lies.wrong_bytes, "wrong-bytes"),
        (lies.too_short, "wrong-length"),
        (lies.endless, "wrong-length"),
        (lies.another_file, "wrong-bytes"),
        (lies.deflated, "wrong-bytes"),
        (lies.status(302, Location="https://127.0.0.1:1/packages/x"), "redirected"),
        (lies.status(404), "not-on-shelf"),
        (lies.status(403), "not-on-shelf"),
    ],
)
def test_a_shelf_that_lies_is_not_believed_and_told_of(bench: SpoolBench, lie: Behaviour, code: str) -> None:
    bench.shelf.behaviours = [lie]
    bench.offer("riviere")
    bench.until_stage("riviere", "installed")
    assert bench.told() == [("failed", code), ("installed", "")]
    assert bench.states()[0].remedy


@pytest.mark.parametrize("lie", [lies.another_range, lies.wrong_bytes, lies.another_file, lies.status(416)])
def test_a_lie_in_the_middle_spoils_nothing(bench: SpoolBench, lie: Behaviour) -> None:
    bench.shelf.behaviours = [lies.cut_after(200_000), lie]
    bench.offer("riviere")
    bench.until_stage("riviere", "installed")
    assert len(bench.shelf.asked) >= 3


def test_a_shelf_that_sends_all_instead_of_a_range_is_heard_from_the_beginning(bench: SpoolBench) -> None:
    bench.shelf.behaviours = [lies.cut_after(200_000), lies.whole_again]
    bench.offer("riviere")
    bench.until_stage("riviere", "installed")
    assert [span is None for _, span, _ in bench.shelf.asked] == [True, False]


def test_more_than_was_announced_is_not_read(bench: SpoolBench) -> None:
    bench.shelf.behaviours = [lies.more_than_announced]
    bench.offer("riviere")
    bench.until_stage("riviere", "installed")
    assert bench.told() == [("installed", "")]


@pytest.mark.parametrize("lie", [lies.trickle, lies.never_answers])
def test_a_shelf_that_gives_almost_nothing_is_given_up(tmp_path: Path, shelf: LyingShelf, lie: Behaviour) -> None:
    bench = SpoolBench(tmp_path, shelf, replace(QUICK, silent_ms_max=3_000, patient_tries=1))
    shelf.behaviours = [lie]
    bench.offer("riviere")
    bench.until_stage("riviere", "installed")
    assert bench.told() == [("failed", "slow"), ("installed", "")]
    bench.stop()


def test_a_network_that_comes_and_goes_is_told_once_and_only_when_it_lasts(bench: SpoolBench) -> None:
    bench.shelf.behaviours = [lies.status(500)] * 2
    bench.offer("riviere")
    bench.until_stage("riviere", "installed")
    assert bench.told() == [("installed", "")]
    bench.shelf.behaviours = [lies.status(500)] * 6
    bench.offer("estuaire")
    bench.until_stage("estuaire", "installed")
    assert bench.told()[1:] == [("failed", "unreachable"), ("installed", "")]


def test_a_network_that_came_back_is_tried_at_once(tmp_path: Path, shelf: LyingShelf) -> None:
    bench = SpoolBench(tmp_path, shelf, replace(QUICK, retry_ms_min=3_600_000, retry_ms_max=3_600_000))
    shelf.behaviours = [lies.status(500)]
    bench.offer("riviere")
    bench.until(lambda: (bench.spooler.due_ms(bench.clock()) or 0) > 1_000_000)
    bench.spooler.network_came_back()
    bench.until_stage("riviere", "installed")
    bench.stop()


def test_another_authority_is_not_believed(tmp_path: Path, shelf: LyingShelf, bench: SpoolBench) -> None:
    authority.make_authority(tmp_path / "other", "maison")
    (tmp_path / "enrolment" / "ca.pem").write_bytes((tmp_path / "other" / "ca.pem").read_bytes())
    bench.offer("riviere")
    bench.until(lambda: bench.told() == [("failed", "unreachable")])
    assert shelf.asked == []


def test_it_runs_at_the_lowest_priority(bench: SpoolBench) -> None:
    bench.shelf.behaviours = [lies.slowly(0.05)]
    digest = bench.offer("riviere", size=4_000_000)
    bench.until(lambda: bench.part_bytes(digest) > 0)
    assert os.getpriority(os.PRIO_PROCESS, bench.spooler.watched[0]._process.pid) == 19


def test_several_offers_are_carried_out_one_at_a_time(bench: SpoolBench) -> None:
    for name in ("riviere", "estuaire", "abri"):
        bench.offer(name)
    bench.until(lambda: all(bench.row(name).stage == "installed" for name in ("riviere", "estuaire", "abri")))
    assert len(bench.shelf.asked) == 3
    assert [state.package.id for state in bench.states()] == ["riviere", "estuaire", "abri"]


def test_an_enrolment_of_before_the_shelf_says_so(bench: SpoolBench) -> None:
    bench.stop()
    file = bench.folder / "enrolment" / "enrolment.json"
    file.write_text(file.read_text().replace(f',"shelf_host":"127.0.0.1","shelf_port":{bench.shelf.port}', ""))
    assert "shelf" not in file.read_text()
    bench.start()
    bench.offer("riviere")
    bench.until(lambda: bench.told() == [("failed", "no-shelf")])


def test_nothing_begins_while_a_program_that_was_cut_off_is_held_by_the_disk(bench: SpoolBench) -> None:
    """The link itself goes on: it does not wait for what kill -9 does not end yet."""
    held = Child(["sleep", "600"], 0)
    bench.spooler._ending.append(held)
    bench.offer("riviere")
    for _ in range(5):
        bench.turn()
        assert not bench.spooler.watched
    assert bench.spooler.due_ms(bench.clock()) == LOOK_MS
    held.end()
    assert held.ended()
    bench.until_stage("riviere", "installed")
