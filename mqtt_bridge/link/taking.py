"""What becomes of an order that came: kept, refused for good, or left to be asked for again.

A refusal is told to the clinic once, and the order never comes again: only what is surely so refuses one.
"""

import contextlib
from typing import Literal

from mqtt_bridge import seal
from mqtt_bridge.contract import wire
from mqtt_bridge.contract.codec import ContractError, decode
from mqtt_bridge.contract.order import Order, OrderHead
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.enrolment import Enrolment
from mqtt_bridge.link.store import LinkStore

FUTURE_MS_MAX = 10 * 60_000
REASON_MAX = 500
Outcome = Literal["kept", "settled", "waits"]
"""settled: refused, here already, or not for us; waits: until the clinic has said what time it is."""


class Taking:
    """Of one box. `take` keeps an order, or tells why not, in link.db."""

    def __init__(self, enrolment: Enrolment, store: LinkStore) -> None:
        self._enrolment, self._store = enrolment, store

    def take(self, letter: wire.Letter, payload: bytes, now: Stamp) -> Outcome:
        """letter: verified; payload: as it came, to be kept. Raises sqlite3.Error."""
        try:
            plain = seal.open_body(letter, self._enrolment.keys)
        except ContractError:
            return "settled"  # not sealed to us: nobody to answer to
        try:
            order = decode(plain, Order)
        except ContractError as error:
            return self._refuse_unreadable(plain, str(error), now)
        refusal, doubt = self._refusal(order, now), self._doubt(order, now)
        if not refusal and doubt and not self.knows_the_time(now):
            return "waits"
        refusal = refusal or doubt
        if refusal or not self._store.keep_order(order, payload, now):
            self._refuse(order.id, refusal, now)
            return "settled"
        return "kept"

    def knows_the_time(self, now: Stamp) -> bool:
        """By the clinic itself; else by a network, which may lie."""
        return self._store.known_time().answered_since(now) is not None

    def _refuse_unreadable(self, plain: bytes, why: str, now: Stamp) -> Outcome:
        """Of a later version, or one that the box could not show: the clinic must know that it is not in force."""
        with contextlib.suppress(ContractError):
            self._refuse(decode(plain, OrderHead).id, f"unreadable: {why}"[:REASON_MAX], now)
        return "settled"

    def _refuse(self, order_id: str, reason: str, now: Stamp) -> None:
        if reason:
            self._store.refuse_order(order_id, reason, now)

    def _refusal(self, order: Order, now: Stamp) -> str:
        """Why it is refused for good; empty: nothing that is surely so speaks against it."""
        if order.box != self._enrolment.place.box:
            return f"for the box {order.box}"
        if order.expires_ms <= self._store.known_time().floor_ms(now):
            return "expired"
        if self._store.serial_is_taken(order):
            return f"the serial {order.serial} is another order's"
        return ""

    def _doubt(self, order: Order, now: Stamp) -> str:
        """Why it would be refused by the clock: a network may have set it wrongly until the clinic's answer is here."""
        if not now.trusted:
            return ""
        if order.expires_ms <= now.wall_ms:
            return "expired"
        return "from the future" if order.issued_ms > now.wall_ms + FUTURE_MS_MAX else ""
