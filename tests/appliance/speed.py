"""Power to the first screen, beside the same image without our units: one start of each."""

from tests.appliance import cases, joining
from tests.appliance.emulator import WRITES, Emulator, Machine, emptied
from tests.appliance.kept import steps_of
from tests.appliance.measured import UNITS, idle, processor_s, size, written
from tests.appliance.short import FOLDER
from tests.appliance.table import Row

SHARE_MAX = 0.25
IDLE_S = 600.0
BOOTED = "Reached target multi-user.target"
TOLD = "systemd.log_level=info"
"""Without it systemd does not say what it has reached. Both starts have it, and both stop at U-Boot's console."""


def speed(say: joining.Say) -> list[Row]:
    """Raises EmulatorError. Beside the clock, the emulator's own processor time is told: the host has other work."""
    with cases.started(say, "with", "thanks", Machine(more=TOLD)) as (_, person):
        person.twin.record("pending")
        person.see("home", joining.WAIT_S_MAX)
        ours, ours_s = processor_s(person.box), person.box.uptime_s()
    folder = emptied("without")
    cases.card_at("thanks", folder)
    mask = " ".join(f"systemd.mask=chevet-{unit}.service" for unit in UNITS)
    with Emulator(folder, folder / "disk.img", Machine(more=f"{TOLD} {mask}")) as box:
        box.until_told(BOOTED, joining.WAIT_S_MAX)
        without, without_s = processor_s(box), box.uptime_s()
    told = (
        f"home after {ours:.0f} s of processor ({ours_s:.0f} by the clock), without our units up after {without:.0f} "
        f"({without_s:.0f}): {ours / without - 1:+.0%} (at most {SHARE_MAX:+.0%})"
    )
    card = written(steps_of(FOLDER), FOLDER / WRITES)
    return [Row("power to first screen", told, boots=2), size(), card]


def quiet(say: joining.Say) -> list[Row]:
    """What is written while nobody comes. Raises EmulatorError."""
    with cases.started(say, "idle", "thanks", Machine(logged=True)) as (house, person):
        box = person.box
        person.twin.record("pending")
        person.see("home", joining.WAIT_S_MAX)
        house.start("broker", "ingest")
        row = cases.told(house, person, "nobody comes", "home")  # what it still had to tell is no part of an idle hour
        begin, until_s = box.written(), box.uptime_s() + IDLE_S
        box.until(lambda: box.uptime_s() > until_s, 2 * IDLE_S, "time does not pass")
        return [row, idle(box.folder / WRITES, begin, box.written(), IDLE_S)]
