"""What the box costs: time to its first screen, memory, writes to the card, size of the image; within one run."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

from firmware_config.image.recipe.__main__ import CARD
from tests.appliance import writes
from tests.appliance.emulator import Emulator
from tests.appliance.resident import Step
from tests.appliance.table import Row

UNITS = ("kiosk", "player", "link", "data", "enrol", "slot")
HOUR_S, SESSIONS_A_DAY = 3600.0, 6
SIZE_MB_MAX, MEMORY_MIB_MAX = 900, 250
_TICKS = os.sysconf("SC_CLK_TCK")


def memory(box: Emulator) -> str:
    """By the kernel's own accounts of our three units, each with all its programs."""
    now, most = (_mib(box, word) for word in ("current", "peak"))
    return f"{sum(now):.0f} MiB now, {sum(most):.0f} at most (limit {MEMORY_MIB_MAX})"


def _mib(box: Emulator, word: str) -> list[float]:
    files = " ".join(f"/sys/fs/cgroup/system.slice/chevet-{unit}.service/memory.{word}" for unit in UNITS[:3])
    return [int(line) / 2**20 for line in box.door.ask(f"cat {files}", box) if re.fullmatch(r"\d+", line)]


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
