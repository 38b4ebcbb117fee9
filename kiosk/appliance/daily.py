"""The box looks itself over each day, outside care, and keeps what it found for the clinic's heartbeat (B7)."""

from pathlib import Path

from kiosk.shell.config import Config
from kiosk.shell.selftest import protocol
from kiosk.shell.time_kept import known_beside
from mqtt_bridge.clock import system_clock
from mqtt_bridge.contract.codec import encode
from mqtt_bridge.contract.wire import Tested
from mqtt_bridge.honest_time import HonestClock
from mqtt_bridge.link.care import has_draft, in_care
from mqtt_bridge.update_told import write_whole


def look(config: Config, into: Path) -> bool:
    """Whether it was done: not while somebody is cared for, before nor after (decoding every package takes a while)."""
    data = Path(config.folders.data)
    bedside = data / "bedside.db"
    if in_care(bedside) or has_draft(bedside):
        print("selftest: somebody is cared for, later")
        return False
    found = protocol(config)
    known = known_beside(bedside, data / "link.db")
    tested = Tested(
        made=HonestClock(system_clock(config.clock), lambda: known)(),
        fine=tuple(one.check for one in found if one.fine),
        failed=tuple(one.check for one in found if not one.fine),
    )
    write_whole(into, encode(tested))
    for one in found:
        print(f"selftest: {'ok  ' if one.fine else 'FAIL'} {one.check}: {one.told}")
    return True
