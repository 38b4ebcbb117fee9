"""What could not be done is tried again, later and later; the clinic is told what only it can mend, or what lasts."""

import logging
import random
from collections.abc import Iterable

from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.link.packages import Packages, Row
from mqtt_bridge.link.spool_means import Limits

log = logging.getLogger(__name__)

_REMEDIES = {
    "unreachable": "Check that `chevet-clinic shelf` runs and that the box's network lets it through.",
    "slow": "The network gives almost nothing: check it.",
    "no-room": "Withdraw packages that are no longer used.",
    "redirected": "Something stands between the box and the shelf: a hotel's portal, a proxy.",
    "not-on-shelf": "Offer the package again.",
    "wrong-length": "Check the shelf's disk, add the package again and offer it again.",
    "wrong-bytes": "Check the shelf's disk, add the package again and offer it again.",
    "in-use": "It is installed once no session uses the former version.",
    "no-program": "chevet-audio is not installed on the box: install the box's software again.",
}
_PATIENT_CODES = ("unreachable", "slow", "busy", "restart", "in-use", "cut-off")
"""What passes by itself: told only when it lasts."""
_NETWORK_CODES = ("unreachable", "slow", "redirected")
"""What another network may mend at once."""
_SPOILT_CODES = ("wrong-length", "wrong-bytes", "not-on-shelf")
"""What nobody but the clinic can mend; each try may cost the whole archive, and somebody pays for the network."""
MENDABLE_CODES = ("no-room", "not-written", "key-unreadable")
"""Of what `chevet-audio` refuses, that which is the box's fault and not the package's."""


class Retries:
    """By the serial of the clinic's word: a new word does not wait for an old one."""

    def __init__(self, packages: Packages, limits: Limits) -> None:
        self.not_before_ms: dict[int, int] = {}
        """On the monotonic clock."""
        self._packages, self._limits = packages, limits
        self._tries: dict[int, int] = {}
        self._waits_for_network: set[int] = set()
        self._jitter = random.Random()  # noqa: S311  # it spreads boxes over time, it hides nothing

    def due_ms(self, serials: Iterable[int], now: Stamp) -> int | None:
        """Until the first of these is tried again; None: none waits."""
        waits = [self.not_before_ms[serial] for serial in serials if serial in self.not_before_ms]
        return max(0, min(waits) - now.monotonic_ms) if waits else None

    def network_came_back(self) -> None:
        """What could not be reached may be reached now; what was wrong is still wrong."""
        for serial in self._waits_for_network:
            self.not_before_ms.pop(serial, None)
        self._waits_for_network.clear()

    def came_on(self, serial: int) -> None:
        """Not whole yet, but more of it is here: begin with short waits again."""
        self._tries.pop(serial, None)

    def settled(self, serial: int) -> None:
        """Nothing is to be done for it any more."""
        self._tries.pop(serial, None)
        self.not_before_ms.pop(serial, None)

    def failed(self, row: Row, code: str, words: str, now: Stamp) -> None:
        """It is tried again, later and later, at times that boxes do not share."""
        limits = self._limits
        self._tries[row.serial] = tries = self._tries.get(row.serial, 0) + 1
        shortest_ms, longest_ms = limits.retry_ms_min, limits.retry_ms_max
        if code in _SPOILT_CODES:
            shortest_ms, longest_ms = limits.retry_ms_max, limits.spoilt_ms_max
        wait_ms = min(longest_ms, shortest_ms * 2 ** min(tries - 1, 20))
        self.not_before_ms[row.serial] = now.monotonic_ms + round(wait_ms * self._jitter.uniform(0.5, 1.0))
        if code in _NETWORK_CODES:
            self._waits_for_network.add(row.serial)
        log.warning("package %s: %s: %s; again within %d s", row.id, code, words, wait_ms // 1000)
        if code not in _PATIENT_CODES or tries >= limits.patient_tries:
            self._packages.note(row, code, _REMEDIES.get(code, words), now)
