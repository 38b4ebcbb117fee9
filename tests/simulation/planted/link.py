"""The link's end: what it takes the broker's word for, whom it believes, what it sends again."""

import secrets

from mqtt_bridge import seal
from mqtt_bridge.contract import wire
from mqtt_bridge.contract.order import Order
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.enrolment import Enrolment
from mqtt_bridge.link.asking import Asked
from mqtt_bridge.link.end import Effect, LinkEnd
from mqtt_bridge.link.store import Key, LinkStore
from mqtt_bridge.link.taking import Taking
from mqtt_bridge.outbox import Token


class BelievesTheBroker(LinkEnd):
    """A PUBACK is taken for storage: the row is not sent again."""

    def published(self, row: Key, *, accepted: bool, now: Stamp) -> list[Effect]:
        done: set[Key] = self.__dict__.setdefault("_done", set())
        if accepted:
            done.add(row)
        return super().published(row, accepted=accepted, now=now)

    def _send(self, now: Stamp) -> list[Effect]:
        done: set[Key] = self.__dict__.setdefault("_done", set())
        before = set(self._unanswered)
        self._unanswered |= done
        effects = super()._send(now)
        self._unanswered = before
        return effects


class TellsAtPuback(LinkEnd):
    """« Dans votre dossier », says the broker's PUBACK."""

    def published(self, row: Key, *, accepted: bool, now: Stamp) -> list[Effect]:
        if accepted:
            span = wire.Range(first=row[1], last=row[1])
            ack = wire.Ack(
                ledger="broker",
                serial=0,
                stream="kiosk",
                epoch=row[0],
                through=0,
                server_ms=now.wall_ms,
                ranges=(span,),
            )
            self._store.remember(ack, anyway=False)
        return super().published(row, accepted=accepted, now=now)


class NobodySigns(LinkEnd):
    """The clinic's signature is not checked."""

    def _letter(self, topic: str, payload: bytes) -> wire.Letter:
        return seal.read_letter(payload)


class AdoptsUnasked(LinkEnd):
    """Another ledger's word is adopted, whoever asked."""

    def _ack(self, ack: wire.Ack, form: wire.Form, now: Stamp) -> list[Effect] | None:
        if ack.ledger != self._store.ledger():
            self._store.adopt_ledger(ack.ledger)
        return super()._ack(ack, form, now)


class NothingIsLost(LinkEnd):
    """What an answer does not name is not sent again."""

    def _answered(self, asked: Asked, ack: wire.Ack, now: Stamp) -> None:
        kept = set(self._unanswered)
        super()._answered(asked, ack, now)
        self._unanswered |= kept


class ExpiredIsObeyed(LinkEnd):
    def __init__(
        self, enrolment: Enrolment, store: LinkStore, token: Token = secrets.token_hex, *, wiped: bool = False
    ) -> None:
        super().__init__(enrolment, store, token, wiped=wiped)
        self._taking = _ExpiredIsObeyed(enrolment, store)


class _ExpiredIsObeyed(Taking):
    def _refusal(self, order: Order, now: Stamp) -> str:
        refusal = super()._refusal(order, now)
        return "" if refusal == "expired" else refusal

    def _doubt(self, order: Order, now: Stamp) -> str:
        doubt = super()._doubt(order, now)
        return "" if doubt == "expired" else doubt


class AnyClockRefuses(LinkEnd):
    """A network's time refuses orders before the clinic has said what time it is."""

    def __init__(
        self, enrolment: Enrolment, store: LinkStore, token: Token = secrets.token_hex, *, wiped: bool = False
    ) -> None:
        super().__init__(enrolment, store, token, wiped=wiped)
        self._taking = _AnyClockRefuses(enrolment, store)


class _AnyClockRefuses(Taking):
    def knows_the_time(self, now: Stamp) -> bool:
        return True


class WaitsForPubacks(LinkEnd):
    """What the broker has not confirmed is not asked about."""

    def _answered(self, asked: Asked, ack: wire.Ack, now: Stamp) -> None:
        publishing = set(self._publishing)
        super()._answered(asked, ack, now)
        self._publishing |= publishing
