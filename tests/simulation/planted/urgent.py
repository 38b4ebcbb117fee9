"""The channel of calls and alerts."""

import secrets

from mqtt_bridge.contract import wire
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.enrolment import Enrolment
from mqtt_bridge.link.end import Effect, LinkEnd, Publish
from mqtt_bridge.link.store import Key, LinkStore
from mqtt_bridge.link.urgent import Urgently
from mqtt_bridge.outbox import Row, Token


class CallsGoneAtPuback(LinkEnd):
    """A PUBACK on the channel `urgent` is taken for storage; on `up` it is not."""

    def _publish(self, row: Row, now: Stamp) -> Publish:
        publish = super()._publish(row, now)
        if publish.topic.endswith("/urgent"):
            self.__dict__.setdefault("_pressed", set()).add(row.key)
        return publish

    def published(self, row: Key, *, accepted: bool, now: Stamp) -> list[Effect]:
        if accepted and row in self.__dict__.get("_pressed", set()):
            self.__dict__.setdefault("_done", set()).add(row)
            self._urgently.landed([row])
        return super().published(row, accepted=accepted, now=now)

    def _forget(self, lost: set[Key]) -> None:
        super()._forget(lost - self.__dict__.get("_done", set()))

    def _send(self, now: Stamp) -> list[Effect]:
        done: set[Key] = self.__dict__.get("_done", set())
        before = set(self._unanswered)
        self._unanswered |= done
        effects = super()._send(now)
        self._unanswered = before
        return effects


class UrgentAlone(LinkEnd):
    """What went by the channel `urgent` never goes by `up`."""

    def __init__(
        self, enrolment: Enrolment, store: LinkStore, token: Token = secrets.token_hex, *, wiped: bool = False
    ) -> None:
        super().__init__(enrolment, store, token, wiped=wiped)
        self._urgently = _UrgentAlone(store)


class _UrgentAlone(Urgently):
    def channel(self, row: Row, now: Stamp) -> wire.Channel:
        self._by_it: set[Key] = self.__dict__.get("_by_it", set())
        if super().channel(row, now) == "urgent":
            self._by_it.add(row.key)
        return "urgent" if row.key in self._by_it else "up"


class UrgentUnasked(LinkStore):
    """The channel `urgent` is written to, whoever the clinic is."""

    def clinic_hears_urgent(self) -> bool:
        return True
