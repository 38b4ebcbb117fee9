"""Which slots a box was started from, and U-Boot's record of them on its card."""

import re
import zlib
from pathlib import Path

from firmware_config.image.recipe.disk import MIB, SECTOR

_STARTED = re.compile(r"^chevet: slot ([ab])\s*$", re.MULTILINE)
"""U-Boot's line, not the kernel's."""


def starts(serial: str) -> str:
    """The slot of each start, in order: `abbba`."""
    return "".join(_STARTED.findall(serial))


def record(card: Path) -> dict[str, str]:
    """U-Boot's record; empty where the sector's checksum is not that of what it holds, and U-Boot begins with A."""
    with card.open("rb") as file:
        file.seek(MIB)
        return read(file.read(SECTOR))


def read(sector: bytes) -> dict[str, str]:
    """The same of its sector's bytes."""
    if int.from_bytes(sector[:4], "little") != zlib.crc32(sector[4:]):
        return {}
    words = sector[4:].split(b"\0\0", 1)[0].decode()
    return dict(line.split("=", 1) for line in words.split("\0") if "=" in line)


def taken(told: dict[str, str]) -> str:
    """Which slot the script of U-Boot (boot.cmd) starts by this record: `a` or `b`."""
    order = told.get("BOOT_ORDER", "A B").split()
    first = [one for one in order if int(told.get(f"BOOT_{one}_LEFT", "3")) > 0] or order or ["A"]
    return first[0].lower()
