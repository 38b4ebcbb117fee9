"""Where a box keeps its things."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Folders:
    """Where the box keeps its things.

    data: bedside.db, link.db and the spool; run: sockets; enrolment: who the box is; packages: where session packages
    are installed, None on a box that takes none from its clinic; updates: where the box's own system's wait, None on a
    machine that was not started from an image.
    """

    data: Path
    run: Path
    enrolment: Path
    packages: Path | None = None
    updates: Path | None = None

    @property
    def bedside_db(self) -> Path:
        return self.data / "bedside.db"

    @property
    def link_db(self) -> Path:
        return self.data / "link.db"

    @property
    def spool(self) -> Path:
        return self.data / "spool"

    @property
    def kiosk_bell(self) -> Path:
        return self.run / "kiosk.bell"

    @property
    def link_bell(self) -> Path:
        return self.run / "link.bell"
