"""What the box costs: time to its first screen, memory, writes to the card, size of the image; within one run."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from firmware_config.image.recipe.__main__ import CARD
from tests.appliance import writes
from tests.appliance.emulator import Emulator
from tests.appliance.qmp import EmulatorError
from tests.appliance.resident import Step
from tests.appliance.table import Row

UNITS = ("kiosk", "player", "link", "data", "enrol", "slot", "health", "first")
HOUR_S, SESSIONS_A_DAY = 3600.0, 6
SIZE_MB_MAX, MEMORY_MIB_MAX = 900, 250
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Used:
    """Of one unit with all its programs, by the kernel's own account; in MiB but for the two counts.

    anonymous: what nothing but more memory can hold; files: read from the root, and read again when it was let go.
    pushed: how often the unit's limit made it let go of something; killed: how often that did not help.
    """

    unit: str
    now: float
    most: float
    anonymous: float
    files: float
    pushed: int
    killed: int

    def __str__(self) -> str:
        parts = f"{self.anonymous:.0f} its own, {self.files:.0f} of files"
        return f"{self.unit} {self.now:.0f} MiB ({parts}; {self.most:.0f} at most; at its limit {self.pushed} times)"


def memory(box: Emulator) -> Row:
    """Of our three units. Raises EmulatorError: one of them was killed for want of memory, or it is too much."""
    found = [_used(box, unit) for unit in UNITS[:3]]
    own, killed = sum(one.anonymous for one in found), [one.unit for one in found if one.killed]
    if killed or own > MEMORY_MIB_MAX:
        raise EmulatorError(f"memory: {'; '.join(map(str, found))}; killed: {killed}")
    now = sum(one.now for one in found)
    told = f"{now:.0f} MiB now, {own:.0f} of it their own (limit {MEMORY_MIB_MAX}): {'; '.join(map(str, found))}"
    return Row("memory of all our processes", told, boots=0)


def _used(box: Emulator, unit: str) -> Used:
    place = f"/sys/fs/cgroup/system.slice/chevet-{unit}.service/memory"
    asked = "; ".join(
        (
            f"echo current $(cat {place}.current); echo peak $(cat {place}.peak)",
            f"grep -E '^(anon|file) ' {place}.stat; grep -E '^(max|oom_kill) ' {place}.events",
        )
    )
    words = (line.split() for line in box.door.ask(asked, box))
    told = {line[0]: int(line[1]) for line in words if len(line) == 2 and line[1].isdecimal()}
    now, most, anonymous, files = (told[name] / 2**20 for name in ("current", "peak", "anon", "file"))
    return Used(unit, now, most, anonymous, files, told["max"], told["oom_kill"])


def size() -> Row:
    """Of the image, as it takes room on this machine: what is zero is not written."""
    written = CARD.stat().st_blocks * 512 / 1e6
    return Row("size of the image", f"{written:.0f} MB written (at most {SIZE_MB_MAX})", boots=0)


def written(steps: Sequence[Step], log: Path) -> Row:
    """Bytes by the card's own log: until home, and for a session from home to « dans votre dossier »."""
    found, named = writes.entries(log), {step.name.split("-", 1)[1]: step for step in steps}
    home, last = named["home"].written, named["in-record"].written
    making, session = (writes.bytes_between(found, *ends) / 1e6 for ends in ((0, home), (home, last)))
    told = f"{making:.0f} MB until home; a session {session:.1f} MB, so six {SESSIONS_A_DAY * session:.0f}"
    return Row("written to the card", told, boots=0)


def idle(log: Path, begin: int, end: int, seconds: float) -> Row:
    """The same while home was shown and nobody came, scaled to an hour and a day."""
    still = writes.bytes_between(writes.entries(log), begin, end) / 1e6
    hour = still * HOUR_S / seconds
    told = f"{still:.2f} MB in {seconds / 60:.0f} min, so {hour:.1f} an hour and {24 * hour:.0f} a day"
    return Row("written to the card while nobody comes", told, boots=0)


def processor_s(box: Emulator) -> float:
    """What QEMU has used of the host's processors since its start: beside other work the clock tells less."""
    words = Path(f"/proc/{box.pid()}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / _TICKS
