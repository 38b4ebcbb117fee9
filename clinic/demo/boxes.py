"""A box for everybody in follow-up, and for those of before the box that somebody has now."""

import random

from clinic.demo.cast import Followed
from clinic.demo.course import DAY_MS, MINUTE_MS
from clinic.demo.rows import Rows, keys_follow
from clinic.fleet.models import Device, DeviceAssociation, Hello
from mqtt_bridge import seal

_SEEN_MS = (4 * MINUTE_MS, 20 * MINUTE_MS, 9 * 60 * MINUTE_MS, 4 * DAY_MS)
_SEEN_WEIGHTS = (70, 20, 6, 4)


def make_boxes(found: list[Followed], now_ms: int, chance: random.Random) -> dict[str, str]:
    """Which box each patient has, or had. Their keys are drawn and thrown away: no box will ever speak with them."""
    names = ("id", "verify_key", "seal_key", "enrolled_ms", "alive", "boot", "version", "state_ms", "last_seen_ms")
    boxes = Rows(Device, names)
    whose = Rows(DeviceAssociation, ("device_id", "patient_id", "since_ms", "until_ms"))
    hellos = Rows(
        Hello, ("device_id", "received_ms", "boot", "wall_ms", "trusted", "monotonic_ms", "orders_through", "keeps")
    )
    of: dict[str, str] = {}
    active = [one for one in found if one.active]
    for number, one in enumerate(active, 1):
        box = f"boite-{number:03}"
        [ago_ms] = chance.choices(_SEEN_MS, weights=_SEEN_WEIGHTS)
        seen_ms, keys = now_ms - ago_ms, seal.make_keys().public
        boot = f"{chance.getrandbits(32):08x}"
        alive = ago_ms < DAY_MS // 4
        boxes.add(box, keys.verify, keys.seal, one.since_ms - 400 * DAY_MS, alive, boot, "0.1.0", seen_ms, seen_ms)
        hellos.add(box, seen_ms, boot, seen_ms, True, 60_000, 0, "[]")
        whose.add(box, one.id, one.since_ms, None)
        of[one.id] = box
    for number, one in enumerate(one for one in found if not one.active):
        of[one.id] = of[active[number % len(active)].id]
        whose.add(of[one.id], one.id, one.since_ms, one.until_ms)
    written = (boxes, whose, hellos)
    for rows in written:
        rows.write()
    keys_follow(rows.model for rows in written)
    return of
