"""kill -9 at any instant of an installation or a removal leaves the old package or the new one, whole."""

import contextlib
import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from audio.package import PackageError, check
from audio.package.installing import STAGING, install, remove
from tests.audio.package.signed import TODAY, Keys, make_keys, make_signed, quiet

ROUNDS = 24


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return make_keys(tmp_path)


def in_a_process(work: Callable[[], object]) -> int:
    """Start `work` in a process of its own; return its id."""
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            work()
        os._exit(0)
    return child


def lasts_s(work: Callable[[], object]) -> float:
    began_s = time.monotonic()
    os.waitpid(in_a_process(work), 0)
    return time.monotonic() - began_s


def instants(work_s: float, count: int) -> list[float]:
    """Spread over the whole work, each somewhere in its own stretch."""
    dice = random.Random(1)  # noqa: S311 - the same each time
    return [(number + dice.random()) / count * 1.1 * work_s for number in range(count)]


def killed(work: Callable[[], object], after_s: float) -> None:
    child = in_a_process(work)
    time.sleep(after_s)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def whole_version(package: Path) -> str | None:
    try:
        return check(package).manifest.version
    except PackageError:
        assert not package.exists(), "half a package"
        return None


def test_installing_over_an_older_one(tmp_path: Path, keys: Keys) -> None:
    into = tmp_path / "packages"
    old, new = (make_signed(tmp_path / version, keys, version, part_count=4) for version in ("1.0", "1.1"))

    def take(source: Path) -> None:
        install(source, into, keys.public, today=TODAY, progress=quiet, room_left_bytes=0)

    def start_anew() -> None:
        shutil.rmtree(into, ignore_errors=True)
        shutil.copytree(old, into / "calme")

    def replace() -> None:
        start_anew()
        take(new)

    work_s = min(lasts_s(replace) for _ in range(3))
    swept = 0
    for after_s in instants(work_s, ROUNDS):
        start_anew()
        killed(lambda: take(new), after_s)
        assert whole_version(into / "calme") in ("1.0", "1.1")
        swept += (into / STAGING).exists()
        take(new)
        assert whole_version(into / "calme") == "1.1"
        assert [path.name for path in into.iterdir()] == ["calme"]
    assert swept, "no kill came in the middle"


def test_installing_where_nothing_was(tmp_path: Path, keys: Keys) -> None:
    into, source = tmp_path / "packages", make_signed(tmp_path / "1.0", keys, part_count=4)

    def take() -> None:
        install(source, into, keys.public, today=TODAY, progress=quiet, room_left_bytes=0)

    work_s = lasts_s(take)
    for after_s in instants(work_s, ROUNDS // 2):
        shutil.rmtree(into, ignore_errors=True)
        killed(take, after_s)
        assert whole_version(into / "calme") in (None, "1.0")
        take()
        assert [path.name for path in into.iterdir()] == ["calme"]


def test_removing(tmp_path: Path, keys: Keys) -> None:
    into, source = tmp_path / "packages", make_signed(tmp_path / "1.0", keys, part_count=4)

    def take() -> None:
        install(source, into, keys.public, today=TODAY, progress=quiet, room_left_bytes=0)

    take()
    work_s = lasts_s(lambda: remove("calme", into))
    for after_s in instants(work_s, ROUNDS // 2):
        take()
        killed(lambda: remove("calme", into), after_s)
        assert whole_version(into / "calme") in (None, "1.0")
