"""Which hello an answer is taken to answer."""

import secrets
from collections.abc import Collection

from mqtt_bridge.contract import wire
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.enrolment import Enrolment
from mqtt_bridge.link.asking import Asked, Asking
from mqtt_bridge.link.end import LinkEnd
from mqtt_bridge.link.store import Key, LinkStore
from mqtt_bridge.outbox import Token


class AnyNonce(LinkEnd):
    """Every acknowledgement counts as an answer to our question."""

    def __init__(
        self, enrolment: Enrolment, store: LinkStore, token: Token = secrets.token_hex, *, wiped: bool = False
    ) -> None:
        super().__init__(enrolment, store, token, wiped=wiped)
        self._asking = _AnyNonce()


class _AnyNonce(Asking):
    def answered_by(self, ack: wire.Ack) -> Asked | None:
        return self._asked[-1] if self._asked else None


class OnlyTheLatest(AnyNonce):
    """An answer counts for the latest hello alone: where it takes longer than the next hello waits, none ever does."""

    def __init__(
        self, enrolment: Enrolment, store: LinkStore, token: Token = secrets.token_hex, *, wiped: bool = False
    ) -> None:
        super().__init__(enrolment, store, token, wiped=wiped)
        self._asking = _OnlyTheLatest()


class _OnlyTheLatest(Asking):
    def ask(self, nonce: str, sent: Stamp, before: Collection[Key], known_serial: int) -> None:
        self.forget()
        super().ask(nonce, sent, before, known_serial)


class EarlierOnesCount(AnyNonce):
    """The answer to an earlier hello counts after that to a later one, too."""

    def __init__(
        self, enrolment: Enrolment, store: LinkStore, token: Token = secrets.token_hex, *, wiped: bool = False
    ) -> None:
        super().__init__(enrolment, store, token, wiped=wiped)
        self._asking = _EarlierOnesCount()


class _EarlierOnesCount(Asking):
    def heard(self, asked: Asked, epoch: str) -> None:
        asked.answered.add(epoch)

    def only(self, asked: Asked) -> None:
        pass
