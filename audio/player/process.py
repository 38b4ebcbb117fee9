"""The player's composition root: everything is put together here, and taken apart in the opposite order."""

import logging
import signal
import time
from pathlib import Path

from audio.player.alsa import AlsaSink
from audio.player.alsa_control import open_jack
from audio.player.config import PlayerConfig
from audio.player.core import PlayerCore
from audio.player.loop import PlayerLoop
from audio.player.machine import lock_memory, raise_priority
from audio.player.preparing import Doors, ThreadPreparation
from audio.player.server import SocketServer
from audio.player.systemd import Systemd
from audio.player.wake import Wake

log = logging.getLogger("chevet.player")


def run(config: PlayerConfig) -> None:
    """Serve until SIGTERM or SIGINT. Raises ConfigurationError when it cannot start."""
    log.info("%s; %s", lock_memory(), raise_priority())
    wake = Wake()
    server = SocketServer(Path(config.socket))
    core = make_core(config, wake)
    systemd = Systemd()
    loop = PlayerLoop(core, server, wake, systemd.alive)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: loop.stop())
    systemd.ready()
    log.info("player: device %s, socket %s", config.device, config.socket)
    try:
        loop.run()
    finally:
        core.close()
        server.close()
        wake.close()


def make_core(config: PlayerConfig, wake: Wake) -> PlayerCore:
    """Return the core on the real device, with real time."""
    doors = Doors(AlsaSink, open_jack)
    return PlayerCore(config, lambda order: ThreadPreparation(order, config, doors, wake), now_ns=time.monotonic_ns)
