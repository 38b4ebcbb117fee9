"""Carries out what `spool` decides: one program at a time, at the lowest priority, never during care."""

import fcntl
import hashlib
import logging
import os
import random
import shutil
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from mqtt_bridge import seal
from mqtt_bridge.contract.care import PackageReference
from mqtt_bridge.contract.codec import ContractError, decode, encode
from mqtt_bridge.contract.order import Order, PlanOrder
from mqtt_bridge.contract.packages import SYSTEM, PackageOffer
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.enrolment import Enrolment
from mqtt_bridge.link import fetching
from mqtt_bridge.link.care import in_care
from mqtt_bridge.link.child import Child
from mqtt_bridge.link.packages import Row
from mqtt_bridge.link.spool import (
    Action,
    Check,
    Fetch,
    HandOver,
    Install,
    Job,
    Note,
    Remove,
    Settle,
    Situation,
    actions,
)
from mqtt_bridge.link.store import LinkStore
from mqtt_bridge.link.system import REMEDIES as SYSTEM_REMEDIES
from mqtt_bridge.link.system import Hands, Held

log = logging.getLogger(__name__)

LOOK_MS = 1_000
"""While a program runs: how soon the beginning of a session is seen without a bell."""
MANIFEST_BYTES_MAX = 1 << 20
STAGING = ".staging"
"""Where `chevet-audio install` works, in the folder of packages."""
IN_USE = 75
"""`chevet-audio` says so when a session uses the package: EX_TEMPFAIL of sysexits.h."""

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
_MENDABLE_CODES = ("no-room", "not-written", "key-unreadable")
"""Of what `chevet-audio` refuses, that which is the box's fault and not the package's."""


@dataclass(frozen=True)
class Limits:
    """rate: of one fetch. kept_free: room on the data partition that is the records' alone.

    spoilt_ms_max: the longest wait after what was not the offered archive.
    """

    rate_bytes_s: int = 1024 * 1024
    kept_free_bytes: int = 64 * 1024 * 1024
    retry_ms_min: int = 5_000
    retry_ms_max: int = 30 * 60_000
    spoilt_ms_max: int = 12 * 3_600_000
    silent_ms_max: int = 60_000
    install_ms_max: int = 30 * 60_000
    patient_tries: int = 4


@dataclass(frozen=True)
class Places:
    """Where things are, and with what they are installed.

    bedside: the kiosk's database; spool: where archives grow; packages: where they are installed, None: nowhere;
    audio: the command that installs and removes; updates: shared with the updater, None: this machine takes none;
    system: os-release(5), where the image's version stands.
    """

    bedside: Path
    spool: Path
    packages: Path | None
    audio: Sequence[str] = (str(Path(sys.executable).with_name("chevet-audio")),)
    updates: Path | None = None
    system: Path | None = None


class _Refusal(msgspec.Struct, frozen=True):
    """The last line of `chevet-audio ... --json` when it refuses."""

    error: str
    message: str


@dataclass(frozen=True)
class _Named:
    """What the newest plan names, until it ends; packages None: it cannot be read, and may name anything."""

    serial: int = 0
    packages: frozenset[PackageReference] | None = frozenset()
    end_ms: int | None = None


@dataclass
class _Running:
    job: Job
    child: Child
    had_bytes: int


class Spooler:
    """Its `turn` is called by the link's loop, which waits on `watched` and for `due_ms`."""

    def __init__(self, enrolment: Enrolment, store: LinkStore, places: Places, limits: Limits) -> None:
        self._enrolment, self._store, self._places, self._limits = enrolment, store, places, limits
        self._running: _Running | None = None
        self._ending: list[Child] = []
        self._tries: dict[int, int] = {}
        self._not_before_ms: dict[int, int] = {}
        self._waits_for_network: set[int] = set()
        self._damaged: set[str] = set()
        self._jitter = random.Random()  # noqa: S311  # it spreads boxes over time, it hides nothing
        self._named = _Named()
        self._hands = Hands(places.updates, places.system)
        self._begin_again_what_is_gone()

    @property
    def watched(self) -> list[Child]:
        return [self._running.child] if self._running else []

    def due_ms(self, now: Stamp) -> int | None:
        """Milliseconds until `turn` has something to look at; None: only when something happens."""
        if self._running is not None:
            return LOOK_MS
        if self._ending:
            return LOOK_MS
        serials = [row.serial for row in self._store.packages.to_do()]
        waits = [self._not_before_ms[serial] for serial in serials if serial in self._not_before_ms]
        return max(0, min(waits) - now.monotonic_ms) if waits else None

    def network_came_back(self) -> None:
        """What could not be reached may be reached now; what was wrong is still wrong."""
        for serial in self._waits_for_network:
            self._not_before_ms.pop(serial, None)
        self._waits_for_network.clear()

    def turn(self, now: Stamp) -> None:
        """Look at what runs, decide again, and let that be what runs."""
        if self._running is not None:
            self._listen(self._running, now)
        rows = self._store.packages.to_do()
        if not rows and self._running is None:
            return
        situation = self._situation(rows, now)
        if self._running is not None and (situation.in_care or not _is_wanted(self._running.job, rows)):
            log.info("package %s: cut off, it goes on later", self._running.job.row.id)
            self.stop()
        todo = actions(self._but_what_runs(rows), situation)
        self._say(todo, now)
        jobs = [action for action in todo if isinstance(action, Fetch | Check | Install | Remove)]
        if self._running is not None and any(isinstance(job, Remove) for job in jobs):
            self._make_way(self._running)
        self._ending = [child for child in self._ending if not child.ended()]
        if self._running is None and not self._ending and jobs:
            self._start(jobs[0], now)

    def stop(self) -> None:
        """What runs is cut off, and goes on at the next start."""
        if self._running is not None:
            self._running.child.end()
            self._put_away(self._running)

    def _put_away(self, running: _Running) -> None:
        """Nothing else begins before it is gone: it may hold the files."""
        self._running = None
        if not running.child.ended():
            self._ending.append(running.child)

    def _make_way(self, running: _Running) -> None:
        """A download may take days, and goes on later."""
        if isinstance(running.job, Fetch):
            self.stop()

    # Looking

    def _situation(self, rows: Sequence[Row], now: Stamp) -> Situation:
        packages = self._places.packages
        found = {row.id: _fingerprint(packages / row.id) for row in rows} if packages else {}
        spooled = self._places.spool.glob("*.chevet") if self._places.spool.is_dir() else ()
        return Situation(
            now=now,
            in_care=in_care(self._places.bedside),
            has_shelf=self._enrolment.place.has_shelf and packages is not None,
            installed={name: there for name, there in found.items() if there},
            spooled={path.stem for path in spooled},
            not_before_ms=self._not_before_ms,
            needed=lambda package: self._is_named(package, now),
            damaged=self._damaged,
            system=self._hands.look() if any(row.id == SYSTEM for row in rows) else Held(),
        )

    def _is_named(self, package: PackageReference, now: Stamp) -> bool:
        """Whether the plan in force names it. A plan that cannot be read may."""
        newest = self._store.newest_letter("plan")
        if newest is None:
            return False
        if self._named.serial != newest[0]:
            self._named = self._named_in(*newest)
        named = self._named
        ended = named.end_ms is not None and now.trusted and named.end_ms <= now.wall_ms
        return not ended and (named.packages is None or package in named.packages)

    def _named_in(self, serial: int, letter: bytes) -> _Named:
        try:
            opened = seal.open_body(seal.verify(letter, self._enrolment.clinic), self._enrolment.keys)
            content = decode(opened, Order).content
        except ContractError:
            return _Named(serial, None)
        plan = content.plan if isinstance(content, PlanOrder) else None
        if plan is None:
            return _Named(serial)
        return _Named(serial, frozenset(request.package for request in plan.activity), plan.period.end_ms)

    def _begin_again_what_is_gone(self) -> None:
        """A package that was installed and is not on the disk any more is fetched again."""
        packages = self._places.packages
        for row in self._store.packages.rows() if packages else ():
            gone = packages is not None and _fingerprint(packages / row.id) != row.word.package.fingerprint
            if row.stage == "installed" and gone and row.id != SYSTEM:
                self._store.packages.again(row)

    # Acting

    def _say(self, todo: Sequence[Action], now: Stamp) -> None:
        for action in todo:
            match action:
                case Settle(row, stage, reason):
                    self._settle(row, stage, now, reason)
                case Note(row, reason, remedy):
                    self._store.packages.note(row, reason, remedy, now)
                case HandOver(row, offer):
                    self._hand_over(row, offer, now)

    def _hand_over(self, row: Row, offer: PackageOffer, now: Stamp) -> None:
        try:
            self._hands.hand_over(fetching.whole_of(self._places.spool, offer.archive), offer.archive)
        except OSError as error:
            self._store.packages.note(row, "not-handed-over", str(error), now)
            return
        self._store.packages.note(row, "waiting", SYSTEM_REMEDIES["waiting"], now)

    def _settle(self, row: Row, stage: str, now: Stamp, reason: str = "", remedy: str = "") -> None:
        log.info("package %s: %s %s %s", row.id, stage, reason, remedy)
        told = remedy or SYSTEM_REMEDIES.get(reason, "") if row.id == SYSTEM else remedy
        self._store.packages.settle(row, stage, now, reason, told)  # type: ignore[arg-type]
        if row.id == SYSTEM and isinstance(row.word, PackageOffer):
            self._hands.take_back(row.word.archive)
        self._tries.pop(row.serial, None)
        self._not_before_ms.pop(row.serial, None)
        self._damaged.discard(row.id)
        self._sweep()

    def _but_what_runs(self, rows: Sequence[Row]) -> list[Row]:
        """What is being worked on is judged when its program has ended: a name may stand before the disk has it."""
        if self._running is None:
            return list(rows)
        job = self._running.job
        if isinstance(job, Fetch):  # it touches no name: another word on the same package need not wait for it
            return [row for row in rows if row.serial != job.row.serial]
        return [row for row in rows if row.id != job.row.id]

    def _start(self, job: Job, now: Stamp) -> None:
        self._sweep()
        if isinstance(job, Fetch) and self._places.packages is not None:
            _sweep_staging(self._places.packages)
        try:
            self._places.spool.mkdir(mode=0o770, exist_ok=True)
            child = Child(self._command(job), now.monotonic_ms)
        except OSError as error:
            code = "no-program" if isinstance(error, FileNotFoundError) else "no-start"
            self._failed(job, code, str(error), now)
            return
        self._running = _Running(job, child, self._have(job))

    def _command(self, job: Job) -> list[str]:
        into = str(self._places.packages)
        match job:
            case Fetch(_, offer):
                return [sys.executable, "-m", "mqtt_bridge.link.fetching", encode(self._fetch_job(offer)).decode()]
            case Install(_, offer):
                archive = str(fetching.whole_of(self._places.spool, offer.archive))
                key = str(self._enrolment.folder / "clinic.public")
                return [*self._places.audio, "install", archive, "--into", into, "--clinic-key", key, "--json"]
            case Check(row):
                return [*self._places.audio, "check", str(Path(into) / row.id), "--json"]
            case Remove(row):
                return [*self._places.audio, "remove", row.id, "--from", into, "--json"]

    def _fetch_job(self, offer: PackageOffer) -> fetching.Job:
        place, address = self._enrolment.place, self._enrolment.address()
        return fetching.Job(
            host=place.shelf_host,
            port=place.shelf_port,
            path=offer.path,
            archive=offer.archive,
            size_bytes=offer.size_bytes,
            spool=str(self._places.spool),
            ca=str(address.ca),
            certificate=str(address.certificate),
            key=str(address.key),
            rate_bytes_s=self._limits.rate_bytes_s,
            kept_free_bytes=self._limits.kept_free_bytes,
        )

    def _sweep(self) -> None:
        """What no offer asks for any more leaves the spool."""
        rows = self._store.packages.to_do()
        wanted = {row.word.archive for row in rows if isinstance(row.word, PackageOffer)}
        self._hands.take_back_all_but(wanted)
        for path in self._places.spool.glob("*.*") if self._places.spool.is_dir() else ():
            if path.stem not in wanted:
                with suppress(OSError):
                    path.unlink()

    # What came of it

    def _listen(self, running: _Running, now: Stamp) -> None:
        code = running.child.listen(now.monotonic_ms)
        if code is None:
            self._lose_patience(running, now)
            return
        self._put_away(running)
        match running.job:
            case Fetch():
                self._fetched(running, now)
            case Check(row):
                self._checked(running, row, code, now)
            case Install(row, offer):
                self._installed(running, row, offer, code, now)
            case Remove():
                self._removed(running, code, now)

    def _lose_patience(self, running: _Running, now: Stamp) -> None:
        fetching_now = isinstance(running.job, Fetch)
        since = running.child.heard_ms if fetching_now else running.child.began_ms
        longest = self._limits.silent_ms_max if fetching_now else self._limits.install_ms_max
        if now.monotonic_ms - since > longest:
            self.stop()
            self._failed(running.job, "slow", "nothing came for too long", now)

    def _fetched(self, running: _Running, now: Stamp) -> None:
        ended = _last_word(running.child)
        if self._have(running.job) > running.had_bytes:
            self._tries.pop(running.job.row.serial, None)  # it came on: begin with short waits again
        if ended.code != "whole":
            self._failed(running.job, ended.code, ended.words, now)

    def _checked(self, running: _Running, row: Row, code: int, now: Stamp) -> None:
        """A part that is gone or spoilt is brought again from the clinic."""
        refusal = _refusal(running.child)
        if code == 0:
            self._settle(row, "installed", now)
        elif refusal is None:
            self._failed(running.job, "cut-off", _said(running.child), now)
        else:
            log.warning("package %s: %s; fetched again", row.id, refusal.message)
            self._damaged.add(row.id)

    def _installed(self, running: _Running, row: Row, offer: PackageOffer, code: int, now: Stamp) -> None:
        if code == 0 and self._places.packages is not None:
            there = _fingerprint(self._places.packages / row.id)
            fine = there == offer.package.fingerprint
            self._settle(row, "installed" if fine else "refused", now, "" if fine else "another-package")
            return
        refusal = _refusal(running.child)
        if code == IN_USE:
            self._failed(running.job, "in-use", _said(running.child), now)
        elif refusal is None:
            self._failed(running.job, "cut-off", _said(running.child), now)
        elif refusal.error in _MENDABLE_CODES:
            self._failed(running.job, refusal.error, refusal.message, now)
        else:
            self._settle(row, "refused", now, refusal.error, refusal.message)

    def _removed(self, running: _Running, code: int, now: Stamp) -> None:
        if code != 0:
            self._failed(running.job, "in-use" if code == IN_USE else "not-removed", _said(running.child), now)

    def _failed(self, job: Job, code: str, words: str, now: Stamp) -> None:
        """It is tried again, later and later, at times that boxes do not share."""
        row, limits = job.row, self._limits
        self._tries[row.serial] = tries = self._tries.get(row.serial, 0) + 1
        shortest_ms, longest_ms = limits.retry_ms_min, limits.retry_ms_max
        if code in _SPOILT_CODES:
            shortest_ms, longest_ms = limits.retry_ms_max, limits.spoilt_ms_max
        wait_ms = min(longest_ms, shortest_ms * 2 ** min(tries - 1, 20))
        self._not_before_ms[row.serial] = now.monotonic_ms + round(wait_ms * self._jitter.uniform(0.5, 1.0))
        if code in _NETWORK_CODES:
            self._waits_for_network.add(row.serial)
        log.warning("package %s: %s: %s; again within %d s", row.id, code, words, wait_ms // 1000)
        if code not in _PATIENT_CODES or tries >= limits.patient_tries:
            self._store.packages.note(row, code, _REMEDIES.get(code, words), now)

    def _have(self, job: Job) -> int:
        if not isinstance(job, Fetch):
            return 0
        with suppress(OSError):
            return fetching.part_of(self._places.spool, job.offer.archive).stat().st_size
        return 0


def _sweep_staging(packages: Path) -> None:
    """What an installation that was cut off has left: it may be the very room that is missing.

    Under the lock by which `chevet-audio` says that it installs.
    """
    with suppress(OSError):
        descriptor = os.open(packages, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(packages / STAGING, ignore_errors=True)
        finally:
            os.close(descriptor)


def _is_wanted(job: Job, rows: Sequence[Row]) -> bool:
    """Whether the clinic's last word is still the one that it carries out."""
    return any((row.id, row.serial) == (job.row.id, job.row.serial) for row in rows)


def _fingerprint(package: Path) -> str:
    """SHA-256 of the manifest of an installed package; empty when there is none."""
    try:
        with (package / "manifest.toml").open("rb") as manifest:
            return hashlib.sha256(manifest.read(MANIFEST_BYTES_MAX + 1)).hexdigest()
    except OSError:
        return ""


def _last_word(child: Child) -> fetching.Ended:
    """Why a fetch ended; one that was killed or failed says nothing of it."""
    lines = child.lines()
    try:
        return decode(lines[-1], fetching.Ended) if lines else fetching.Ended(code="busy", words="it said nothing")
    except ContractError:
        return fetching.Ended(code="busy", words=lines[-1].decode(errors="replace")[:400])


def _said(child: Child) -> str:
    return b" ".join(child.lines()[-3:]).decode(errors="replace")[-400:]


def _refusal(child: Child) -> _Refusal | None:
    """Why `chevet-audio` refused; None when it ended without saying so: it broke, or was ended."""
    for line in reversed(child.lines()):
        with suppress(ContractError):
            return decode(line, _Refusal)
    return None
