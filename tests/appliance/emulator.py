"""One start of the image in QEMU: screen, fingers, the button's line, sound and serial console into files.

Software emulation, whatever the machine offers: it is slow, and the same everywhere. Through U-Boot, as on the Pi.
"""

import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

from firmware_config.image.recipe.place import BENCH, VAR
from tests.appliance.button import Button
from tests.appliance.door import Serial
from tests.appliance.qmp import EmulatorError, Qmp, Qtest

SIZE = (1280, 800)
AXIS_MAX = 0x7FFF
MEMORY_MIB = 1024
ROOM_MIB = 4096
LOOK_S = 0.5
"""The host's processors are the emulator's too: looking costs it time."""
WRITES = "writes.log"

ENTER = """\
mount --make-rprivate /
mkdir -p "$1/w"
mount --bind "$2" "$1/w"
mount -t proc proc "$1/proc"
mount --rbind /dev "$1/dev"
shift 2
exec chroot "$BENCH" "$@"
"""


@dataclass(frozen=True)
class Machine:
    """How this start differs from an ordinary one.

    clock: what the machine's clock says at the start (`1970-01-01T00:00:00`); sound: a sound card is plugged in.
    logged: every write and flush of the memory card is kept in order, in `writes.log`.
    more: words for the kernel's command line, typed at U-Boot's console, which nobody does at a bedside.
    devices: more words for QEMU: what this machine has besides. memory_mib: how much of it.
    """

    clock: str = "utc"
    sound: bool = True
    logged: bool = False
    more: str = ""
    devices: tuple[str, ...] = ()
    memory_mib: int = MEMORY_MIB


class Emulator:
    """Runs from its making until `close`; a context manager. powered: how many of them this process has made."""

    powered: ClassVar[int] = 0

    def __init__(
        self,
        folder: Path,
        image: Path,
        machine: Machine = Machine(),
        *,
        before: Callable[[Path], None] = lambda _: None,
    ) -> None:
        """folder: under var/image, for what belongs to this start; its disk is kept there if there is one.

        image: a disk, of which a copy is made.
        before: done to the disk while the machine is off.
        """
        self.folder, self.machine = folder, machine
        folder.mkdir(parents=True, exist_ok=True)
        self.inside = Path("/w") / folder.relative_to(VAR)
        self.disk = folder / "disk.img"
        if not self.disk.exists():
            copied(image, self.disk)
        before(self.disk)
        for name in ("qmp", "qtest", "serial", "serial.log", "heard.wav"):
            (folder / name).unlink(missing_ok=True)
        self.began_s = time.monotonic()
        self._button: Button | None = None
        self._process = subprocess.Popen(
            [
                *("unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec", ENTER, "sh"),
                *(str(BENCH), str(VAR), "qemu-system-aarch64", *self._words()),
            ],
            env={"BENCH": str(BENCH), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
            stdin=subprocess.DEVNULL,
            stdout=(folder / "qemu.log").open("wb"),
            stderr=subprocess.STDOUT,
        )
        Emulator.powered += 1
        try:
            self.door = Serial(self._socket("serial"))
            self.qmp = Qmp(self._socket("qmp"))
            self.qtest = Qtest(self._socket("qtest"))
            self._button = Button(self.qmp, self.qtest)
            if machine.more:
                self._start_with(machine.more)
        except BaseException:
            self.cut()
            raise

    def _words(self) -> list[str]:
        here = self.inside
        pairs = {
            "machine": "virt,acpi=off",
            "cpu": "cortex-a72",
            "smp": "2",
            "m": str(self.machine.memory_mib),
            "accel": "tcg,thread=multi",
            "display": "none",
            "rtc": f"base={self.machine.clock}",
            "bios": "/usr/lib/u-boot/qemu_arm64/u-boot.bin",
            "netdev": "user,id=net",
            "chardev": f"socket,id=serial,path={here}/serial,server=on,wait=off,logfile={here}/serial.log",
            "serial": "chardev:serial",
            "qmp": f"unix:{here}/qmp,server=on,wait=off",
            "qtest": f"unix:{here}/qtest,server=on,wait=off",
        }
        words = ["-nodefaults", *(word for name, value in pairs.items() for word in (f"-{name}", value))]
        devices = [
            "virtio-blk-pci,drive=card",
            f"virtio-gpu-pci,xres={SIZE[0]},yres={SIZE[1]}",
            "virtio-multitouch-pci",
            "virtio-net-pci,netdev=net,romfile=",
            "virtio-rng-pci",
        ]
        if self.machine.sound:
            words += ["-audiodev", f"wav,id=ear,path={here}/heard.wav,out.frequency=48000"]
            devices += ["ich9-intel-hda", "hda-output,audiodev=ear"]
        words += [word for device in devices for word in ("-device", device)]
        return words + self._card() + list(self.machine.devices)

    def _card(self) -> list[str]:
        """The memory card. This machine is not what is cut off, so its own cache need not be flushed."""
        ways = "cache.direct=off,cache.no-flush=on,driver=file"
        disk = f"driver=raw,node-name={{}},file.driver=file,file.filename={self.inside}/disk.img,cache.no-flush=on"
        if not self.machine.logged:
            return ["-blockdev", disk.format("card")]
        (self.folder / WRITES).write_bytes(b"")
        log = f"{ways},node-name=writes,filename={self.inside}/{WRITES}"
        both = "driver=blklogwrites,node-name=card,file=disk,log=writes,log-sector-size=512"
        return ["-blockdev", disk.format("disk"), "-blockdev", log, "-blockdev", both]

    def _start_with(self, words: str) -> None:
        """Stop U-Boot before it starts by itself, and have it start with more words."""
        self.until_told("Hit any key", 120)
        self.door.type(" ")
        self.door.wait_for("=> ", self)
        self.door.type(f"setenv chevet_more '{words}'\n")
        self.door.wait_for("=> ", self)
        self.door.type("boot\n")

    def _socket(self, name: str) -> Path:
        """Wait until QEMU listens. A unix address has 107 bytes at most, hence the short name in a short folder."""
        path = self.folder / name
        self.until(path.exists, 60, f"no socket {name}: {(self.folder / 'qemu.log').read_text()[-500:]}")
        return path

    def until(self, found: Callable[[], bool], seconds_max: float, complaint: str) -> float:
        """Wait for something; return how long after the start it came. Raises EmulatorError."""
        end = time.monotonic() + seconds_max
        while not found():
            if self._process.poll() is not None:
                raise EmulatorError(f"the emulator ended: {(self.folder / 'qemu.log').read_text()[-500:]}")
            if time.monotonic() > end:
                raise EmulatorError(complaint)
            if self._button is not None:
                self._button.keep()
            time.sleep(LOOK_S)
        return time.monotonic() - self.began_s

    def until_told(self, mark: str, seconds_max: float) -> float:
        """Wait for words on the serial console, as `until`."""
        return self.until(lambda: mark in self.serial(), seconds_max, f"not told within {seconds_max:.0f} s: {mark}")

    def serial(self) -> str:
        """What came over the serial console so far."""
        path = self.folder / "serial.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def uptime_s(self) -> float:
        """Since the machine was switched on."""
        return time.monotonic() - self.began_s

    def pid(self) -> int:
        """QEMU's own, below the namespaces that it runs in."""
        outer = self._process.pid
        return int(Path(f"/proc/{outer}/task/{outer}/children").read_text().split()[0])

    def written(self) -> int:
        """Bytes of the log of writes so far: a place in it, which a replay can be cut at."""
        return (self.folder / WRITES).stat().st_size

    def screen(self, name: str) -> Path:
        """A picture of the screen, PNG."""
        self.qmp.ask("screendump", filename=f"{self.inside}/{name}.png", format="png")
        return self.folder / f"{name}.png"

    def look(self) -> Path:
        """The same for the machine, PPM; the next look takes its place."""
        self.qmp.ask("screendump", filename=f"{self.inside}/look.ppm")
        return self.folder / "look.ppm"

    def colours(self) -> int:
        """How many colours the screen shows: a drawn screen has hundreds, a black or a text one a few."""
        data = self.look().read_bytes()
        pixels = data[data.index(b"255\n") + 4 :]
        return len({pixels[at : at + 3] for at in range(0, len(pixels) - 2, 3)})

    def touch(self, x: int, y: int, held_s: float = 0.15) -> None:
        """A finger put down and lifted again; lifting is tracking id -1.

        It comes down a pixel beside and is drawn to its place, as no finger holds still: the kernel passes on what has
        changed alone, and a kiosk that was started anew knew no height of a touch as high as the last one.
        """
        self.qmp.ask("input-send-event", events=[_finger("begin"), *_place(x - 1, y - 1)])
        self.qmp.ask("input-send-event", events=[_finger("update"), *_place(x, y)])
        time.sleep(held_s)
        self.qmp.ask("input-send-event", events=[_finger("end", number=-1)])

    def press(self, held_s: float = 0.3) -> None:
        """The physical button. Raises EmulatorError."""
        if self._button is None:
            raise EmulatorError("the emulator has not been made to its end")
        self._button.hold(down=True)
        time.sleep(held_s)
        self._button.hold(down=False)

    def cut(self) -> None:
        """Power cut: the emulator is killed; what it had not written is gone."""
        self._process.kill()
        self._process.wait()

    def switch_off(self) -> None:
        """End the emulator in order, so that what was heard is whole; the box itself is told nothing."""
        self.qmp.ask("quit")
        self._process.wait(60)

    def close(self) -> None:
        for end in (self.door, self.qmp, self.qtest):
            end.close()
        if self._process.poll() is None:
            self.cut()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _place(x: int, y: int) -> list[dict[str, object]]:
    scaled = ((axis, round(at * AXIS_MAX / (size - 1))) for axis, at, size in (("x", x, SIZE[0]), ("y", y, SIZE[1])))
    return [_finger("data", axis=axis, value=value) for axis, value in scaled]


def _finger(kind: str, axis: str = "x", value: int = 0, number: int = 1) -> dict[str, object]:
    data = {"type": kind, "slot": 0, "tracking-id": number, "axis": axis, "value": value}
    return {"type": "mtt", "data": data}


def copied(image: Path, disk: Path, room_mib: int = ROOM_MIB) -> None:
    """A card of this size with the image on it; what is zero takes no room."""
    subprocess.run(["cp", "--sparse=always", str(image), str(disk)], check=True)
    if disk.stat().st_size < room_mib * 2**20:
        with disk.open("r+b") as file:
            file.truncate(room_mib * 2**20)


def emptied(name: str) -> Path:
    """A folder for one start."""
    folder = VAR / "run" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
