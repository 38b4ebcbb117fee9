"""How much time the box is sure has passed, on a machine whose clock may be wrong. Pure: the stamp is given.

A dose expires by this time and by no other. Within one boot the monotonic clock counts. From boot to boot only two
trusted clocks can tell how long the box was off; without them nothing has passed but what the box has run. A clock that
went backwards, or jumped by more than two months, is not believed: the week then ages by running, it is neither
forgotten nor kept for ever.
"""

from dataclasses import dataclass, replace

from mqtt_bridge.contract.stamp import Stamp

JUMP_MS_MAX = 60 * 24 * 3600_000
"""Off for longer, or a wrong clock: nobody can tell. Then only running counts."""


@dataclass(frozen=True)
class Lived:
    """`lived_ms` at the instant (`boot`, `monotonic_ms`); and the last instant of a trusted clock, `anchor_*`."""

    lived_ms: int
    boot: str
    monotonic_ms: int
    anchor_boot: str = ""
    anchor_wall_ms: int = 0
    anchor_lived_ms: int = 0


def advance(last: Lived | None, now: Stamp) -> Lived:
    """The same, now. It never goes back, and an older stamp changes nothing."""
    if last is None:
        return _anchored(Lived(0, now.boot, now.monotonic_ms), now)
    if last.boot == now.boot and now.monotonic_ms <= last.monotonic_ms:
        return last if last.anchor_boot == now.boot else _anchored(last, now)
    ran_ms = now.monotonic_ms - (last.monotonic_ms if last.boot == now.boot else 0)
    lived_ms = max(last.lived_ms + ran_ms, _by_the_clocks(last, now))
    return _anchored(replace(last, lived_ms=lived_ms, boot=now.boot, monotonic_ms=now.monotonic_ms), now)


def _by_the_clocks(last: Lived, now: Stamp) -> int:
    """What two trusted clocks in two boots say; 0 when they say nothing that can be believed."""
    if not now.trusted or not last.anchor_boot or last.anchor_boot == now.boot:
        return 0
    passed_ms = now.wall_ms - last.anchor_wall_ms
    return last.anchor_lived_ms + passed_ms if 0 <= passed_ms <= JUMP_MS_MAX else 0


def _anchored(lived: Lived, now: Stamp) -> Lived:
    if not now.trusted:
        return lived
    return replace(lived, anchor_boot=now.boot, anchor_wall_ms=now.wall_ms, anchor_lived_ms=lived.lived_ms)
