"""How the link carries out the order to leave: it drains, destroys, proves, and destroys its keys last."""

import logging
from collections.abc import Callable
from pathlib import Path
from sqlite3 import DatabaseError
from typing import Protocol

from msgspec import structs

from mqtt_bridge import bell, departure, wiping
from mqtt_bridge.clock import Clock
from mqtt_bridge.contract.codec import ContractError
from mqtt_bridge.contract.report import BoxWiped
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.database import OnlyWriterError, only_writer
from mqtt_bridge.departure import Departure
from mqtt_bridge.enrolment import Enrolment, load
from mqtt_bridge.link.care import has_draft
from mqtt_bridge.link.store import LinkStore

LATER: dict[departure.Kind | None, tuple[departure.Kind, ...]] = {
    None: ("wipe", "revoked", "return"),
    "return": ("wipe", "revoked"),
    "revoked": ("wipe",),
    "wipe": (),
}
"""Which orders end the service otherwise than what is known already does: the gravest first."""
PHASE: dict[departure.Kind, departure.Phase] = {"wipe": "wiping", "revoked": "kept", "return": "draining"}
WAIT_S = 0.5
"""Between two looks whether the kiosk has let go of its records."""
GONE_S = 30.0
log = logging.getLogger(__name__)


class StopOrder(Protocol):
    """`mqtt_bridge.stopping.Stopping`."""

    def wait(self, seconds: float) -> bool: ...


class Leaver:
    """Asked after each turn of the link's loop, while nothing is destroyed."""

    def __init__(self, data: Path, kiosk_bell: Path, enrolled: Enrolment, store: LinkStore) -> None:
        self._data, self._kiosk_bell, self._enrolled, self._store = data, kiosk_bell, enrolled, store
        self._departure = departure.read(data)
        self._unbelieved: set[int] = set()
        self._told_unread = False

    def is_over(self, now: Stamp) -> bool:
        """Whether service ends here: records are to be destroyed now."""
        ordered = self._ordered(now)
        if ordered is not None:
            self._begin(ordered)
        known = self._departure
        if known is not None and known.phase == "draining" and self._drained():
            self._begin(structs.replace(known, phase="wiping"))
        return self._departure is not None and self._departure.phase not in departure.IN_SERVICE

    def _ordered(self, now: Stamp) -> Departure | None:
        """A new order to leave; a stolen box is not drained any more, nor is one that is revoked."""
        known = self._departure
        for kind in LATER[known.kind if known else None]:
            newest = self._store.newest_letter(kind)
            if newest is None or newest[0] in self._unbelieved:
                continue
            try:
                order, said = departure.read_order(newest[1], self._enrolled)
            except ContractError as error:
                self._unbelieved.add(newest[0])
                log.warning("an order to leave is not believed: %s", error)
                continue
            return Departure(said, PHASE[said], order.id, now, newest[1])
        return None

    def _begin(self, found: Departure) -> None:
        if found.phase == "wiping":
            found = self._with_what_is_lost(found)
        departure.write(self._data, found)
        self._departure = found
        log.warning("the clinic has ordered: %s (%s)", found.kind, found.phase)
        bell.ring(self._kiosk_bell)

    def _with_what_is_lost(self, found: Departure) -> Departure:
        """How many reports go with it. A stolen box does not wait for what cannot be read: it says so."""
        try:
            return structs.replace(found, lost=self._store.left(), uncounted=False)
        except DatabaseError:
            log.exception("what bedside.db still holds cannot be counted: that is told to the clinic")
            return structs.replace(found, lost=self._store.pending(), uncounted=True)

    def _drained(self) -> bool:
        """Whether everything is in the record, and the kiosk will write nothing more.

        A file that cannot be read is not drained: what is in it may be all that there is. A technician copies it, or
        the clinic orders the wipe.
        """
        if self._store.waiting(1, frozenset()):
            return False
        bedside = self._data / "bedside.db"
        try:
            with only_writer(bedside):  # while it is held no kiosk begins anything
                return not has_draft(bedside) and not self._store.left()
        except OnlyWriterError:
            return False
        except DatabaseError as error:
            if not self._told_unread:
                log.error("bedside.db cannot be read (%s): the box is not wiped, its reports may be lost", error)  # noqa: TRY400
            self._told_unread = True
            return False


def resumed(data: Path, enrolment: Path) -> Departure | None:
    """What was under way when the box was switched off; the mark of a former life goes, once it is enrolled anew."""
    found = departure.read(data)
    if found is not None and (enrolment / "enrolment.json").exists() and _is_of_before(found, enrolment):
        departure.forget(data)
        return None
    return found


def _is_of_before(found: Departure, enrolment: Path) -> bool:
    """Whether another enrolment was meant. One that was revoked keeps its keys: its clinic's word tells."""
    return found.phase == "gone" or (found.phase == "kept" and not departure.is_ordered(found, load(enrolment)))


def carry_out(
    data: Path,
    enrolment: Path,
    kiosk_bell: Path,
    stopping: StopOrder,
    prove: Callable[[Departure], bool],
) -> None:
    """From `wiping` to the end, wherever it was cut off. `prove`: whether the clinic has answered the proof.

    Returns when it is told to stop, or the box is enrolled anew. Raises OSError: tried again at the next start.
    """
    found = departure.read(data)
    if found is not None and found.phase == "wiping":
        while not wiping.wipe_bedside(data):
            bell.ring(kiosk_bell)
            if stopping.wait(WAIT_S):
                return
        wiping.wipe_link(data)
        found = _next(data, found, "proving")
    if found is not None and found.phase == "proving":
        if not prove(found):
            return
        found = _next(data, found, "ending")
    if found is not None and found.phase == "ending":
        wiping.wipe_link(data)
        wiping.wipe_keys(enrolment)
        found = _next(data, structs.replace(found, letter=b""), "gone")
    bell.ring(kiosk_bell)
    while found is not None and not (enrolment / "enrolment.json").exists():
        if stopping.wait(GONE_S):
            return
    resumed(data, enrolment)


def _next(data: Path, found: Departure, phase: departure.Phase) -> Departure:
    found = structs.replace(found, phase=phase)
    departure.write(data, found)
    log.warning("leaving the clinic: %s", phase)
    return found


def write_proof(store: LinkStore, found: Departure, clock: Clock) -> None:
    """The box's last word, once: a database that has one already was begun before a power cut."""
    if not store.has_own():
        lost, uncounted = found.lost, found.uncounted
        told = BoxWiped(order=found.order, began=found.began, ended=clock(), lost=lost, uncounted=uncounted)
        store.add_own(told, clock())


def is_proved(store: LinkStore) -> bool:
    return store.has_own() and not store.waiting(1, frozenset())
