"""Power cuts at any instant of the journey, from the log of the card's writes.

A card is made as a cut would have left it, put into a box that knows nothing else, and the clinic is as it was before
the session: what it has afterwards came from the card. Most are read by the box's programs on this workstation, after
the same repair of the file system as on the box; some are started in the emulator.
"""

import random
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mqtt_bridge.contract.report import Content, Evaluation, Listening
from tests.appliance import joining, luks, writes
from tests.appliance.bedside import card_data, lived
from tests.appliance.counted import Clinic, counted
from tests.appliance.damage import data_at
from tests.appliance.emulator import WRITES, Emulator, copied, emptied
from tests.appliance.expected import answers
from tests.appliance.kept import STEPS, steps_of
from tests.appliance.qmp import EmulatorError
from tests.appliance.resident import Step
from tests.appliance.short import BEFORE, FIRST, FOLDER
from tests.appliance.table import Row
from tests.appliance.twin import Kept, Twin, plan_of
from tests.support.house import House
from tests.support.process import ProcessError

QUIET_S = 60.0
"""A started box has told the clinic all that it will, when nothing more has come for so long."""
Told = tuple[tuple[str, ...], ...]
"""Reports of cares, sorted; each as words that do not hold the session's own name."""


@dataclass(frozen=True)
class Cut:
    """place: in the log; kept: what the card may hold there, the least first."""

    number: int
    place: int
    kept: tuple[Kept, ...]


def drawn(steps: list[Step], count: int, seed: int) -> list[Cut]:
    """Instants between the first screen and the last, each step as likely as another; the same ones for a seed."""
    chance = random.Random(seed)  # noqa: S311  # the same again
    found = []
    for number in range(count):
        at = chance.randrange(len(steps) - 1)
        place = chance.randint(steps[at].written, steps[at + 1].written)
        # Typed letters alone are drawn first, and written within a second.
        least = max(0, at - 1) if "comment" in steps[at].name else at
        found.append(Cut(number, place, tuple(one.kept for one in steps[least : at + 2])))
    return found


def confirmed(steps: list[Step]) -> list[Cut]:
    """At each instant at which the screen had shown that a report is kept: what a cut there loses was promised."""
    return [Cut(number, step.written, (step.kept,)) for number, step in enumerate(steps) if step.kept.told]


def promised(steps: list[Step]) -> list[Cut]:
    """Of those, the first for each report."""
    first = {len(step.kept.told): cut for step, cut in reversed(list(_told(steps)))}
    return [first[count] for count in sorted(first)]


def _told(steps: list[Step]) -> Iterator[tuple[Step, Cut]]:
    return zip((step for step in steps if step.kept.told), confirmed(steps), strict=True)


def allowed(plan_twin: Twin, kept: Iterable[Kept]) -> list[Told]:
    """What the clinic must have in the end, for each of these; the same once."""
    found = list[Told]()
    for one in kept:
        plan_twin.power_cut(one)
        told = told_of(plan_twin.kept.told)
        if told not in found:
            found.append(told)
    return found


def told_of(reports: Iterable[Content]) -> Told:
    words = list[tuple[str, ...]]()
    for report in reports:
        if isinstance(report, Evaluation):
            words.append(_evaluation(report.moment, {"status": report.response.status, **answers(report)}))
        if isinstance(report, Listening):
            words.append(("listening", report.outcome))
    return tuple(sorted(words))


def told_at(clinic: Clinic) -> Told:
    found = [_evaluation(moment, has) for (_, moment), has in clinic.evaluations.items()]
    return tuple(sorted([*found, *(("listening", outcome) for outcome in clinic.listenings.values())]))


def _evaluation(moment: str, has: dict[str, int | str]) -> tuple[str, ...]:
    return ("evaluation", moment, *(f"{name}={value}" for name, value in sorted(has.items())))


def lost(found: Told, wanted: list[Told]) -> int:
    """How many reports are missing, by what comes nearest."""
    return min(len([one for one in each if one not in found]) for each in wanted)


def card_after(cut: Cut, seed: int, folder: Path, *, played: Path = FOLDER, lies_from: int | None = None) -> Path:
    """The card as the cut left it. lies_from: from this place of the log on it kept nothing of what it flushed."""
    disk, log = folder / "disk.img", played / WRITES
    copied(played / FIRST, disk)
    found = writes.entries(log)
    kept = writes.survivors(writes.until(found, cut.place), seed)
    writes.replay(log, kept if lies_from is None else writes.until(found, lies_from), disk)
    return disk


COUNT, STARTED, SEED = 30, 5, 7
DAMAGED = "database disk image is malformed"
"""SQLite's own words: seen without flushes alone, on a card of which the half was there."""
Lives = Callable[[House, Path, list[Told]], None]
"""What a card goes through after the cut, until the clinic has what it had to tell."""


def cuts(say: joining.Say) -> list[Row]:
    """Raises EmulatorError: there is no session to cut."""
    steps = played()
    chosen = [*drawn(steps, COUNT, SEED), *promised(steps)]
    return [summed("cuts, the card read by the box's programs", read_cuts(say, chosen), boots=0)]


def started(say: joining.Say) -> list[Row]:
    """At other instants than those of `cuts`. Raises EmulatorError: there is no session."""
    chosen = drawn(played(), STARTED, SEED + 1)
    rows = each(say, chosen, lambda cut: _cut(say, cut, SEED + 1, _boot))
    return [summed("cuts, the card started in the emulator", rows, boots=STARTED)]


def read_cuts(say: joining.Say, chosen: list[Cut], *, folder: Path = FOLDER, lies_from: int | None = None) -> list[Row]:
    """A row for each; folder: of the session that is cut; lies_from: from there on the card keeps nothing of it."""
    return each(say, chosen, lambda cut: _cut(say, cut, SEED, _read, played=folder, lies_from=lies_from))


def each(say: joining.Say, chosen: Iterable[Cut], one: Callable[[Cut], Row]) -> list[Row]:
    """A row for each; a card that the box would not open, or that told nothing, is one, and the next cut is made.

    What the others lost would not be told if one of them ended it all.
    """
    found = list[Row]()
    for cut in chosen:
        try:
            found.append(one(cut))
        except (EmulatorError, luks.LuksError, ProcessError) as error:
            say(f"cut {cut.number} at byte {cut.place}: not to its end: {error}")
            found.append(Row(f"cut {cut.number}", str(error), boots=0, cuts=1, ended=False))
    return found


def played(folder: Path = FOLDER) -> list[Step]:
    """The steps of the session there. Raises EmulatorError: there is none."""
    if not (folder / STEPS).exists():
        raise EmulatorError("there is no session to cut; play one with: make image-test-short")
    return steps_of(folder)


def _cut(
    say: joining.Say, cut: Cut, seed: int, live: Lives, *, played: Path = FOLDER, lies_from: int | None = None
) -> Row:
    folder = emptied(f"cut-{live.__name__.strip('_')}")
    card_after(cut, seed + cut.number, folder, played=played, lies_from=lies_from)
    house = as_before(folder)
    db = house.clinic_home / "clinic.db"
    wanted = allowed(Twin(plan_of(db, joining.NEW_BOX), joining.PACKAGE_S), cut.kept)
    broken = 0
    try:
        live(house, folder, wanted)
    except ProcessError as error:
        if DAMAGED not in str(error):
            raise
        broken = 1  # lost, whatever the clinic has got before
        say(f"cut {cut.number}: {DAMAGED}")
    finally:
        house.stop()
    found = counted(db, joining.NEW_BOX)
    has = told_at(found)
    missing, twice = lost(has, wanted) + broken, len(found.twice) + more(has, wanted)
    say(f"cut {cut.number} at byte {cut.place}: the clinic has {len(has)}, lost {missing}, twice {twice}")
    return Row(f"cut {cut.number}", f"{has}", boots=0, cuts=1, lost=missing, twice=twice)


def more(found: Told, wanted: list[Told]) -> int:
    """What is there beyond what may be."""
    return min(max(0, len(found) - len(each)) for each in wanted)


def summed(name: str, rows: list[Row], boots: int) -> Row:
    """One row for all; those that did not come to their end are named."""
    told = f"{sum(row.ended and row.told != '()' for row in rows)} of them had something to tell"
    if failed := [f"{row.name}: {row.told}" for row in rows if not row.ended]:
        told += f"; not to their end: {'; '.join(failed)}"
    lost, twice = sum(row.lost for row in rows), sum(row.twice for row in rows)
    return Row(name, told, boots, len(rows), lost, twice, ended=not failed)


def as_before(folder: Path) -> House:
    """A clinic in this folder, with its records as they were before the session."""
    house = joining.house_in(folder)
    (house.folder / "log").mkdir(parents=True)
    shutil.copytree(FOLDER / BEFORE, house.clinic_home)
    return house


def _boot(house: House, folder: Path, wanted: list[Told]) -> None:
    house.start("broker", "ingest")
    with Emulator(folder, folder / "disk.img") as box:
        box.until_told("kiosk: ready", joining.WAIT_S_MAX)
        box.screen("after-cut")
        wait(box, house.clinic_home / "clinic.db", wanted)
        box.screen("after-cut-told")


def wait(box: Emulator, db: Path, wanted: list[Told]) -> None:
    """Until the clinic has what it must and nothing more comes; what never comes is told as lost, not as an error."""
    quiet_s, before = box.uptime_s(), told_at(counted(db, joining.NEW_BOX))

    def quiet() -> bool:
        nonlocal quiet_s, before
        now = told_at(counted(db, joining.NEW_BOX))
        if now != before:
            quiet_s, before = box.uptime_s(), now
        return now in wanted and box.uptime_s() - quiet_s > QUIET_S

    with suppress(EmulatorError):
        box.until(quiet, joining.WAIT_S_MAX, "it never came")


def _read(house: House, folder: Path, wanted: list[Told]) -> None:
    clear = folder / "data.img"
    luks.opened(folder / "disk.img", data_at(), clear)
    card_data(clear, house)
    lived(house)
