"""The box's data partition as the image makes and mounts it, small, on a loop device; its accounts by their numbers."""

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from firmware_config.image.recipe.place import IMAGE, TOP, listed
from tests.campaign.small_disk import SmallDisk

LIB = IMAGE / "tree/usr/lib"
SCRIPT = LIB / "chevet/data-partition"
MOUNT = LIB / "systemd/system/var-lib-chevet.mount"
PATHS = f"{os.environ['PATH']}:/usr/sbin:/sbin"
MIB = 512


def numbers() -> dict[str, int]:
    """Of each account and group that the image makes."""
    lines = [line.split() for line in listed(LIB / "sysusers.d/chevet.conf")]
    return {words[1]: int(words[2]) for words in lines if words[0] in "ug"}


def keep_room(device: Path) -> str:
    """As chevet-data does at each start; what was said."""
    script = SCRIPT.read_text()
    kept = re.search(r"^kept=.*$", script, re.MULTILINE)
    body = re.search(r"^keep_room\(\) \{\n.*?^\}\n", script, re.MULTILINE | re.DOTALL)
    assert kept
    assert body
    said = f'set -eu\nsay() {{ echo "$*"; }}\n{kept[0]}\n{body[0]}keep_room "$1"'
    words = ("sh", "-c", said, "sh", str(device))
    return subprocess.run(words, env={"PATH": PATHS}, capture_output=True, text=True, check=True).stdout


def kept_blocks(device: Path) -> int:
    """How many blocks the file system keeps back. Of the header on the disk."""
    told = subprocess.run(
        ["dumpe2fs", "-h", str(device)], env={"PATH": PATHS}, capture_output=True, text=True, check=True
    )
    found = re.search(r"^Reserved block count: +(\d+)$", told.stdout, re.MULTILINE)
    assert found, told.stdout
    return int(found[1])


def data_partition(folder: Path) -> SmallDisk:
    """Mounted as the image does, but for what would keep a test from it. Raises OSError."""
    options = re.search(r"^Options=(.*)$", MOUNT.read_text(), re.MULTILINE)
    assert options
    return SmallDisk(folder, MIB, options=options[1], made=_kept)


def _kept(image: Path) -> None:
    said = keep_room(image)
    assert kept_blocks(image), said


def as_account(user: str, groups: Sequence[str], command: Sequence[str]) -> list[str]:
    """The command as this account of the box: nothing of root's, but that it reads the program wherever it lies."""
    setpriv, of = shutil.which("setpriv", path=PATHS), numbers()
    assert setpriv, "apt-get install util-linux"
    also = ",".join(str(of[one]) for one in groups if one in of)
    caps = "-all,+dac_read_search"
    return [
        setpriv,
        f"--reuid={of[user]}",
        f"--regid={of['chevet']}",
        f"--groups={also}" if also else "--clear-groups",
        f"--inh-caps={caps}",
        f"--ambient-caps={caps}",
        f"--bounding-set={caps}",
        *command,
    ]


def groups_of(unit: str) -> list[str]:
    """What a unit of the box names as its further groups."""
    text = (TOP / "systemd" / f"{unit}.service").read_text()
    return [name for line in re.findall(r"^SupplementaryGroups=(.*)$", text, re.MULTILINE) for name in line.split()]
