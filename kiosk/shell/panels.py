"""Whether a panel came back: one that was unplugged, or switched off, stays black for who has set its mode before.

By the kernel's own list of connectors (`/sys/class/drm/card*-*/status`), which it keeps without being asked.
"""

from pathlib import Path

DRM = Path("/sys/class/drm")


class Panels:
    """What was away at the last look is remembered."""

    def __init__(self, drm: Path = DRM) -> None:
        self._drm = drm
        self._away = self._in_state("disconnected")

    def back(self) -> list[str]:
        """Connectors that were empty at the last look and have a panel now."""
        there, away = self._in_state("connected"), self._in_state("disconnected")
        found, self._away = self._away & there, away
        return sorted(found)

    def _in_state(self, state: str) -> set[str]:
        return {path.parent.name for path in self._drm.glob("card*-*/status") if word(path) == state}


def word(path: Path) -> str:
    """What the kernel says of a connector in this file; empty where it cannot be read."""
    try:
        return path.read_text().strip()
    except OSError:
        return ""
