"""Many boxes that come back at once with a week's reports: until all is acknowledged, and that nothing is lost.

One more comes back among them, and on it somebody asks for help when the others are in full flow.
"""

import asyncio
import resource
import time
from collections.abc import Callable, Sequence

import msgspec

from mqtt_bridge import outbox, seal
from mqtt_bridge.contract.report import CALL, CARE, HelpAsked
from mqtt_bridge.enrolment import Enrolment
from tests.bench.wire.rig import Rig, cares, count
from tests.bench.wire.small_box import Gone, SmallBox, now
from tests.clinic.box import EPOCH, Box

FIRST = 10_001
"""Above the numbers of the other measurements' boxes."""
AGAIN_S = 1.0
ALL_S_MAX = 600.0
DESCRIPTORS = 16_384
CALL_AFTER_S = 5.0


class CameBack(msgspec.Struct, frozen=True):
    """seconds: from the first connection to the last acknowledgement. sent: letters given to the broker, again too.

    help_s: from the order to write a call for help, on one box more, until that box has its acknowledgement.
    """

    boxes: int
    reports: int
    seconds: float
    connected_s: float
    sent: int
    kept: int
    lost: int
    help_s: float


def measure(rig: Rig, boxes: int, sessions: int, say: Callable[[str], None]) -> CameBack:
    """With ingest running already."""
    clinic = seal.load_secret(rig.home.clinic_keys).public
    one, caller, *others = rig.enrol(FIRST, boxes + 2)
    first, calls = _with_rows(one, clinic, sessions), _with_rows(caller, clinic, sessions, calls=True)
    many = [calls, *(_with_rows(other, clinic, sessions) for other in others)]
    asyncio.run(first.run())
    for box in many:  # they knew the clinic's ledger before they went
        box.memory.known = first.memory.known
    before = _kept(rig)
    say(f"{boxes} boxes with {3 * sessions} reports each, and one more that calls for help")
    seconds, connected_s = asyncio.run(_all_come_back(many, calls))
    wanted, kept = sum(len(box.memory.rows) for box in many), _kept(rig) - before
    help_s = calls.heard_s - calls.called_s
    say(f"the call for help was acknowledged after {help_s:.2f} s")
    return CameBack(boxes, wanted, seconds, connected_s, sum(box.sent for box in many), kept, wanted - kept, help_s)


def allow_many() -> None:
    """Descriptors for this process, and for the broker that it starts."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(DESCRIPTORS, hard), hard))


def _with_rows(enrolled: Enrolment, clinic: seal.PublicKeys, sessions: int, *, calls: bool = False) -> SmallBox:
    box = Box(clinic, enrolled.place.box, enrolled.keys, form=2)
    letters = cares(box, sessions, "week")
    rows = [outbox.Row("kiosk", EPOCH, seq, letter, CARE) for seq, (_, letter) in enumerate(letters, 1)]
    call = box.report(HelpAsked(help=f"help-{enrolled.place.box}", asked=now()))
    return SmallBox(enrolled, rows, outbox.Row("kiosk", EPOCH, len(rows) + 1, call, CALL) if calls else None)


async def _all_come_back(boxes: Sequence[SmallBox], calls: SmallBox) -> tuple[float, float]:
    """(until the last has everything acknowledged, until the first has); of those on which nobody calls."""
    began_s, done_s = time.monotonic(), []

    async def one(box: SmallBox) -> None:
        while not box.done:
            try:
                await box.run()
            except Gone:
                await asyncio.sleep(AGAIN_S)
        done_s.extend([] if box is calls else [time.monotonic() - began_s])

    async def help_is_asked() -> None:
        await asyncio.sleep(CALL_AFTER_S)
        calls.ask_for_help()

    async with asyncio.timeout(ALL_S_MAX):
        await asyncio.gather(help_is_asked(), *(one(box) for box in boxes))
    return done_s[-1], done_s[0]


def _kept(rig: Rig) -> int:
    return count(rig.database, "SELECT COUNT(*) FROM results_ledgerrow")
