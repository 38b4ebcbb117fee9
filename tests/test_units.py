"""The units: well formed, of real commands, waiting for no network, and confined as systemd itself scores it."""

import configparser
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.test_docs import COMMANDS, TOP

EXPOSURE_MAX = 1.5
UNITS = sorted((TOP / "systemd").glob("*.service"))
OF_THE_BOX = {"chevet-kiosk", "chevet-link", "chevet-player"}


def read(unit: Path) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(unit)
    return parser


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_names_a_real_command_and_waits_for_no_network(unit: Path) -> None:
    parser = read(unit)
    assert Path(parser["Service"]["ExecStart"].split()[0]).name in COMMANDS
    order = " ".join(parser["Unit"].get(key, "") for key in ("After", "Requires", "Wants", "Requisite", "BindsTo"))
    assert "network" not in order
    assert "time" not in order


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_has_limits(unit: Path) -> None:
    service = read(unit)["Service"]
    assert service["Restart"] == "always"
    assert "MemoryMax" in service
    assert service["User"] != "root"
    assert (unit.stem in OF_THE_BOX) == ("WatchdogSec" in service), "a hung loop of the box is started anew"


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_is_confined(unit: Path) -> None:
    """Scored by systemd-analyze, offline: 0 is safe, 10 is unsafe."""
    found = scored(unit, EXPOSURE_MAX)
    assert found.returncode == 0, found.stdout + found.stderr


def test_the_score_can_fail(tmp_path: Path) -> None:
    bare = tmp_path / "bare.service"
    bare.write_text("[Service]\nExecStart=/bin/true\n")
    assert scored(bare, EXPOSURE_MAX).returncode != 0


def scored(unit: Path, most: float) -> "subprocess.CompletedProcess[str]":
    analyze = shutil.which("systemd-analyze")
    assert analyze, "apt-get install systemd"
    words = ("security", "--offline=true", "--no-pager", f"--threshold={round(most * 10)}", str(unit))
    return subprocess.run([analyze, *words], capture_output=True, text=True, check=False)
