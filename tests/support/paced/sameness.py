"""Whether what a device played is the package, compared block by block: twenty minutes are 460 MB."""

import os
from pathlib import Path

from audio.package import read
from audio.player.gain import scale
from audio.sound_file import SoundReader

BLOCK_FRAMES = 48_000


def same_as_package(played: Path, package: Path, factor: float = 1.0) -> bool:
    """Whether the S32 frames in `played` are the decoded package at that level: the first to the last, and no more."""
    with played.open("rb") as heard:
        for part in read(package).part_paths():
            with SoundReader(part) as sound:
                while block := sound.read(BLOCK_FRAMES):
                    if heard.read(len(block)) != scale(block, factor):
                        return False
        return not heard.read(1)


def forget_played(played: Path) -> None:
    """Empty the file; the device appends to it."""
    os.truncate(played, 0)
