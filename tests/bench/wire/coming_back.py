"""Many boxes that come back at once with a week's reports: until all is acknowledged, and that nothing is lost."""

import asyncio
import resource
import time
from collections.abc import Callable, Sequence

import msgspec

from mqtt_bridge import outbox, seal
from mqtt_bridge.enrolment import Enrolment
from tests.bench.wire.rig import Rig, cares, count
from tests.bench.wire.small_box import Gone, SmallBox
from tests.clinic.box import EPOCH, Box

FIRST = 10_001
"""Above the numbers of the other measurements' boxes."""
AGAIN_S = 1.0
ALL_S_MAX = 600.0
DESCRIPTORS = 16_384


class CameBack(msgspec.Struct, frozen=True):
    """seconds: from the first connection to the last acknowledgement. sent: letters given to the broker, again too."""

    boxes: int
    reports: int
    seconds: float
    connected_s: float
    sent: int
    kept: int
    lost: int


def measure(rig: Rig, boxes: int, sessions: int, say: Callable[[str], None]) -> CameBack:
    """With ingest running already."""
    clinic = seal.load_secret(rig.home.clinic_keys).public
    first, *many = (_with_rows(one, clinic, sessions) for one in rig.enrol(FIRST, boxes + 1))
    asyncio.run(first.run())
    for box in many:  # they knew the clinic's ledger before they went
        box.memory.known = first.memory.known
    before = _kept(rig)
    say(f"{boxes} boxes with {3 * sessions} reports each")
    seconds, connected_s = asyncio.run(_all_come_back(many))
    wanted, kept = boxes * 3 * sessions, _kept(rig) - before
    return CameBack(boxes, wanted, seconds, connected_s, sum(box.sent for box in many), kept, wanted - kept)


def allow_many() -> None:
    """Descriptors for this process, and for the broker that it starts."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(DESCRIPTORS, hard), hard))


def _with_rows(enrolled: Enrolment, clinic: seal.PublicKeys, sessions: int) -> SmallBox:
    letters = cares(Box(clinic, enrolled.place.box, enrolled.keys, form=2), sessions, "week")
    rows = [outbox.Row("kiosk", EPOCH, seq, letter, 1) for seq, (_, letter) in enumerate(letters, 1)]
    return SmallBox(enrolled, rows)


async def _all_come_back(boxes: Sequence[SmallBox]) -> tuple[float, float]:
    """(until the last has everything acknowledged, until the first has)."""
    began_s, firsts = time.monotonic(), []

    async def one(box: SmallBox) -> None:
        while not box.memory.landed:
            try:
                await box.run()
            except Gone:
                await asyncio.sleep(AGAIN_S)
        firsts.append(time.monotonic() - began_s)

    async with asyncio.timeout(ALL_S_MAX):
        await asyncio.gather(*(one(box) for box in boxes))
    return time.monotonic() - began_s, firsts[0]


def _kept(rig: Rig) -> int:
    return count(rig.database, "SELECT COUNT(*) FROM results_ledgerrow")
