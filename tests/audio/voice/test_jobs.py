"""Works side by side: each failure is told and stops no other, and a killed one is not taken for done."""

import os
import signal
from functools import partial
from pathlib import Path

from audio.errors import MontageError
from audio.voice.jobs import Job, Progress, run


def writes(file: Path, progress: Progress) -> None:
    progress("writing", 0.5)
    file.write_text(str(os.getpid()))
    progress("writing", 1.0)
    progress("more", 1.0)


def refuses(progress: Progress) -> None:
    progress("refusing", 0.1)
    raise MontageError("render", "It was refused", value="no", allowed="yes", remedy="Ask again.")


def lacks_room(_progress: Progress) -> None:
    raise OSError(28, "No space left on device")


def dies(progress: Progress) -> None:
    progress("dying", 1.0)
    os.kill(os.getpid(), signal.SIGKILL)


def test_each_failure_is_told_and_stops_no_other(tmp_path: Path) -> None:
    told: list[float] = []
    files = [tmp_path / name for name in "ab"]
    jobs = [
        Job("dies", 1.0, dies),
        Job("refuses", 2.0, refuses),
        Job("full", 1.0, lacks_room),
        *(Job(file.name, 3.0, partial(writes, file)) for file in files),
    ]
    failed = run(jobs, 2, lambda _words, done: told.append(done))
    assert set(failed) == {"dies", "refuses", "full"}
    assert "code -9" in failed["dies"]
    assert "It was refused" in failed["refuses"]
    assert "No space left" in failed["full"]
    assert len({file.read_text() for file in files} | {str(os.getpid())}) == 3, "each in a process of its own"
    assert told == sorted(told)
    assert told[-1] == 1.0
