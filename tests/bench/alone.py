"""One bench at a time: two on one machine would measure each other, and share a folder."""

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path


class BenchRunsError(Exception):
    """Another bench runs."""


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, which ends with the process that has it. Raises BenchRunsError."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BenchRunsError(f"another bench runs here ({lock.name} is held): wait for its end") from error
        yield
