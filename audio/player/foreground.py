"""Plays one package in this terminal, through the same core as the player's process."""

import select
import signal
import threading
from collections.abc import Callable
from pathlib import Path

from audio.player.config import PlayerConfig
from audio.player.core import PlayerCore
from audio.player.process import levelled, make_core
from audio.player.protocol import PlayerStatus, Prepare, Start, Stop
from audio.player.wake import Wake

SESSION = "terminal"
LOOK_S = 0.5


def play_here(
    config: PlayerConfig, package: Path, gain_db: float, progress: Callable[[str, float], None]
) -> PlayerStatus:
    """Play to the end, or to Ctrl-C (a short fade); return the result."""
    wake = Wake()
    core = make_core(config, wake, levelled(config))
    core.clients(attending=1)
    asked_to_stop = threading.Event()

    def interrupt(_number: int, _frame: object) -> None:
        asked_to_stop.set()
        wake()

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        core.handle(Prepare(session=SESSION, package=str(package), gain_db=gain_db))
        return _to_the_end(core, wake, asked_to_stop, progress)
    finally:
        signal.signal(signal.SIGINT, before)
        core.close()
        wake.close()


def _to_the_end(
    core: PlayerCore, wake: Wake, asked_to_stop: threading.Event, progress: Callable[[str, float], None]
) -> PlayerStatus:
    while (status := core.status()).phase != "ended":
        if asked_to_stop.is_set():
            core.handle(Stop(SESSION))
        elif status.phase == "ready":
            core.handle(Start(SESSION))
        if status.frames_total:
            progress("playing", min(0.999, status.frames_played / status.frames_total))
        _turn(core, wake)
    progress(str(status.outcome), 1.0)
    return status


def _turn(core: PlayerCore, wake: Wake) -> None:
    poll = select.poll()
    device = core.poll_fds()
    for fd, mask in [(wake.fileno(), select.POLLIN), *device]:
        poll.register(fd, mask)
    wait_s = core.wait_s_max()
    fired = poll.poll(1000 * (LOOK_S if wait_s is None else min(wait_s, LOOK_S)))
    wake.clear()
    at_device = [(fd, mask) for fd, mask in fired if fd != wake.fileno()]
    if not at_device or core.worth_a_tick(at_device):
        core.tick()
