"""The journey once more, beside the emulator: the product's own pure function, told of the same touches.

What it would show is what the emulator's screen must show, and where it has its targets is where a finger goes.
"""

import sqlite3
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

from msgspec import structs

from audio.hearing.calibration import LOUDEST_PLAUSIBLE
from kiosk.journey.chapters.service import STAFF
from kiosk.journey.draft import Draft
from kiosk.journey.effects import Write
from kiosk.journey.events import (
    Box,
    BoxTold,
    ButtonPressed,
    CodeChecked,
    Ears,
    EarsTold,
    Event,
    Loudness,
    Phase,
    PlanChanged,
    PowerReturned,
    RecordTold,
    Sound,
    SoundReported,
    Touched,
    Truth,
)
from kiosk.journey.show import view_of
from kiosk.journey.state import Journey
from kiosk.journey.step import step
from kiosk.journey.views import View
from kiosk.screen.painter import laid_out
from kiosk.screen.port import Target
from kiosk.words import load
from mqtt_bridge.contract.care import CarePlan
from mqtt_bridge.contract.codec import decode
from mqtt_bridge.contract.report import Content, Outcome
from mqtt_bridge.contract.stamp import Stamp

WORDS = load("fr")
RATE_HZ = 48_000
LUFS = -23.0
"""Of the tests' package."""


@dataclass(frozen=True)
class Kept:
    """What the card must hold at one instant: the draft, and every report so far."""

    draft: Draft | None = None
    told: tuple[Content, ...] = ()


@dataclass
class Twin:
    plan: CarePlan
    package_s: float
    journey: Journey = field(init=False)
    kept: Kept = field(init=False)
    starts: int = 0

    def __post_init__(self) -> None:
        self._begin(Kept())

    def _begin(self, kept: Kept) -> None:
        self.starts += 1
        self.journey, self.kept = Journey(f"{self.starts:016x}"), kept
        packages = tuple(Loudness(one.package.id, LUFS, self.package_s) for one in self.plan.activity)
        ears = Ears(self.plan.patient.id, LOUDEST_PLAUSIBLE.name, LOUDEST_PLAUSIBLE.dba(0.0), (), packages)
        self._feel(PlanChanged(self.now, self.plan))
        self._feel(EarsTold(self.now, ears))
        self._feel(PowerReturned(self.now, kept.draft))

    def power_cut(self, kept: Kept) -> None:
        """It starts anew, with what the card held; the player knows of no session."""
        self._begin(kept)
        self._feel(SoundReported(self.now, Sound("idle")))

    @property
    def now(self) -> Stamp:
        """The workstation's own time, which the clinic tells the box too; each start of a machine has another name."""
        wall_ms, since_ms = time.time_ns() // 10**6, time.monotonic_ns() // 10**6
        return Stamp(wall_ms=wall_ms, trusted=True, boot=f"twin-{self.starts}", monotonic_ms=since_ms)

    @property
    def view(self) -> View:
        return view_of(self.journey, WORDS, self.now)

    @property
    def views(self) -> list[View]:
        """The same, and as a box shows it that is not sure of the hour yet."""
        unsure = replace(self.journey, box=replace(self.journey.box or Box(), sure_of_time=False))
        return [self.view, view_of(unsure, WORDS, structs.replace(self.now, trusted=False))]

    def target(self, name: str, size: tuple[int, int]) -> Target:
        """Where the screen can be touched. Raises KeyError: this screen has no such target."""
        return {one.name: one for one in laid_out(self.view, size).targets}[name]

    def touch(self, target: str, height: int | None = None) -> None:
        self._feel(Touched(self.now, target, height))

    def press(self) -> None:
        self._feel(ButtonPressed(self.now))

    def sound(self, phase: Phase, share: float = 0.0, outcome: Outcome | None = None, cause: str = "") -> None:
        """The player says where it is; share: of the package."""
        session = f"{self.journey.epoch}.{self.journey.count}"
        total = round(self.package_s * RATE_HZ)
        said = Sound(phase, session, total, round(total * share), RATE_HZ, outcome=outcome, cause=cause)
        self._feel(SoundReported(self.now, said))

    def box(self, box: Box) -> None:
        """What the box knows of itself."""
        self._feel(BoxTold(self.now, box))

    def staff_code(self, *, fits: bool) -> None:
        """What the box found of the six digits that were entered."""
        self._feel(CodeChecked(self.now, STAFF, fits))

    def record(self, truth: Truth) -> None:
        """Where the answers of the last session are."""
        session = f"{self.journey.epoch}.{self.journey.count}"
        self._feel(RecordTold(self.now, self.plan.patient.id, session, truth))

    def _feel(self, event: Event) -> None:
        self.journey, effects = step(self.journey, event)
        for effect in effects:
            if isinstance(effect, Write):
                self.kept = Kept(effect.draft, (*self.kept.told, *effect.reports))


def plan_of(clinic_db: Path, box: str) -> CarePlan:
    """The plan that the clinic signed last for this box. Raises sqlite3.Error; LookupError: there is none."""
    with sqlite3.connect(f"file:{clinic_db}?mode=ro", uri=True) as database:
        rows = database.execute(
            "SELECT document FROM plans_careplan WHERE device_id = ? ORDER BY id DESC LIMIT 1", (box,)
        ).fetchall()
    database.close()
    if not rows:
        raise LookupError(f"no plan of {box} in {clinic_db}")
    return decode(bytes(rows[0][0]), CarePlan)
