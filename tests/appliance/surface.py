"""What a started box offers to whoever comes near: which ports, whose rights, what a key does. Asked by the door."""

import ipaddress
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tests.appliance.qmp import EmulatorError
from tests.appliance.table import Row

if TYPE_CHECKING:
    from tests.appliance.emulator import Emulator

LISTENS = "0A"
"""The kernel's TCP_LISTEN, as /proc/net/tcp has it."""
_BOOT = "cat /proc/sys/kernel/random/boot_id"


def listening(lines: Sequence[str]) -> list[str]:
    """`address:port` of each socket that listens, of /proc/net/tcp and tcp6. Raises EmulatorError: not such a table."""
    rows = [line.split() for line in lines if line.strip()]
    if not any(row[:2] == ["sl", "local_address"] for row in rows):
        raise EmulatorError(f"no table of sockets: {lines[:3]}")
    return [_place(row[1]) for row in rows if len(row) > 3 and row[3] == LISTENS]


def _place(hexadecimal: str) -> str:
    """The kernel writes an address as 32-bit words of this machine, which is little-endian."""
    words, _, port = hexadecimal.partition(":")
    raw = bytes.fromhex(words)
    address = ipaddress.ip_address(b"".join(raw[start : start + 4][::-1] for start in range(0, len(raw), 4)))
    return f"[{address}]:{int(port, 16)}" if address.version == 6 else f"{address}:{int(port, 16)}"


def look(box: "Emulator") -> Row:
    """Raises EmulatorError: a port is open, a program lends rights, or a key does something."""
    found = {
        "ports": listening(box.door.ask("cat /proc/net/tcp /proc/net/tcp6", box)),
        "programs with another's rights": box.door.ask("find / -xdev -type f -perm /6000", box),
        "sysrq": [line for line in box.door.ask("cat /proc/sys/kernel/sysrq", box) if line != "0"],
    }
    if wrong := {name: told for name, told in found.items() if told}:
        raise EmulatorError(f"the box offers {wrong}")
    _press_ctrl_alt_del(box)
    return Row("what the box offers", "no port, no setuid program, Ctrl+Alt+Del and Alt+SysRq do nothing", boots=0)


def _press_ctrl_alt_del(box: "Emulator") -> None:
    """As the kernel hands the three keys on: it interrupts the first program. A machine that stops answers no more."""
    before = box.door.ask(_BOOT, box)
    box.door.ask("kill -INT 1; sleep 5", box)
    state = box.door.ask(f"{_BOOT}; systemctl is-system-running", box)
    if not before or state[:1] != before or state[-1:] == ["stopping"]:
        raise EmulatorError(f"Ctrl+Alt+Del: {before} became {state}")
