"""What the box costs: time to its first screen, memory, writes to the card, size of the image; within one run."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from firmware_config.image.recipe import shipped
from firmware_config.image.recipe.__main__ import CARD
from tests.appliance import writes
from tests.appliance.emulator import Emulator
from tests.appliance.pulse import Pulse
from tests.appliance.qmp import EmulatorError
from tests.appliance.resident import Step
from tests.appliance.table import Row

UNITS = ("kiosk", "player", "link", "data", "enrol", "slot", "health", "first")
"""What a start without ours is without."""
ALWAYS = ("chevet-kiosk", "chevet-player", "chevet-link")
"""Where one of these is not among the units, what was read is not the box's memory."""
ASK_TIMES = 3
DAY_S, SESSIONS_A_DAY = 86400.0, 6
SIZE_MB_MAX, MEMORY_MIB_MAX = 900, 250
SLICE = Path("/sys/fs/cgroup/system.slice")
CARDS, STILL = "/proc/asound/card*/pcm*p/sub*/status", "sounding"
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Used:
    """Of one unit with all its programs, by the kernel's own account; in MiB but for the two counts.

    own: what nothing but more memory can hold: anonymous, shared (the screen's pictures), locked files, and what the
    kernel holds for it. files: read from the root, and read again when it was let go.
    pushed: how often the unit's limit made it let go of something; killed: how often that did not help.
    """

    unit: str
    now: float
    most: float
    own: float
    files: float
    pushed: int
    killed: int

    def __str__(self) -> str:
        parts = f"{self.own:.0f} its own, {self.files:.0f} of files"
        return f"{self.unit} {self.now:.0f} MiB ({parts}; {self.most:.0f} at most; at its limit {self.pushed} times)"


_ASKED = (
    "cd {}; for d in $(find . -name 'chevet-*.service' -o -name rauc.service); do "
    "{{ echo current $(cat $d/memory.current); echo peak $(cat $d/memory.peak); "
    "grep -E '^(anon|file|shmem|kernel|(in)?active_file) ' $d/memory.stat; "
    "grep -E '^(max|oom_kill) ' $d/memory.events; }} | "
    'sed "s|^|${{d##*/}} |"; done'
)
"""Each line names its unit: on a console where others write too, one that is broken must not count to another unit."""
_STAT = ("anon", "file", "shmem", "kernel", "inactive_file", "active_file")
_FIGURES = ("current", "peak", *_STAT, "max", "oom_kill")


def asked(groups: Path = SLICE) -> str:
    """The shell's words: every unit of ours and RAUC's that is there, those of a template too."""
    return _ASKED.format(groups)


def used(lines: Iterable[str]) -> tuple[list[Used], list[str]]:
    """Of what that printed; and the units of which not every figure was read: they ended meanwhile, or a line broke."""
    told = dict[str, dict[str, int]]()
    for words in map(str.split, lines):
        if len(words) == 3 and words[0].endswith(".service") and words[1] in _FIGURES:
            figures = told.setdefault(words[0].removesuffix(".service"), {})
            figures.update({words[1]: int(words[2])} if words[2].isdecimal() else {})
    whole = {unit: has for unit, has in sorted(told.items()) if len(has) == len(_FIGURES)}
    return [_used(unit, has) for unit, has in whole.items()], sorted(told.keys() - whole.keys())


def _used(unit: str, told: dict[str, int]) -> Used:
    """Of files (which count what is shared) the kernel can let go what stands in its lists; the rest is locked."""
    let_go = told["inactive_file"] + told["active_file"]
    locked = max(0, told["file"] - told["shmem"] - let_go)
    own, files = told["anon"] + told["shmem"] + locked + told["kernel"], min(let_go, told["file"])
    now, most, own_mib, files_mib = (size / 2**20 for size in (told["current"], told["peak"], own, files))
    return Used(unit, now, most, own_mib, files_mib, told["max"], told["oom_kill"])


def memory(box: Emulator) -> Row:
    """Of every unit of ours that is there, and RAUC's. Raises EmulatorError: one of the three processes is not."""
    for _ in range(ASK_TIMES):
        found, unread = used(box.door.ask(asked(), box))
        if not unread:
            break
    return held(found, unread)


def beside(into: str, groups: Path = SLICE, cards: str = CARDS) -> str:
    """The shell's words: once a card has sounded for a second, what `asked` prints, then the cards that still sound.

    In the box and beside the care, which is over before a starved console has carried a question in and out.
    """
    sounds = f"grep -l RUNNING {cards}"
    waited = f"until {sounds}; do sleep 0.2; done >/dev/null; sleep 1"
    read = f"{{ {asked(groups)}; {sounds} | sed 's/^/{STILL} /'; }} >{into}.part; mv {into}.part {into}"
    return f"( {waited}; {read} ) </dev/null >/dev/null 2>&1 & true"


def while_it_played(lines: Sequence[str]) -> Row:
    """The row of what that wrote. Raises EmulatorError: no card sounded all the while."""
    if not any(line.startswith(f"{STILL} ") for line in lines):
        raise EmulatorError(f"memory: no card sounded while it was read: {list(lines)[-3:]}")
    return replace(held(*used(lines)), name="memory while a care plays")


def held(found: Sequence[Used], unread: Sequence[str] = ()) -> Row:
    """Against the limit: what nothing but more memory can hold, of all together, and nobody killed for want of it.

    What could not be read may have been too much.
    """
    if missing := [unit for unit in ALWAYS if unit not in {one.unit for one in found}]:
        raise EmulatorError(f"memory: no figures of {', '.join(missing)}; read: {[one.unit for one in found]}")
    own, killed = sum(one.own for one in found), [one.unit for one in found if one.killed]
    now = sum(one.now for one in found)
    told = f"{now:.0f} MiB now, {own:.0f} of it their own (limit {MEMORY_MIB_MAX}): {'; '.join(map(str, found))}"
    told += f"; killed for want of memory: {', '.join(killed)}" if killed else ""
    told += f"; not read: {', '.join(unread)}" if unread else ""
    return Row("memory of all our processes", told, boots=0, within=own <= MEMORY_MIB_MAX and not killed and not unread)


def size(card: Path = CARD, most_mb: float = SIZE_MB_MAX) -> Row:
    """Of the image: what is shipped (compressed) and what of it is written here, each held to the limit; and the file.

    What is zero is not written in the file, but on a card it is. Not to its end without a compressed one.
    """
    told, given = card.stat(), shipped.of(card)
    taken, whole = told.st_blocks * 512 / 1e6, told.st_size / 1e6
    words = f"{taken:.0f} MB written (at most {most_mb:.0f}), in a file of {whole:.0f} MB"
    if not given.exists():
        return Row("size of the image", f"no {given.name}: make image ANEW=1; {words}", boots=0, ended=False)
    small = given.stat().st_size / 1e6
    most = max(small, taken)
    return Row("size of the image", f"{small:.0f} MB compressed, {words}", boots=0, within=most <= most_mb)


def written(steps: Sequence[Step], log: Path) -> Row:
    """Bytes by the card's own log: until home, and for a session from home to « dans votre dossier »."""
    found, named = writes.entries(log), {step.name.split("-", 1)[1]: step for step in steps}
    home, last = named["home"].written, named["in-record"].written
    making, session = (writes.bytes_between(found, *ends) / 1e6 for ends in ((0, home), (home, last)))
    told = f"{making:.0f} MB until home; a session {session:.1f} MB, so six {SESSIONS_A_DAY * session:.0f}"
    return Row("written to the card", told, boots=0)


def idle(log: Path, begin: int, end: int, seconds: float, heard: Pulse) -> Row:
    """The same while home was shown and nobody came, scaled to a day: what the box did by itself meanwhile is told.

    Not to its end when no heartbeat or no self-test was among it: that is no piece of a day. A self-test comes once a
    day, and is counted as often as such pieces make one: the day is the most that it can be. Beyond its limit when that
    self-test did not find fine what the machine itself must answer.
    """
    still = writes.bytes_between(writes.entries(log), begin, end) / 1e6
    told = f"{still:.2f} MB in {seconds / 60:.0f} min, in which {heard}: at most {still * DAY_S / seconds:.0f} a day"
    told += f"; {heard.amiss}" if heard.amiss else ""
    return Row("written to the card while nobody comes", told, boots=0, ended=heard.whole, within=not heard.amiss)


def processor_s(box: Emulator) -> float:
    """What QEMU has used of the host's processors since its start: beside other work the clock tells less."""
    words = Path(f"/proc/{box.pid()}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / _TICKS
