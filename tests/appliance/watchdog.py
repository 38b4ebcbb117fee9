"""How soon the box ends a process of its own that is killed or hangs, and has another: by its own clock."""

import re

from firmware_config.image.recipe.place import TOP
from tests.appliance import joining
from tests.appliance.emulator import Emulator
from tests.appliance.qmp import EmulatorError

MARGIN_S = 30.0
"""Of the emulator's: until the console has sent the signal, and systemd has its turn."""


def limit_s(unit: str, signal: str) -> float:
    """Until there is another: of a unit that hangs the unit's own watchdog comes before."""
    text = (TOP / f"systemd/{unit}.service").read_text()
    told = {name: float(seconds) for name, seconds in re.findall(r"^(\w+)=(\d+)$", text, re.MULTILINE)}
    return told["RestartSec"] + MARGIN_S + (told["WatchdogSec"] if signal == "STOP" else 0.0)


def again(box: Emulator, unit: str, signal: str) -> float:
    """Kill the unit's process, or stop it so that it hangs; return after how many seconds there was another.

    Raises EmulatorError: there was none in time.
    """
    pid = f"systemctl show --property=MainPID --value {unit}"
    before = box.door.ask(pid, box)
    # In one line: what the console takes to carry a second one in counts to nobody's watchdog.
    up = box.door.ask(f"cat /proc/uptime; systemctl kill -s {signal} {unit}", box)[0]
    box.until(lambda: box.door.ask(pid, box) not in (before, ["0"], []), joining.WAIT_S_MAX, f"no new {unit}")
    (began_us,) = box.door.ask(f"systemctl show --property=ExecMainStartTimestampMonotonic --value {unit}", box)
    return took_s(unit, signal, up, began_us)


def took_s(unit: str, signal: str, up: str, began_us: str) -> float:
    """up: of /proc/uptime, before the signal; began_us: when the new one began. Raises EmulatorError: too late."""
    found_s, most_s = int(began_us) / 1e6 - float(up.split(maxsplit=1)[0]), limit_s(unit, signal)
    if found_s > most_s:
        raise EmulatorError(f"{unit}, by {signal}: another after {found_s:.0f} s, at most {most_s:.0f}")
    return found_s
