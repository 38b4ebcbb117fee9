"""Who uses a package holds it; what is held is neither removed nor replaced.

The lock is flock(2) on the package's folder: it is the kernel's, so that it ends with the process that took it, however
that ends. It follows the folder and not its name: after a replacement the name is another folder, looked at again.
"""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from audio.errors import PackageError, PackageInUse
from audio.package.consistency import MANIFEST_NAME

WAIT_S_MAX = 5.0
LOOK_S = 0.01


class Hold:
    """A shared hold: several may have it. Releasing twice is harmless."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    def release(self) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def hold(path: Path) -> Hold:
    """Hold the package in the folder `path` until `release`.

    A replacement under way (some milliseconds) is awaited. Raises PackageError (manifest-missing) where there is no
    such folder, PackageInUse when it is being replaced for longer than WAIT_S_MAX.
    """
    until_s = time.monotonic() + WAIT_S_MAX
    while True:
        descriptor = _locked(path, fcntl.LOCK_SH)
        if descriptor is not None:
            return Hold(descriptor)
        if time.monotonic() >= until_s:
            raise _in_use(path, "it is being replaced or removed")
        time.sleep(LOOK_S)


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Have the package in the folder `path` alone, to remove or replace it. Raises PackageInUse when it is held."""
    descriptor = _locked(path, fcntl.LOCK_EX)
    if descriptor is None:
        raise _in_use(path, "a session is prepared or played from it")
    try:
        yield
    finally:
        os.close(descriptor)


def _locked(path: Path, kind: int) -> int | None:
    """Return the locked folder, or None when somebody else has it or it is no longer what `path` names."""
    descriptor = _opened(path)
    try:
        taken = _take(descriptor, path, kind)
    except BaseException:
        os.close(descriptor)
        raise
    if taken:
        return descriptor
    os.close(descriptor)
    return None


def _take(descriptor: int, path: Path, kind: int) -> bool:
    """Lock a folder; False when it is locked, or was replaced or removed between its opening and its locking."""
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except (BlockingIOError, FileNotFoundError):
        return False


def _opened(path: Path) -> int:
    try:
        return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise PackageError(
            "manifest-missing",
            "There is no package here",
            value=f"{path} ({error.strerror})",
            allowed=f"a folder with {MANIFEST_NAME}",
            remedy="Give the package's folder, or install the package again.",
        ) from error


def _in_use(path: Path, why: str) -> PackageInUse:
    return PackageInUse(
        "package-in-use",
        "The package is in use",
        value=f"{path}: {why}",
        allowed="a package that nobody holds",
        remedy="Try again when the session has ended.",
    )
