"""Many boxes that come back at once with a week's reports: until all is acknowledged, and that nothing is lost.

One more comes back among them, and on it somebody asks for help when the others are in full flow. It is a process of
its own, as a box is: in that of the others it would stand in the queue of a thousand handshakes.
"""

import asyncio
import contextlib
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence

import msgspec

from mqtt_bridge import outbox
from mqtt_bridge.contract.report import CALL, CARE, HelpAsked
from mqtt_bridge.enrolment import Enrolment
from tests.bench.wire.rig import Rig, cares, count
from tests.bench.wire.small_box import SmallBox, now
from tests.clinic.box import EPOCH, Box

FIRST = 10_001
"""Above the numbers of the other measurements' boxes."""
ALL_S_MAX = 600.0
DESCRIPTORS = 16_384
CALL_AFTER_S = 5.0
READ = {
    "yes": "read first",
    "no": "read in their turn: the clinic has not said otherwise",
    "never": "read in their turn: the box that calls is of before the channel",
}


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


def measure(rig: Rig, boxes: int, sessions: int, say: Callable[[str], None], *, of_before: bool = False) -> CameBack:
    """With ingest running already. of_before: the one that calls knows no channel `urgent`."""
    one, caller, *others = rig.enrol(FIRST, boxes + 2)
    first, *many = (with_rows(each, sessions) for each in (one, *others))
    asyncio.run(first.run())
    for box in many:  # they knew the clinic's ledger before they went, and that it reads the channel `urgent`
        box.memory.known, box.memory.urgent = first.memory.known, first.memory.urgent
    before = _kept(rig)
    urgent = "never" if of_before else "yes" if first.memory.urgent else "no"
    say(f"calls are {READ[urgent]}")
    say(f"{boxes} boxes with {3 * sessions} reports each, and one more that calls for help")
    with _calling(caller, first.memory.known or "", sessions, urgent) as calls:
        seconds, connected_s = asyncio.run(_all_come_back(many))
        help_s, sent, rows = map(float, calls.communicate(timeout=ALL_S_MAX)[0].split())
    say(f"the call for help was acknowledged after {help_s:.2f} s")
    wanted, kept = boxes * 3 * sessions + int(rows), _kept(rig) - before
    sent += sum(box.sent for box in many)
    return CameBack(boxes, wanted, seconds, connected_s, int(sent), kept, wanted - kept, help_s)


@contextlib.contextmanager
def _calling(caller: Enrolment, ledger: str, sessions: int, urgent: str) -> Iterator[subprocess.Popen[str]]:
    words = [str(caller.folder), ledger, str(sessions), urgent]
    command = [sys.executable, "-m", "tests.bench.wire.calling", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as calls:
        try:
            yield calls
        finally:
            calls.kill()


def allow_many() -> None:
    """Descriptors for this process, and for the broker that it starts."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(DESCRIPTORS, hard), hard))


def with_rows(enrolled: Enrolment, sessions: int, *, calls: bool = False) -> SmallBox:
    """A box with the reports of so many sessions; `calls`: and with a call for help in hand."""
    box = Box(enrolled.clinic, enrolled.place.box, enrolled.keys, form=2)
    letters = cares(box, sessions, "week")
    rows = [outbox.Row("kiosk", EPOCH, seq, letter, CARE) for seq, (_, letter) in enumerate(letters, 1)]
    if not calls:
        return SmallBox(enrolled, rows)
    letter = box.report(HelpAsked(help=f"help-{enrolled.place.box}", asked=now()))
    return SmallBox(enrolled, rows, outbox.Row("kiosk", EPOCH, len(rows) + 1, letter, CALL))


async def _all_come_back(boxes: Sequence[SmallBox]) -> tuple[float, float]:
    """(until the last has everything acknowledged, until the first has)."""
    began_s, done_s = time.monotonic(), []

    async def one(box: SmallBox) -> None:
        await box.come_back()
        done_s.append(time.monotonic() - began_s)

    async with asyncio.timeout(ALL_S_MAX):
        await asyncio.gather(*(one(box) for box in boxes))
    return done_s[-1], done_s[0]


def _kept(rig: Rig) -> int:
    return count(rig.database, "SELECT COUNT(*) FROM results_ledgerrow")
