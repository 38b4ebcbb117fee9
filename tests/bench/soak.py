"""Hours of sessions on end, on a device twenty times as fast as the clock: no gap, no growth, every frame the same.

python -m tests.bench soak [hours]      eight hours take 24 minutes; docs/soak.json and its lines in docs/bench.md
"""

import time
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from audio.player.protocol import Collect, PlayerStatus, Prepare, Start
from tests.bench.figures import Figure
from tests.bench.watch import memory_of
from tests.support.paced.package import make_long_package
from tests.support.paced.player import RunningPlayer, start_player, wait_for
from tests.support.paced.sameness import forget_played, same_as_package

SPEED = 20
BUFFER_MS = 2000
"""At this speed a tenth of a second: what a busy machine makes us wait is not twenty times as long."""
SESSION_S = 1200
WARM_SESSIONS = 2
"""Before them the allocator still fills its pools; growth is counted from there."""
GROWTH_MIB_MAX = 0.5
END_S_MAX = SESSION_S / SPEED + 60


class Lap(msgspec.Struct, frozen=True):
    """What one session left behind."""

    gaps: int
    whole: bool
    identical: bool
    resident_mib: float
    threads: int
    descriptors: int
    gaps_ms: tuple[float, ...] = ()


class Soak(msgspec.Struct, frozen=True):
    """One run. `hours` of sound."""

    day: str
    hours: float
    minutes: float
    laps: tuple[Lap, ...]

    def figures(self) -> list[Figure]:
        """Each with its limit."""
        how = (
            f"{len(self.laps)} sessions of {SESSION_S / 60:.0f} minutes one after the other in one player, on the "
            f"paced device at {SPEED} times the clock's speed with a buffer of {BUFFER_MS} ms (real: "
            f"{BUFFER_MS // SPEED} ms); what it played is compared with the decoded package"
        )
        title = f"{self.hours:.1f} hours of sessions: "
        told = (
            ("soak_gaps", "gaps", sum(lap.gaps for lap in self.laps), "gaps", 0.0),
            ("soak_cut", "sessions not heard whole", _count(not lap.whole for lap in self.laps), "sessions", 0.0),
            ("soak_bits", "sessions with another bit", _count(not lap.identical for lap in self.laps), "sessions", 0.0),
            ("soak_growth", "growth of the player's memory", self.growth_mib, "MiB", GROWTH_MIB_MAX),
            ("soak_handles", "threads and descriptors left behind", self.left_behind, "", 0.0),
        )
        return [
            Figure(name=name, title=title + words, value=float(value), unit=unit, limit=limit, how=how)
            for name, words, value, unit, limit in told
        ]

    @property
    def growth_mib(self) -> float:
        """From the end of the warm sessions to the largest after them."""
        warm, later = self.laps[:WARM_SESSIONS], self.laps[WARM_SESSIONS:]
        return max((lap.resident_mib for lap in later), default=0.0) - max(lap.resident_mib for lap in warm)

    @property
    def left_behind(self) -> int:
        first, last = self.laps[0], self.laps[-1]
        return max(0, last.threads - first.threads) + max(0, last.descriptors - first.descriptors)


def measure(folder: Path, hours: float, say: Callable[[str], None]) -> Soak:
    """Raises TimeoutError when a session does not end."""
    began_s = time.monotonic()
    package = make_long_package(folder / "package", SESSION_S)
    count = max(WARM_SESSIONS + 1, round(hours * 3600 / SESSION_S))
    with start_player(folder / "player", speed=SPEED, buffer_ms=BUFFER_MS) as player:
        laps = []
        for number in range(count):
            laps.append(_lap(player, package, number))
            say(f"soak, session {number + 1} of {count}: {laps[-1]}")
    day = time.strftime("%Y-%m-%d", time.gmtime())
    return Soak(day, count * SESSION_S / 3600, (time.monotonic() - began_s) / 60, tuple(laps))


def _lap(player: RunningPlayer, package: Path, number: int) -> Lap:
    client, session = player.connect(), f"s{number}"
    client.send(Prepare(session=session, package=str(package)))
    wait_for(client, lambda status: status.phase == "ready")
    client.send(Start(session))
    result: PlayerStatus = wait_for(client, lambda status: status.phase == "ended", END_S_MAX)
    client.send(Collect(session))
    wait_for(client, lambda status: status.phase == "idle")
    client.close()
    identical = same_as_package(player.device.out, package)
    forget_played(player.device.out)
    pid = player.process.pid
    return Lap(
        gaps=result.gaps_total,
        gaps_ms=tuple(gap.duration_ms for gap in result.gaps),
        whole=result.outcome == "heard_whole",
        identical=identical,
        resident_mib=memory_of(pid).resident,
        threads=_entries(f"/proc/{pid}/task"),
        descriptors=_entries(f"/proc/{pid}/fd"),
    )


def _entries(folder: str) -> int:
    return sum(1 for _ in Path(folder).iterdir())


def _count(found: Iterable[bool]) -> int:
    return sum(found)
