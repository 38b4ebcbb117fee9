"""What the player asks of the machine, and what it was given: memory that stays, a turn that comes in time."""

import ctypes
import os
from collections.abc import Callable

MCL_CURRENT, MCL_FUTURE, MCL_ONFAULT = 1, 2, 4
FIFO_PRIORITY = 10
NICE = -10


def lock_memory() -> str:
    """Keep every page in memory once it has been touched; say what happened."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0:
        return "memory: locked (MCL_ONFAULT)"
    return f"memory: not locked ({os.strerror(ctypes.get_errno())}; set LimitMEMLOCK=infinity)"


def raise_priority() -> str:
    """Ask for real time, else for a better share; say what happened. Threads started later inherit it."""
    attempts: list[tuple[str, Callable[[], object]]] = [
        (
            f"priority: SCHED_FIFO {FIFO_PRIORITY}",
            lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(FIFO_PRIORITY)),
        ),
        (f"priority: nice {NICE}, real time not allowed", lambda: os.setpriority(os.PRIO_PROCESS, 0, NICE)),
    ]
    for said, attempt in attempts:
        try:
            attempt()
        except PermissionError:
            continue
        return said
    return "priority: ordinary (set LimitRTPRIO=10 and LimitNICE=-10)"
