"""What a box's stamps must be once the clinic has answered: from what was asked, said and heard, not from Exchange."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from mqtt_bridge.contract import wire
from mqtt_bridge.contract.order import Order
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.honest_time import AGREE_MS
from mqtt_bridge.link.asking import ASKED_MAX
from mqtt_bridge.link.taking import FUTURE_MS_MAX

DRIFT_PPM = wire.DRIFT_PPM
CLINIC_CLOCK_MS_MAX = 10 * 60_000
"""A clinic's clock is wrong by no more: it is a server's."""
MARGIN_MS = 2
"""Of two roundings."""


@dataclass(frozen=True)
class Told:
    """An answer that a box heard. ahead_ms: of the world's time was the clinic's clock as it answered."""

    ahead_ms: int
    asked_ms: int
    heard_ms: int

    def error_ms(self, now_ms: int) -> float:
        """Half of what passed between question and answer, and the drift since."""
        middle_ms = (self.asked_ms + self.heard_ms) / 2
        return (self.heard_ms - self.asked_ms) / 2 + (now_ms - middle_ms) * DRIFT_PPM / 1e6 + MARGIN_MS

    def about(self, now_ms: int) -> tuple[float, float]:
        """What the box may take for the time by it: the earliest and the latest."""
        middle_ms, off_ms = now_ms + self.ahead_ms, 2 * self.error_ms(now_ms) + AGREE_MS
        return middle_ms - off_ms, middle_ms + off_ms

    def allows(self, stamp: Stamp, now_ms: int) -> bool:
        """The machine's own clock is taken where it agrees (`machine_ms` is empty): it is as good within a minute."""
        error_ms = self.error_ms(now_ms)
        off_ms = abs(stamp.wall_ms - now_ms - self.ahead_ms)
        return off_ms <= (error_ms if stamp.machine_ms is not None else 2 * error_ms + AGREE_MS)


@dataclass
class BoxTimes:
    """Of one boot of one box."""

    _asked: dict[str, int] = field(default_factory=dict)
    _heard: list[Told] = field(default_factory=list)
    """All that it may go by: an earlier answer may be the nearer one, or be the last that link.db has."""
    answered: bool = False
    """It has heard one, and noted it."""

    def boots(self) -> None:
        self._asked.clear()
        self._heard.clear()
        self.answered = False

    def asks(self, nonce: str, now_ms: int) -> None:
        self._asked[nonce] = now_ms

    def hears(self, acks: Iterable[wire.Ack], said: dict[tuple[str, int], int], now_ms: int) -> None:
        """Before it does anything with it: it may die of that, and remember all the same."""
        for ack in acks:
            ahead_ms = said.get((ack.nonce or "", ack.server_ms))
            asked_ms = self._asked.get(ack.nonce or "")
            if ahead_ms is not None and asked_ms is not None:
                self._heard.append(Told(ahead_ms, asked_ms, now_ms))

    def notes(self, nonce: str) -> None:
        """The disk took it. Of a question before the last 32 the box knows no more (seed 60: an hour's round trip)."""
        self.answered = self.answered or nonce in list(self._asked)[-ASKED_MAX:]

    def refuses(self, order: Order, now_ms: int) -> bool:
        """Whether an order may be refused for its dates: by the clinic's word alone, of this boot or of another."""
        spans = [told.about(now_ms) for told in self._heard]
        latest_ms = max([now_ms + CLINIC_CLOCK_MS_MAX, *(latest_ms for _, latest_ms in spans)])
        ahead = any(order.issued_ms > earliest_ms + FUTURE_MS_MAX for earliest_ms, _ in spans)
        return order.expires_ms <= latest_ms or ahead

    def problem(self, stamp: Stamp, now_ms: int, *, known: bool) -> str:
        """Why a stamp is a lie; empty: it is none. Without an answer a box can only believe its machine.

        known: whoever stamps knows of every answer that the box has noted.
        """
        goes_by_it = (known and self.answered) or stamp.machine_ms is not None
        if not stamp.trusted:
            return "the clinic has answered, and the box does not know the time" if goes_by_it else ""
        if goes_by_it and not any(told.allows(stamp, now_ms) for told in self._heard):
            return f"a trusted stamp is {stamp.wall_ms - now_ms} ms from the time, farther than any answer allows"
        return ""
