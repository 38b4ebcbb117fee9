"""Whether the data partition is where records are to be kept."""

from pathlib import Path

from kiosk.shell.store import StorageError


def require(place: str) -> None:
    """Raises StorageError where no partition is mounted at `place`; an empty name asks for none (a laptop).

    On a box the folder is there without its partition, in memory: answers kept in it would go with the power.
    """
    if place and not Path(place).is_mount():
        raise StorageError(f"{place} is no partition of its own: the data partition could not be opened")
