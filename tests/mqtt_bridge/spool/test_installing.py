"""What the installer and the disk refuse, and what is tried again."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from audio.package import installing
from mqtt_bridge.link.programs import STAGING
from tests.support import lying_shelf as lies
from tests.support.lying_shelf import LyingShelf
from tests.support.spooling import QUICK, SpoolBench


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


def test_what_an_installation_that_was_cut_off_left_goes_before_the_next_fetch(bench: SpoolBench) -> None:
    """The offer that it was for may be gone: nobody else would ever give that room back."""
    assert STAGING == installing.STAGING
    left = bench.folder / "packages" / STAGING / "package"
    left.mkdir(parents=True)
    (left / "part0.flac").write_bytes(bytes(1000))
    bench.offer("riviere")
    bench.until_stage("riviere", "installed")
    assert not left.parent.exists()


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
