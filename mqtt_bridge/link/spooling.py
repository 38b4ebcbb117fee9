"""Carries out what `spool` decides: one program at a time, at the lowest priority, never during care."""

import hashlib
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mqtt_bridge.contract.packages import SYSTEM, PackageOffer
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.enrolment import Enrolment
from mqtt_bridge.link import fetching
from mqtt_bridge.link.care import in_care
from mqtt_bridge.link.child import Child
from mqtt_bridge.link.named import NamedByPlan
from mqtt_bridge.link.packages import Row
from mqtt_bridge.link.programs import IN_USE, Programs, last_word, refusal_of, said, sweep_staging
from mqtt_bridge.link.retrying import MENDABLE_CODES, Retries
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
from mqtt_bridge.link.spool_means import Limits, Places
from mqtt_bridge.link.store import LinkStore
from mqtt_bridge.link.system import REMEDIES as SYSTEM_REMEDIES
from mqtt_bridge.link.system import Hands, Held

log = logging.getLogger(__name__)

LOOK_MS = 1_000
"""While a program runs: how soon the beginning of a session is seen without a bell."""
MANIFEST_BYTES_MAX = 1 << 20


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
        self._damaged: set[str] = set()
        self._programs = Programs(enrolment, places, limits)
        self._retries = Retries(store.packages, limits)
        self._named_by_plan = NamedByPlan(enrolment, store)
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
        return self._retries.due_ms((row.serial for row in self._store.packages.to_do()), now)

    def network_came_back(self) -> None:
        self._retries.network_came_back()

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
            not_before_ms=self._retries.not_before_ms,
            needed=lambda package: self._named_by_plan(package, now),
            damaged=self._damaged,
            system=self._hands.look() if any(row.id == SYSTEM for row in rows) else Held(),
            surely_ms=self._store.known_time().floor_ms(now),
        )

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
        self._retries.settled(row.serial)
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
            sweep_staging(self._places.packages)
        try:
            self._places.spool.mkdir(mode=0o770, exist_ok=True)
            child = Child(self._programs.command(job), now.monotonic_ms)
        except OSError as error:
            code = "no-program" if isinstance(error, FileNotFoundError) else "no-start"
            self._retries.failed(job.row, code, str(error), now)
            return
        self._running = _Running(job, child, self._programs.had_bytes(job))

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
            self._retries.failed(running.job.row, "slow", "nothing came for too long", now)

    def _fetched(self, running: _Running, now: Stamp) -> None:
        ended = last_word(running.child)
        if self._programs.had_bytes(running.job) > running.had_bytes:
            self._retries.came_on(running.job.row.serial)
        if ended.code != "whole":
            self._retries.failed(running.job.row, ended.code, ended.words, now)

    def _checked(self, running: _Running, row: Row, code: int, now: Stamp) -> None:
        """A part that is gone or spoilt is brought again from the clinic."""
        refusal = refusal_of(running.child)
        if code == 0:
            self._settle(row, "installed", now)
        elif refusal is None:
            self._retries.failed(running.job.row, "cut-off", said(running.child), now)
        else:
            log.warning("package %s: %s; fetched again", row.id, refusal.message)
            self._damaged.add(row.id)

    def _installed(self, running: _Running, row: Row, offer: PackageOffer, code: int, now: Stamp) -> None:
        if code == 0 and self._places.packages is not None:
            there = _fingerprint(self._places.packages / row.id)
            fine = there == offer.package.fingerprint
            self._settle(row, "installed" if fine else "refused", now, "" if fine else "another-package")
            return
        refusal = refusal_of(running.child)
        if code == IN_USE:
            self._retries.failed(running.job.row, "in-use", said(running.child), now)
        elif refusal is None:
            self._retries.failed(running.job.row, "cut-off", said(running.child), now)
        elif refusal.error in MENDABLE_CODES:
            self._retries.failed(running.job.row, refusal.error, refusal.message, now)
        else:
            self._settle(row, "refused", now, refusal.error, refusal.message)

    def _removed(self, running: _Running, code: int, now: Stamp) -> None:
        if code != 0:
            why = "in-use" if code == IN_USE else "not-removed"
            self._retries.failed(running.job.row, why, said(running.child), now)


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
