"""The record of slots as the box's scripts write it: real scripts, real fw_setenv, a record in a file."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from firmware_config.image.recipe.disk import record
from firmware_config.image.recipe.place import IMAGE

SCRIPTS = IMAGE / "tree/usr/lib/chevet"
TOOLS = ("fw_printenv", "fw_setenv")


class Machine:
    """What the scripts see of a box: its command line, its record, systemctl, the verdict of chevet-health."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.env = folder, folder / "env"
        self.env.write_bytes(record())
        (folder / "fw_env.config").write_text(f"{self.env} 0x0 0x200\n")
        for tool in TOOLS:
            real = shutil.which(tool, path="/usr/bin:/usr/sbin:/bin:/sbin")
            assert real, f"no {tool}: apt-get install libubootenv-tool"
            self._command(tool, f'exec {real} -c {folder}/fw_env.config "$@"')
        self._command(
            "systemctl", f'if [ "$1" = show ]; then echo 812; else echo "$*" >>{folder}/asked; fi'
        )  # a kiosk that stays
        self._command("sleep", ":")

    def _command(self, name: str, line: str) -> None:
        path = self.folder / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{line}\n")
        path.chmod(0o755)

    def run(self, script: str, slot: str, code: int = 0) -> str:
        """As a start from this slot; return what it said. `code`: what it ends with."""
        (self.folder / "cmdline").write_text(f"console=tty1 chevet.slot={slot.lower()} rauc.slot={slot} panic=5\n")
        text = (SCRIPTS / script).read_text()
        for there, here in (
            ("/proc/cmdline", "cmdline"),
            ("/run/chevet-health/verdict", "verdict"),
            ("/sys/class/drm", "drm"),
        ):
            text = text.replace(there, str(self.folder / here))
        text = text.replace("-lt 900", "-lt 3")  # half an hour of looks, each a process
        done = subprocess.run(
            ["sh", "-c", text],
            env={**os.environ, "PATH": f"{self.folder / 'bin'}:/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stderr
        return done.stdout

    def screens(self, *statuses: str) -> None:
        """What the kernel says of each connector, which may be that no screen is there."""
        for number, status in enumerate(statuses, 1):
            connector = self.folder / "drm" / f"card0-HDMI-A-{number}"
            connector.mkdir(parents=True)
            (connector / "status").write_text(f"{status}\n")

    def only(self, unit: str) -> None:
        """Of our units this one alone stays."""
        self._command("systemctl", f'case "$*" in *{unit}.service) echo 813 ;; *) echo 0 ;; esac')

    def put(self, **values: str) -> None:
        for name, value in values.items():
            self._fw("fw_setenv", name, value)

    def record(self) -> dict[str, str]:
        lines = self._fw("fw_printenv").splitlines()
        return dict(line.split("=", 1) for line in lines)

    def _fw(self, *words: str) -> str:
        tool = self.folder / "bin" / words[0]
        return subprocess.run([str(tool), *words[1:]], capture_output=True, text=True, check=True).stdout

    @property
    def restarted(self) -> bool:
        asked = self.folder / "asked"
        return asked.exists() and asked.read_text() == "reboot\n"


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_start_of_every_day_gives_the_tries_back(machine: Machine) -> None:
    machine.put(BOOT_A_LEFT="2")
    machine.run("slot-good", "A")
    assert machine.record() == {"BOOT_ORDER": "A B", "BOOT_A_LEFT": "3", "BOOT_B_LEFT": "3"}
    assert not machine.restarted


@pytest.mark.parametrize("statuses", [("disconnected",), ("disconnected", "unknown")])
def test_a_start_in_the_dark_is_good_by_its_player(machine: Machine, statuses: tuple[str, ...]) -> None:
    """No kiosk stays where every screen is switched off: three such starts would have used up the slot."""
    machine.put(BOOT_A_LEFT="2")
    machine.screens(*statuses)
    machine.only("chevet-player")
    machine.run("slot-good", "A")
    assert machine.record()["BOOT_A_LEFT"] == "3"


@pytest.mark.parametrize("statuses", [("disconnected", "connected"), ()])
def test_without_a_kiosk_a_screen_or_no_driver_at_all_is_no_good_start(
    machine: Machine, statuses: tuple[str, ...]
) -> None:
    machine.put(BOOT_A_LEFT="2")
    machine.screens(*statuses)
    machine.only("chevet-player")
    assert "no kiosk stays" in machine.run("slot-good", "A", code=1)
    assert machine.record()["BOOT_A_LEFT"] == "2"


def test_what_rauc_wrote_is_on_trial(machine: Machine) -> None:
    machine.run("slot-trial", "A")
    assert machine.record()["CHEVET_TRIAL"] == "B"
    machine.run("slot-trial", "B")
    assert machine.record()["CHEVET_TRIAL"] == "A"


def test_a_healthy_trial_stays(machine: Machine) -> None:
    machine.put(BOOT_ORDER="B A", BOOT_B_LEFT="2", CHEVET_TRIAL="B")
    (machine.folder / "verdict").write_text("good")
    machine.run("slot-good", "B")
    assert machine.record() == {"BOOT_ORDER": "B A", "BOOT_A_LEFT": "3", "BOOT_B_LEFT": "3"}
    assert not machine.restarted


@pytest.mark.parametrize("verdict", ["bad", ""])
def test_an_unhealthy_trial_goes_back_at_once(machine: Machine, verdict: str) -> None:
    """No verdict within half an hour (the sleeps of this test take no time) is as bad as a bad one."""
    machine.put(BOOT_ORDER="B A", BOOT_B_LEFT="2", CHEVET_TRIAL="B")
    if verdict:
        (machine.folder / "verdict").write_text(verdict)
    machine.run("slot-good", "B")
    assert machine.record() == {"BOOT_ORDER": "A", "BOOT_A_LEFT": "3", "BOOT_B_LEFT": "0"}
    assert machine.restarted


def test_a_trial_that_never_came_up_is_ended_by_the_former_slot(machine: Machine) -> None:
    machine.put(BOOT_ORDER="B A", BOOT_B_LEFT="0", BOOT_A_LEFT="2", CHEVET_TRIAL="B")
    said = machine.run("slot-good", "A")
    assert "did not start on trial" in said
    assert machine.record() == {"BOOT_ORDER": "A", "BOOT_A_LEFT": "3", "BOOT_B_LEFT": "0"}
    assert not machine.restarted


def test_the_record_stays_one_sector(machine: Machine) -> None:
    machine.put(CHEVET_TRIAL="B", BOOT_ORDER="B A")
    assert machine.env.stat().st_size == len(record())
