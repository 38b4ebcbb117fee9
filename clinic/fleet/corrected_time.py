"""When it happened, by the clinic's clock, and how far that may be wrong (X5).

Cristian's method: the middle of the exchange with the lowest round trip is the server's time, within half that trip.
"""

from dataclasses import dataclass
from typing import Literal

from clinic.fleet.models import BootClock, Device
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.contract.wire import Exchange, Hello

TRUSTED_ERROR_MS = 1000
"""A clock set by a known source since boot, on a network that we do not know."""

AHEAD_MS_MAX = 60_000

Source = Literal["exchange", "box-clock", "uncertain"]


@dataclass(frozen=True)
class Corrected:
    """error_ms is None when nothing bounds it: `at_ms` is then what the box believed, and no more."""

    at_ms: int
    error_ms: int | None
    source: Source


def correct(device: Device, stamp: Stamp) -> Corrected:
    return corrected(BootClock.objects.filter(device=device, boot=stamp.boot).first(), stamp)


def corrected(clock: BootClock | None, stamp: Stamp) -> Corrected:
    """By the exchange of the stamp's own boot, when one is known."""
    if clock is not None:
        return by_exchange(clock, stamp.monotonic_ms)
    if stamp.trusted:
        return Corrected(stamp.wall_ms, TRUSTED_ERROR_MS, "box-clock")
    return Corrected(stamp.wall_ms, None, "uncertain")


def by_exchange(clock: BootClock, monotonic_ms: int) -> Corrected:
    told = clock.exchange
    return Corrected(told.at_ms(monotonic_ms), told.error_ms(monotonic_ms), "exchange")


def plausible(when: Corrected, received_ms: int) -> Corrected:
    """What began after it was received shows a clock that was wrong, whatever the box thought of it."""
    if when.error_ms is not None and when.at_ms - when.error_ms > received_ms + AHEAD_MS_MAX:
        return Corrected(when.at_ms, None, "uncertain")
    return when


def learn(device: Device, hello: Hello) -> str | None:
    """Keep the hello's former exchange when it is the best of its own boot; that boot, None when it is not."""
    former = hello.former
    if former is None or not former.sent_monotonic_ms <= former.received_monotonic_ms:
        return None
    if former.boot == hello.sent.boot and former.received_monotonic_ms > hello.sent.monotonic_ms:
        return None  # an answer that comes after the hello that speaks of it
    best = BootClock.objects.filter(device=device, boot=former.boot).first()
    if best is not None and best.exchange.round_trip_ms <= former.round_trip_ms and _agree(best.exchange, former):
        return None
    BootClock.objects.update_or_create(
        device=device,
        boot=former.boot,
        defaults={
            "sent_monotonic_ms": former.sent_monotonic_ms,
            "received_monotonic_ms": former.received_monotonic_ms,
            "server_ms": former.server_ms,
        },
    )
    return former.boot


def _agree(best: Exchange, new: Exchange) -> bool:
    """They do not when our own clock was put right between them: then the new one counts, were it slower."""
    at_ms = new.middle_ms
    apart_ms = abs(best.at_ms(at_ms) - new.server_ms)
    return apart_ms <= best.error_ms(at_ms) + new.error_ms(at_ms)
