"""An update of the box's own system: where it waits, and what became of it. Link and updater share one folder.

`<archive>.raucb` waits to be written; `told.json` says what became of the last one; `tested.json` is the last
self-test.
"""

import os
from pathlib import Path
from typing import Literal

from mqtt_bridge.contract.codec import ContractError, Word, decode, encode

SUFFIX = ".raucb"
STICK = "stick"
"""In the place of an archive's hash: it came on a stick."""
TESTED = "tested.json"
_TOLD = "told.json"
_SYSTEM = Path("/etc/os-release")

State = Literal["waiting", "writing", "written", "good", "returned", "refused"]
"""writing: into the slot that does not run. written: the box is to be started again. good: that start was healthy.

returned: it was not, and the former slot runs. refused: it will not be tried.
"""


class UpdateTold(Word, frozen=True):
    """archive: of the file's bytes (SHA-256), or `stick`. former: the version that ran when it was written.

    boot: the machine's start in which that was; linked: whether the box was connected to its clinic then; dark: whether
    no panel was. Said of a dark box alone: a version that does not know the word reads what every other box says.
    well: what the machine itself answered well then, by the self-test's names, once it is being written.
    """

    archive: str
    state: State
    version: str = ""
    former: str = ""
    boot: str = ""
    linked: bool = False
    dark: bool = False
    well: tuple[str, ...] = ()
    reason: str = ""
    words: str = ""


def read(folder: Path) -> UpdateTold | None:
    """What was last told; None where nothing was, or nothing that this version can read."""
    try:
        return decode((folder / _TOLD).read_bytes(), UpdateTold)
    except (OSError, ContractError):
        return None


def tell(folder: Path, told: UpdateTold) -> None:
    """In place, whole, and on the disk when this returns: the next thing may be a restart. Raises OSError."""
    write_whole(folder / _TOLD, encode(told))


def forget(folder: Path) -> None:
    (folder / _TOLD).unlink(missing_ok=True)


def write_whole(path: Path, content: bytes) -> None:
    """Raises OSError."""
    part = path.with_name(f"{path.name}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o660)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def bundle_of(folder: Path, archive: str) -> Path:
    return folder / f"{archive}{SUFFIX}"


def running_version(system: Path = _SYSTEM) -> str:
    """IMAGE_VERSION of os-release(5): the version of the image that runs; empty on a machine that is none."""
    try:
        lines = system.read_text().splitlines()
    except OSError:
        return ""
    named = (line.partition("=")[2].strip('"') for line in lines if line.startswith("IMAGE_VERSION="))
    return next(named, "")


def is_newer(version: str, than: str) -> bool:
    """Numbers between dots, compared as numbers. What is no version is newer than nothing."""
    try:
        return _numbers(version) > _numbers(than)
    except ValueError:
        return False


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
