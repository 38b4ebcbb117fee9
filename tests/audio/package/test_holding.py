"""What a session uses is neither removed nor replaced under it."""

import fcntl
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from audio.package import PackageError, PackageInUse, hold
from audio.package.exchange import exchange
from audio.package.holding import _take, alone


def test_a_held_package_is_not_had_alone(tmp_path: Path) -> None:
    with hold(tmp_path), hold(tmp_path), pytest.raises(PackageInUse) as caught, alone(tmp_path):
        pass
    assert caught.value.code == "package-in-use"


def test_released_twice_and_free(tmp_path: Path) -> None:
    held = hold(tmp_path)
    held.release()
    held.release()
    with alone(tmp_path):
        pass


def test_a_hold_ends_with_its_process(tmp_path: Path) -> None:
    script = "import sys, time, pathlib, audio.package as p; p.hold(pathlib.Path(sys.argv[1])); print(1, flush=True)"
    script = script.replace("p.hold", "held = p.hold") + "; time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        with pytest.raises(PackageInUse), alone(tmp_path):
            pass
        process.kill()
        process.wait(20)
    with alone(tmp_path):
        pass


def test_holding_waits_for_a_replacement_and_takes_the_new_one(tmp_path: Path) -> None:
    package, new = tmp_path / "package", tmp_path / "new"
    package.mkdir()
    new.mkdir()
    got: list[int] = []

    def take() -> None:
        with hold(package), pytest.raises(PackageInUse), alone(package):
            pass
        got.append(package.stat().st_ino)

    with alone(package):
        waiting = threading.Thread(target=take)
        waiting.start()
        exchange(package, new)  # as an installation does: at no instant is there no package
    waiting.join(20)
    assert got == [package.stat().st_ino]


def test_a_folder_replaced_between_its_opening_and_its_locking_is_not_taken(tmp_path: Path) -> None:
    package = tmp_path / "package"
    package.mkdir()
    opened = os.open(package, os.O_RDONLY)
    package.rename(tmp_path / "old")
    assert not _take(opened, package, fcntl.LOCK_SH)
    package.mkdir()
    assert not _take(opened, package, fcntl.LOCK_SH)
    assert _take(opened, tmp_path / "old", fcntl.LOCK_SH)
    os.close(opened)


def test_nothing_there(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for name in ("none", "file"):
        with pytest.raises(PackageError) as caught:
            hold(tmp_path / name)
        assert caught.value.code == "manifest-missing"
