"""Ports of 127.0.0.1 that nobody else on this machine is given for as long as a test has them.

What the kernel calls a free port is free at that moment. Until a broker listens there, and each time it is killed and
started again, another test's server may be given it. These lie below what Linux gives by itself (from 32768 on), and
who has one holds a name in the kernel (an abstract socket, which ends with its process).
"""

import contextlib
import itertools
import os
import socket
from collections.abc import Iterator

FIRST, LAST = 12_000, 31_999
_tried = itertools.count(os.getpid() * 997)
"""Of this process: each begins elsewhere, and none takes soon again what it has just left."""


@contextlib.contextmanager
def kept_ports(count: int) -> Iterator[list[int]]:
    with contextlib.ExitStack() as kept:
        yield [_keep(kept) for _ in range(count)]


def free_port() -> int:
    """One that is free now and that nobody keeps: for a program that listens at once."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def _keep(kept: contextlib.ExitStack) -> int:
    for _ in range(FIRST, LAST + 1):
        port = FIRST + next(_tried) % (LAST + 1 - FIRST)
        name = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        if _takes(name, port) and _is_free(port):
            kept.enter_context(name)
            return port
        name.close()
    raise OSError(f"every port from {FIRST} to {LAST} is in use")


def _takes(name: socket.socket, port: int) -> bool:
    try:
        name.bind(f"\0chevet-test-port-{port}")
    except OSError:
        return False
    return True


def _is_free(port: int) -> bool:
    """Of others than us: a program that keeps none of these rules."""
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True
