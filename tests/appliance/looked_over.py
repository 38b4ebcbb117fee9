"""The box's own self-test on a started image, by the door: what the machine itself must answer fine."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from tests.appliance.table import Row

if TYPE_CHECKING:
    from tests.appliance.emulator import Emulator

MACHINE = ("sound-card", "level", "frames", "button-line", "network")
"""Each asked of who holds the device (docs/appliance.md). Of the rest the emulator cannot have all: its key is a
stand-in, nobody has measured its headphones."""
ASK_TIMES = 3
_ASKED = (
    "setpriv --reuid chevet-update --regid chevet --clear-groups "
    "/opt/chevet/bin/chevet-kiosk selftest --config /etc/chevet/kiosk.toml --json | sed 's/}, {/},\\n{/g'"
)
"""By the account that looks each day; a finding a line, since other programs speak on the console too."""


def look(box: "Emulator", seconds_max: float) -> Row:
    """Beyond its limit when what the machine must answer is not fine, or was not told. Raises EmulatorError."""
    for _ in range(ASK_TIMES):
        found = read(box.door.ask(_ASKED, box, seconds_max))
        if not amiss(_fine(found)):
            break
    return held(found)


def held(found: Mapping[str, Mapping[str, object]]) -> Row:
    why = amiss(_fine(found))
    others = ", ".join(f"{name} ({one['detail']})" for name, one in sorted(found.items()) if not one["fine"]) or "none"
    told = f"{why or ', '.join(MACHINE) + ' fine'}; not fine: {others}"
    return Row("the box looks itself over", told, boots=0, within=not why)


def _fine(found: Mapping[str, Mapping[str, object]]) -> list[str]:
    return [name for name, one in found.items() if one["fine"]]


def read(lines: Sequence[str]) -> dict[str, Mapping[str, object]]:
    """By name, what `selftest --json` found; a line into which another program wrote is left out."""
    found = {}
    for line in lines:
        if one := re.search(r"\{.*\}", line):
            try:
                told = json.loads(one[0])
            except json.JSONDecodeError:
                continue
            found[str(told["name"])] = told
    return found


def amiss(fine: Iterable[str]) -> str:
    """What of the machine's own checks is not among these; empty: nothing."""
    missing = [name for name in MACHINE if name not in set(fine)]
    return f"not fine, or not told: {', '.join(missing)}" if missing else ""
