"""One start of the image in QEMU: screen, fingers, the button's line, sound and serial console into files.

Software emulation, whatever the machine offers: it is slow, and the same everywhere. Through U-Boot, as on the Pi.
"""

import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from firmware_config.image.recipe.place import BENCH, VAR
from tests.appliance.qmp import EmulatorError, Qmp, Qtest

SIZE = (1280, 800)
BUTTON_LINE = 5
"""Of the PL061; 3 is the machine's power key."""
AXIS_MAX = 0x7FFF
MEMORY_MIB = 1024

_ENTER = """\
mount --make-rprivate /
mkdir -p "$1/w"
mount --bind "$2" "$1/w"
mount -t proc proc "$1/proc"
mount --rbind /dev "$1/dev"
shift 2
exec chroot "$BENCH" "$@"
"""


class Emulator:
    """Runs from its making until `close`; a context manager."""

    def __init__(
        self, folder: Path, image: Path, *, room_mib: int = 4096, before: Callable[[Path], None] = lambda _: None
    ) -> None:
        """folder: under var/image, for what belongs to this start; its disk is kept there if there is one.

        before: done to the disk while the machine is off.
        """
        self.folder, self.began_s = folder, time.monotonic()
        folder.mkdir(parents=True, exist_ok=True)
        self.inside = Path("/w") / folder.relative_to(VAR)
        self.disk = folder / "disk.img"
        if not self.disk.exists():
            subprocess.run(["cp", "--sparse=always", str(image), str(self.disk)], check=True)
            with self.disk.open("r+b") as file:
                file.truncate(room_mib * 2**20)
        before(self.disk)
        for name in ("qmp", "qtest", "serial.log"):
            (folder / name).unlink(missing_ok=True)
        self._process = subprocess.Popen(
            [
                "unshare",
                "--mount",
                "--pid",
                "--fork",
                "--kill-child",
                "sh",
                "-ec",
                _ENTER,
                "sh",
                str(BENCH),
                str(VAR),
                "qemu-system-aarch64",
                *self._words(),
            ],
            env={"BENCH": str(BENCH), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
            stdin=subprocess.DEVNULL,
            stdout=(folder / "qemu.log").open("wb"),
            stderr=subprocess.STDOUT,
        )
        try:
            self.qmp = Qmp(self._socket("qmp"))
            self.qtest = Qtest(self._socket("qtest"))
            self._pins = self.qmp.path_of("pl061")
            self.button(down=False)
        except BaseException:
            self.cut()
            raise

    def _words(self) -> list[str]:
        here = self.inside
        return [
            "-machine",
            "virt,acpi=off",
            "-cpu",
            "cortex-a72",
            "-smp",
            "2",
            "-m",
            str(MEMORY_MIB),
            "-accel",
            "tcg,thread=multi",
            "-display",
            "none",
            "-nodefaults",
            "-bios",
            "/usr/lib/u-boot/qemu_arm64/u-boot.bin",
            "-drive",
            f"file={here}/disk.img,if=none,id=card,format=raw,cache=writeback",
            "-device",
            "virtio-blk-pci,drive=card",
            "-device",
            f"virtio-gpu-pci,xres={SIZE[0]},yres={SIZE[1]}",
            "-device",
            "virtio-multitouch-pci",
            "-device",
            "ich9-intel-hda",
            "-device",
            "hda-output,audiodev=ear",
            "-audiodev",
            f"wav,id=ear,path={here}/heard.wav,out.frequency=48000",
            "-netdev",
            "user,id=net",
            "-device",
            "virtio-net-pci,netdev=net,romfile=",
            "-device",
            "virtio-rng-pci",
            "-serial",
            f"file:{here}/serial.log",
            "-qmp",
            f"unix:{here}/qmp,server=on,wait=off",
            "-qtest",
            f"unix:{here}/qtest,server=on,wait=off",
        ]

    def _socket(self, name: str) -> Path:
        """Wait until QEMU listens. A unix address has 107 bytes at most, hence the short name in a short folder."""
        path = self.folder / name
        self.until(path.exists, 30, f"no socket {name}: {(self.folder / 'qemu.log').read_text()[-500:]}")
        return path

    def until(self, found: Callable[[], bool], seconds_max: float, complaint: str) -> float:
        """Wait for something; return how long after the start it came. Raises EmulatorError."""
        end = time.monotonic() + seconds_max
        while not found():
            if self._process.poll() is not None:
                raise EmulatorError(f"the emulator ended: {(self.folder / 'qemu.log').read_text()[-500:]}")
            if time.monotonic() > end:
                raise EmulatorError(complaint)
            time.sleep(0.2)
        return time.monotonic() - self.began_s

    def until_told(self, mark: str, seconds_max: float) -> float:
        """Wait for words on the serial console, as `until`."""
        return self.until(lambda: mark in self.serial(), seconds_max, f"not told within {seconds_max:.0f} s: {mark}")

    def serial(self) -> str:
        """What came over the serial console so far."""
        path = self.folder / "serial.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def screen(self, name: str) -> Path:
        """A picture of the screen, PNG."""
        self.qmp.ask("screendump", filename=f"{self.inside}/{name}.png", format="png")
        return self.folder / f"{name}.png"

    def colours(self) -> int:
        """How many colours the screen shows: a drawn screen has hundreds, a black or a text one a few."""
        self.qmp.ask("screendump", filename=f"{self.inside}/look.ppm")
        data = (self.folder / "look.ppm").read_bytes()
        pixels = data[data.index(b"255\n") + 4 :]
        return len({pixels[at : at + 3] for at in range(0, len(pixels) - 2, 3)})

    def touch(self, x: int, y: int, held_s: float = 0.15) -> None:
        """A finger put down on a pixel and lifted again; lifting is tracking id -1."""
        place = [
            {
                "type": "mtt",
                "data": {
                    "type": "data",
                    "slot": 0,
                    "tracking-id": 1,
                    "axis": axis,
                    "value": round(value * AXIS_MAX / (size - 1)),
                },
            }
            for axis, value, size in (("x", x, SIZE[0]), ("y", y, SIZE[1]))
        ]
        begin = {"type": "mtt", "data": {"type": "begin", "slot": 0, "tracking-id": 1, "axis": "x", "value": 0}}
        end = {"type": "mtt", "data": {"type": "end", "slot": 0, "tracking-id": -1, "axis": "x", "value": 0}}
        self.qmp.ask("input-send-event", events=[begin, *place])
        time.sleep(held_s)
        self.qmp.ask("input-send-event", events=[end])

    def button(self, *, down: bool) -> None:
        """The physical button: pressed is low."""
        self.qtest.line(self._pins, BUTTON_LINE, high=not down)

    def press(self, held_s: float = 0.3) -> None:
        self.button(down=True)
        time.sleep(held_s)
        self.button(down=False)

    def cut(self) -> None:
        """Power cut: the emulator is killed; what it had not written is gone."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        for end in (self.qmp, self.qtest):
            end.close()
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self.cut()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def emptied(name: str) -> Path:
    """A folder for one start."""
    folder = VAR / "run" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
