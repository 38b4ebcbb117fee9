"""`make keyboard`: U-Boot as it is on the card, on QEMU's model of a Pi 3, with a USB keyboard whose keys are pressed.

Debian's own device tree beside ours, as a control: there the keys must stop it. No kernel is waited for.
"""

import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from firmware_config.image.recipe.__main__ import CARD
from firmware_config.image.recipe.place import BENCH, VAR, in_bench
from tests.appliance.emulator import ENTER, LOOK_S, copied, emptied
from tests.appliance.joining import Say
from tests.appliance.qmp import EmulatorError, Qmp

TREE = "bcm2837-rpi-3-b.dtb"
READS, PROMPT, STARTS, STRANGER = "scanning bus", "U-Boot> ", "Starting kernel", "EFI stub: "
ENDS = (PROMPT, STARTS, STRANGER, "resetting ...")
END_S_MAX = 300.0
STICK_MIB = 64


@dataclass(frozen=True)
class Start:
    """tree: Debian's or the card's; card: there is one; stick: a stranger's, which UEFI would start from; ends: how."""

    name: str
    tree: Path
    ends: str
    card: bool = True
    keys: bool = True
    stick: bool = False


def starts() -> tuple[Start, ...]:
    debians, ours = VAR / "boot/dtb" / TREE, VAR / "firmware" / TREE
    return (
        Start("control, Debian's own tree: keys", debians, PROMPT),
        Start("control, Debian's own tree: a stranger's stick", debians, STRANGER, keys=False, stick=True),
        Start("keys", ours, STARTS),
        Start("a stranger's stick", ours, STARTS, keys=False, stick=True),
        Start("no card, keys", ours, "resetting ...", card=False),
    )


def keyboard(say: Say) -> None:
    """Raises EmulatorError: one of the starts ended otherwise."""
    folder = emptied("keyboard")
    copied(CARD, folder / "disk.img")
    with (folder / "empty.img").open("wb") as empty:
        empty.truncate(STICK_MIB * 2**20)
    stick(folder)
    for number, one in enumerate(starts()):
        with Pi(folder, one, number) as box:
            ended = box.end()
        if ended != one.ends:
            raise EmulatorError(f"{one.name}: it came to {ended!r}, not to {one.ends!r}: {box.said()[-800:]}")
        say(f"{one.name}: {ended.strip()}")


def stick(folder: Path) -> None:
    """A stick with a program at the place where UEFI looks for one: Debian's kernel, which says so when it begins."""
    here = folder.relative_to(VAR)
    in_bench(
        f"truncate -s {STICK_MIB}M {here}/stick.img; mkfs.fat -F 32 {here}/stick.img >/dev/null; "
        f"mmd -i {here}/stick.img ::EFI ::EFI/BOOT; mcopy -i {here}/stick.img boot/vmlinuz ::EFI/BOOT/BOOTAA64.EFI",
        told="mcopy",
    )


class Pi:
    """One start; runs from its making until `close`; a context manager. Nothing is written to card or stick."""

    def __init__(self, folder: Path, start: Start, number: int) -> None:
        self._start, self._log = start, folder / f"serial-{number}.log"
        shutil.copyfile(start.tree, folder / "tree.dtb")
        (folder / "qmp").unlink(missing_ok=True)
        here = Path("/w") / folder.relative_to(VAR)
        words = self._words(here)
        self._process = subprocess.Popen(
            [
                *("unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec", ENTER, "sh", str(BENCH)),
                *(str(VAR), "qemu-system-aarch64", *words),
            ],
            env={"BENCH": str(BENCH), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
            stdin=subprocess.DEVNULL,
        )
        try:
            end_s = time.monotonic() + 60
            while not (folder / "qmp").exists():
                if self._process.poll() is not None or time.monotonic() > end_s:
                    raise EmulatorError("no socket qmp")
                time.sleep(LOOK_S)
            self._qmp = Qmp(folder / "qmp")
        except BaseException:
            self._kill()
            raise

    def _words(self, here: Path) -> list[str]:
        one = self._start
        words = [
            *("-machine", "raspi3b", "-kernel", "/w/firmware/u-boot.bin", "-dtb", f"{here}/tree.dtb"),
            *("-drive", f"if=sd,format=raw,snapshot=on,file={here}/{'disk' if one.card else 'empty'}.img"),
            *("-display", "none", "-no-reboot", "-device", "usb-kbd", "-qmp", f"unix:{here}/qmp,server=on,wait=off"),
            *("-serial", "null", "-serial", f"file:{here}/{self._log.name}"),
        ]
        if one.stick:
            words += ["-drive", f"if=none,id=stick,format=raw,snapshot=on,file={here}/stick.img"]
            words += ["-device", "usb-storage,drive=stick"]
        return words

    def said(self) -> str:
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def end(self) -> str:
        """Press Ctrl+C and Enter from the moment at which U-Boot looks for keyboards; how it ended, of ENDS."""
        end_s = time.monotonic() + END_S_MAX
        while time.monotonic() < end_s:
            ended = [mark for mark in ENDS if mark in self.said()]
            if ended:
                return ended[0]
            if self._start.keys and READS in self.said():
                for keys in (("ctrl", "c"), ("ret",)):
                    values = [{"type": "qcode", "data": key} for key in keys]
                    self._qmp.ask("send-key", keys=values, **{"hold-time": 60})
            time.sleep(0.2)
        raise EmulatorError(f"{self._start.name}: not ended within {END_S_MAX:.0f} s: {self.said()[-800:]}")

    def _kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        self._qmp.close()
        self._kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
