"""What a process holds at most while bombs come to both ends: `python -m tests.mqtt_bridge.hostile_memory`, for a test.

A process of its own: what the tests beside it hold is not counted. It prints by how many MiB it grew.
"""

import sys
import zlib
from pathlib import Path

from tests.mqtt_bridge.hostile_wire import TARGETS, Grounds, grounds

BOMB_BYTES = 100_000_000
BOMB = b"\1" + zlib.compress(bytes(BOMB_BYTES), wbits=-15)
"""100 KB that would become 100 MB."""
BOMBS = (
    BOMB,
    b"[" * 100_000,
    b'"' + b"x" * 300_000 + b'"',
    b'{"a":' * 50_000,
    b"\xdd\xff\xff\xff\xff",
    b"\xc6\xff\xff\xff\xff",
)


def held_mib() -> float:
    """The most that this program has held. Not `getrusage`: that counts who started it, too (Linux, execve)."""
    (line,) = (one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def throw_all(ground: Grounds) -> None:
    for target in TARGETS:
        for bomb in BOMBS:
            ground.throw(target, bomb)


def inflate() -> None:
    """What the ends must not do."""
    zlib.decompress(BOMB[1:], wbits=-15)


def main(careless: bool) -> None:  # noqa: FBT001  # the one word of the command line
    with grounds() as ground:
        for target in TARGETS:
            ground.throw(target, ground.examples[target])
        before = held_mib()
        throw_all(ground)
        if careless:
            inflate()
        print(held_mib() - before)


if __name__ == "__main__":
    main(sys.argv[1:] == ["careless"])
