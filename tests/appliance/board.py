"""The image on QEMU's model of a Pi 3 (`raspi3b`): what it has of the board's firmware answers for the private key.

No U-Boot and no screen: the kernel is started directly, and what the box says is read on its serial port. The model's
fuses are empty at power on; they are written from outside, before the kernel starts, by the firmware's own mailbox.
"""

import shutil
import struct
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, Self

from firmware_config.image.recipe.__main__ import CARD
from firmware_config.image.recipe.place import BENCH, VAR
from tests.appliance.emulator import ENTER, LOOK_S, copied
from tests.appliance.qmp import EmulatorError, Qmp, Qtest

MAILBOX = 0x3F00B880
TO_FIRMWARE, FROM_FIRMWARE = MAILBOX + 0x20, MAILBOX
PROPERTY_CHANNEL = 8
MESSAGE_AT = 0x30000000
"""Memory that nothing is loaded into yet."""
BOOT = ("vmlinuz", "initrd", "dtb/bcm2837-rpi-3-b.dtb")
"""Of the same build as the card, and kept beside it."""
WRITE_PRIVATE_KEY = 0x00038081
# Nothing but the data partition is started, without the drivers of the rest: seven minutes went by before.
# The model has the registers of the Pi's watchdog without its timer: armed, it starts the machine again at once. Off.
COMMAND_LINE = (
    "console=ttyS1,115200 systemd.journald.forward_to_console=1 chevet.slot=a rauc.slot=A loglevel=5 "
    "systemd.getty_auto=no systemd.show_status=no systemd.watchdog_sec=off "
    "systemd.unit=chevet-data.service systemd.wants=var.mount systemd.wants=systemd-udev-trigger.service "
    "systemd.wants=systemd-journald.socket systemd.wants=systemd-journald.service "
    "systemd.wants=systemd-tmpfiles-setup.service "
    "modprobe.blacklist=dwc2,vc4,v3d,brcmfmac,snd_bcm2835,lan78xx"
)


class Board:
    """Runs from its making until `close`; a context manager. key: what its fuses hold, empty: nothing."""

    def __init__(self, folder: Path, key: bytes = b"") -> None:
        self.disk = folder / "disk.img"
        if not self.disk.exists():
            copied(CARD, self.disk)
            for name in BOOT:
                shutil.copyfile(VAR / "boot" / name, folder / Path(name).name)
        for name in ("qmp", "qtest", "serial.log"):
            (folder / name).unlink(missing_ok=True)
        self._log, self._said = folder / "serial.log", folder / "qemu.log"
        self.began_s = time.monotonic()
        self._process = subprocess.Popen(
            [
                *("unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec", ENTER, "sh", str(BENCH)),
                *(str(VAR), "qemu-system-aarch64", *_words(Path("/w") / folder.relative_to(VAR))),
            ],
            env={"BENCH": str(BENCH), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
            stdin=subprocess.DEVNULL,
            stdout=self._said.open("wb"),
            stderr=subprocess.STDOUT,
        )
        try:
            for name in ("qmp", "qtest"):
                self._until((folder / name).exists, 60, f"no socket {name}")
            qmp, qtest = Qmp(folder / "qmp"), Qtest(folder / "qtest")
            if key:
                burn(qtest, key)
            qmp.ask("cont")
            qmp.close()
            qtest.close()
        except BaseException:
            self.close()
            raise

    def _until(self, found: Callable[[], bool], seconds_max: float, complaint: str) -> None:
        end_s = time.monotonic() + seconds_max
        while not found():
            if self._process.poll() is not None or time.monotonic() > end_s:
                raise EmulatorError(f"{complaint}: {self._said.read_text()[-500:]}{self.serial()[-800:]}")
            time.sleep(LOOK_S)

    def until_told(self, mark: str, seconds_max: float) -> float:
        """Wait for words on the serial port; how long after the start they came. Raises EmulatorError."""
        self._until(lambda: mark in self.serial(), seconds_max, f"not told within {seconds_max:.0f} s: {mark}")
        return time.monotonic() - self.began_s

    def serial(self) -> str:
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def close(self) -> None:
        """As a plug is pulled."""
        self._process.kill()
        self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _words(here: Path) -> list[str]:
    pairs = {
        "machine": "raspi3b",
        "accel": "tcg,thread=multi",
        "display": "none",
        **{word: f"{here}/{Path(name).name}" for word, name in zip(("kernel", "initrd", "dtb"), BOOT, strict=True)},
        "append": COMMAND_LINE,
        "drive": f"if=sd,format=raw,file={here}/disk.img",
        "qmp": f"unix:{here}/qmp,server=on,wait=off",
        "qtest": f"unix:{here}/qtest,server=on,wait=off",
    }
    words = [word for name, value in pairs.items() for word in (f"-{name}", value)]
    return [*words, "-S", "-serial", "null", "-serial", f"file:{here}/serial.log"]


class _Asked(Protocol):
    def ask(self, words: str) -> str: ...


def burn(qtest: _Asked, key: bytes) -> None:
    """What a technician does once on a real board, here at each start. Raises EmulatorError: it was not taken."""
    rows = struct.unpack(">8I", key)
    words = (64, 0, WRITE_PRIVATE_KEY, 40, 0, 0, 8, *rows, 0)
    for index, word in enumerate(words):
        qtest.ask(f"writel {MESSAGE_AT + 4 * index:#x} {word:#x}")
    qtest.ask(f"writel {TO_FIRMWARE:#x} {MESSAGE_AT | PROPERTY_CHANNEL:#x}")
    qtest.ask(f"readl {FROM_FIRMWARE:#x}")  # its answer is taken away, or the kernel would find it
    if int(qtest.ask(f"readl {MESSAGE_AT + 4:#x}"), 16) != 0x80000000:
        raise EmulatorError("the board's firmware did not take the private key")
