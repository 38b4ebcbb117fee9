"""A machine with the memory of a Zero 2 W, without the emulator: how much it is given, and what is asked of it."""

import re
import subprocess

from firmware_config.image.recipe.place import IMAGE, listed
from tests.appliance import small
from tests.appliance.parts import PARTS


def test_it_is_what_the_firmware_leaves_of_512() -> None:
    (kept,) = [int(line.partition("=")[2]) for line in listed(IMAGE / "boot/config.txt") if line.startswith("gpu_mem=")]
    assert small.MEMORY_MIB + kept == 512
    assert PARTS["small"] is small.small


def test_the_kernels_three_figures_are_read() -> None:
    done = subprocess.run(["sh", "-c", small.LEFT], capture_output=True, text=True, check=True)
    assert [bool(re.fullmatch(r"[0-9]+ kB", line)) for line in done.stdout.splitlines()] == [True, True, True]
