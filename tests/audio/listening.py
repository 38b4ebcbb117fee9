"""Steps that the tests of the real player's process share: prepare, play, wait for what the player says."""

from pathlib import Path

from audio.client import PlayerClient
from audio.player.protocol import PlayerStatus, Prepare, Start, Status
from tests.audio.bedside import SESSION
from tests.support.paced.player import RunningPlayer, wait_for

RATE_HZ, FRAME_BYTES = 48_000, 8


def ready(player: RunningPlayer, package: Path, **more: object) -> PlayerClient:
    """Return a client whose session is prepared, or refused."""
    client = player.connect()
    client.send(Prepare(session=SESSION, package=str(package), **more))  # type: ignore[arg-type]
    wait_for(client, lambda status: status.phase not in ("idle", "preparing"))
    return client


def playing(player: RunningPlayer, package: Path, frames_played: int = 1, **more: object) -> PlayerClient:
    """Return a client whose session sounds."""
    client = ready(player, package, **more)
    client.send(Start(SESSION))
    wait_for(client, lambda status: status.phase in ("playing", "ended"))
    until_played(client, frames_played)
    return client


def until_played(client: PlayerClient, frames: int) -> PlayerStatus:
    """Ask until so many frames have been heard; the session may end first."""
    status = PlayerStatus()
    while status.frames_played < frames and status.phase != "ended":
        client.send(Status())
        status = wait_for(client, lambda _status: True)
    return status


def ended(client: PlayerClient, wait_s_max: float = 60) -> PlayerStatus:
    client.send(Status())
    return wait_for(client, lambda status: status.phase == "ended", wait_s_max)


def resident_mib(player: RunningPlayer) -> float:
    """Return the most memory that the player's process ever had."""
    status = Path(f"/proc/{player.process.pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024
