"""A start on a card without a block left, after a power cut: real file system, real SQLite, a process that is cut."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.shell.process import _why
from kiosk.shell.store import BedsideStore, FullError, StorageError
from mqtt_bridge.seal import make_keys
from tests.campaign.small_disk import FILLER, SmallDisk
from tests.support.wire import enrolled

CUT = """
import os, sys
from pathlib import Path
from kiosk.journey.effects import Write
from kiosk.shell.store import BedsideStore
from mqtt_bridge import enrolment
from mqtt_bridge.clock import system_clock
from mqtt_bridge.contract.report import HelpAsked
store = BedsideStore(Path(sys.argv[1]), enrolment.load(Path(sys.argv[2])))
assert sys.argv[3] == "without" or store.reserve()
now = system_clock("timesync")()
store.write(Write(at=now, reports=(HelpAsked(help="help", asked=now),), plan=None, draft=None))
os._exit(0)
"""
"""Its write-ahead log stays as it is: what a power cut leaves."""


@pytest.fixture
def card(tmp_path: Path) -> Iterator[SmallDisk]:
    disk = SmallDisk(tmp_path / "card", 128)
    if disk.kind != "ext4":
        disk.close()
        pytest.skip("no loop device can be mounted here")
    yield disk
    disk.close()


def _cut_and_filled(card: SmallDisk, enrolment: Path, reserve: str) -> Path:
    """The kiosk's database on a card on which not a block is free."""
    path = card.folder / "bedside.db"
    subprocess.run([sys.executable, "-c", CUT, str(path), str(enrolment), reserve], check=True)
    _fill_whole(card)
    return path


def _fill_whole(card: SmallDisk) -> None:
    card.fill()
    with (card.folder / FILLER).open("ab", buffering=0) as file, pytest.raises(OSError, match="No space left"):
        _write_for_ever(file.fileno())


def _write_for_ever(descriptor: int) -> None:
    """What the file system keeps back from fallocate(2), writes are given."""
    while True:
        os.write(descriptor, b"x" * 4096)
        os.fsync(descriptor)


def test_a_start_on_a_full_card_takes_the_room_that_was_kept_for_a_session(card: SmallDisk, tmp_path: Path) -> None:
    of_the_box = enrolled(tmp_path / "enrolment", make_keys())
    path = _cut_and_filled(card, tmp_path / "enrolment", "with")
    store = BedsideStore(path, of_the_box)
    try:
        assert store.waiting() == 1, "what was kept before the cut is there"
        assert store.free_bytes() < 64 * 1024 * 1024, "home says that the box is full"
        assert not path.with_name("reserve").exists()
    finally:
        store.close()
    again = BedsideStore(path, of_the_box)
    again.close()


def test_a_card_that_has_no_block_for_sqlites_shared_memory_is_full_and_not_broken(
    card: SmallDisk, tmp_path: Path
) -> None:
    """After a power cut its file may be gone or empty: then SQLite speaks of a « disk I/O error »."""
    of_the_box = enrolled(tmp_path / "enrolment", make_keys())
    path = card.folder / "bedside.db"
    subprocess.run([sys.executable, "-c", CUT, str(path), str(tmp_path / "enrolment"), "without"], check=True)
    path.with_name("bedside.db-shm").unlink()
    _fill_whole(card)
    with pytest.raises(FullError, match="disk I/O error"):
        BedsideStore(path, of_the_box)
    card.free()
    store = BedsideStore(path, of_the_box)
    try:
        assert store.waiting() == 1
    finally:
        store.close()


def test_without_that_room_the_screen_says_that_the_box_is_full_and_not_that_it_is_broken(
    card: SmallDisk, tmp_path: Path
) -> None:
    of_the_box = enrolled(tmp_path / "enrolment", make_keys())
    path = _cut_and_filled(card, tmp_path / "enrolment", "without")
    with pytest.raises(FullError) as told:
        BedsideStore(path, of_the_box)
    assert _why(told.value) == "no-room"
    assert _why(StorageError("anything else")) == "storage-damaged"
    card.free()
    store = BedsideStore(path, of_the_box)  # nothing of the refused start holds it
    try:
        assert store.waiting() == 1
    finally:
        store.close()
