"""What the kernel says of a process and of the machine: processor time, memory, wakes."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
Sleep = Callable[[float], None]


class Used(msgspec.Struct, frozen=True):
    """What one process used for a while. `share` and `ticks_share`: of one core, by its clock and by its stat file."""

    seconds: float
    share: float
    ticks_share: float
    wakes_per_s: float
    others_share: float
    """What everything else on the machine used meanwhile, in cores."""


class Memory(msgspec.Struct, frozen=True):
    """MiB. `peak`: the most that it ever was."""

    resident: float
    peak: float
    private: float


def use_over(pid: int, seconds: float, sleep: Sleep = time.sleep) -> Used:
    """Watch a process for so long; all its threads count, those that ended too."""
    began_ns, clock_ns, ticks, wakes, busy = time.monotonic_ns(), clock_of(pid), ticks_of(pid), wakes_of(pid), _busy_s()
    sleep(seconds)
    took_s = (time.monotonic_ns() - began_ns) / 1e9
    own_s = (clock_of(pid) - clock_ns) / 1e9
    return Used(
        seconds=took_s,
        share=own_s / took_s,
        ticks_share=(ticks_of(pid) - ticks) / TICKS_PER_S / took_s,
        wakes_per_s=(wakes_of(pid) - wakes) / took_s,
        others_share=max(0.0, _busy_s() - busy - own_s) / took_s,
    )


def clock_of(pid: int) -> int:
    """clock_getcpuclockid(3): nanoseconds of processor time; a tick of the stat file is 10 ms."""
    return time.clock_gettime_ns((~pid << 3) | 2)


def ticks_of(pid: int) -> int:
    return parse_ticks(Path(f"/proc/{pid}/stat").read_text())


def parse_ticks(stat: str) -> int:
    """utime + stime of a line of /proc/PID/stat; the name in it may hold spaces and brackets."""
    fields = stat.rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def wakes_of(pid: int) -> int:
    """How often its threads went to sleep by themselves."""
    files = Path(f"/proc/{pid}/task").glob("*/status")
    return sum(parse_field(file.read_text(), "voluntary_ctxt_switches") for file in files)


def parse_field(status: str, name: str) -> int:
    """A number of /proc/PID/status; 0 when the line is not there."""
    for line in status.splitlines():
        key, _, value = line.partition(":")
        if key == name:
            return int(value.split()[0])
    return 0


def memory_of(pid: int) -> Memory:
    status = Path(f"/proc/{pid}/status").read_text()
    resident, peak, private = (parse_field(status, name) / 1024 for name in ("VmRSS", "VmHWM", "RssAnon"))
    return Memory(resident, peak, private)


def _busy_s() -> float:
    return parse_busy(Path("/proc/stat").read_text())


def parse_busy(stat: str) -> float:
    """Seconds that the cores together were not idle (nor waiting for a disk) since the boot."""
    user, nice, system, _idle, _iowait, irq, softirq, steal = (int(word) for word in stat.split()[1:9])
    return (user + nice + system + irq + softirq + steal) / TICKS_PER_S
