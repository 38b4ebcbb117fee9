"""A package on its way to the box: real HTTPS, a real program that fetches, and everything that can go wrong."""

import contextlib
import os
import random
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from audio.package import installing
from mqtt_bridge import authority
from mqtt_bridge.contract.care import CarePlan, PackageReference
from mqtt_bridge.contract.wire import Exchange
from mqtt_bridge.honest_time import HonestClock
from mqtt_bridge.link.child import Child
from mqtt_bridge.link.programs import STAGING
from mqtt_bridge.link.spooling import LOOK_MS
from mqtt_bridge.link.status import read_status
from tests.support import lying_shelf as lies
from tests.support.lying_shelf import Behaviour, LyingShelf, lying_shelf
from tests.support.spooling import QUICK, SpoolBench, archive
from tests.support.words_of_care import plan


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[LyingShelf]:
    with lying_shelf(tmp_path / "clinic") as shelf:
        yield shelf


@pytest.fixture
def bench(tmp_path: Path, shelf: LyingShelf) -> Iterator[SpoolBench]:
    bench = SpoolBench(tmp_path, shelf)
    yield bench
    bench.stop()


def naming(name: str, fingerprint: str) -> CarePlan:
    one = plan()
    request = msgspec.structs.replace(one.activity[0], package=PackageReference(id=name, fingerprint=fingerprint))
    return msgspec.structs.replace(one, activity=(request,))


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


def test_a_session_pauses_the_fetch_and_its_end_lets_it_go_on(bench: SpoolBench) -> None:
    bench.shelf.behaviours = [lies.slowly(0.02)]
    digest = bench.offer("riviere", size=2_000_000)
    bench.until(lambda: bench.part_bytes(digest) > 100_000)
    bench.draft("asking")
    bench.until(lambda: not bench.spooler.watched)
    kept = bench.part_bytes(digest)
    assert 100_000 < kept < 2_000_000
    told = bench.status("riviere")
    assert (told.stage, told.paused, told.received_bytes) == ("offered", True, kept)
    for step in ("explaining", "ready", "playing"):
        bench.draft(step)
        bench.turn()
        assert not bench.spooler.watched
    assert bench.part_bytes(digest) == kept
    bench.draft(None)
    bench.until_stage("riviere", "installed")
    assert bench.shelf.asked[-1][1] == f"bytes={kept}-"


def test_nothing_is_installed_nor_removed_during_care_but_in_the_night_after_it(bench: SpoolBench) -> None:
    bench.offer("riviere")
    bench.until(lambda: bool(list((bench.folder / "spool").glob("*.chevet"))))
    bench.spooler.stop()
    bench.draft("playing")
    for _ in range(3):
        bench.turn()
    assert bench.row("riviere").stage == "offered"
    bench.draft("resting")
    bench.until_stage("riviere", "installed")
    bench.draft("asking")
    bench.withdraw("riviere")
    for _ in range(3):
        bench.turn()
    assert bench.manifest("riviere")
    bench.draft(None)
    bench.until_stage("riviere", "removed")
    assert not bench.manifest("riviere")


def test_a_kiosk_database_that_cannot_be_read_counts_as_care(bench: SpoolBench) -> None:
    (bench.folder / "bedside.db").write_bytes(b"not a database" * 100)
    bench.offer("riviere")
    for _ in range(3):
        bench.turn()
        assert not bench.spooler.watched
    assert bench.status("riviere").paused


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


def test_a_spoilt_part_is_told_and_brought_again_though_a_plan_names_the_package(bench: SpoolBench) -> None:
    bench.offer("riviere")
    bench.until_stage("riviere", "installed")
    bench.prescribe(naming("riviere", archive("riviere")[1]))
    (bench.folder / "packages" / "riviere" / "spoilt").touch()
    asked = len(bench.shelf.asked)
    bench.offer("riviere")
    bench.until_stage("riviere", "installed")
    assert len(bench.shelf.asked) == asked + 1
    assert bench.installer_was_asked() == ["install", "check", "install"]


def test_what_is_there_is_checked_outside_care(bench: SpoolBench) -> None:
    bench.offer("riviere")
    bench.until_stage("riviere", "installed")
    bench.draft("playing")
    bench.offer("riviere")
    for _ in range(3):
        bench.turn()
        assert not bench.spooler.watched
    bench.draft(None)
    bench.until_stage("riviere", "installed")


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


def test_what_only_the_clinic_can_mend_is_not_downloaded_again_and_again(tmp_path: Path, shelf: LyingShelf) -> None:
    """Each try costs the whole archive; a broker's connection that comes and goes mends nothing."""
    bench = SpoolBench(tmp_path, shelf, replace(QUICK, retry_ms_max=3_600_000, spoilt_ms_max=7_200_000))
    shelf.behaviours = [lies.wrong_bytes]
    bench.offer("riviere")
    bench.until(lambda: bench.told() == [("failed", "wrong-bytes")])
    for _ in range(5):
        bench.spooler.network_came_back()
        bench.turn()
    assert len(shelf.asked) == 1
    assert (bench.spooler.due_ms(bench.clock()) or 0) > 1_000_000
    bench.offer("riviere")  # the clinic has mended it: its new word does not wait
    bench.until_stage("riviere", "installed")
    bench.stop()


def test_a_network_that_came_back_is_tried_at_once(tmp_path: Path, shelf: LyingShelf) -> None:
    bench = SpoolBench(tmp_path, shelf, replace(QUICK, retry_ms_min=3_600_000, retry_ms_max=3_600_000))
    shelf.behaviours = [lies.status(500)]
    bench.offer("riviere")
    bench.until(lambda: (bench.spooler.due_ms(bench.clock()) or 0) > 1_000_000)
    bench.spooler.network_came_back()
    bench.until_stage("riviere", "installed")
    bench.stop()


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


def test_what_an_installation_that_was_cut_off_left_goes_before_the_next_fetch(bench: SpoolBench) -> None:
    """The offer that it was for may be gone: nobody else would ever give that room back."""
    assert STAGING == installing.STAGING
    left = bench.folder / "packages" / STAGING / "package"
    left.mkdir(parents=True)
    (left / "part0.flac").write_bytes(bytes(1000))
    bench.offer("riviere")
    bench.until_stage("riviere", "installed")
    assert not left.parent.exists()


def test_a_plan_that_a_wrong_clock_believed_ended_is_in_force_again(bench: SpoolBench) -> None:
    bench.offer("riviere")
    bench.until_stage("riviere", "installed")
    package = PackageReference(id="riviere", fingerprint=archive("riviere")[1])
    bench.prescribe(naming("riviere", package.fingerprint))
    now = bench.clock()
    late = msgspec.structs.replace(now, wall_ms=now.wall_ms * 3)
    assert not bench.spooler._named_by_plan(package, late)
    assert bench.spooler._named_by_plan(package, now)


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


def test_a_package_in_use_is_installed_later(bench: SpoolBench) -> None:
    bench.installer_says((75, "package-in-use"), (75, "package-in-use"))
    bench.offer("riviere")
    bench.until_stage("riviere", "installed")
    assert bench.installer_was_asked() == ["install"] * 3
    assert len(bench.shelf.asked) == 1


def test_what_the_ear_refuses_is_not_tried_again(bench: SpoolBench) -> None:
    bench.installer_says((1, "signature-of-another-clinic"))
    bench.offer("riviere")
    bench.until_stage("riviere", "refused")
    (state,) = bench.states()
    assert state.reason == "signature-of-another-clinic"
    assert "what to do" in state.remedy
    assert list((bench.folder / "spool").iterdir()) == []


@pytest.mark.parametrize("code", ["no-room", "not-written"])
def test_what_the_boxs_disk_refuses_is_tried_again(bench: SpoolBench, code: str) -> None:
    bench.installer_says((1, code))
    bench.offer("riviere")
    bench.until_stage("riviere", "installed")
    assert bench.told() == [("failed", code), ("installed", "")]


def test_an_installer_that_breaks_is_tried_again(bench: SpoolBench) -> None:
    bench.installer_says((1, ""), (-9 & 0xFF, ""))
    bench.offer("riviere")
    bench.until_stage("riviere", "installed")
    assert len(bench.shelf.asked) == 1


def test_an_installer_that_installs_something_else_is_not_believed(bench: SpoolBench) -> None:
    bench.installer_says((0, ""))
    bench.offer("riviere")
    bench.until_stage("riviere", "refused")
    assert bench.told() == [("refused", "another-package")]


def test_the_records_room_is_never_taken(tmp_path: Path, shelf: LyingShelf) -> None:
    free = os.statvfs(tmp_path)
    bench = SpoolBench(tmp_path, shelf, replace(QUICK, kept_free_bytes=2 * free.f_bavail * free.f_frsize))
    bench.offer("riviere")
    bench.until(lambda: bench.told() == [("failed", "no-room")])
    for _ in range(10):
        bench.turn()
    assert bench.told() == [("failed", "no-room")]
    assert shelf.asked == []
    bench.stop()


@pytest.fixture
def small_spool(tmp_path: Path) -> Iterator[Path]:
    """A spool on a disk of 4 MB."""
    folder = tmp_path / "spool"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False).returncode:
        pytest.skip("mounting a small disk needs root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_disk_that_fills_under_way_is_told_and_waited_for(small_spool: Path, bench: SpoolBench) -> None:
    bench.shelf.behaviours = [lies.slowly(0.02)] * 2
    digest = bench.offer("riviere", size=1_500_000)
    bench.until(lambda: bench.part_bytes(digest) > 0)
    filler = os.open(small_spool / "filler", os.O_WRONLY | os.O_CREAT)
    with contextlib.suppress(OSError):
        while True:
            os.write(filler, bytes(4096))
    os.close(filler)
    bench.until(lambda: bench.told() == [("failed", "no-room")])
    (small_spool / "filler").unlink()
    bench.until_stage("riviere", "installed")


def test_a_package_that_a_plan_names_is_never_removed(bench: SpoolBench) -> None:
    bench.offer("riviere")
    bench.until_stage("riviere", "installed")
    bench.prescribe(naming("riviere", archive("riviere")[1]))
    bench.withdraw("riviere")
    bench.until(lambda: bench.told()[-1] == ("failed", "plan-names-it"))
    for _ in range(5):
        bench.turn()
    assert bench.manifest("riviere")
    bench.prescribe(naming("estuaire", "a" * 64))
    bench.until_stage("riviere", "removed")
    assert not bench.manifest("riviere")


def test_a_version_that_a_plan_names_is_replaced_only_once_the_plan_names_the_newer(bench: SpoolBench) -> None:
    bench.offer("riviere")
    bench.until_stage("riviere", "installed")
    bench.prescribe(naming("riviere", archive("riviere")[1]))
    bench.offer("riviere", "1.1")
    bench.until(lambda: bench.told()[-1] == ("failed", "plan-names-former"))
    assert "1.0" in bench.manifest("riviere")
    bench.prescribe(naming("riviere", archive("riviere", "1.1")[1]))
    bench.until_stage("riviere", "installed")
    assert "1.1" in bench.manifest("riviere")


def test_a_plan_that_cannot_be_read_may_name_anything(bench: SpoolBench) -> None:
    bench.offer("riviere")
    bench.until_stage("riviere", "installed")
    bench.prescribe(None)
    bench.store._database.execute("UPDATE orders SET letter = x'00' WHERE kind = 'plan'")
    bench.withdraw("riviere")
    bench.until(lambda: bench.told()[-1] == ("failed", "plan-names-it"))
    assert bench.manifest("riviere")


def test_a_package_that_is_gone_from_the_disk_is_fetched_again(bench: SpoolBench) -> None:
    bench.offer("riviere")
    bench.until_stage("riviere", "installed")
    bench.stop()
    (bench.folder / "packages" / "riviere" / "manifest.toml").unlink()
    bench.start()
    bench.until_stage("riviere", "installed")
    assert bench.manifest("riviere")


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


def test_an_installation_is_judged_when_its_program_has_ended(bench: SpoolBench) -> None:
    """Its name may stand in the folder before the disk has it: cutting it off then would lose it at a power cut."""
    bench.installer_lingers()
    bench.offer("riviere")
    bench.until(lambda: bool(bench.manifest("riviere")))
    for _ in range(5):
        bench.turn()
        assert bench.spooler.watched
        assert bench.row("riviere").stage == "offered"
    bench.installer_may_end()
    bench.until_stage("riviere", "installed")
    assert bench.installer_was_asked() == ["install", "ended"]
