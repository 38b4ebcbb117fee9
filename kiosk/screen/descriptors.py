"""Which file descriptors a library opened, so that the shell can wait on them instead of asking again and again."""

import os
import socket
import stat
from contextlib import suppress
from pathlib import Path


def open_now() -> dict[int, str]:
    """Open descriptors and what they lead to."""
    found = {}
    for entry in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # the listing's own descriptor is gone by now
            found[int(entry.name)] = str(entry.readlink())
    return found


def opened_since(before: dict[int, str]) -> list[int]:
    """Those opened since then that carry input: a display server's sockets, or input devices and their coming."""
    return sorted(fd for fd, leads_to in open_now().items() if before.get(fd) != leads_to and _carries(fd, leads_to))


def _carries(fd: int, leads_to: str) -> bool:
    if leads_to.startswith(("/dev/input/", "anon_inode:inotify", "anon_inode:[inotify")):
        return True
    return stat.S_ISSOCK(os.fstat(fd).st_mode) and not _is_bus(fd)


def _is_bus(fd: int) -> bool:
    """The desktop's message bus: nobody reads it for us, so it would stay readable for ever."""
    with socket.socket(fileno=os.dup(fd)) as peer:
        try:
            name = peer.getpeername()
        except OSError:
            return False
    words = name.decode(errors="replace") if isinstance(name, bytes) else str(name)
    return "bus" in Path(words).name or "dbus" in words
