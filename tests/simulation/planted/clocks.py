"""The time that a box goes by."""

from msgspec import structs

from mqtt_bridge.contract import wire
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.honest_time import HonestClock, Known, honest
from mqtt_bridge.link.store import LinkStore


class ForgetsTheWay(LinkStore):
    """The clinic's time is taken for that at which its answer came, whatever the way took."""

    def note_answer(self, at: Stamp, told: wire.Exchange) -> None:
        super().note_answer(at, structs.replace(told, sent_monotonic_ms=told.received_monotonic_ms))


class BelievesTheMachine(HonestClock):
    """A machine's clock that a network has set is believed, whatever the clinic says."""

    def __call__(self) -> Stamp:
        machine = self._machine()
        return machine if machine.trusted else super().__call__()


class AnyBoot(HonestClock):
    """An answer of before the power was cut is carried on by a monotonic clock that began anew."""

    def __call__(self) -> Stamp:
        machine, known = self._machine(), self._known()
        told = known.exchange
        return honest(machine, Known(told and structs.replace(told, boot=machine.boot), known.floor))
