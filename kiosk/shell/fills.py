"""What fills the card: by whose folders, in bytes. Advice for a full card depends on it."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from stat import S_ISDIR

from kiosk.journey.events import Filler
from kiosk.shell.config import Folders
from mqtt_bridge.link.folders import Folders as OfTheLink

MB = 1_000_000
BLOCK_BYTES = 512
"""Of `st_blocks`, whatever the file system's own are."""
REMEDIES: dict[Filler, str] = {
    "cares": "at the clinic, withdraw packages that nobody plays: a box that is connected removes them",
    "updates": "leave the box on for a night: an update is written then, and its file goes",
    "records": "connect the box: its reports leave, and what the clinic has goes after its time",
    "other": "look at the data partition for what is none of the box's own",
}


def taken(folders: Folders) -> dict[Filler, int]:
    """Bytes by what takes them. `other` is known only of a partition that is the box's own."""
    data, packages = Path(folders.data), Path(folders.packages)
    spool = OfTheLink(data, Path(folders.run), Path(folders.enrolment)).spool
    partition = Path(folders.partition) if folders.partition else None
    found: dict[Filler, int] = {
        "cares": bytes_in(packages) + bytes_in(spool),
        "updates": bytes_in(partition / "updates") if partition else 0,
        "records": bytes_in(data, but=(spool, packages)),
        "other": 0,
    }
    with suppress(OSError):  # not mounted: the self-test tells that elsewhere
        stat = os.statvfs(folders.partition)
        found["other"] = max(0, (stat.f_blocks - stat.f_bfree) * stat.f_frsize - sum(found.values()))
    return found


def fullest(found: dict[Filler, int]) -> Filler:
    """What takes most."""
    return max(found, key=lambda one: found[one])


def told(found: dict[Filler, int]) -> str:
    """All of it, the most first."""
    return ", ".join(f"{name} {found[name] // MB} MB" for name in sorted(found, key=lambda one: -found[one]))


def bytes_in(folder: Path, but: tuple[Path, ...] = ()) -> int:
    """What the files of a folder take on the card; what may not be read, or goes meanwhile, counts nothing."""
    return sum(_blocks(folder, but)) * BLOCK_BYTES


def _blocks(folder: Path, but: tuple[Path, ...]) -> Iterator[int]:
    with suppress(OSError):
        for one in list(folder.iterdir()):
            if one in but:
                continue
            stat = one.lstat()
            yield stat.st_blocks
            if S_ISDIR(stat.st_mode):
                yield from _blocks(one, but)
