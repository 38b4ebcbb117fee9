"""Several long works side by side, each in a process of its own: how far they are, what they made, how they failed."""

import contextlib
import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

import msgspec

from audio.errors import AudioError

Progress = Callable[[str, float], None]
Work = Callable[[Progress], None]
WAIT_S = 1.0
END_S_MAX = 10


class Job(msgspec.Struct, frozen=True):
    """`work` is called in its own process (it must be picklable); `weight` is its share of the whole, in any unit."""

    name: str
    weight: float
    work: Work


class _Running(msgspec.Struct):
    job: Job
    process: BaseProcess
    ear: Connection


def run(jobs: list[Job], at_once: int, progress: Progress) -> dict[str, str]:
    """Do all jobs, `at_once` at a time; return why each failed that did. One that fails does not stop the others."""
    waiting, running, failed = list(jobs), list[_Running](), dict[str, str]()
    done = dict.fromkeys((job.name for job in jobs), 0.0)
    total = sum(job.weight for job in jobs)
    try:
        while waiting or running:
            while waiting and len(running) < at_once:
                running.append(_start(waiting.pop(0)))
            for each in _heard(running, done, failed):
                running.remove(each)
            left = len(waiting) + len(running)
            progress(
                f"{len(jobs) - left} of {len(jobs)} made", sum(job.weight * done[job.name] for job in jobs) / total
            )
    finally:
        for each in running:
            each.process.kill()
            each.process.join(END_S_MAX)
    return failed


def _start(job: Job) -> _Running:
    """By spawn: a forked copy of a process with threads may never wake."""
    context = multiprocessing.get_context("spawn")
    ear, mouth = context.Pipe(duplex=False)
    process = context.Process(target=_do, args=(job.work, mouth), name=job.name, daemon=False)
    process.start()
    mouth.close()
    return _Running(job, process, ear)


def _heard(running: list[_Running], done: dict[str, float], failed: dict[str, str]) -> list[_Running]:
    """Take what has been said; return those that have ended."""
    ended = []
    for ear in wait([each.ear for each in running], WAIT_S):
        (each,) = (one for one in running if one.ear is ear)
        try:
            said = each.ear.recv()
        except EOFError:
            each.process.join()
            if done[each.job.name] < 1 and each.job.name not in failed:
                failed[each.job.name] = f"its process ended with code {each.process.exitcode}"
            done[each.job.name] = 1.0
            each.ear.close()
            each.process.close()
            ended.append(each)
            continue
        if isinstance(said, str):
            failed[each.job.name] = said
        else:
            done[each.job.name] = float(said)
    return ended


def _do(work: Work, mouth: Connection) -> None:
    """In the job's process."""
    stages: list[str] = []

    def told(words: str, part: float) -> None:
        if words not in stages:
            stages.append(words)
        mouth.send(min(0.99, 1 - 0.5 ** len(stages) * (2 - part)))  # each stage takes half of what is left

    try:
        work(told)
        mouth.send(1.0)
    except (AudioError, OSError) as error:
        with contextlib.suppress(BrokenPipeError):  # who asked was killed: this process ends too
            mouth.send(str(error))
