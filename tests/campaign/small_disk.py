"""A small file system of its own for a folder, which can be full: ext4 on a loop device, or a tmpfs."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

FILLER = "filler"
_TAKEN_MAX, _TAKEN_MIN = 1 << 24, 1 << 12
_LEFT_BYTES_MAX = 1 << 16
BLOCK_BYTES = 4096
"""Of the file system, as on the box. SQLite keeps room for the pages (4 KiB) of the -shm file that it maps by writing
the last byte of each: in smaller blocks, which mkfs chooses for a disk under 512 MB, the rest of a page is a hole, and
on a full disk whoever touches it is killed by SIGBUS (test_small_disk.py; a campaign ended so after 340 rounds)."""


class SmallDisk:
    """Mounted on `folder`. `kind`: ext4 or tmpfs. Raises OSError when neither can be had.

    options: of the mount; made: what else is done to the file system, before it is mounted.
    """

    def __init__(
        self,
        folder: Path,
        mib: int,
        block_bytes: int = BLOCK_BYTES,
        options: str = "",
        made: Callable[[Path], None] = lambda _: None,
    ) -> None:
        self.folder, self._image = folder, folder.with_name(f"{folder.name}.img")
        folder.mkdir(parents=True)
        problem = self._loop(mib, block_bytes, ",".join(filter(None, ("loop", options))), made)
        self.kind = "ext4" if not problem else "tmpfs"
        if problem:
            self._image.unlink(missing_ok=True)
            _run("mount", "-t", "tmpfs", "-o", f"size={mib}m", "chevet-campaign", str(folder))

    def _loop(self, mib: int, block_bytes: int, options: str, made: Callable[[Path], None]) -> str:
        """Why there is no loop device; empty when it is mounted."""
        with self._image.open("wb") as image:
            image.truncate(mib << 20)
        try:
            _run("mkfs.ext4", "-q", "-F", "-b", str(block_bytes), "-m", "0", str(self._image))
            made(self._image)
            _run("mount", "-o", options, str(self._image), str(self.folder))
        except OSError as error:
            return str(error)
        return ""

    def fill(self) -> None:
        """Take all the room that there is."""
        size = _TAKEN_MAX
        with (self.folder / FILLER).open("ab") as file:
            while size >= _TAKEN_MIN:
                try:
                    os.posix_fallocate(file.fileno(), file.seek(0, os.SEEK_END), size)
                except OSError:
                    size //= 2

    def is_full(self) -> bool:
        """Filled by `fill`, and nobody has given up room since: a few blocks are left at most."""
        told = os.statvfs(self.folder)
        return (self.folder / FILLER).exists() and told.f_bavail * told.f_frsize <= _LEFT_BYTES_MAX

    def free(self) -> None:
        (self.folder / FILLER).unlink(missing_ok=True)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            _run("umount", "--lazy", str(self.folder))
        self._image.unlink(missing_ok=True)


def _run(*words: str) -> None:
    program = shutil.which(words[0], path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if program is None:
        raise OSError(f"no {words[0]}")
    done = subprocess.run([program, *words[1:]], capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(f"{' '.join(words)}: {done.stderr.strip()}")
