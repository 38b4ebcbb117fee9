"""The memory of a Zero 2 W: a whole care on a machine that has no more, from home to the clinic’s database."""

from dataclasses import replace

from tests.appliance import cases, door, joining, measured, visit
from tests.appliance.emulator import Machine
from tests.appliance.table import Row

MEMORY_MIB = 512 - 64
"""Of a Zero 2 W, without what its firmware keeps for itself (`gpu_mem` in config.txt)."""
LEFT = "sed -n 's/^\\(MemTotal\\|MemAvailable\\|SwapTotal\\): *//p' /proc/meminfo"


def small(say: joining.Say) -> list[Row]:
    """Raises EmulatorError: a screen or the clinic's database is not as it should be."""
    machine = Machine(memory_mib=MEMORY_MIB, more=door.SHELL)
    with cases.started(say, "small", "home", machine) as (house, person):
        box = person.box
        person.see("home", joining.WAIT_S_MAX)
        box.door.knock(box)
        visit.before(person)
        visit.listen(person, joining.PACKAGE_S)
        visit.after(person)
        memory = measured.memory(box)
        total, available, swap = box.door.ask(LEFT, box)[-3:]
        say(f"after a care: {available} available of {total}; swap {swap}")
        house.start("broker", "ingest")
        told = f"a whole care, {available} left available of {total}, swap {swap}; the reports came"
        row = cases.told(house, person, f"{MEMORY_MIB} MiB of memory", told)
        return [row, replace(memory, name=f"{memory.name}, of {MEMORY_MIB} MiB")]
