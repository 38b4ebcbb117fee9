"""What time it is on a machine whose clock may be wrong (X5). Pure: the stamps are given.

A clinic's signed answer to the box's own hello says what time it was, within half the round trip; the monotonic clock
carries it on for as long as the machine runs. Without one in this boot the machine's clock is believed only when it
says that it was set, and not when it is earlier than what is surely past: the build, and the clinic's last word.
"""

from collections.abc import Callable
from dataclasses import dataclass

from msgspec import structs

from mqtt_bridge.clock import Clock
from mqtt_bridge.contract.codec import Word
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.contract.wire import Exchange
from mqtt_bridge.version import BUILT_MS

AGREE_MS = 60_000
"""A machine's clock that was set by a source of its own may differ so much from the clinic's: it is as good."""


class Floor(Word, frozen=True):
    """It was surely not earlier than `at_ms` (since 1970 UTC) at that instant of that boot."""

    at_ms: int
    boot: str
    monotonic_ms: int

    def after(self, now: Stamp) -> "Floor":
        """The same, now: what the machine has run since has surely passed too. It never goes back."""
        ran_ms = now.monotonic_ms - (self.monotonic_ms if self.boot == now.boot else 0)
        return Floor(at_ms=self.at_ms + max(0, ran_ms), boot=now.boot, monotonic_ms=now.monotonic_ms)


@dataclass(frozen=True)
class Known:
    """What is known of the time beside the machine's clock. exchange: the clinic's answer, of this boot or another."""

    exchange: Exchange | None = None
    floor: Floor | None = None

    def answered_since(self, now: Stamp) -> Exchange | None:
        """The clinic's answer of this boot, by which the time is known; None: it has not answered since the start."""
        return self.exchange if self.exchange is not None and self.exchange.boot == now.boot else None

    def floor_ms(self, now: Stamp) -> int:
        """Milliseconds since 1970 UTC that are surely past.

        Where the clinic has answered in this boot its word alone counts: it mends a floor that a wrong clock had set.
        """
        told = self.answered_since(now)
        if told is not None:
            return max(BUILT_MS, told.at_ms(now.monotonic_ms) - told.error_ms(now.monotonic_ms))
        former = self.exchange
        floors = [Floor(at_ms=former.server_ms, boot=former.boot, monotonic_ms=former.middle_ms)] if former else []
        floors += [self.floor] if self.floor else []
        return max([BUILT_MS, *(floor.after(now).at_ms for floor in floors)])


def honest(machine: Stamp, known: Known) -> Stamp:
    """What the box stamps and goes by. Where the machine's own clock is not taken, `machine_ms` keeps what it said."""
    told = known.answered_since(machine)
    if told is not None:
        at_ms, error_ms = told.at_ms(machine.monotonic_ms), told.error_ms(machine.monotonic_ms)
        if machine.trusted and abs(machine.wall_ms - at_ms) <= error_ms + AGREE_MS:
            return machine
        return structs.replace(machine, wall_ms=at_ms, trusted=True, machine_ms=machine.wall_ms)
    if machine.trusted and machine.wall_ms < known.floor_ms(machine):
        return structs.replace(machine, trusted=False)
    return machine


def age_s(then: Stamp, now: Stamp) -> int | None:
    """How long ago it was; None when nobody can tell: another boot, and a clock that was not sure of itself."""
    if then.boot == now.boot:
        return max(0, now.monotonic_ms - then.monotonic_ms) // 1000
    if not (then.trusted and now.trusted) or then.wall_ms > now.wall_ms:
        return None
    return (now.wall_ms - then.wall_ms) // 1000


def floor_now(known: Known, now: Stamp) -> Floor:
    """What to keep of it for the time after a power cut. now: an honest stamp."""
    surely_ms = known.floor_ms(now)
    if now.trusted and known.answered_since(now) is None:
        surely_ms = max(surely_ms, now.wall_ms)
    return Floor(at_ms=surely_ms, boot=now.boot, monotonic_ms=now.monotonic_ms)


def better(kept: Exchange | None, new: Exchange) -> Exchange:
    """Which of two answers to go by: the new one of another boot, the nearer one, or the new one where they disagree.

    They disagree when the clinic's own clock was put right between them.
    """
    if kept is None or kept.boot != new.boot:
        return new
    at_ms = new.received_monotonic_ms
    apart_ms = abs(kept.at_ms(at_ms) - new.at_ms(at_ms))
    if apart_ms > kept.error_ms(at_ms) + new.error_ms(at_ms):
        return new
    return new if new.error_ms(at_ms) <= kept.error_ms(at_ms) else kept


class HonestClock:
    """A `Clock` over the machine's own. known: asked at each look, since the clinic may have answered meanwhile."""

    def __init__(self, machine: Clock, known: Callable[[], Known]) -> None:
        self._machine, self._known = machine, known

    def __call__(self) -> Stamp:
        return honest(self._machine(), self._known())
