"""What chevet-data keeps of the card for the databases: by its own lines of shell, on a file of ext4."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.support.data_partition import MOUNT, PATHS, SCRIPT, keep_room, kept_blocks, numbers

KEPT = 16384
"""64 MiB."""


def made(folder: Path, mib: int, percent: str) -> Path:
    image = folder / "image"
    with image.open("wb") as file:
        file.truncate(mib << 20)
    words = ("mkfs.ext4", "-q", "-F", "-b", "4096", "-m", percent, str(image))
    subprocess.run(words, env={"PATH": PATHS}, check=True)
    return image


@pytest.mark.parametrize("percent", ["0", "1"])
def test_a_partition_keeps_as_much_whichever_image_made_it(tmp_path: Path, percent: str) -> None:
    """1: what the first images kept, for root alone."""
    image = made(tmp_path, 512, percent)
    keep_room(image)
    assert kept_blocks(image) == KEPT


def test_the_second_start_writes_nothing(tmp_path: Path) -> None:
    image = made(tmp_path, 512, "0")
    keep_room(image)
    before = image.read_bytes()
    assert keep_room(image) == ""
    assert image.read_bytes() == before


def test_a_partition_on_which_it_cannot_be_kept_is_used_all_the_same(tmp_path: Path) -> None:
    image = made(tmp_path, 64, "0")
    assert "no room could be kept" in keep_room(image)
    assert kept_blocks(image) == 0


def test_it_is_kept_of_every_partition_before_it_is_mounted() -> None:
    script = SCRIPT.read_text()
    opened = script[script.index("open_it() {") :]
    assert opened.index("e2fsck -p") < opened.index("keep_room ") < opened.index("start var-lib-chevet.mount")
    assert script.index("mkfs.ext4") < script.index('keep_room "/dev/mapper/$name"\n    sync')


def test_the_mount_gives_it_to_the_group_by_its_number() -> None:
    given = re.search(r"^Options=.*\bresgid=(\d+)", MOUNT.read_text(), re.MULTILINE)
    assert given
    assert int(given[1]) == numbers()["chevet-records"]
