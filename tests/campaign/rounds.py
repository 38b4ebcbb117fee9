"""One round: its acts at their instants, everything put right, and then the count."""

import heapq
import itertools
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import get_args

from mqtt_bridge.link.reading import LinkReader
from tests.campaign import flood
from tests.campaign.accidents import OVERFLOW_REPORTS, REMEDIED, STARTED_AGAIN, Act, Scene, drawn, kind_of
from tests.campaign.database import NotNow
from tests.campaign.house import House
from tests.campaign.judge import Judge, Verdict
from tests.campaign.logs import read_logs
from tests.campaign.network import BROKER
from tests.campaign.ordering import Order
from tests.campaign.witness import Witness
from tests.support.process import ProcessError

STILL_S_MAX = 300.0
"""So long nothing more may arrive: a hello is repeated every two minutes at the latest, an ended connection is noticed
within a minute. How long all of it takes is the machine's affair."""
ORDERS_STILL_S_MAX = 17 * 60.0
"""Where orders alone are missing: one that a box's full disk has refused comes at the next hello, which a box to whom
nothing else is owed says every 15 minutes."""
WAIT_S_MAX = 120.0
POLL_S = 0.05
REST_S = 15.0
"""What has not come for so long, from a broker that holds it and to an ingest that takes it, does not come."""


@dataclass
class Sum:
    """What one or several houses have been through."""

    rounds: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    accidents: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    """What staff wanted to order, by kind, and what the clinic took: what was refused is ordered again."""
    ordered: Counter[str] = field(default_factory=Counter)
    dropped: int = 0
    """Reports of floods that the broker did not keep, and that came once their box had said hello."""
    settle_s: list[float] = field(default_factory=list)
    logged: Counter[str] = field(default_factory=Counter)
    """What the processes' own logs tell of it: tests/campaign/logs.py."""


@dataclass
class Campaign:
    """The rounds of one house. `run` gives what is wrong after a round; empty: nothing."""

    house: House
    still_s_max: float = STILL_S_MAX
    enough: Callable[[Verdict], bool] = lambda _: False
    """Whether what is wrong already need not be waited for any longer."""
    sum: Sum = field(default_factory=Sum)
    _wrong: list[str] = field(default_factory=list)
    """What a round itself has found wrong, before the count."""

    def __post_init__(self) -> None:
        house = self.house
        self.scene = Scene(house.boxes, house.names(), tuple(house.disks), house.parties)
        self._judge = Judge(house)
        house.start()
        self._witness = Witness(house, self._judge.untrue)
        self._witness.start()

    def close(self) -> None:
        self._witness.stop()
        again = self.house.started_again
        self.sum.accidents += Counter({f"{part} {STARTED_AGAIN}": times for part, times in again.items()})
        remedied = self.house.remedied
        self.sum.accidents += Counter({f"{part} {REMEDIED}": times for part, times in remedied.items()})
        self.sum.logged += read_logs(self.house.logs)
        self.house.close()

    def run(self, seed: int) -> tuple[str, ...]:
        """The round of a seed."""
        return self.play(drawn(seed, self.scene))

    def play(self, acts: list[Act]) -> tuple[str, ...]:
        self.sum.rounds += 1
        self._wrong.clear()
        self._perform(acts)
        return (*self._wrong, *self._reckon())

    def _reckon(self) -> tuple[str, ...]:
        """Put everything right, wait until the boxes know that all is in the table, and count."""
        began_s = still_s = time.monotonic()
        self._put_right()
        arrived = -1
        while (verdict := self._settled()) is None:
            if arrived != (arrived := self._judge.arrived()):
                still_s = time.monotonic()
            if time.monotonic() - still_s > self._patience_s():
                told = (f"nothing more has arrived for {self._patience_s():.0f} s", *self._judge.why())
                return (*told, *self.verdict().wrong)
            time.sleep(POLL_S)  # other processes' files: there is nothing to wait for
        self._witness.check()
        self.sum.settle_s.append(time.monotonic() - began_s)
        return verdict.wrong

    def verdict(self) -> Verdict:
        """Raises one of NotNow."""
        return self._judge.verdict()

    def _patience_s(self) -> float:
        try:
            verdict = self.verdict()
        except NotNow:
            return self.still_s_max
        return ORDERS_STILL_S_MAX if verdict.orders and not verdict.waiting else self.still_s_max

    def _settled(self) -> Verdict | None:
        """The count once every box knows that all has landed, or what is wrong is enough; None: not yet."""
        try:
            verdict = self.verdict()
            enough = self.enough(verdict)
            if not enough and (verdict.waiting or not self._judge.all_landed()):
                return None
            last = self.verdict()
        except NotNow:
            return None  # a database cannot be read just now
        return last if enough or not last.waiting else None  # a slow writer may have written once more

    # A round

    def _perform(self, acts: list[Act]) -> None:
        """Each act at its instant, and its end at its own."""
        numbers, began_s = itertools.count(), time.monotonic()
        agenda: list[tuple[float, int, Callable[[], None]]] = []
        for act in acts:
            heapq.heappush(agenda, (act.at_s, next(numbers), lambda act=act: self._do(act)))  # type: ignore[misc]
            if act.for_s:
                end = lambda act=act: self._undo(act)  # noqa: E731
                heapq.heappush(agenda, (act.at_s + act.for_s, next(numbers), end))
        while agenda:
            at_s, _, do = heapq.heappop(agenda)
            time.sleep(max(0.0, began_s + at_s - time.monotonic()))  # random instants are what this is about
            do()

    def _do(self, act: Act) -> None:
        house = self.house
        match act.what:
            case "write":
                house.write(act.whom, act.name)
            case "kept":
                self._wait_for_writer(act.whom, act.name)
            case "answered":
                self._wait_for(lambda: LinkReader(house.data(act.whom) / "link.db").ledger() is not None)
            case "kill":
                self._happened(act, self._kill(act.whom))
            case "kill-in-start":
                self._kill(act.whom)
            case "forget":
                self._kill(BROKER)
                house.forget_broker()
                self._happened(act)
            case "order":
                self.sum.asked[act.name] += 1
                house.staff.order((_order(act.name), act.whom))
            case "cut":
                house.network.cut(act.whom)
            case "half-open":
                house.network.silence(act.whom)
                self._kill(BROKER)
                house.launch(BROKER)
            case "stop":
                house.signal(act.whom, signal.SIGSTOP)
            case "fill":
                house.disks[act.whom].fill()
            case "overflow":
                self._overflow(act)

    def _undo(self, act: Act) -> None:
        """Put it right, and see whether it had happened: what was killed meanwhile is not stopped any more."""
        house = self.house
        match act.what:
            case "kill" | "forget":
                house.launch(act.whom)
            case "kill-in-start":
                house.launch(act.whom)
                time.sleep(act.for_s / 4)  # a random instant of its start
                self._happened(act, self._kill(act.whom))
            case "cut" | "half-open":
                house.network.mend(act.whom)
                self._happened(act)
            case "stop":
                self._happened(act, house.is_stopped(act.whom))
                house.signal(act.whom, signal.SIGCONT)
            case "fill":
                self._happened(act, house.disks[act.whom].is_full())
                house.disks[act.whom].free()

    def _happened(self, act: Act, really: bool = True) -> None:  # noqa: FBT001, FBT002
        self.sum.accidents[act.told] += really

    def _kill(self, name: str) -> bool:
        self.house.signal(name, signal.SIGCONT)
        killed = self.house.kill(name)
        self.sum.kills[kind_of(name)] += killed
        return killed

    def _put_right(self) -> None:
        house = self.house
        for name in house.names():
            house.signal(name, signal.SIGCONT)
        for disk in house.disks.values():
            disk.free()
        for party in self.scene.parties:
            house.network.mend(party)
        refused = house.staff.refused()
        house.start()
        for errand in refused:
            house.staff.order(errand)
        refused = house.staff.refused()
        self.sum.ordered += Counter(kind for kind, _ in house.staff.taken)
        house.staff.taken.clear()
        if refused:
            raise ProcessError(f"could not be ordered: {refused}; see log/orders.log")

    def _overflow(self, act: Act) -> None:
        """While ingest is dead and the link too, somebody unwise gives the broker everything at once."""
        house, link = self.house, f"{act.whom} link"
        self._put_right()
        self._wait_for_a_queue(act)
        for name in (*house.ingests, link):
            self._kill(name)
        house.write(act.whom, f"{act.name} x{OVERFLOW_REPORTS}")
        self._wait_for_writer(act.whom, f"{act.name}.1-{OVERFLOW_REPORTS}")
        said = house.broker_drops()
        bedside_db = house.data(act.whom) / "bedside.db"
        flood.run(house.network.inside(act.whom), house.enrolment(act.whom), bedside_db, act.name)
        house.start_all_but(link)
        written, came = self._came_to_rest(act)
        # Nobody says hello: what is missing now was dropped, if it is not that ingest is slow. RabbitMQ drops the
        # oldest, so that the last has come; mosquitto says it.
        dropped = written - came
        told = max(came, default=0) == max(written, default=0) if house.is_rabbitmq else house.broker_drops() > said
        self.sum.dropped += len(dropped)
        self._happened(act, bool(dropped))
        if not (dropped and told):
            self._wrong.append(f"the broker dropped {len(dropped)} of the flood's {len(written)}, told: {told}")

    def _wait_for_a_queue(self, act: Act) -> None:
        """Ingest has a session at this broker, which may have forgotten all: a report comes through and is answered."""
        name = f"before-{act.name}-1"
        self.house.write(act.whom, name)
        self._wait_for_writer(act.whom, name)
        self._wait_for(lambda: self._settled() is not None)

    def _came_to_rest(self, act: Act) -> tuple[set[int], set[int]]:
        """The numbers of the flood's reports, and those in the table, once no more come."""
        written, came = self._judge.came(act.whom, act.name)
        until_s = still_s = time.monotonic()
        until_s += WAIT_S_MAX
        while time.monotonic() < until_s and not (came and time.monotonic() - still_s > REST_S):
            time.sleep(POLL_S)
            before = came
            written, came = self._judge.came(act.whom, act.name)
            if came != before:
                still_s = time.monotonic()
        return written, came

    def _wait_for_writer(self, box: str, name: str) -> None:
        self._wait_for(lambda: name in self.house.kept(box) or not self.house.running(f"{box} writer"))

    def _wait_for(self, done: Callable[[], bool]) -> None:
        """Another process's file or log. What does not come is for the count to tell."""
        until_s = time.monotonic() + WAIT_S_MAX
        while not done() and time.monotonic() < until_s:
            time.sleep(POLL_S)


def _order(name: str) -> Order:
    return next(kind for kind in get_args(Order) if kind == name)
