"""A machine that hangs, kernel and all: the hardware's watchdog starts it again, and what was confirmed is there.

Nothing inside of the box is asked to hang it, and nothing could be: where the kernel takes every interrupt and every
call, QEMU writes « jump to here » over its memory. Each processor goes there within a tick of its timer, its interrupts
masked, and stays: no process runs any more, systemd's neither, and nobody tells the watchdog that all is well.
`panic=5` restarts nothing then, since no panic is noticed. The chip is an i6300esb, which this case alone has; that it
was the chip, QEMU tells.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from firmware_config.image.recipe.place import IMAGE, VAR
from tests.appliance import cases, joining, slots
from tests.appliance.emulator import Emulator, Machine
from tests.appliance.qmp import EmulatorError
from tests.appliance.resident import Resident
from tests.appliance.table import Row
from tests.appliance.visit import BEFORE as HEIGHTS

CHIP = ("-device", "i6300esb")
KERNEL = VAR / "boot/vmlinuz"
KERNEL_AT = 0x40400000
"""In the memory of QEMU's machine: U-Boot's own `kernel_addr_r` there, a boundary of 2 MiB, where Linux stays."""
TEXT_AT, TEXT_SIZE = 0x10000, 2**20
"""Of the kernel: its code begins with what it enters by (arch/arm64/kernel/vmlinux.lds.S: ENTRY_TEXT)."""
HERE = bytes.fromhex("00000014")
"""`b .`, as the processor reads it."""
PIECE = 2**16
SAME_SHARE_MIN = 0.5
"""Of the words of that code: some are written otherwise at each start, by what the processor can."""
MARGIN_S = 15.0
"""Of the emulator's own clock beside the host's, on a machine that has other work."""


class _Memory(Protocol):
    def memory(self, at: int, size: int) -> bytes: ...
    def write(self, at: int, data: bytes) -> None: ...


@dataclass(frozen=True)
class Hung:
    """In seconds, since the machine was hung: when QEMU told of the watchdog, and when U-Boot spoke again."""

    watchdog_s: float
    again_s: float


def wedged(say: joining.Say) -> list[Row]:
    """Raises EmulatorError: it could not be hung, came back by itself or not at all, or shows something else then."""
    with cases.started(say, "wedged", "thanks", Machine(devices=CHIP)) as (house, person):
        person.twin.record("pending")
        person.see("home", joining.WAIT_S_MAX)
        _among_the_questions(person)
        hung = _hung(person.box)
        say(f"hung; the watchdog after {hung.watchdog_s:.0f} s, U-Boot after {hung.again_s:.0f}")
        person.twin.power_cut(person.twin.kept)
        person.twin.record("pending")
        person.see("home-again", joining.WAIT_S_MAX)
        house.start("broker", "ingest")
        told = (
            f"the watchdog restarted it after {hung.watchdog_s:.0f} s (set to {limit_s():.0f}); home; the reports came"
        )
        row = cases.told(house, person, "the machine hung among the questions", told)
        started = slots.starts(person.box.serial())
    if started != "aa":
        raise EmulatorError(f"wedged: started from {started}, not twice from a")
    return [Row(row.name, row.told, boots=2, lost=row.lost, twice=row.twice)]


def _among_the_questions(person: Resident) -> None:
    cases.begin(person)
    person.see("first-question")
    person.touch("cone", HEIGHTS[0])
    person.see("first-question-answered")
    person.touch("continue")
    person.see("second-question")


def _hung(box: Emulator) -> Hung:
    if (started := slots.starts(box.serial())) != "a" or box.qmp.times("WATCHDOG"):
        raise EmulatorError(f"wedged: the machine was restarted before it was hung: {started}")
    hang(box.qtest)
    began_s = box.uptime_s()
    watchdog_s = box.until(lambda: box.qmp.times("WATCHDOG") > 0, joining.WAIT_S_MAX, _never(box)) - began_s
    again_s = box.until(lambda: slots.starts(box.serial()) == "aa", joining.WAIT_S_MAX, "it did not start again")
    if why := amiss(watchdog_s):
        raise EmulatorError(f"wedged: {why}")
    return Hung(watchdog_s, again_s - began_s)


def _never(box: Emulator) -> str:
    return f"wedged: no watchdog restarted the machine; it had said: {box.serial()[-300:]}"


def amiss(watchdog_s: float) -> str:
    """Why the watchdog did not fire as systemd is told to arm it; empty: it did."""
    if watchdog_s > (most_s := limit_s() + MARGIN_S):
        return f"the watchdog restarted it after {watchdog_s:.0f} s, at most {most_s:.0f}"
    return ""


def limit_s() -> float:
    """What the image's systemd arms it with. Raises EmulatorError: it does not."""
    path = IMAGE / "tree/etc/systemd/system.conf.d/chevet.conf"
    for name, _, value in (line.partition("=") for line in path.read_text().splitlines()):
        if name == "RuntimeWatchdogSec":
            return float(value.removesuffix("s"))
    raise EmulatorError(f"no RuntimeWatchdogSec in {path.name}")


def hang(memory: _Memory, kernel: Path = KERNEL, at: int = KERNEL_AT) -> None:
    """Raises EmulatorError: this kernel's code does not stand there; nothing is written then."""
    if why := elsewhere(memory, kernel, at):
        raise EmulatorError(f"wedged: {why}")
    for place in range(TEXT_AT, TEXT_AT + TEXT_SIZE, PIECE):
        memory.write(at + place, HERE * (PIECE // len(HERE)))


def elsewhere(memory: _Memory, kernel: Path, at: int) -> str:
    """Why this is not where the kernel's code stands in the machine; empty: it is."""
    with kernel.open("rb") as file:
        file.seek(TEXT_AT)
        wanted = file.read(TEXT_SIZE)
    found = b"".join(memory.memory(at + TEXT_AT + place, PIECE) for place in range(0, len(wanted), PIECE))
    words = range(0, len(wanted), len(HERE))
    same = sum(found[word : word + 4] == wanted[word : word + 4] != bytes(4) for word in words) / max(1, len(words))
    return "" if same >= SAME_SHARE_MIN else f"at {at:#x} {same:.0%} of the words are those of {kernel.name}"
