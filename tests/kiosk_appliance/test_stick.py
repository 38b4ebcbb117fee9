"""The update on a stick, on real folders: taken whole or not, once, and again when somebody wishes it."""

from pathlib import Path

import pytest

from kiosk.appliance.stick import KNOWN, LEFT_IN_S, STICK_NAME, TakeError, take
from mqtt_bridge.update_told import STICK, bundle_of

AT_START_S = 30.0
PUT_IN_S = LEFT_IN_S + 1


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


@pytest.fixture
def updates(tmp_path: Path) -> Path:
    folder = tmp_path / "updates"
    folder.mkdir()
    return folder


def used_up(updates: Path) -> None:
    """What the updater does with what it has written or refused."""
    bundle_of(updates, STICK).unlink()


def test_a_stick_is_copied_whole(stick: Path, updates: Path) -> None:
    assert take(stick, updates, PUT_IN_S) == "none"
    (stick / STICK_NAME).write_bytes(b"bundle" * 500_000)
    assert take(stick, updates, PUT_IN_S) == "taken"
    assert bundle_of(updates, STICK).read_bytes() == b"bundle" * 500_000
    assert sorted(path.name for path in updates.iterdir()) == ["stick.raucb", KNOWN]


def test_a_stick_that_is_in_at_the_first_start_is_taken(stick: Path, updates: Path) -> None:
    (stick / STICK_NAME).write_bytes(b"bundle")
    assert take(stick, updates, AT_START_S) == "taken"


def test_a_stick_that_was_left_in_is_not_copied_again(stick: Path, updates: Path) -> None:
    (stick / STICK_NAME).write_bytes(b"bundle")
    take(stick, updates, PUT_IN_S)
    used_up(updates)
    assert take(stick, updates, AT_START_S) == "known"
    assert [path.name for path in updates.iterdir()] == [KNOWN]


def test_a_stick_that_is_put_in_again_is_a_persons_wish(stick: Path, updates: Path) -> None:
    (stick / STICK_NAME).write_bytes(b"bundle")
    take(stick, updates, PUT_IN_S)
    used_up(updates)
    assert take(stick, updates, PUT_IN_S) == "taken"


def test_another_update_is_taken_at_a_start_too(stick: Path, updates: Path) -> None:
    (stick / STICK_NAME).write_bytes(b"bundle")
    take(stick, updates, PUT_IN_S)
    (stick / STICK_NAME).write_bytes(b"another")
    assert take(stick, updates, AT_START_S) == "taken"
    assert bundle_of(updates, STICK).read_bytes() == b"another"


def test_a_copy_that_was_cut_short_is_begun_anew(stick: Path, updates: Path) -> None:
    """Only what is whole on the disk is known."""
    (stick / STICK_NAME).write_bytes(b"bundle")
    bundle_of(updates, STICK).with_suffix(".part").write_bytes(b"bun")
    assert take(stick, updates, AT_START_S) == "taken"
    assert bundle_of(updates, STICK).read_bytes() == b"bundle"


def test_what_is_no_file_is_no_update(stick: Path, updates: Path) -> None:
    (stick / STICK_NAME).symlink_to(stick)
    assert take(stick, updates, PUT_IN_S) == "none"


def test_a_stick_that_fills_the_records_room_is_refused(stick: Path, updates: Path) -> None:
    with (stick / STICK_NAME).open("wb") as file:
        file.truncate(2**42)
    with pytest.raises(TakeError, match="take packages away"):
        take(stick, updates, PUT_IN_S)
    assert not list(updates.iterdir())
