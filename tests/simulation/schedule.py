"""A seed, run: some of the accidents, many times; then peace, and everything must arrive."""

import logging
import tempfile
import traceback
from dataclasses import dataclass, field
from pathlib import Path

from tests.simulation.accidents import drawn
from tests.simulation.disk import remove
from tests.simulation.must import Broken
from tests.simulation.world import Parts, World

STEPS_MIN, STEPS_MAX = 8, 40
HELLOS_MAX = 12
"""So many rounds of questions after the last accident, and everything has arrived."""
SLOW, SLOW_WAY_MS = 0.2, (20_000, 200_000)
"""How often round trips take minutes (four ways each), to the end."""
QUIET_MS = 15 * 60_000 + 5_000
WAITS_MS = (0, 0, 50, 1_000, 5_000, 30_000, 180_000, 1_200_000)
FAST = Path("/dev/shm")


@dataclass
class Outcome:
    """broken: which invariant did not hold; fault: any other exception, so that nothing is known of what holds.

    Both are empty when everything held. rounds: of hellos, from the last accident to rest.
    """

    seed: int
    digest: str = ""
    broken: str = ""
    fault: str = ""
    lines: list[str] = field(default_factory=list)
    events: int = 0
    rounds: int = 0
    reports: int = 0

    @property
    def failed(self) -> str:
        return self.broken or self.fault


def run(seed: int, parts: Parts = Parts()) -> Outcome:  # noqa: B008  # it is frozen
    """One schedule in a folder of its own. Raises nothing: what the code under test raises is told as a fault."""
    logging.disable(logging.CRITICAL)
    folder = Path(tempfile.mkdtemp(prefix="chevet-", dir=FAST if FAST.is_dir() else None))
    outcome, world = Outcome(seed), World(seed, folder, parts)
    try:
        world.begin()
        _trouble(world)
        outcome.rounds = _peace(world)
    except Broken as broken:
        outcome.broken = str(broken)
    except Exception as error:  # noqa: BLE001  # whatever the code under test raises
        where = traceback.extract_tb(error.__traceback__)[-1]
        outcome.fault = f"{type(error).__name__}: {error} ({Path(where.filename).name}:{where.lineno})"
    finally:
        world.close()
        remove(folder)
        logging.disable(logging.NOTSET)
    outcome.lines, outcome.digest, outcome.events = world.trace.lines, world.trace.digest, world.events
    outcome.reports = world.sessions
    return outcome


def _trouble(world: World) -> None:
    chance, weights = world.chance, drawn(world.chance, world.seed)
    world.broker.honest = chance.happens(0.3)
    if chance.happens(SLOW):
        world.broker.way_ms = chance.randrange(*SLOW_WAY_MS)
        world.say("broker", f"each way takes {world.broker.way_ms} ms")
    for _ in range(chance.randrange(STEPS_MIN, STEPS_MAX)):
        (accident,) = chance.choices(list(weights), list(weights.values()))
        accident(world)
        world.run_for(chance.pick(*WAITS_MS))
        _reckon(world)


def _peace(world: World) -> int:
    """No more accidents: the rounds of hellos until everything has arrived. Raises Broken."""
    world.make_peace()
    world.run_for(120_000)
    missing = "the clinic does not run"
    for number in range(HELLOS_MAX):
        world.run_for(QUIET_MS)
        missing = _missing(world)
        if not missing:
            _reckon(world)
            return number + 1
    raise Broken(f"after {HELLOS_MAX} rounds of hellos: {missing}")


def _reckon(world: World) -> None:
    """After each step. Raises Broken."""
    for box in world.boxes:
        box.truths.once()
        box.truths.nothing_lost()


def _missing(world: World) -> str:
    for box in world.boxes:
        box.kiosk.poll()
        found = box.truths.unsettled(world.clinic.record)
        if found:
            return f"{box.name}: {found}"
    return ""
