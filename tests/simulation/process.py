"""A process that may die: at any write of its disk, between any two effects, or with the power of its machine."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tests.simulation.disk import Disk

if TYPE_CHECKING:
    from tests.simulation.world import World

RESTART_MS_MAX = 20_000
WRITE_BACK_MS = 60_000
"""So long what a killed process has written and not synced may still be lost with the power (Linux: some 35 s)."""


class Died(Exception):
    """The process is gone: nothing after this line happened."""


@dataclass
class Process:
    """`place` is where its files always are: a link to the folder of its present life."""

    world: "World"
    name: str
    place: Path
    disk: Disk = field(init=False)
    alive: bool = False
    effects_left: int | None = None
    power: bool = False
    """How it will die: with the power of the machine, or alone."""
    lives: int = 0

    def __post_init__(self) -> None:
        self.disk = Disk(self._folder())
        self._point()

    # What a process of a kind does

    def start(self) -> None:
        """Open the files, begin. May die, or find the disk full."""
        raise NotImplementedError

    def end(self) -> None:
        """Let go of what the dead process held."""
        raise NotImplementedError

    def companions(self) -> "list[Process]":
        """All that lose the power with it."""
        return [self]

    # Life and death

    def perform(self, work: Callable[[], None]) -> bool:
        """Do it; whether the process has lived through it. A full disk does not end the real processes either."""
        if not self.alive:
            return False
        try:
            work()
        except Died:
            self.disk.dead = True
        except self.world.parts.disk_errors as error:
            self._excuse(error)
        if self.disk.dead:
            self.die()
        return self.alive

    def effect(self) -> None:
        """Between two effects. Raises Died."""
        if self.effects_left is not None:
            self.effects_left -= 1
            if self.effects_left < 0:
                raise Died

    def doom(self, *, writes: int | None = None, effects: int | None = None, power: bool) -> None:
        """It will die at the write or effect that is so far off."""
        self.disk.dies_in, self.effects_left, self.power = writes, effects, power

    def die(self) -> None:
        power = self.power
        for process in self.companions() if power else [self]:
            process.fall(power=power)

    def fall(self, *, power: bool) -> None:
        was_alive, self.alive = self.alive, False
        if was_alive:
            self.world.say(self.name, "loses its power" if power else "is killed")
        self.disk.dead = True
        self.power = self.power or power
        if was_alive:
            self.end()
            self.world.later(self.world.chance.randrange(RESTART_MS_MAX), self.rise)

    def rise(self) -> None:
        if self.alive:
            return
        if self.disk.dead:
            self.renew()
        self.effects_left, self.power = None, False
        self.world.say(self.name, "starts")
        self.alive = True
        try:
            self.start()
        except Died:
            self.fall(power=False)
        except self.world.parts.disk_errors as error:
            self._excuse(error)
            self.fall(power=False)

    def _excuse(self, error: Exception) -> None:
        """A database may refuse its work where the disk is dead or full. Any other of its errors is a fault: raised."""
        if self.disk.full and not self.disk.dead:
            self.world.say(self.name, f"disk: {error}")
        elif not self.disk.dead:
            raise error

    def renew(self, former: Disk | None = None) -> None:
        """The next life's folder, with what the last one (or a `former` one) left on the disk."""
        self.lives += 1
        lost = self.world.chance if self.power else None
        full, lies = self.disk.full, self.disk.lies
        self.disk = (former or self.disk).reborn(self._folder(), lost)
        self.disk.full, self.disk.lies = full, lies
        left = {path: list(changes) for path, changes in self.disk.unsynced.items()}
        if left and not lies:
            self.world.later(WRITE_BACK_MS, partial(self.disk.written_back, left))
        self._point()

    def wipe(self) -> None:
        """Its files are gone, and what no sync had made durable of them."""
        for file in self.disk.folder.iterdir():
            file.unlink()
        self.disk.unsynced.clear()

    def _folder(self) -> Path:
        return self.place.with_name(f"{self.place.name}-{self.lives}")

    def _point(self) -> None:
        self.place.unlink(missing_ok=True)
        self.place.symlink_to(self.disk.folder.name)
