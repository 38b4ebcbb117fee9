"""A real RAUC with the box's own configuration, on a D-Bus of its own; slots and record of slots are files."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from firmware_config.image.recipe.disk import SECTOR, record
from firmware_config.image.recipe.place import IMAGE
from tests.appliance import slots

TREE = IMAGE / "tree"
CONF = TREE / "etc/rauc/system.conf"
BACKEND = "/usr/lib/chevet/slot-record"
KEYRING = "/var/lib/chevet/system/ca.pem"
DEVICES = "/dev/disk/by-partuuid/"
LEFT_OUT = ("min-bundle-version", "statusfile")
"""Debian 12's RAUC, which tests run, knows the first not yet; the second names a place of the box."""
READY_S_MAX = 120.0
_BUS = """\
<busconfig><listen>unix:path={socket}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy></busconfig>
"""


def conf_of(authority: Path, backend: str = BACKEND, devices: str = DEVICES) -> str:
    """The box's system.conf for the RAUC of this machine: authority is whose updates it takes, a PEM file."""
    lines = [line for line in CONF.read_text().splitlines() if not line.startswith(LEFT_OUT)]
    text = "\n".join(lines)
    for there, here in ((KEYRING, str(authority)), (BACKEND, backend), (DEVICES, devices)):
        text = text.replace(there, here)
    return f"{text}\n"


class RaucOfABox:
    """Runs from its making until `close`, as in a start from slot A; a context manager.

    folder: with a short name, because a unix address has 107 bytes at most. formats: of bundles that it takes.
    """

    def __init__(self, folder: Path, authority: Path, formats: str = "verity") -> None:
        self.folder, self._env, self._kept = folder, folder / "env", folder / "records"
        self._env.write_bytes(record())
        self._kept.write_bytes(b"")
        for number in ("05", "06", "07", "08"):
            (folder / f"43485654-{number}").write_bytes(bytes(2**20))
        conf = conf_of(authority, str(TREE / BACKEND.lstrip("/")), f"{folder}/")
        (folder / "system.conf").write_text(conf.replace("bundle-formats=verity", f"bundle-formats={formats}"))
        (folder / "fw_env.config").write_text(f"{self._env} 0x0 {SECTOR:#x}\n")
        self._tool("fw_printenv", "")
        self._tool("fw_setenv", f"; cat {self._env} >>{self._kept}")
        socket = folder / "bus"
        (folder / "bus.conf").write_text(_BUS.format(socket=socket))
        self._started = list[subprocess.Popen[bytes]]()
        self.environment = {
            **os.environ,
            "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
            "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={socket}",
        }
        try:
            bus = self._start(
                "dbus-daemon", f"--config-file={folder / 'bus.conf'}", "--nofork", "--nosyslog", "--print-address"
            )
            self._until(lambda: bus.read_bytes().startswith(b"unix:"))
            where = (f"--conf={folder / 'system.conf'}", f"--mount={folder / 'mnt'}", "--override-boot-slot=A")
            self._start("rauc", *where, "service")
            self._until(lambda: self.ask("status", code=None) == 0)
        except BaseException:
            self.close()
            raise

    def _tool(self, name: str, after: str) -> None:
        """Debian's own, on the record of this folder; after: what is done once it has written."""
        real = shutil.which(name, path="/usr/bin:/usr/sbin:/bin:/sbin")
        assert real, f"no {name}: apt-get install libubootenv-tool"
        path = self.folder / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f'#!/bin/sh\nset -e\n{real} -c {self.folder}/fw_env.config "$@"{after}\n')
        path.chmod(0o755)

    def _start(self, *words: str) -> Path:
        """Where it says what it has to say."""
        path, errors = self.folder / f"{words[0]}.out", self.folder / f"{words[0]}.log"
        with path.open("wb") as out, errors.open("wb") as log:
            self._started.append(subprocess.Popen(words, env=self.environment, stdout=out, stderr=log))
        return path

    def _until(self, found: Callable[[], bool]) -> None:
        end_s = time.monotonic() + READY_S_MAX
        while not found():
            logs = "".join(path.read_text(errors="replace")[-800:] for path in self.folder.glob("*.log"))
            assert all(one.poll() is None for one in self._started), f"it ended: {logs}"
            assert time.monotonic() < end_s, f"not ready: {logs}"
            time.sleep(0.05)

    def ask(self, *words: str, code: int | None = 0) -> int:
        """As root on the box would ask it; return what it ended with. code: what it must end with, None: anything."""
        done = subprocess.run(["rauc", *words], env=self.environment, capture_output=True, text=True, check=False)
        assert code in (None, done.returncode), f"{words}: {done.stdout}{done.stderr}"
        return done.returncode

    def sectors(self) -> list[bytes]:
        """The record as each write has left it, in order."""
        kept = self._kept.read_bytes()
        return [kept[at : at + SECTOR] for at in range(0, len(kept), SECTOR)]

    def records(self) -> list[dict[str, str]]:
        """The same, read as U-Boot reads it."""
        return [slots.read(one) for one in self.sectors()]

    def slot(self, number: int, size: int) -> bytes:
        """What the partition of this number begins with."""
        with (self.folder / f"43485654-{number:02}").open("rb") as file:
            return file.read(size)

    def close(self) -> None:
        for one in reversed(self._started):
            one.terminate()
            one.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
