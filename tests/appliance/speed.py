"""Power to the first screen, beside the same image without our units: one start of each."""

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
IDLE_S = 1320.0
"""Longer than what a box does by itself takes to come round: heartbeats each quarter of an hour, the self-test of a
start a quarter of an hour after it (and a minute, by its timer's accuracy), and what it found in the next heartbeat."""
BOOTED = "Reached target multi-user.target"
TOLD = "systemd.log_level=info"
"""Without it systemd does not say what it has reached. Both starts have it, and both stop at U-Boot's console."""


def speed(say: joining.Say) -> list[Row]:
    """Raises EmulatorError. Beside the clock, the emulator's own processor time is told: the host has other work."""
    with cases.started(say, "with", "thanks", Machine(more=TOLD)) as (_, person):
        wait_for_view(person.box, [first_picture()], "first", joining.WAIT_S_MAX)
        first = _now(person.box)
        person.twin.record("pending")
        person.see("home", joining.WAIT_S_MAX)
        home = _now(person.box)
    folder = emptied("without")
    cases.card_at("thanks", folder)
    mask = " ".join(f"systemd.mask=chevet-{unit}.service" for unit in UNITS)
    with Emulator(folder, folder / "disk.img", Machine(more=f"{TOLD} {mask}")) as box:
        box.until_told(BOOTED, joining.WAIT_S_MAX)
        bare = _now(box)
    more = first.processor_s / bare.processor_s - 1
    told = (
        f"« {first_picture().title} » {first}, without our units up {bare}: {more:+.0%} (at most {SHARE_MAX:+.0%}); "
        f"home {home}: {home.processor_s / bare.processor_s - 1:+.0%}"
    )
    card = written(steps_of(FOLDER), FOLDER / WRITES)
    return [Row("power to first screen", told, boots=2, within=more <= SHARE_MAX), size(), card]


@dataclass(frozen=True)
class _Instant:
    """Since power on: the emulator's processor time, and the clock."""

    processor_s: float
    clock_s: float

    def __str__(self) -> str:
        return f"after {self.processor_s:.0f} s of processor ({self.clock_s:.0f} by the clock)"


def _now(box: Emulator) -> _Instant:
    return _Instant(processor_s(box), box.uptime_s())


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
