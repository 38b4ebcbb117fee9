"""A box that comes back with many others and calls for help: `... calling FOLDER LEDGER SESSIONS yes|no|never`.

FOLDER: its enrolment's. The last: whether it knows from before that the clinic reads the channel `urgent`; never: it
is itself of before that channel.
Prints seconds from the order to write the call to its acknowledgement; letters that it sent; reports that it had.
"""

import asyncio
import sys
from pathlib import Path

from mqtt_bridge.enrolment import load
from tests.bench.wire.coming_back import CALL_AFTER_S, with_rows
from tests.bench.wire.small_box import SmallBox


async def _call(box: SmallBox) -> None:
    async def later() -> None:
        await asyncio.sleep(CALL_AFTER_S)
        box.ask_for_help()

    await asyncio.gather(later(), box.come_back())


def main(folder: Path, ledger: str, sessions: int, urgent: str) -> None:
    box = with_rows(load(folder), sessions, calls=True)
    box.memory.known, box.memory.urgent, box.memory.of_before = ledger, urgent == "yes", urgent == "never"
    asyncio.run(_call(box))
    print(box.heard_s - box.called_s, box.sent, len(box.memory.rows))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4])
