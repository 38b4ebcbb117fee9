"""Two folders change names at one instant: renameat2(2) with RENAME_EXCHANGE, by ctypes."""

import ctypes
import errno
import os
from pathlib import Path

AT_FDCWD = -100
RENAME_EXCHANGE = 2


def exchange(one: Path, other: Path) -> None:
    """Exchange two names of one file system; a crash leaves both as before or both exchanged. Raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.renameat2(AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other), ctypes.c_uint(RENAME_EXCHANGE)):
        code = ctypes.get_errno()
        words = "this file system cannot exchange two folders" if code == errno.EINVAL else os.strerror(code)
        raise OSError(code, words, str(other))
