"""A box whose data partition could not be opened keeps nothing in memory instead."""

from pathlib import Path

import pytest

from kiosk.shell.config import Config, Folders
from kiosk.shell.partition import KeyMissingError, require
from kiosk.shell.process import KEY_NOTICES
from kiosk.shell.selftest import protocol
from kiosk.shell.store import StorageError
from kiosk.words import LANGUAGES, load


@pytest.mark.parametrize("name", [".", "not-there"])
def test_a_folder_that_is_no_partition_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(StorageError, match="data partition"):
        require(str(tmp_path / name))


@pytest.mark.parametrize("place", ["", "/proc"])
def test_a_partition_is_taken_and_a_laptop_needs_none(place: str) -> None:
    require(place)


@pytest.mark.parametrize("state", ["other", "unreachable", "not-written", "nothing"])
def test_a_key_that_cannot_be_had_is_told_apart_from_damage(tmp_path: Path, state: str) -> None:
    (tmp_path / "key").write_text(f"tpm2 {state}\n")
    with pytest.raises(KeyMissingError) as told:
        require(str(tmp_path), str(tmp_path / "key"))
    assert told.value.reason == state
    for language in LANGUAGES:
        assert KEY_NOTICES[state] in load(language).notice


@pytest.mark.parametrize("words", ["", "tpm2 opened\n", "tpm2\n", "rot13 other\n", "tpm2 \xff\n"])
def test_where_the_key_was_had_or_nothing_is_told_the_partition_is_damaged(tmp_path: Path, words: str) -> None:
    (tmp_path / "key").write_text(words, encoding="latin-1")
    with pytest.raises(StorageError) as told:
        require(str(tmp_path), str(tmp_path / "key"))
    assert not isinstance(told.value, KeyMissingError)


@pytest.mark.parametrize(
    ("words", "check", "fine"),
    [
        ("tpm2 opened\n", "key-tpm2", True),
        ("pi-otp opened\n", "key-pi-otp", True),
        ("stand-in opened\n", "key-stand-in", False),
        ("", "key-none", False),
    ],
)
def test_the_self_test_names_the_kind_of_the_key(tmp_path: Path, words: str, check: str, fine: bool) -> None:  # noqa: FBT001
    here = str(tmp_path)
    (tmp_path / "key").write_text(words)
    folders = Folders(data=here, run=here, enrolment=here, packages=f"{here}/packages", data_key=f"{here}/key")
    (found,) = [one for one in protocol(Config(folders=folders)) if one.check.startswith("key")]
    assert (found.check, found.fine) == (check, fine)
    assert found.told


def test_a_laptop_has_no_key_to_tell_of(tmp_path: Path) -> None:
    here = str(tmp_path)
    found = protocol(Config(folders=Folders(data=here, run=here, enrolment=here, packages=f"{here}/packages")))
    assert not [one for one in found if one.check.startswith("key")]
