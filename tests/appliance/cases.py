"""What may befall a box, each on the card of the session that `short` played.

The clinic is as it was before the session. Where something must be done inside of the box, it is done by the emulator's
serial console (door.py): the image itself has no such door.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from firmware_config.image.recipe.disk import LAYOUT, MIB
from firmware_config.image.recipe.place import VAR
from kiosk.journey.events import Box
from kiosk.journey.views import TextView
from tests.appliance import cuts, damage, door, joining, measured, slots, surface, watchdog, writes
from tests.appliance.counted import counted
from tests.appliance.emulator import Emulator, Machine, copied, emptied
from tests.appliance.qmp import EmulatorError
from tests.appliance.resident import Resident, Step
from tests.appliance.short import BEFORE, FIRST, FOLDER
from tests.appliance.table import Row
from tests.appliance.twin import Kept, Twin, plan_of
from tests.appliance.visit import BEFORE as HEIGHTS
from tests.appliance.visit import CARE
from tests.support.house import House

Case = Callable[[joining.Say], list[Row]]
AWAY = dt.timedelta(days=7)
MISSING = "device-missing"
GIVEN_UP = "aaab"
"""A slot has three tries."""


def step_named(name: str) -> Step:
    """The step of the session by the end of its picture's name. Raises EmulatorError: there is no session."""
    return next(step for step in cuts.played() if step.name.split("-", 1)[1] == name)


def card_at(name: str, folder: Path) -> Kept:
    """The card as it was at this step, all that was written being there; what it must hold."""
    step, disk = step_named(name), folder / "disk.img"
    copied(FOLDER / FIRST, disk)
    found = writes.entries(FOLDER / "writes.log")
    writes.replay(FOLDER / "writes.log", writes.until(found, step.written), disk)
    return step.kept


@contextmanager
def started(
    say: joining.Say, name: str, at: str, machine: Machine, change: Callable[[Path], None] = lambda _: None
) -> Iterator[tuple[House, Resident]]:
    """A box whose card is as it was at this step, in a start of its own; the clinic has what it had before."""
    folder = emptied(name)
    twin = Twin(plan_of(FOLDER / BEFORE / "clinic.db", joining.NEW_BOX), joining.PACKAGE_S)
    twin.power_cut(card_at(at, folder))
    house = cuts.as_before(folder)
    try:
        with Emulator(folder, folder / "disk.img", machine, before=change) as box:
            say(f"{name}: started")
            yield house, Resident(box, twin, say)
    finally:
        house.stop()


def told(house: House, person: Resident, name: str, seen: str) -> Row:
    """Wait until the clinic has what the card held; its row of the table."""
    db = house.clinic_home / "clinic.db"
    wanted = [cuts.told_of(person.twin.kept.told)]
    cuts.wait(person.box, db, wanted)
    found = counted(db, joining.NEW_BOX)
    has = cuts.told_at(found)
    return Row(name, seen, lost=cuts.lost(has, wanted), twice=len(found.twice) + cuts.more(has, wanted))


def bad_week(say: joining.Say) -> list[Row]:
    """One start, a week after the session, the clinic still away: much goes wrong, and is seen one after the other."""
    later = (dt.datetime.now(dt.UTC) + AWAY).strftime("%Y-%m-%dT%H:%M:%S")
    machine = Machine(clock=later, sound=False, logged=True, more=door.SHELL)
    with started(say, "week", "thanks", machine) as (house, person):
        person.twin.record("pending")
        person.see("home-a-week-later", joining.WAIT_S_MAX)
        person.box.door.knock(person.box)
        begin(person)
        person.see("first-question")
        person.touch("cone", HEIGHTS[0])
        person.see("first-question-answered")
        person.touch("continue")
        person.see("second-question")
        killed_s, hung_s = (_killed(person, signal) for signal in ("KILL", "STOP"))
        _no_sound(person)
        memory = measured.memory(person.box)
        say(memory.told)
        house.start("broker", "ingest")
        row = told(house, person, "the broker a week away", "home; the reports came when it was back")
        if MISSING not in (causes := counted(house.clinic_home / "clinic.db", joining.NEW_BOX).causes):
            raise EmulatorError(f"week: the clinic was told of {sorted(causes)}, and not of {MISSING!r}")
        offered = surface.look(person.box)
        return [
            row,
            Row(
                "the kiosk killed, and hung",
                f"another after {killed_s:.0f} and {hung_s:.0f} s, and the same question on the screen, both times",
                0,
            ),
            Row("started without a sound card", f"the screen says so; `{MISSING}` at the clinic, the answers came", 0),
            memory,
            offered,
        ]


def begin(person: Resident) -> None:
    """Up to the first question."""
    person.touch(CARE)
    person.see("who")
    person.touch("option:0")
    person.see("who-me")
    person.touch("continue")


def _killed(person: Resident, signal: str) -> float:
    """Killed, or stopped so that it hangs until its watchdog ends it: a new kiosk shows the same question.

    Return after how many seconds there was one. Raises EmulatorError.
    """
    took_s = watchdog.again(person.box, "chevet-kiosk", signal)
    person.see(f"the-same-question-after-{signal}", joining.WAIT_S_MAX)
    return took_s


def _no_sound(person: Resident) -> None:
    """There is no card, from power on: the care does not begin, and the screen says why."""
    for _ in HEIGHTS[1:]:
        person.touch("decline")
        person.see("question")
    person.touch("continue")
    while isinstance(person.twin.view, TextView):
        person.see("page")
        person.touch("continue")
    person.twin.sound("ended", 0.0, "failed", MISSING)
    person.see("no-sound")
    person.touch("done")


def full_card(say: joining.Say) -> list[Row]:
    """The data partition has no room: home says so, after a power cut too, and what was kept comes all the same."""
    with started(say, "full", "home-pending", Machine(more=door.SHELL)) as (house, person):
        box = person.box
        person.twin.record("pending")
        person.see("home", joining.WAIT_S_MAX)
        box.door.knock(box)
        say(f"KiB left on the card: {box.door.ask(_FILL, box, joining.WAIT_S_MAX)[-1:]}")
        person.twin.box(Box(room=False))
        person.see("home-full", joining.WAIT_S_MAX)
        box.cut()
        with _started_again(say, person) as later:
            later.twin.record("pending")
            later.twin.box(Box(room=False))
            later.see("home-full-from-the-start", joining.WAIT_S_MAX)
            house.start("broker", "ingest")
            row = told(house, later, "the card full", "home says so, and once more after a power cut; the reports came")
            return [replace(row, boots=2)]


@contextmanager
def _started_again(say: joining.Say, person: Resident) -> Iterator[Resident]:
    """The same disk after a cut, in one more start; its screens are numbered on."""
    former = person.box
    with Emulator(former.folder, former.disk, Machine()) as box:
        say(f"{former.folder.name}: started again")
        person.twin.power_cut(person.twin.kept)
        yield Resident(box, person.twin, say, person.steps)


# As the updater's account, which takes the largest things: root could take what is the databases'. Synced: what the
# card holds when it is cut is what was seen.
_FILL = (
    "cd /var/lib/chevet/updates; fallen='setpriv --reuid chevet-update --regid chevet --clear-groups'; "
    "$fallen fallocate -l $(($(df -k --output=avail . | tail -1) - 64))K filled; "
    "$fallen dd if=/dev/zero of=rest bs=4K; sync; df -k --output=avail . | tail -1"
)


def slot_a_spoilt(say: joining.Say) -> list[Row]:
    """Slot B holds the same root; slot A has blocks that are not as they were built."""
    with started(say, "slots", "thanks", Machine(), _spoil_a) as (house, person):
        box = person.box
        house.start("broker", "ingest")
        box.until_told("chevet: slot b", 2 * joining.WAIT_S_MAX)
        row = told(house, person, "slot A spoilt", "after three tries slot B started; the reports came")
        person.twin.record("in_record")
        person.see("home", joining.WAIT_S_MAX)
        if (started_from := slots.starts(box.serial())) != GIVEN_UP:
            raise EmulatorError(f"slots: started from {started_from}, not three times from a, then from b")
        return [replace(row, boots=len(GIVEN_UP))]


def _spoil_a(card: Path) -> None:
    places = {one.name: one.start_mib * MIB for one in LAYOUT}
    with card.open("r+b") as file:
        for part, source in (("boot-b", "boot-slot.ext4"), ("root-b", "root.squashfs")):
            file.seek(places[part])
            file.write((VAR / source).read_bytes())
        damage.spoil_root(file, places["root-a"], (VAR / "root.squashfs").stat().st_size)


def damaged(say: joining.Say) -> list[Row]:
    damage.damaged(say)
    return [Row("the data partition spoilt", "the screen says that the box needs repair; not a byte of it was changed")]


CASES: dict[str, Case] = {
    "week": bad_week,
    "full": full_card,
    "slots": slot_a_spoilt,
    "damaged": damaged,
}
