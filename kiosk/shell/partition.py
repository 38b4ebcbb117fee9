"""Whether the data partition is where records are to be kept."""

from pathlib import Path

from kiosk.shell import data_key
from kiosk.shell.store import StorageError


class KeyMissingError(StorageError):
    """The partition is there and its key cannot be had; reason: of data_key.REFUSED."""

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


def require(place: str, key_told: str = "") -> None:
    """Raises StorageError where no partition is mounted at `place`; an empty name asks for none (a laptop).

    KeyMissingError where the start of the machine told, in `key_told`, that it could not have the partition's key.

    On a box the folder is there without its partition, in memory: answers kept in it would go with the power.
    """
    if not place or Path(place).is_mount():
        return
    key = data_key.read(key_told)
    if key is not None and key.state in data_key.REFUSED:
        raise KeyMissingError(f"the key of the data partition cannot be had: {key.kind}, {key.state}", key.state)
    raise StorageError(f"{place} is no partition of its own: the data partition could not be opened")
