"""How fast each keeps what the broker holds, what it loses when it is killed meanwhile, and the same on a slow disk."""

import shutil
import time
from collections.abc import Callable, Mapping

import msgspec

from mqtt_bridge import seal
from tests.bench.wire import contenders, parts
from tests.bench.wire.contenders import Contender
from tests.bench.wire.rig import Letter, Rig, cares, count, publish
from tests.bench.wire.slow_sync import on_a_slow_disk
from tests.clinic.box import Box

SYNC_MS = 3
KEEP_S_MAX = 120.0
SUBSCRIBED_S = 2.0
RECEIVER = "bench-receiver"
Say = Callable[[str], None]


class Rates(msgspec.Struct, frozen=True):
    """Messages a second, by contender. lost: of those that waited when it was killed; batch: ours, on the average."""

    messages: int
    usual: dict[str, float]
    slow_disk: dict[str, float]
    killed_after: dict[str, int]
    lost: dict[str, int]
    batch: float
    parts: parts.Parts


class Runs:
    """The same messages in every queue of one broker; each contender alone with its own, one after the other."""

    def __init__(self, rig: Rig, boxes: int, sessions: int, say: Say) -> None:
        self._rig, self._sessions, self._say, self._turn = rig, sessions, say, 0
        self._clinic = seal.load_secret(rig.home.clinic_keys)
        self._boxes = [
            (Box(self._clinic.public, one.place.box, one.keys, form=2), one.address()) for one in rig.enrol(1, boxes)
        ]
        self._all = [contenders.ours(rig), *contenders.here(rig)]

    def measure(self) -> Rates:
        for one in self._all:  # so that the broker keeps a queue for each
            one.start()
            time.sleep(SUBSCRIBED_S)  # mqttwarn does not say when its subscription stands
            one.kill()  # asked to end, Node-RED gives its subscription up
        parts.subscribe(self._rig.address(RECEIVER))
        empty = self._rig.folder / "empty.db"
        shutil.copy(self._rig.database, empty)
        letters = self._fill()
        acks = self._acks()
        usual = {one.name: self._run(one, len(letters), {}) for one in self._all}
        batch = len(letters) / max(1, self._acks() - acks - len(self._boxes))
        keys = {box.up: box.keys.public for box, _ in self._boxes}
        receive = parts.receive_us(self._rig.address(RECEIVER), len(letters))
        read, decoded = parts.read_us(letters, keys, self._clinic)
        insert = parts.insert_us(self._rig.database, empty, max(1, round(batch)))
        measured = parts.Parts(receive, read, decoded, insert, parts.acknowledge_us(self._clinic) / batch)
        killed_after, lost = self._kill(len(self._fill()))
        environment = on_a_slow_disk(self._rig.folder, SYNC_MS)
        waiting = len(self._fill())
        slow = {one.name: self._run(one, waiting, environment) for one in self._all}
        return Rates(len(letters), usual, slow, killed_after, lost, batch, measured)

    def _fill(self) -> list[Letter]:
        """New reports of every box, in every queue."""
        self._turn += 1
        letters: list[Letter] = []
        for box, address in self._boxes:
            own = cares(box, self._sessions, f"turn-{self._turn}")
            publish(address, own)
            letters += own
        return letters

    def _run(self, one: Contender, wanted: int, environment: Mapping[str, str]) -> float:
        before = one.kept()
        one.start(environment)
        try:
            rate = one.rate(before, wanted, KEEP_S_MAX)
        finally:
            one.kill()
        self._say(f"{one.name}{' on a slow disk' if environment else ''}: {rate:.0f}/s")
        return rate

    def _kill(self, waiting: int) -> tuple[dict[str, int], dict[str, int]]:
        """Killed once a quarter is there, started again, and given all the time that it wants."""
        after, lost = {}, {}
        for one in self._all:
            before = one.kept()
            one.start()
            after[one.name] = one.until(before + waiting // 4, KEEP_S_MAX) - before
            one.kill()
            one.start()
            lost[one.name] = before + waiting - one.until(before + waiting, KEEP_S_MAX)
            one.kill()
            self._say(f"{one.name}: killed after {after[one.name]} of {waiting}, {lost[one.name]} lost")
        return after, lost

    def _acks(self) -> int:
        """Acknowledgements given so far: one for each batch and epoch."""
        return count(self._rig.database, "SELECT serial FROM results_ledgerhead")
