"""A memory card that stops answering on command, in front of a process that reads a package."""

import time
from pathlib import Path

import msgspec

from tests.support.paced.build import HERE, build

SOURCE = HERE / "slow_card.c"
LOOK_S = 0.01


class SlowCard(msgspec.Struct, frozen=True):
    """`environment` puts it in front of a process's reads of .flac files."""

    folder: Path
    lib: Path

    @property
    def environment(self) -> dict[str, str]:
        folder = self.folder
        return {
            "LD_PRELOAD": str(self.lib),
            "CHEVET_CARD_STALL": str(folder / "stall"),
            "CHEVET_CARD_LOG": str(folder / "log"),
        }

    def stall(self) -> None:
        """From now on each read waits."""
        (self.folder / "stall").touch()

    def go_on(self) -> None:
        (self.folder / "stall").unlink()

    def wait_for_a_read(self, wait_s_max: float = 60) -> None:
        """Until a read waits. Raises TimeoutError."""
        until_s = time.monotonic() + wait_s_max
        while not (self.folder / "log").exists():
            if time.monotonic() > until_s:
                raise TimeoutError(f"nothing was read within {wait_s_max} s")
            time.sleep(LOOK_S)  # another process's file: there is no event to wait for


def slow_card(folder: Path) -> SlowCard:
    """Make a card whose files lie in `folder`."""
    folder.mkdir(parents=True)
    return SlowCard(folder, build(folder, SOURCE))
