"""The player's composition root: everything is put together here, and taken apart in the opposite order."""

import logging
import signal
import time
from pathlib import Path

from audio.player.alsa import AlsaSink, set_level
from audio.player.alsa_control import open_jack
from audio.player.config import PlayerConfig
from audio.player.core import PlayerCore
from audio.player.examining import CardLook
from audio.player.level import Levelled
from audio.player.loop import PlayerLoop
from audio.player.machine import lock_memory, raise_priority
from audio.player.mouth import Mouth
from audio.player.preparing import Doors, ThreadPreparation
from audio.player.server import SocketServer
from audio.player.systemd import Systemd
from audio.player.wake import Wake
from audio.player.words import PlainVoice, ThreadFetch

log = logging.getLogger("chevet.player")


def run(config: PlayerConfig, plain: PlainVoice | None = None) -> None:
    """Serve until SIGTERM or SIGINT. `plain` says words without a recording. Raises ConfigurationError."""
    log.info("%s; %s", lock_memory(), raise_priority())
    wake = Wake()
    server = SocketServer(Path(config.socket))
    sink = levelled(config)
    core = make_core(config, wake, sink, plain)
    systemd = Systemd()
    loop = PlayerLoop(core, server, wake, systemd.alive)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: loop.stop())
    systemd.ready()
    log.info("player: device %s, socket %s", config.device, config.socket)
    sink.begin(config.device)  # after it is ready: no card delays a start
    try:
        loop.run()
    finally:
        core.close()
        server.close()
        wake.close()


def levelled(config: PlayerConfig) -> Levelled:
    """Return the door to the real device."""
    return Levelled(AlsaSink, set_level, config.headphones_control, config.level_names, config.level_percent)


def make_core(config: PlayerConfig, wake: Wake, sink: Levelled, plain: PlainVoice | None = None) -> PlayerCore:
    """Return the core on the real device, with real time."""
    doors = Doors(sink, open_jack)
    mouth = Mouth(config.device, sink, lambda order: ThreadFetch(order, plain, wake), time.monotonic_ns)
    return PlayerCore(
        config,
        lambda order: ThreadPreparation(order, config, doors, wake),
        mouth,
        CardLook(config.device, sink),
        now_ns=time.monotonic_ns,
    )
