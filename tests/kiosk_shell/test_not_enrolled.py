"""A box that no clinic knows yet waits: its log says in one line for what, without a fault's trace."""

import subprocess
import sys
from pathlib import Path

import pytest

KIOSK = """
import logging, os, signal, sys
from pathlib import Path
from kiosk.screen.fake import FakeWindow
from kiosk.shell.config import read
from kiosk.shell.process import run

class Seen(FakeWindow):
    def show(self, view, monotonic_ms, *more):
        super().show(view, monotonic_ms, *more)
        print(view.code, flush=True)
        os.kill(os.getpid(), signal.SIGTERM)

logging.basicConfig(level=logging.INFO, format="kiosk: %(message)s", stream=sys.stderr)
sys.exit(run(read(Path(sys.argv[1])), lambda screen: Seen(), lambda: print("ready", flush=True)))
"""
"""A real kiosk process with a window in memory, told to stop by the first thing that it shows."""


def _started(folder: Path, more: str = "") -> "subprocess.CompletedProcess[str]":
    (folder / "kiosk.toml").write_text(f"""
[folders]
data = "{folder}/data"
run = "{folder}/run"
enrolment = "{folder}/enrolment"
packages = "{folder}/packages"
{more}
[button]
factory = "mock"
""")
    command = [sys.executable, "-c", KIOSK, str(folder / "kiosk.toml")]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_one_line_says_what_is_missing_and_that_it_waits(tmp_path: Path) -> None:
    ended = _started(tmp_path)
    assert (ended.returncode, ended.stdout) == (1, "not-enrolled\n")
    [told] = ended.stderr.splitlines()
    assert "waits to be enrolled" in told
    assert str(tmp_path / "enrolment" / "enrolment.json") in told
    assert "tried again every 30 s" in told


@pytest.mark.parametrize("content", [b"", b"{}"])
def test_an_enrolment_that_cannot_be_read_is_a_fault_and_told_as_one(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "enrolment").mkdir()
    (tmp_path / "enrolment" / "enrolment.json").write_bytes(content)
    ended = _started(tmp_path)
    assert (ended.returncode, ended.stdout) == (1, "not-enrolled\n")
    assert "the box cannot serve" in ended.stderr
    assert "Traceback" in ended.stderr


def test_a_data_partition_that_is_not_there_is_not_told_as_an_enrolment_that_is_to_come(tmp_path: Path) -> None:
    ended = _started(tmp_path, f'partition = "{tmp_path}/not-there"')
    assert (ended.returncode, ended.stdout) == (1, "storage-damaged\n")
    assert "waits to be enrolled" not in ended.stderr
