"""What the link that runs tells of itself, in the run folder (in memory: no card is worn by it). Gone with a reboot."""

import logging
from pathlib import Path

from msgspec import structs

from mqtt_bridge.contract.codec import ContractError, Count, Word, decode, encode
from mqtt_bridge.contract.stamp import Stamp

FILE = "link.json"
EVERY_MS = 1_000
"""A backlog changes it for each of its rows; it is written so often at most."""

log = logging.getLogger(__name__)


class LinkNow(Word, frozen=True):
    """connected: to the broker, since `since`; reason: why not, in the broker's or the network's own words.

    given: reports given to the broker and not confirmed by it; confirmed: those that it has, and of which the clinic's
    database has said nothing yet.
    """

    at: Stamp
    connected: bool
    since: Stamp
    reason: str = ""
    given: Count = 0
    confirmed: Count = 0


class Presence:
    """Writes it, whole or not at all, when it has changed."""

    def __init__(self, run: Path, now: Stamp) -> None:
        self._path = run / FILE
        self._told: LinkNow | None = None
        self._connected, self._since, self._reason = False, now, ""

    def connection(self, now: Stamp, *, connected: bool, reason: str = "") -> None:
        """A connection came or went; of one that goes on failing the first time counts, and the last reason."""
        if connected != self._connected:
            self._connected, self._since = connected, now
        self._reason = reason

    def tell(self, now: Stamp, given: int, confirmed: int) -> None:
        told = LinkNow(
            at=now,
            connected=self._connected,
            since=self._since,
            reason=self._reason[:200],
            given=given,
            confirmed=confirmed,
        )
        known = self._told
        if known is not None:
            soon = now.monotonic_ms - known.at.monotonic_ms < EVERY_MS
            if structs.replace(told, at=known.at) == known or (soon and told.connected == known.connected):
                return
        part = self._path.with_name(f"{FILE}.part")
        try:
            part.write_bytes(encode(told))
            part.replace(self._path)
        except OSError as error:
            log.warning("%s: %s", self._path, error)
            return
        self._told = told

    def forget(self) -> None:
        """Told to stop: what is not there any more is not connected."""
        self._path.unlink(missing_ok=True)


def read(run: Path) -> LinkNow | None:
    """What a link has told last; None where none has since the machine started. It may have been killed since."""
    try:
        return decode((run / FILE).read_bytes(), LinkNow)
    except (OSError, ContractError):
        return None
