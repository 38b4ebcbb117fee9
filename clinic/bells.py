"""The bells of this home's ingest processes: whoever has written an order rings them all."""

from pathlib import Path

from clinic.home import Home
from mqtt_bridge.bell import ring

_PATTERN = "ingest.*.bell"


def bell_of(home: Home, place: int) -> Path:
    """The bell of the ingest process at this place: 1 for the first of this home."""
    return home.folder / _PATTERN.replace("*", str(place))


def ring_ingest(home: Home) -> None:
    for path in home.folder.glob(_PATTERN):
        ring(path)
