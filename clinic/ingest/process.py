"""The ingest process: one loop from the broker to the database and back.

Messages are read (verified, opened, decoded) as they come, and kept many in one transaction. One is settled, and its
answer published, only after that has committed. SQLite's write lock is held about LOCK_MS_MAX at most, then given up
for PAUSE_MS, so that the console's writes never wait long (measured: back-to-back batches of 130 ms made page writes
wait 8 s); meanwhile the next are read. A batch in which one message meets a fault of ours is undone and kept by halves,
until that one stands alone. While nothing is to be done it does what can wait, a little at a time (`Parts.spare`).
What is for the boxes of another process is not even read: it is kept aside until that one must have kept it.
"""

import logging
import math
import select
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Protocol

from django.db import InterfaceError, OperationalError, connections, transaction

from clinic.clock import now_ms
from clinic.ingest.aside import Aside
from clinic.ingest.pace import Pace
from clinic.ingest.peers import Nobody, ended_is_away
from clinic.ingest.sending import Sending, mark
from mqtt_bridge.bell import Bell
from mqtt_bridge.clinic_end import ClinicEnd, Message, Outgoing, Read
from mqtt_bridge.clinic_store import ClinicStore
from mqtt_bridge.contract.wire import topic
from mqtt_bridge.mqtt.port import SETTLED, Client, Connected, Delivered, Disconnected, Event, Mailbox, Sent

LOCK_MS_MAX = 10
PAUSE_MS = 10
BATCH_MAX = 500
"""Messages in one transaction; and what the broker may have given us that we have not settled."""
READ_AT_ONCE = 64
"""Then look whether something else is to be done."""
SPARE_PAUSE_S = 0.05
"""Between two little things that can wait: others use the machine too."""
LOOK_FOR_ORDERS_S = 5.0
RETRY_S_MIN, RETRY_S_MAX = 0.05, 2.0
AWAY_S_MAX = 120.0

AWAY = (OperationalError, InterfaceError)

log = logging.getLogger(__name__)


class DatabaseAway(Exception):
    """The database has not come back in AWAY_S_MAX: nothing was acknowledged; start ingest again."""


@dataclass(frozen=True)
class Limits:
    lock_ms_max: float = LOCK_MS_MAX
    pause_ms: float = PAUSE_MS
    look_for_orders_s: float = LOOK_FOR_ORDERS_S
    away_s_max: float = AWAY_S_MAX


class _Selectable(Protocol):
    def fileno(self) -> int: ...


class StopOrder(_Selectable, Protocol):
    """`mqtt_bridge.stopping.Stopping`: readable once the process has been asked to stop."""

    def wait(self, seconds: float) -> bool: ...


class Peers(Protocol):
    """The other ingest processes of the clinic, and whose each box is: `peers.Leases`, or `peers.Nobody`."""

    beat_s: float

    def beat(self) -> bool:
        """Say that this one lives; whether whose the boxes are has changed."""

    def leave(self) -> None:
        """It takes nothing in any more."""

    def is_mine(self, topic: str) -> bool:
        """Whether what comes on this topic is for this process to keep."""


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


@dataclass(frozen=True)
class Parts:
    """What the composition root hands over."""

    end: ClinicEnd
    store: BatchStore
    client: Client
    mailbox: Mailbox
    bell: Bell
    stopping: StopOrder
    on_ready: Callable[[], None]
    spare: Callable[[], bool] = lambda: False
    """A little of what can wait; whether there is more. It is done where nothing else is."""
    peers: Peers = Nobody()  # noqa: RUF009  # it holds nothing


class Ingest:
    """`run` returns when it is asked to stop, or raises DatabaseAway."""

    def __init__(self, clinic: str, parts: Parts, limits: Limits = Limits()) -> None:  # it is frozen
        self._clinic, self._parts, self._limits = clinic, parts, limits
        self._end, self._store, self._client, self._peers = parts.end, parts.store, parts.client, parts.peers
        self._arrived: deque[Delivered] = deque()
        self._aside = Aside()
        self._beat_at = 0.0
        self._read: deque[Waiting] = deque()
        self._pace = Pace(limits.lock_ms_max, BATCH_MAX)
        self._keep_at = 0.0
        self._sending = Sending(clinic, parts.client)
        self._look_at = 0.0
        self._spare: Callable[[], bool] = parts.spare
        self._spare_at = 0.0
        self._connected = self._was_ready = False

    def run(self) -> None:
        self._client.start((topic(self._clinic, "+", "up"), topic(self._clinic, "+", "state")), None)
        try:
            while not self._parts.stopping.wait(0):
                self._turn()
        finally:
            self._client.stop()
            self._peers.leave()

    def _turn(self) -> None:
        rung = self._woken()
        if self._connected and time.monotonic() >= self._beat_at:
            self._patiently(self._beat)
        for event in self._parts.mailbox.take():
            self._take(event)
        if self._arrived and len(self._read) < BATCH_MAX:
            self._patiently(self._read_some)
        while self._arrived and len(self._read) < self._pace.room:  # what one transaction takes
            self._patiently(self._read_some)
        if self._read and time.monotonic() >= self._keep_at:
            self._patiently(self._keep_some)
        if self._connected and (rung or time.monotonic() >= self._look_at):
            self._look_at = time.monotonic() + self._limits.look_for_orders_s
            self._patiently(self._sending.look)
        if not self._arrived and not self._read and time.monotonic() >= self._spare_at:
            self._patiently(self._do_what_can_wait)

    def _woken(self) -> bool:
        """Sleep until something is to be done; whether the bell was rung."""
        parts = self._parts
        watched: list[_Selectable] = [parts.mailbox, parts.bell, parts.stopping]
        ready, _, _ = select.select(watched, [], [], self._idle_s())
        if parts.bell in ready:
            parts.bell.silence()
        return parts.bell in ready

    def _idle_s(self) -> float:
        if self._arrived and len(self._read) < BATCH_MAX:
            return 0
        if self._read:
            return max(0.0, self._keep_at - time.monotonic())
        next_at = min(self._look_at, self._beat_at) if self._connected else math.inf
        return max(0.0, min(next_at, self._spare_at) - time.monotonic())

    def _take(self, event: Event) -> None:
        match event:
            case Delivered() if self._peers.is_mine(event.topic):
                self._arrived.append(event)
            case Delivered():
                self._client.settle(event.token)
                self._aside.put(replace(event, token=SETTLED), time.monotonic())
            case Sent():
                digest = self._sending.taken(event)
                if digest is not None:
                    self._patiently(partial(mark, digest))
            case Connected():
                self._connected, self._look_at = True, 0.0
                self._patiently(self._beat)  # what follows is taken by whose it is now
                self._ready()
            case Disconnected(reason):
                log.warning("broker: %s", reason)
                self._connected = False
                self._sending.cut_off()
                self._peers.leave()

    def _beat(self) -> None:
        """Tell the others that we live; what was aside and is ours now goes before what came after it."""
        changed = self._peers.beat()
        now_s = time.monotonic()
        self._beat_at = now_s + self._peers.beat_s
        self._aside.forget(now_s)
        if changed:
            self._arrived.extendleft(reversed(self._aside.take(self._peers.is_mine)))

    def _ready(self) -> None:
        if not self._was_ready:
            self._was_ready = True
            self._parts.on_ready()

    def _read_some(self) -> None:
        """Verify, open and decode; nobody waits for us meanwhile."""
        some = list(islice(self._arrived, READ_AT_ONCE))
        reads = self._reads([Message(one.topic, one.payload, one.retained) for one in some])
        for one, read in zip(some, reads, strict=True):
            self._arrived.popleft()
            self._read.append(Waiting(one.token, read))

    def _reads(self, messages: list[Message]) -> list[Read]:
        try:
            return self._end.read(messages, now_ms())
        except AWAY:
            raise
        except Exception as error:
            log.exception("a message among %d that ingest could not read", len(messages))
            if len(messages) == 1:
                return [Read(messages[0], "", None, problem=_fault(error))]
        middle = len(messages) // 2
        return [*self._reads(messages[:middle]), *self._reads(messages[middle:])]

    def _keep_some(self) -> None:
        """Keep as many as the lock may be held for; then answer and settle what was committed."""
        count = self._pace.fit(self._store.is_quick(one.read) for one in self._read)
        some = list(islice(self._read, count))
        answers, kept = self._keep(some)
        self._keep_at = time.monotonic() + self._limits.pause_ms / 1000
        for _ in some:
            self._read.popleft()
        for answer in answers:
            self._sending.publish(answer)
        for one in kept:
            if one.token != SETTLED:
                self._client.settle(one.token)

    def _keep(self, some: list[Waiting]) -> tuple[list[Outgoing], list[Waiting]]:
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
        (first, kept), (second, more) = self._keep(some[:middle]), self._keep(some[middle:])
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

    def _do_what_can_wait(self) -> None:
        """A fault in it must not stop the loop: it is told, and left until ingest starts again."""
        more = False
        try:
            with ended_is_away():
                more = self._spare()
        except AWAY:
            raise
        except Exception:
            log.exception("what can wait is left until ingest starts again")
            self._spare = lambda: False
        self._spare_at = time.monotonic() + (SPARE_PAUSE_S if more else self._limits.look_for_orders_s)

    def _patiently(self, work: Callable[[], None]) -> None:
        """Do it; while the database is locked or away, wait with rising delays. Raises DatabaseAway."""
        began, retry_s = time.monotonic(), RETRY_S_MIN
        while True:
            try:
                return work()
            except AWAY as error:
                if time.monotonic() - began > self._limits.away_s_max or self._parts.stopping.wait(0):
                    # Nothing of it was settled: the broker, or the box, brings it again.
                    raise DatabaseAway(f"the database does not answer: {error}") from error
                log.warning("database: %s; trying again in %.2f s", error, retry_s)
                connections["default"].close_if_unusable_or_obsolete()
                self._parts.stopping.wait(retry_s)
                retry_s = min(retry_s * 2, RETRY_S_MAX)


def _fault(error: Exception) -> str:
    return f"a fault of Chevet: {type(error).__name__}: {error}"
