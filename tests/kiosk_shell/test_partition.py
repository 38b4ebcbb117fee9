"""A box whose data partition could not be opened keeps nothing in memory instead."""

from pathlib import Path

import pytest

from kiosk.shell.partition import require
from kiosk.shell.store import StorageError


@pytest.mark.parametrize("name", [".", "not-there"])
def test_a_folder_that_is_no_partition_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(StorageError, match="data partition"):
        require(str(tmp_path / name))


@pytest.mark.parametrize("place", ["", "/proc"])
def test_a_partition_is_taken_and_a_laptop_needs_none(place: str) -> None:
    require(place)
