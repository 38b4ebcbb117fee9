"""What the machine itself answers without a human: sound card, level, panel, button's lines, network.

Each is asked of who holds it: the player of its card, the kiosk of panel and button, the link of its connection. The
self-test's own unit may open none of these devices.
"""

import select
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.shell.config import Config
from kiosk.shell.finding import Finding
from kiosk.shell.panels import DRM, word
from kiosk.shell.presence import ANSWER_S_MAX as KIOSK_S_MAX
from kiosk.shell.presence import KioskNow, ask
from mqtt_bridge.link import presence
from mqtt_bridge.link.equipment import is_held

if TYPE_CHECKING:
    from audio.client import PlayerClient
    from audio.player.protocol import Examined

ANSWER_S_MAX = 15.0
"""A slow card takes a while to open, and the player does nothing else meanwhile."""


def player(config: Config) -> Iterator[Finding]:
    """The player, the card that it plays on, and the level that was set on it for this answer."""
    from audio.client import PlayerClient, PlayerGone

    client = PlayerClient(Path(config.player))
    try:
        client.connect()
        seen = _examined(client)
    except PlayerGone as error:
        yield Finding("player", fine=False, detail=str(error), remedy="systemctl status chevet-player")
        return
    finally:
        client.close()
    yield Finding("player", fine=True, detail=f"answers at {config.player}")
    if isinstance(seen, str):
        yield Finding("sound-card", fine=False, detail=seen, remedy="make the self-test again")
        return
    yield Finding("sound-card", seen.card, seen.card_told, "plug the card in, or name another in player.toml")
    if seen.level is not None:
        yield Finding("level", seen.level, seen.level_told, "name the card's own element in player.toml: level_names")


def _examined(client: "PlayerClient") -> "Examined | str":
    """What the player saw of its card; in words, why it did not look. Raises PlayerGone."""
    from audio.player.protocol import Examine, Examined, Refused

    client.send(Examine())
    end_s = time.monotonic() + ANSWER_S_MAX
    while (left_s := end_s - time.monotonic()) > 0:
        select.select([client], [], [], left_s)
        for answer in client.receive():  # others are told to everybody
            if isinstance(answer, Examined):
                return answer
            if isinstance(answer, Refused):
                return f"{answer.reason}: {answer.detail}"
    return f"no answer within {ANSWER_S_MAX:.0f} s"


def kiosk(config: Config, drm: Path = DRM, kiosk_s_max: float = KIOSK_S_MAX) -> Iterator[Finding]:
    """The panel and the button, as the kiosk that runs holds them. drm: the kernel's list of connectors."""
    told = ask(Path(config.folders.run), kiosk_s_max)
    if told is None:
        for name in ("frames", "button-line"):
            yield Finding(name, fine=False, detail="the kiosk does not answer", remedy="systemctl status chevet-kiosk")
        return
    yield _frames(told, config.screen.driver, drm)
    down = " now, or its cable is short-circuited" if told.down else ""
    yield Finding(
        "button-line", told.down is False, told.button + down, "look at the button's cable; kiosk.toml, [button]"
    )


def _frames(told: KioskNow, driver: str, drm: Path) -> Finding:
    """A window on a laptop has no connector of its own: there the kiosk's word is all."""
    panels = _panels(drm)
    if told.pictures is None:
        return Finding("frames", fine=False, detail=told.screen, remedy="start the screen again")
    if driver == "kmsdrm" and not panels:
        return Finding("frames", fine=False, detail="no panel is connected and lit", remedy="look at the panel's cable")
    on = ", ".join(panels) if driver == "kmsdrm" else driver
    return Finding("frames", fine=True, detail=f"picture {told.pictures} was handed to {on} just now")


def _panels(drm: Path) -> list[str]:
    """Connectors on which the kernel shows a picture. Some panels cannot tell whether they are there: `unknown`."""
    found = (path.parent for path in drm.glob("card*-*/status") if word(path) != "disconnected")
    return sorted(one.name for one in found if word(one / "enabled") == "enabled")


def network(config: Config) -> Iterator[Finding]:
    """Whether the link is connected now: apart from what the clinic has ever answered."""
    if not is_held(Path(config.folders.data) / "link.db.lock"):
        yield Finding("network", fine=False, detail="the link does not run", remedy="systemctl status chevet-link")
        return
    now = presence.read(Path(config.folders.run))
    if now is None:
        told = "the link has told nothing yet"
    else:
        told = "connected to the clinic" if now.connected else now.reason or "not connected"
    yield Finding("network", now is not None and now.connected, told, "look at the network: chevet-link status")
