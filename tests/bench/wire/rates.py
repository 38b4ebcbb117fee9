"""How fast each keeps what the broker holds, what it loses when it is killed meanwhile, and the same on a slow disk."""

import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import NamedTuple

import msgspec

from mqtt_bridge import seal
from mqtt_bridge.mqtt.paho import take_over
from tests.bench.wire import contenders, parts
from tests.bench.wire.beside import Beside
from tests.bench.wire.contenders import Contender
from tests.bench.wire.plan import WireAmount
from tests.bench.wire.rig import Letter, Rig, cares, count, publish
from tests.bench.wire.slow_sync import on_a_slow_disk
from tests.clinic.box import Box

SYNC_MS = 3
TURNS = 3
"""The same again: one turn takes about a second, in which the machine may do something else."""
KEEP_S_MAX = 120.0
SUBSCRIBED_S = 2.0
RECEIVER, BARE_RECEIVER = "bench-receiver", "bench-bare-receiver"
Say = Callable[[str], None]


class Rates(msgspec.Struct, frozen=True):
    """Messages a second, by contender. lost: of those that waited when it was killed; batch: ours, on the average.

    messages: of one turn. usual, slow_disk: in each turn, of which the median counts. waited: when it was killed.
    left_out: the peers that could not be measured to the end, each with why.
    """

    messages: int
    usual: dict[str, tuple[float, ...]]
    slow_disk: dict[str, tuple[float, ...]]
    waited: int
    killed_after: dict[str, int]
    lost: dict[str, int]
    batch: float
    parts: parts.Parts
    left_out: tuple[str, ...]


class _Turn(NamedTuple):
    letters: list[Letter]
    rates: dict[str, float]
    receiving: tuple[float, float]
    """Microseconds a message: by our client, by the bare loop."""


class Runs:
    """The same messages in every queue of one broker; each contender alone with its own, one after the other."""

    def __init__(self, rig: Rig, amount: WireAmount, say: Say) -> None:
        self._rig, self._amount, self._say, self._turn = rig, amount, say, 0
        self._clinic = seal.load_secret(rig.home.clinic_keys)
        self._boxes = [
            (Box(self._clinic.public, one.place.box, one.keys, form=2), one.address())
            for one in rig.enrol(1, amount.boxes)
        ]
        self._all = Beside(contenders.ours(rig), contenders.here(rig), say)

    def measure(self) -> Rates:
        self._all.each(_subscribe)
        receivers = [self._rig.address(name) for name in (RECEIVER, BARE_RECEIVER)]
        for receiver in receivers:
            parts.subscribe(receiver)
        empty = self._rig.folder / "empty.db"
        shutil.copy(self._rig.database, empty)
        acks = self._acks()
        turns = [self._turn_of_each() for _ in range(TURNS)]
        for receiver in receivers:
            take_over(receiver)  # nobody empties its queue any more
        letters = [letter for turn in turns for letter in turn.letters]
        batch = len(letters) / max(1, self._acks() - acks - TURNS * len(self._boxes))
        keys = {box.up: box.keys.public for box, _ in self._boxes}
        read, decoded = parts.read_us(turns[-1].letters, keys, self._clinic)
        insert = parts.insert_us(self._rig.database, empty, max(1, round(batch)))
        receive, bare = (median(each) for each in zip(*(turn.receiving for turn in turns), strict=True))
        measured = parts.Parts(receive, read, decoded, insert, parts.acknowledge_us(self._clinic) / batch, bare)
        waited = len(self._fill(self._amount.sessions_killed))
        fates = self._all.each(lambda one: self._kill(one, waited))
        environment = on_a_slow_disk(self._rig.folder, SYNC_MS)
        slow = _by_name([self._rates_of_a_turn(self._fill(), environment) for _ in range(TURNS)])
        killed_after, lost = ({name: fate[n] for name, fate in fates.items()} for n in (0, 1))
        usual, left_out = _by_name([turn.rates for turn in turns]), tuple(self._all.left_out)
        return Rates(len(turns[-1].letters), usual, slow, waited, killed_after, lost, batch, measured, left_out)

    def _turn_of_each(self) -> "_Turn":
        letters = self._fill()
        rates = self._rates_of_a_turn(letters, {})
        ours = parts.receive_us(self._rig.address(RECEIVER), len(letters))
        bare = parts.bare_receive_us(self._rig.address(BARE_RECEIVER), len(letters))
        return _Turn(letters, rates, (ours, bare))

    def _rates_of_a_turn(self, letters: Sequence[Letter], environment: Mapping[str, str]) -> dict[str, float]:
        return self._all.each(lambda one: self._run(one, len(letters), environment))

    def _fill(self, sessions: int = 0) -> list[Letter]:
        """New reports of every box, in every queue; of as many sessions as in a turn, if not told otherwise."""
        self._turn += 1
        letters: list[Letter] = []
        for box, address in self._boxes:
            own = cares(box, sessions or self._amount.sessions, f"turn-{self._turn}")
            publish(address, own)
            letters += own
        return letters

    def _run(self, one: Contender, wanted: int, environment: Mapping[str, str]) -> float:
        before = one.rows()
        one.start(environment)
        try:
            rate = one.rate(before, wanted, KEEP_S_MAX)
        finally:
            one.kill()
        self._say(f"{one.name}{' on a slow disk' if environment else ''}: {rate:.0f}/s")
        return rate

    def _kill(self, one: Contender, waiting: int) -> tuple[int, int]:
        """Killed once a quarter is there, started again, and given all the time that it wants: (there then, lost)."""
        before = one.kept()
        one.start()
        one.first(before)
        after = one.until(before + waiting // 4, KEEP_S_MAX) - before
        one.kill()
        one.start()
        lost = before + waiting - one.until(before + waiting, KEEP_S_MAX)
        one.kill()
        self._say(f"{one.name}: killed after {after} of {waiting}, {lost} lost")
        return after, lost

    def _acks(self) -> int:
        """Acknowledgements given so far: one for each batch and epoch."""
        return count(self._rig.database, "SELECT serial FROM results_ledgerhead")


def _by_name(turns: Sequence[Mapping[str, float]]) -> dict[str, tuple[float, ...]]:
    """Of those who were measured to the last turn."""
    return {name: tuple(turn[name] for turn in turns) for name in turns[-1]}


def _subscribe(one: Contender) -> None:
    """So that the broker keeps a queue for it."""
    one.start()
    time.sleep(SUBSCRIBED_S)  # mqttwarn does not say when its subscription stands
    one.kill()  # asked to end, Node-RED gives its subscription up
