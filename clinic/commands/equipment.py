"""equipment: how each box of the clinic is, by its last word of itself; for a terminal and for machines."""

import argparse
import json
from typing import TYPE_CHECKING, Any

from clinic.commands.common import Subparsers, audit, command, open_home, say, table

if TYPE_CHECKING:
    from clinic.fleet.models import Device, Heartbeat

TOLD = (
    "every_s", "system", "pending", "free_mb", "temperature_c", "kiosk", "player", "trusted", "machine_off_ms",
    "certificate_ms", "tested_fine", "tested_failed",
)  # fmt: skip
"""Of a heartbeat. None: the box cannot tell."""


def add(subparsers: Subparsers) -> None:
    equipment = command(
        subparsers,
        "equipment",
        _equipment,
        "Tell how each box is: reachable by its own rhythm, and its last word of itself. Nothing of who it is for.",
        "chevet-clinic equipment --json",
    )
    equipment.add_argument("--json", action="store_true", help="for a machine")


def _equipment(arguments: argparse.Namespace) -> int:
    open_home(arguments)
    from clinic.clock import now_ms
    from clinic.fleet.heartbeats import last_of_each
    from clinic.fleet.models import Device

    devices, at_ms = list(Device.objects.order_by("id")), now_ms()
    audit("read", "how the boxes are")
    heard = last_of_each(devices)
    told = [_told(device, heard.get(device.id), at_ms) for device in devices]
    if arguments.json:
        say(json.dumps(told))
    else:
        heads = ("box", "state", "last heard (ms)", "version", "waiting", "free MB")
        names = ("box", "state", "last_seen_ms", "version", "pending", "free_mb")
        say(table([[_plain(one[name]) for name in names] for one in told], heads))
    return 0


def _told(device: "Device", heard: "Heartbeat | None", at_ms: int) -> dict[str, Any]:
    from clinic.fleet.heartbeats import contact_of
    from clinic.fleet.silence import reachable

    if device.revoked_ms is not None:
        state = "revoked"
    elif device.last_seen_ms is None:
        state = "never-heard"
    else:
        state = "reachable" if reachable(contact_of(device, 0), at_ms) else "unreachable"
    own = {"box": device.id, "state": state, "last_seen_ms": device.last_seen_ms, "version": device.version}
    return own | {name: getattr(heard, name) if heard else None for name in TOLD}


def _plain(value: object) -> str:
    return "—" if value in (None, "") else str(value)
