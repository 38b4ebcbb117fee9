"""What a started box offers to whoever comes near: which ports, whose rights, what a key does. Asked by the door."""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.appliance.qmp import EmulatorError
from tests.appliance.table import Row

if TYPE_CHECKING:
    from tests.appliance.emulator import Emulator

OPEN = {"tcp": "0A", "udp": "07", "raw": "07"}
"""The kernel's TCP_LISTEN, as /proc/net/tcp has it; and TCP_CLOSE of what takes from anybody, without a connection."""
TABLES = ("tcp", "tcp6", "udp", "udp6", "raw", "raw6")
NETWORK = "systemd-network"
NAMED = (("udp", 68, NETWORK), ("udp6", 546, NETWORK), ("raw6", 58, NETWORK))
"""An address is asked for by these: the client ports of DHCP and DHCPv6, and ICMPv6 (58), by which a router speaks."""
ASKING = ("systemd-timesync", "systemd-resolve")
"""Wait for the answer to what they have asked (NTP, DNS), at a port that the kernel draws from its range."""
DRAWN_PORT_MIN = 32_768
_BOOT = "cat /proc/sys/kernel/random/boot_id"
_ASKED = (
    "sed 's/^/passwd /' /etc/passwd; "
    f'for t in {" ".join(TABLES)}; do if [ -e /proc/net/$t ]; then sed "s/^/$t /" /proc/net/$t; fi; done'
)


@dataclass(frozen=True)
class Socket:
    """One that takes what comes from anybody. protocol: of TABLES; account: whose it is."""

    protocol: str
    address: str
    port: int
    account: str

    def __str__(self) -> str:
        return f"{self.protocol} {self.address}:{self.port} of {self.account}"

    @property
    def is_named(self) -> bool:
        """Whether it is of those that a client of a network cannot do without."""
        asks = self.protocol in ("udp", "udp6") and self.account in ASKING and self.port >= DRAWN_PORT_MIN
        return asks or (self.protocol, self.port, self.account) in NAMED


def listening(lines: Sequence[str]) -> list[Socket]:
    """Of /etc/passwd and the kernel's tables, each behind its table's name. Raises EmulatorError: there is none."""
    rows = [line.split() for line in lines if line.strip()]
    accounts = dict[str, str]()
    for line in lines:
        if line.startswith("passwd "):
            name, _, uid = line.removeprefix("passwd ").split(":")[:3]
            accounts[uid] = name
    heads = {row[0] for row in rows if row[1:3] == ["sl", "local_address"]}
    if not accounts or not {"tcp", "udp", "raw"} <= heads:
        raise EmulatorError(f"no table of sockets: {lines[:3]}")
    open_ = [row for row in rows if row[0] in heads and len(row) > 8 and row[4] == OPEN[row[0].removesuffix("6")]]
    return [_socket(row, accounts) for row in open_]


def _socket(row: Sequence[str], accounts: Mapping[str, str]) -> Socket:
    address, port = _place(row[2])
    return Socket(row[0], address, port, accounts.get(row[8], row[8]))


def _place(hexadecimal: str) -> tuple[str, int]:
    """The kernel writes an address as 32-bit words of this machine, which is little-endian."""
    words, _, port = hexadecimal.partition(":")
    raw = bytes.fromhex(words)
    address = ipaddress.ip_address(b"".join(raw[start : start + 4][::-1] for start in range(0, len(raw), 4)))
    return (f"[{address}]" if address.version == 6 else str(address)), int(port, 16)


def look(box: "Emulator") -> Row:
    """Raises EmulatorError: a port is open, a program lends rights, or a key does something."""
    sockets = listening(box.door.ask(_ASKED, box))
    found = {
        "ports": [str(one) for one in sockets if not one.is_named],
        "programs with another's rights": box.door.ask("find / -xdev -type f -perm /6000", box),
        "sysrq": [line for line in box.door.ask("cat /proc/sys/kernel/sysrq", box) if line != "0"],
    }
    if wrong := {name: told for name, told in found.items() if told}:
        raise EmulatorError(f"the box offers {wrong}")
    _press_ctrl_alt_del(box)
    named = ", ".join(sorted({str(one) for one in sockets})) or "none"
    told = f"no port but a client's ({named}), no setuid program, Ctrl+Alt+Del and Alt+SysRq do nothing"
    return Row("what the box offers", told, boots=0)


def _press_ctrl_alt_del(box: "Emulator") -> None:
    """As the kernel hands the three keys on: it interrupts the first program. A machine that stops answers no more."""
    before = box.door.ask(_BOOT, box)
    box.door.ask("kill -INT 1; sleep 5", box)
    state = box.door.ask(f"{_BOOT}; systemctl is-system-running", box)
    if not before or state[:1] != before or state[-1:] == ["stopping"]:
        raise EmulatorError(f"Ctrl+Alt+Del: {before} became {state}")
