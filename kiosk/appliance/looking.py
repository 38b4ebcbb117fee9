"""What the updater and the health check see of the box: what others wrote, sockets, the clock."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from audio.client import PlayerClient, PlayerGone
from kiosk.appliance import quiet
from kiosk.appliance.health import OF_THE_MACHINE, Sign, run_of, screen
from kiosk.shell import data_key, machine, orders
from kiosk.shell.config import Config
from kiosk.shell.time_kept import known_beside
from mqtt_bridge import enrolment
from mqtt_bridge.clock import Clock, system_clock
from mqtt_bridge.contract.care import CarePlan
from mqtt_bridge.contract.codec import ContractError
from mqtt_bridge.honest_time import HonestClock
from mqtt_bridge.link import presence
from mqtt_bridge.link.care import has_draft, in_care
from mqtt_bridge.link.reading import LinkReader
from mqtt_bridge.update_told import write_whole

HOUSE_ZONE = "Europe/Paris"
"""Of a box without a plan, as the contract has it."""
KIOSK_S_MAX = 20.0
"""A start is busy; the kiosk's own watchdog (30 s) ends one that answers no more."""


class Surroundings:
    """Looked at each time anew; `calm` alone is remembered."""

    def __init__(self, config: Config, monotonic: Callable[[], float] = time.monotonic) -> None:
        data = Path(config.folders.data)
        self._config, self._monotonic = config, monotonic
        self._bedside, self._link_db = data / "bedside.db", data / "link.db"
        self._calm_since_s = monotonic()

    def unquiet(self, attended: bool) -> str:  # noqa: FBT001
        """Why nothing may begin now; empty when it may."""
        cared_for = in_care(self._bedside) or has_draft(self._bedside)
        if cared_for:
            self._calm_since_s = self._monotonic()
        plans = self._plans()
        calm_s = self._monotonic() - self._calm_since_s
        now = quiet.Surroundings(cared_for, self._local(plans), calm_s, plans)
        return quiet.why_not(now, attended=attended)

    def linked(self) -> bool:
        now = presence.read(Path(self._config.folders.run))
        return now is not None and now.connected

    def _plans(self) -> tuple[CarePlan, ...]:
        """Those in force. A plan that cannot be read frames nothing: it does not play either."""
        try:
            enrolled = enrolment.load(Path(self._config.folders.enrolment))
        except (ContractError, OSError):
            return ()
        now, known = self._clock()(), known_beside(self._bedside, self._link_db)
        found = orders.plan_in_force(LinkReader(self._link_db), enrolled, now, known.floor_ms(now))
        return tuple(one.plan for one in found.residents)

    def _clock(self) -> Clock:
        known = known_beside(self._bedside, self._link_db)
        return HonestClock(system_clock(self._config.clock), lambda: known)

    def _local(self, plans: tuple[CarePlan, ...]) -> datetime | None:
        now = self._clock()()
        if not now.trusted:
            return None
        try:
            return datetime.fromtimestamp(now.wall_ms / 1000, ZoneInfo(plans[0].time_zone if plans else HOUSE_ZONE))
        except (LookupError, ValueError, OSError, OverflowError):
            return None


def look(config: Config, updates: Path) -> list[Sign]:
    """What a healthy start shows, all of it looked at now."""
    return [
        screen(),
        _player(config),
        _disk(updates),
        _link(Path(config.folders.run)),
        *_machine(config),
        _key(config.folders.data_key),
    ]


def well(config: Config) -> tuple[str, ...]:
    """Which of OF_THE_MACHINE are well now."""
    return tuple(sign.name for sign in _machine(config) if sign.fine)


def _machine(config: Config) -> Iterator[Sign]:
    """What the self-test asks of who holds card, panel and button. A card that nobody answers for is not well."""
    for found in (*machine.player(config), *machine.kiosk(config, kiosk_s_max=KIOSK_S_MAX)):
        if found.name in OF_THE_MACHINE:
            yield Sign(found.name, found.fine, found.detail)
        elif not found.fine:
            yield Sign("sound-card", fine=False, detail=found.detail)


def _player(config: Config) -> Sign:
    client = PlayerClient(Path(config.player))
    try:
        client.connect()
    except PlayerGone as error:
        return Sign("player", fine=False, detail=str(error))
    client.close()
    _, process = run_of("chevet-player.service")
    return Sign("player", fine=True, detail=f"answers at {config.player}", process=process)


def _disk(updates: Path) -> Sign:
    path = updates / "health"
    try:
        write_whole(path, b"written and kept")
        path.unlink()
    except OSError as error:
        return Sign("disk", fine=False, detail=str(error))
    return Sign("disk", fine=True, detail=f"{updates} takes writes and keeps them")


def _key(told: str) -> Sign:
    found = data_key.read(told)
    if found is None:
        return Sign("key", fine=False, detail="nobody told by what the data partition was opened")
    worth = ", known to everybody" if found.kind == data_key.STAND_IN else ""
    return Sign("key", found.kind in data_key.SECRET, f"of the data partition: {found.kind}{worth}, {found.state}")


def _link(run: Path) -> Sign:
    now = presence.read(run)
    if now is None:
        return Sign("link", fine=False, detail="the link has told nothing yet")
    return Sign("link", now.connected, "connected to the clinic" if now.connected else now.reason or "not connected")
