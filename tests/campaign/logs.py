"""What the processes of a house have written into their logs of what was done to them: counted once it is over."""

import re
from collections import Counter
from pathlib import Path

from tests.campaign.accidents import kind_of

ENDED = "connections to the broker that ended, by a link's or ingest's log"
BY_KEEPALIVE = "of them found dead by the keep-alive"
REFUSED = "refused by a full disk"
_COUNTED: dict[str, dict[str, str]] = {
    # A reason that begins with an error's name is of a connection that never came about.
    ENDED: {"link": r"no broker: (?!\w+: ).", "ingest": r" broker: (?!\w+: )."},
    BY_KEEPALIVE: {"link": "no broker: Keep alive timeout", "ingest": " broker: Keep alive timeout"},
    REFUSED: {
        "writer": r"^refused .*disk is full",
        "link": "no room on the disk for link.db",
        "ingest": "database: .*(?:disk is full|No space left)",
        "database": "No space left on device",
        "orders": "disk is full|No space left",
    },
}
"""What to look for in the log of each kind of part; « orders » is of the clinic's own commands."""


def read_logs(folder: Path) -> Counter[str]:
    """Lines that tell of each: « refused by a full disk: link »."""
    found: Counter[str] = Counter()
    for file in folder.glob("*.log"):
        kind, text = kind_of(file.stem), file.read_text(errors="replace")
        for what, patterns in _COUNTED.items():
            if kind in patterns:
                found[f"{what}: {kind}"] += len(re.findall(patterns[kind], text, re.MULTILINE))
    return found


def of(what: str, counted: Counter[str]) -> int:
    """Of all kinds of parts together."""
    return sum(count for name, count in counted.items() if name.startswith(f"{what}: "))
