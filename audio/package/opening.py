"""Opens files that others have put there: a pipe with a file's name must not block for ever, nor a device be read."""

import io
import os
import stat
from pathlib import Path


def open_regular(path: Path, *, follow: bool = True) -> io.BufferedReader:
    """Open a regular file to read; `follow`: through symbolic links. Raises OSError."""
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | (0 if follow else os.O_NOFOLLOW)
    descriptor = os.open(path, flags)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(0, "not a regular file", str(path))
    return os.fdopen(descriptor, "rb")
