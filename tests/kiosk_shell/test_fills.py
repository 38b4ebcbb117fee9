"""What fills a card, told by whose it is; and what is to be done, for each."""

import errno
from pathlib import Path
from typing import get_args

import pytest

from kiosk.journey.events import Filler
from kiosk.shell import fills, selftest
from kiosk.shell.config import Config, Folders

KIB = 1024


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    places = {name: str(tmp_path / name) for name in ("data", "run", "enrolment", "packages")}
    return Folders(**places, partition=str(tmp_path))


def put(path: Path, kibibytes: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * kibibytes * KIB)


def test_each_byte_is_counted_to_whose_it_is(folders: Folders, tmp_path: Path) -> None:
    before = fills.taken(folders)
    put(tmp_path / "packages" / "riviere" / "montage.flac", 400)
    put(tmp_path / "data" / "spool" / "half-fetched", 200)  # a package on its way
    put(tmp_path / "data" / "bedside.db", 100)
    put(tmp_path / "updates" / "system.raucb", 800)
    found = fills.taken(folders)
    grown = {name: (found[name] - before[name]) // KIB for name in ("cares", "records", "updates")}
    assert 600 <= grown["cares"] < 650  # and the folders' own blocks
    assert 100 <= grown["records"] < 150
    assert 800 <= grown["updates"] < 850
    assert fills.fullest(found | {"other": 0}) == "updates"


def test_what_is_none_of_the_boxs_own_is_the_rest_of_its_partition(folders: Folders) -> None:
    assert fills.taken(folders)["other"] > 0
    laptop = Folders(folders.data, folders.run, folders.enrolment, folders.packages)
    assert fills.taken(laptop)["other"] == 0, "of a laptop's disk nothing is said"
    assert fills.taken(laptop)["updates"] == 0


def test_folders_that_are_not_there_take_nothing(folders: Folders, tmp_path: Path) -> None:
    gone = Folders(str(tmp_path / "a"), "b", "c", str(tmp_path / "d"), partition=str(tmp_path / "e"))
    assert set(fills.taken(gone).values()) == {0}
    assert fills.bytes_in(Path(folders.packages)) == 0


def test_a_link_to_elsewhere_is_not_followed(tmp_path: Path) -> None:
    put(tmp_path / "elsewhere" / "large", 900)
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "link").symlink_to(tmp_path / "elsewhere")
    assert fills.bytes_in(tmp_path / "here") < 100 * KIB


def test_each_has_its_advice() -> None:
    assert set(fills.REMEDIES) == set(get_args(Filler))
    assert len(set(fills.REMEDIES.values())) == len(fills.REMEDIES)


def test_a_card_with_room_is_filled_by_nothing(folders: Folders, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    config = Config(folders=folders)
    if selftest.free_bytes(config) < selftest.ROOM_BYTES_MIN:
        pytest.skip("this machine's own disk is full")
    assert selftest.filled(config) is None
    assert {errno.ENOSPC, errno.EDQUOT} == set(selftest.FULL)
