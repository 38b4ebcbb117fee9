"""What the scripts of the slots see of a box: real scripts, real fw_setenv, a record in a file."""

import os
import shutil
import subprocess
from pathlib import Path

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

    def run(self, script: str, slot: str, *words: str, code: int = 0) -> str:
        """As a start from this slot; return what it said. `code`: what it ends with. words: what it is asked."""
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
            ["sh", "-c", text, script, *words],
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

    def written_during_the_first_sleep(self, **values: str) -> None:
        lines = "".join(f"{name}={value}\\n" for name, value in values.items())
        self._command("sleep", f"printf '{lines}' | {self.folder}/bin/fw_setenv -s -")

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
