"""The ingest process: one loop from the broker to the database and back.

Messages are read (verified, opened, decoded) as they come, and kept many in one transaction (`keeping`). One is
settled, and its answer published, only after that has committed. SQLite's write lock is held about LOCK_MS_MAX at most,
then given up for PAUSE_MS, so that the console's writes never wait long (measured: back-to-back batches of 130 ms made
page writes wait 8 s); meanwhile the next are read. While nothing is to be done it does what can wait, a little at a
time (`Parts.spare`). What is for the boxes of another process is not even read: it is kept aside until that one must
have kept it. What presses comes by a connection of its own (`urgent`), and is kept by turns with the rest.
"""

import logging
import math
import select
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from typing import Protocol

from django.db import connections

from clinic.ingest.ahead import reading_ahead
from clinic.ingest.aside import Aside
from clinic.ingest.keeping import AWAY, BatchStore, Keeper, Waiting
from clinic.ingest.pace import Pace
from clinic.ingest.peers import Nobody, ended_is_away
from clinic.ingest.sending import Sending, mark
from clinic.ingest.urgent import Urgent
from mqtt_bridge.bell import Bell
from mqtt_bridge.clinic_end import ClinicEnd, Message, Outgoing
from mqtt_bridge.contract.wire import topic
from mqtt_bridge.mqtt.port import SETTLED, Client, Connected, Delivered, Disconnected, Event, Mailbox, Sent
from mqtt_bridge.systemd import Systemd

LOCK_MS_MAX = 20
PAUSE_MS = 20
BATCH_MAX = 500
"""Messages in one transaction; and what the broker may have given us that we have not settled."""
READ_AT_ONCE = 64
"""Then look whether something else is to be done."""
SPARE_PAUSE_S = 0.05
"""Between two little things that can wait: others use the machine too."""
LOOK_FOR_ORDERS_S = 5.0
RETRY_S_MIN, RETRY_S_MAX = 0.05, 2.0
AWAY_S_MAX = 120.0

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
    unit: Systemd = field(default_factory=Systemd)
    urgent: Urgent | None = None
    """The channel `urgent`; without it boxes are not told that it is read, and nothing comes there."""


class Ingest:
    """`run` returns when it is asked to stop, or raises DatabaseAway."""

    def __init__(self, clinic: str, parts: Parts, limits: Limits = Limits()) -> None:  # it is frozen
        self._clinic, self._parts, self._limits = clinic, parts, limits
        self._client, self._peers, self._urgent = parts.client, parts.peers, parts.urgent
        self._arrived: deque[Delivered] = deque()
        self._aside = Aside()
        self._beat_at = 0.0
        self._read: deque[Waiting] = deque()
        self._pace = Pace(limits.lock_ms_max, BATCH_MAX)
        self._keeper = Keeper(parts.end, parts.store, self._pace)
        self._keep_at, self._pressed = 0.0, False
        """`_pressed`: the last transaction was of what presses."""
        self._sending = Sending(clinic, parts.client)
        self._look_at = 0.0
        self._spare: Callable[[], bool] = parts.spare
        self._spare_at = 0.0
        self._connected = self._was_ready = False

    def run(self) -> None:
        self._client.start((topic(self._clinic, "+", "up"), topic(self._clinic, "+", "state")), None)
        if self._urgent is not None:
            self._urgent.start()
        try:
            while not self._parts.stopping.wait(0):
                self._turn()
        finally:
            if self._urgent is not None:
                self._urgent.stop()
            self._client.stop()
            self._peers.leave()

    def _turn(self) -> None:
        self._tell_unit()
        rung = self._woken()
        if self._connected and time.monotonic() >= self._beat_at:
            self._patiently(self._beat)
        if self._urgent is not None:
            self._turn_urgent(self._urgent)
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
        busy = self._presses or self._arrived or self._read
        if not busy and time.monotonic() >= self._spare_at:
            self._patiently(self._do_what_can_wait)

    def _turn_urgent(self, urgent: Urgent) -> None:
        """Keep what presses, in a small transaction of its own; then it is the others' turn, whatever presses still."""
        urgent.turn(time.monotonic())
        if urgent.waits and time.monotonic() >= self._keep_at and not (self._pressed and self._read):
            self._patiently(partial(self._keep_urgent, urgent))

    def _woken(self) -> bool:
        """Sleep until something is to be done; whether the bell was rung."""
        parts = self._parts
        watched: list[_Selectable] = [parts.mailbox, parts.bell, parts.stopping]
        if self._urgent is not None:
            watched.append(self._urgent)
        ready, _, _ = select.select(watched, [], [], min(self._idle_s(), parts.unit.turn_s_max))
        if parts.bell in ready:
            parts.bell.silence()
        return parts.bell in ready

    def _idle_s(self) -> float:
        if self._arrived and len(self._read) < BATCH_MAX:
            return 0
        if self._read or self._presses:
            return max(0.0, self._keep_at - time.monotonic())
        next_at = min(self._look_at, self._beat_at) if self._connected else math.inf
        probe_at = self._urgent.due_at if self._urgent is not None else math.inf
        return max(0.0, min(next_at, probe_at, self._spare_at) - time.monotonic())

    @property
    def _presses(self) -> bool:
        return self._urgent is not None and self._urgent.waits

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
        if self._urgent is not None:
            self._urgent.beat(now_s, changed=changed)

    def _ready(self) -> None:
        if not self._was_ready:
            self._was_ready = True
            self._parts.on_ready()

    def _read_some(self) -> None:
        some = list(islice(self._arrived, READ_AT_ONCE))
        reads = self._keeper.read([Message(one.topic, one.payload, one.retained) for one in some])
        for one, read in zip(some, reads, strict=True):
            self._arrived.popleft()
            self._read.append(Waiting(one.token, read))

    def _keep_some(self) -> None:
        """Keep as many as the lock may be held for; then answer and settle what was committed."""
        some = list(islice(self._read, self._keeper.fit(self._read)))
        with reading_ahead(self._keeper, self._arrived, self._pace.room, self._read):
            answers, kept = self._keeper.keep(some)
        self._keep_at, self._pressed = time.monotonic() + self._limits.pause_ms / 1000, False
        for _ in some:
            self._read.popleft()
        self._answer(answers, kept, self._client.settle)

    def _keep_urgent(self, urgent: Urgent) -> None:
        """The same of what presses, as it comes."""
        some = urgent.waiting()
        reads = self._keeper.read([Message(one.topic, one.payload, one.retained) for one in some])
        waiting = [Waiting(one.token, read) for one, read in zip(some, reads, strict=True)]
        fit = self._keeper.fit(waiting)
        answers, kept = self._keeper.keep(waiting[:fit])
        self._keep_at, self._pressed = time.monotonic() + self._limits.pause_ms / 1000, True
        urgent.taken(fit)
        self._answer(answers, kept, urgent.settle)

    def _answer(self, answers: Sequence[Outgoing], kept: Sequence[Waiting], settle: Callable[[int], None]) -> None:
        """Of what was committed: to the boxes, then to the broker that brought it."""
        for answer in answers:
            self._sending.publish(answer)
        for one in kept:
            if one.token != SETTLED:
                settle(one.token)

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
            self._tell_unit()  # a database that is slow or away is no standstill of ours
            try:
                return work()
            except AWAY as error:
                if time.monotonic() - began > self._limits.away_s_max or self._parts.stopping.wait(0):
                    # Nothing of it was settled: the broker, or the box, brings it again.
                    raise DatabaseAway(f"the database does not answer: {error}") from error
                log.warning("database: %s; trying again in %.2f s", error, retry_s)
                connections["default"].close_if_unusable_or_obsolete()
                self._parts.stopping.wait(min(retry_s, self._parts.unit.turn_s_max))
                retry_s = min(retry_s * 2, RETRY_S_MAX)

    def _tell_unit(self) -> None:
        """The loop turns: systemd starts anew who no longer says so (WatchdogSec)."""
        if self._was_ready:
            self._parts.unit.alive()
        else:  # the broker has not come yet
            self._parts.unit.starting()
