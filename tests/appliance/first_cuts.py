"""Power cuts in a box's first start: while its partition is made, while it joins, while plan and package come.

Each is a first start of its own, of a new card at a clinic of its own that goes on: what the clinic has done by then (a
code is good once) is so. The card is what the cut left of the log of its writes; started again, home must come without
anybody's hand.
"""

import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from firmware_config.image.recipe.__main__ import CARD
from firmware_config.image.recipe.place import VAR, ImageError
from tests.appliance import cuts, joining
from tests.appliance.emulator import WRITES, Emulator, Machine, copied, emptied
from tests.appliance.qmp import EmulatorError
from tests.appliance.short import FIRST
from tests.appliance.table import Row
from tests.support.house import House
from tests.support.process import ProcessError

COUNT, SEED = 4, 23
FOLDER = "first-cut"


@dataclass(frozen=True)
class Stage:
    """mark: what the box says when it begins; lasts_s: on a quiet machine; planned: the plan is given before it."""

    name: str
    mark: str
    lasts_s: float
    planned: bool = False


STAGES = (
    Stage("its partition is made", "chevet-data: the key is", 8.0),
    Stage("it joins", "this box is not enrolled", 8.0),
    Stage("its plan and package come", f"enrolled: {joining.NEW_BOX}", 9.0, planned=True),
    Stage("it goes home", "link: package ", 20.0, planned=True),
)
"""Nothing is written before the first of them: U-Boot and the root do not."""


@dataclass(frozen=True)
class Instant:
    """after_s: since the stage's mark, by the host's clock."""

    number: int
    stage: Stage
    after_s: float


def drawn(count: int, seed: int) -> list[Instant]:
    """Each stage in its turn, anywhere within it; the same ones for a seed."""
    chance = random.Random(seed)  # noqa: S311  # the same again
    found = []
    for number in range(count):
        stage = STAGES[number % len(STAGES)]
        found.append(Instant(number, stage, chance.uniform(0, stage.lasts_s)))
    return found


def first_cuts(say: joining.Say, count: int = COUNT) -> list[Row]:
    """A row for all of them; those that did not come home are named."""
    failed = list[str]()
    for instant in drawn(count, SEED):
        try:
            _cut(say, instant)
        except (EmulatorError, ImageError, ProcessError) as error:
            failed.append(f"cut {instant.number}, while {instant.stage.name}: {error}")
            say(f"first-cuts: {failed[-1]}")
            _keep(instant.number)
    told = f"{count - len(failed)} of {count} came home by themselves"
    told += f"; not to their end: {'; '.join(failed)}" if failed else ""
    return [Row("cuts in the first start", told, boots=2 * count, cuts=count, ended=not failed)]


def _keep(number: int) -> None:
    """What was seen of a cut that went wrong: its pictures and what the box said, not its cards."""
    unwanted = shutil.ignore_patterns("*.img", WRITES, "house", "packages", "unused", "qmp", "qtest", "serial")
    shutil.copytree(VAR / "run" / FOLDER, emptied(f"{FOLDER}-{number}"), ignore=unwanted, dirs_exist_ok=True)


def _cut(say: joining.Say, instant: Instant) -> None:
    folder = emptied(FOLDER)
    with _clinic(folder) as house:
        is_planned, place = _first_start(house, folder, instant)
        say(f"cut {instant.number}: power is cut while {instant.stage.name}, {place / 2**20:.0f} MiB written")
        cuts.card_after(cuts.Cut(instant.number, place, ()), SEED + instant.number, folder, played=folder)
        with Emulator(folder, CARD) as box:
            joining.has_joined(house, box, say)
            if not is_planned:
                joining.prescribed(house)
            joining.at_home(house, box, say)


@contextmanager
def _clinic(folder: Path) -> Iterator[House]:
    """A clinic, and a new card with its code in this folder, a copy of it too."""
    house = joining.furnished(folder)
    try:
        copied(CARD, folder / "disk.img")
        joining.insert(house, folder, folder / "disk.img")
        copied(folder / "disk.img", folder / FIRST)
        house.start(*joining.CLINIC)
        yield house
    finally:
        house.stop()


def _first_start(house: House, folder: Path, instant: Instant) -> tuple[bool, int]:
    """Up to the cut. Return whether the plan was given by then, and how long the log of writes is."""
    with Emulator(folder, CARD, Machine(logged=True)) as box:
        if instant.stage.planned:
            joining.has_joined(house, box, lambda _: None)
            joining.prescribed(house)
        box.until_told(instant.stage.mark, joining.WAIT_S_MAX)
        until_s = box.uptime_s() + instant.after_s
        box.until(lambda: box.uptime_s() >= until_s, 2 * joining.WAIT_S_MAX, "time does not pass")
    return instant.stage.planned, (folder / WRITES).stat().st_size
