"""Power to the first picture and to home, beside the same image without our units: one start of each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.appliance import cases, joining, pulse
from tests.appliance.emulator import WRITES, Emulator, Machine, emptied
from tests.appliance.first import first_picture
from tests.appliance.kept import steps_of
from tests.appliance.measured import UNITS, idle, processor_s, size, written
from tests.appliance.resident import wait_for_view
from tests.appliance.short import FOLDER
from tests.appliance.table import Row

SHARE_MAX = 0.25
HOME_TIMES_MAX = 4.0
"""Three were measured (docs/appliance.md). Our own bar, against growing: no limit of an issue is told for home."""
PICTURE = "first"
"""Its unit: a picture until the kiosk has drawn."""
IDLE_S = 1320.0
"""Longer than what a box does by itself takes to come round: heartbeats each quarter of an hour, the self-test of a
start a quarter of an hour after it (and a minute, by its timer's accuracy), and what it found in the next heartbeat."""
BOOTED = "Reached target multi-user.target"
TOLD = "systemd.log_level=info"
"""Without it systemd does not say what it has reached. All starts have it, and all stop at U-Boot's console."""


@dataclass(frozen=True)
class Instant:
    """Since power on: the emulator's processor time, and the clock."""

    processor_s: float
    clock_s: float

    def __str__(self) -> str:
        return f"after {self.processor_s:.0f} s of processor ({self.clock_s:.0f} by the clock)"


def speed(say: joining.Say) -> list[Row]:
    """Raises EmulatorError. Beside the clock, the emulator's own processor time is told: the host has other work.

    The first picture is held against the same picture of a start that has no other unit of ours, and against a start
    that has none, which can show nothing: of that, when it is up. Home, which nobody else's start has, is held to
    times of the latter.
    """
    with cases.started(say, "with", "thanks", Machine(more=TOLD)) as (_, person):
        wait_for_view(person.box, [first_picture()], "first", joining.WAIT_S_MAX)
        first = _now(person.box)
        person.twin.record("pending")
        person.see("home", joining.WAIT_S_MAX)
        home = _now(person.box)
    alone = _without([unit for unit in UNITS if unit != PICTURE], "alone", _pictured)
    bare = _without(UNITS, "without", lambda box: box.until_told(BOOTED, joining.WAIT_S_MAX))
    card = written(steps_of(FOLDER), FOLDER / WRITES)
    return [picture_row(first, alone, bare), home_row(home, bare), size(), card]


def picture_row(first: Instant, alone: Instant, bare: Instant) -> Row:
    """A picture that says to wait: it is no home."""
    shares = [first.processor_s / other.processor_s - 1 for other in (alone, bare)]
    told = (
        f"« {first_picture().title} » {first}; by its own unit alone {alone}: {shares[0]:+.0%}; "
        f"none of our units, up {bare}: {shares[1]:+.0%} (each at most {SHARE_MAX:+.0%})"
    )
    return Row("power to first picture", told, boots=3, within=max(shares) <= SHARE_MAX)


def home_row(home: Instant, bare: Instant) -> Row:
    """What a person waits for."""
    times = home.processor_s / bare.processor_s
    told = f"{home}: {times:.1f} times the start without our units (at most {HOME_TIMES_MAX:.0f})"
    return Row("power to home", told, boots=0, within=times <= HOME_TIMES_MAX)


def _without(units: Sequence[str], name: str, wait: Callable[[Emulator], object]) -> Instant:
    """When the awaited came in a start of the same card without these units of ours."""
    folder = emptied(name)
    cases.card_at("thanks", folder)
    mask = " ".join(f"systemd.mask=chevet-{unit}.service" for unit in units)
    with Emulator(folder, folder / "disk.img", Machine(more=f"{TOLD} {mask}")) as box:
        wait(box)
        return _now(box)


def _pictured(box: Emulator) -> None:
    wait_for_view(box, [first_picture()], "first", joining.WAIT_S_MAX)


def _now(box: Emulator) -> Instant:
    return Instant(processor_s(box), box.uptime_s())


def quiet(say: joining.Say) -> list[Row]:
    """What is written while nobody comes. Raises EmulatorError."""
    with cases.started(say, "idle", "thanks", Machine(logged=True)) as (house, person):
        box = person.box
        person.twin.record("pending")
        person.see("home", joining.WAIT_S_MAX)
        house.start("broker", "ingest")
        row = cases.told(house, person, "nobody comes", "home")  # what it still had to tell is no part of an idle hour
        db = house.clinic_home / "clinic.db"
        begin, before, until_s = box.written(), pulse.last(db, joining.NEW_BOX), box.uptime_s() + IDLE_S
        box.until(lambda: box.uptime_s() > until_s, 2 * IDLE_S, "time does not pass")
        heard = pulse.since(before, db, joining.NEW_BOX)
        return [row, idle(box.folder / WRITES, begin, box.written(), IDLE_S, heard)]
