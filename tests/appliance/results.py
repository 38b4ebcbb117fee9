"""What the test of the image has seen so far: one run of a part after the other, in one file if it is asked for.

A table of hours can be made in pieces: each run says by which code and on which image it was, and none is taken out.
"""

import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.appliance.qmp import EmulatorError
from tests.appliance.table import Row


@dataclass(frozen=True)
class Image:
    """version, sha256: of what was started; any: it was tested whatever it is of, and may not be of that commit."""

    version: str
    sha256: str
    any: bool = False

    def __str__(self) -> str:
        return f"image {self.version}, sha256 {self.sha256}{', whatever it is of' if self.any else ''}"


@dataclass(frozen=True)
class Run:
    """One part, once. commit: of the test's own code, with a `+` where files were changed since.

    began: in UTC, `2026-11-30 17:23`; load: of the last five minutes, at its end.
    """

    part: str
    image: Image
    commit: str
    began: str
    took_s: float
    load: float
    rows: tuple[Row, ...]

    @property
    def fine(self) -> bool:
        """Whether it came to its end within its limits, nothing lost and nothing twice. Of nothing it is not."""
        return bool(self.rows) and not any(
            one.lost or one.twice or not one.ended or not one.within for one in self.rows
        )


class Book:
    """The runs, kept in the file after each of them; without a file in memory.

    Two commands (of two trees, say) may write into one file: each adds to what stands there by then.
    """

    def __init__(self, file: Path | None = None) -> None:
        """Raises EmulatorError: what stands there is no such file."""
        self._file = file
        self._unwritten: list[Run] = []
        self.runs: list[Run] = _read(file) if file is not None and file.exists() else []

    def add(self, run: Run) -> None:
        """Raises OSError: the file cannot be written; it is as it was then. EmulatorError: it has become another."""
        self.runs.append(run)
        self._unwritten.append(run)
        if self._file is None:
            return
        part = self._file.with_name(f"{self._file.name}.part")
        with _alone_in(self._file.parent), part.open("w") as file:
            runs = [*(_read(self._file) if self._file.exists() else ()), *self._unwritten]
            json.dump([asdict(one) for one in runs], file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
            part.replace(self._file)
        self.runs, self._unwritten = runs, []

    def rest(self, parts: Sequence[str], image: Image) -> list[str]:
        """Of these parts those whose last run on this image is not fine, or is none."""
        last = {run.part: run for run in self.runs if run.image.sha256 == image.sha256}
        return [name for name in parts if name not in last or not last[name].fine]


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """The lock is on the folder itself, and leaves no file there."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _read(file: Path) -> list[Run]:
    try:
        return [_run(one) for one in json.loads(file.read_text())]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise EmulatorError(f"{file} holds no runs of the image's test: {error!r}; name another file") from error


def _run(told: dict[str, Any]) -> Run:
    rows = tuple(Row(**row) for row in told.pop("rows"))
    return Run(image=Image(**told.pop("image")), rows=rows, **told)
