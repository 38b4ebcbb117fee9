"""What to do next about packages: a table of decisions. It starts nothing and waits for nothing; the time is given."""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Literal

from mqtt_bridge.contract.care import PackageReference
from mqtt_bridge.contract.packages import SYSTEM, PackageOffer, PackageWithdrawn
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.link.packages import Row, Stage
from mqtt_bridge.link.system import REMEDIES, Done, Held, Waits, standing

NEEDED = ("plan-names-it", "A plan in force names it: sign a plan without it, or stop the plan.")
REPLACES_NEEDED = ("plan-names-former", "A plan in force names the version that it would replace: sign the plan again.")
NO_SHELF = ("no-shelf", "The box's enrolment names no shelf of packages: enrol it again.")
"""Code and remedy of what the clinic can mend."""


@dataclass(frozen=True)
class Fetch:
    row: Row
    offer: PackageOffer


@dataclass(frozen=True)
class Check:
    """It seems to be there: only its manifest was looked at."""

    row: Row
    offer: PackageOffer


@dataclass(frozen=True)
class Install:
    row: Row
    offer: PackageOffer


@dataclass(frozen=True)
class Remove:
    row: Row


@dataclass(frozen=True)
class Settle:
    """Nothing is to be done but to say so."""

    row: Row
    stage: Stage
    reason: str = ""


@dataclass(frozen=True)
class Note:
    """It cannot be done now, for a reason that the clinic can mend."""

    row: Row
    reason: str
    remedy: str


@dataclass(frozen=True)
class HandOver:
    """An update of the system, whole: the updater decides when."""

    row: Row
    offer: PackageOffer


Job = Fetch | Check | Install | Remove
"""What takes a process of its own, one at a time, outside care."""
Action = Job | Settle | Note | HandOver


@dataclass(frozen=True)
class Situation:
    """What the box is like now.

    in_care: a session is under way, or it cannot be known. installed: id and fingerprint of what is on the box.
    damaged: ids whose parts are not what the manifest says. spooled: SHA-256 of the archives that are here whole.
    not_before_ms: by the word's serial, on the monotonic clock: a new word does not wait for an old one.
    needed: whether a plan in force names a package; True also when that cannot be known. system: of its updates.
    surely_ms: milliseconds since 1970 UTC that are surely past, whatever `now` says.
    """

    now: Stamp
    in_care: bool
    has_shelf: bool
    installed: Mapping[str, str]
    spooled: AbstractSet[str]
    not_before_ms: Mapping[int, int]
    needed: Callable[[PackageReference], bool]
    damaged: AbstractSet[str] = frozenset()
    system: Held = Held()  # noqa: RUF009  # it is frozen
    surely_ms: int = 0

    def later(self, row: Row) -> bool:
        return self.not_before_ms.get(row.serial, 0) > self.now.monotonic_ms

    def replaces_needed(self, package: PackageReference) -> bool:
        there = self.installed.get(package.id)
        if there is None or there == package.fingerprint:
            return False
        return self.needed(PackageReference(id=package.id, fingerprint=there))


def actions(rows: Sequence[Row], now: Situation) -> list[Action]:
    """Of each package that is still to be dealt with, what comes next; the clinic's oldest word first.

    What is to go goes first: it may be gone for a reason, and a download may take days.
    """
    found = [action for action in (_next(row, now) for row in rows) if action is not None]
    return sorted(found, key=lambda action: not isinstance(action, Remove))


def _next(row: Row, now: Situation) -> Action | None:
    match row.stage, row.word:
        case "offered", PackageOffer() as offer if row.id == SYSTEM:
            return _system(row, offer, now)
        case "withdrawn", _ if row.id == SYSTEM:
            return Settle(row, "removed")
        case "offered", PackageOffer() as offer:
            return _offered(row, offer, now)
        case "withdrawn", PackageWithdrawn() as withdrawn:
            return _withdrawn(row, withdrawn, now)
    return None


def _system(row: Row, offer: PackageOffer, now: Situation) -> Action | None:
    """Once it is in the updater's hands it does not expire any more: the box may be about to start into it."""
    match standing(offer, now.system):
        case Done(stage, reason):
            return Settle(row, stage, reason)
        case Waits(reason):
            return Note(row, reason, REMEDIES.get(reason, ""))
        case None:
            brought = _brought(row, offer, now)
            return HandOver(row, offer) if brought == "here" else brought


def _offered(row: Row, offer: PackageOffer, now: Situation) -> Action | None:
    if now.installed.get(row.id) == offer.package.fingerprint and row.id not in now.damaged:
        return None if now.in_care or now.later(row) else Check(row, offer)
    brought = _brought(row, offer, now)
    if brought != "here":
        return brought
    return Note(row, *REPLACES_NEEDED) if now.replaces_needed(offer.package) else Install(row, offer)


def _brought(row: Row, offer: PackageOffer, now: Situation) -> Action | Literal["here"] | None:
    """What is to be done until its archive is here."""
    if row.expires_ms <= now.surely_ms:
        return Settle(row, "refused", "expired")
    if now.now.trusted and row.expires_ms <= now.now.wall_ms:
        return None  # a network may have set the clock wrongly: the clinic's next answer tells
    if not now.has_shelf and offer.archive not in now.spooled:
        return Note(row, *NO_SHELF)
    if now.in_care or now.later(row):
        return None
    return "here" if offer.archive in now.spooled else Fetch(row, offer)


def _withdrawn(row: Row, withdrawn: PackageWithdrawn, now: Situation) -> Action | None:
    if now.installed.get(row.id) != withdrawn.package.fingerprint:
        return Settle(row, "removed")
    if now.needed(withdrawn.package):
        return Note(row, *NEEDED)
    return None if now.in_care or now.later(row) else Remove(row)
