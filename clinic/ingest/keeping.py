"""Many messages at once, read and kept; where one meets a fault of ours, by halves, until that one stands alone."""

import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from django.db import InterfaceError, OperationalError, transaction

from clinic.clock import now_ms
from clinic.ingest.pace import Pace
from clinic.ingest.peers import ended_is_away
from mqtt_bridge.clinic_end import ClinicEnd, Message, Outgoing, Read
from mqtt_bridge.clinic_store import ClinicStore

AWAY = (OperationalError, InterfaceError)
"""No fault of ours: it is tried again."""

log = logging.getLogger(__name__)


class BatchStore(ClinicStore, Protocol):
    """A store that keeps several arrivals in one transaction."""

    def take_turns(self, batch: Sequence[Read]) -> None:
        """Wait for the batches of other ingest processes that this one could get in the way of."""

    def is_quick(self, one: Read) -> bool:
        """Whether it costs little beside others like it."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Read, and to be kept; `token` settles it, where that is still to be done."""

    token: int
    read: Read


class Keeper:
    """`pace` learns from each transaction how many messages the next may take."""

    def __init__(self, end: ClinicEnd, store: BatchStore, pace: Pace) -> None:
        self._end, self._store, self._pace = end, store, pace

    def fit(self, waiting: Iterable[Waiting]) -> int:
        """How many of these may be kept in one transaction."""
        return self._pace.fit(self._store.is_quick(one.read) for one in waiting)

    def read(self, messages: list[Message]) -> list[Read]:
        """Verify, open and decode; nobody waits for us meanwhile."""
        try:
            return self._end.read(messages, now_ms())
        except AWAY:
            raise
        except Exception as error:
            log.exception("a message among %d that ingest could not read", len(messages))
            if len(messages) == 1:
                return [Read(messages[0], "", None, problem=_fault(error))]
        middle = len(messages) // 2
        return [*self.read(messages[:middle]), *self.read(messages[middle:])]

    def reader(self, messages: list[Message]) -> Iterator[Read]:
        """The same, one after the other, in any thread; it ends before one that it cannot read, which `read` tells."""
        try:
            return self._end.reader(messages, now_ms())
        except AWAY:
            raise
        except Exception:
            log.exception("%d messages that ingest could not read ahead", len(messages))
            return iter(())

    def keep(self, some: list[Waiting]) -> tuple[list[Outgoing], list[Waiting]]:
        """The answers, and those that were kept. One that cannot even be kept raw stays unsettled, at the broker."""
        try:
            return self._together([one.read for one in some]), some
        except AWAY:
            raise
        except Exception as error:
            # A fault of ours must not stop the loop nor lose a message: its own is kept raw, for staff and for us.
            log.exception("a message among %d that ingest could not take", len(some))
            if len(some) == 1:
                return [], self._keep_raw(some[0], _fault(error))
        middle = len(some) // 2
        (first, kept), (second, more) = self.keep(some[:middle]), self.keep(some[middle:])
        return [*first, *second], [*kept, *more]

    def _together(self, reads: list[Read]) -> list[Outgoing]:
        """In one transaction; it has committed when this returns."""
        quick = sum(map(self._store.is_quick, reads))
        with ended_is_away(), transaction.atomic():
            self._store.take_turns(reads)
            began = time.monotonic()
            answers = self._end.keep(reads, now_ms())
            self._pace.took(quick, len(reads) - quick, (time.monotonic() - began) * 1000)
        return answers

    def _keep_raw(self, one: Waiting, problem: str) -> list[Waiting]:
        message = one.read.message
        try:
            with self._store.transaction():
                self._store.quarantine(message.topic, message.payload, problem, now_ms())
        except AWAY:
            raise
        except Exception:
            log.exception("a message that ingest could not keep raw: it is left at the broker")
            return []
        return [one]


def _fault(error: Exception) -> str:
    return f"a fault of Chevet: {type(error).__name__}: {error}"
