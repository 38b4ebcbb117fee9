"""The training mode (B10): the same kiosk on an invented person, in a folder in memory that goes with it.

Its keys are drawn for it and kept by nobody: no clinic could open a report of it. No link looks there.
"""

import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from audio.errors import AudioError
from audio.package import read
from kiosk.shell import invented
from mqtt_bridge import seal
from mqtt_bridge.clinic_letters import write_order
from mqtt_bridge.contract.care import PackageReference
from mqtt_bridge.contract.codec import encode
from mqtt_bridge.contract.order import Order, OrderContent, PlanOrder
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.enrolment import Enrolment, Place
from mqtt_bridge.link.store import LinkStore

PREFIX = "training-"
_CLINIC, _BOX = "formation", "formation"
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Classroom:
    """Where a training takes place: its folder, and the keys of a box that is nobody's."""

    folder: Path
    enrolment: Enrolment

    @property
    def bedside_db(self) -> Path:
        return self.folder / "bedside.db"

    @property
    def link_db(self) -> Path:
        return self.folder / "link.db"


@contextmanager
def classroom(run: Path, packages: Path, language: str, now: Stamp) -> Iterator[Classroom]:
    """A training, prepared, and nothing of it afterwards. run: a folder in memory. Raises OSError, sqlite3.Error."""
    sweep(run)
    folder = Path(mkdtemp(prefix=PREFIX, dir=run))
    try:
        clinic = seal.make_keys()
        place = Place(clinic=_CLINIC, box=_BOX, broker_host="localhost", broker_port=1)
        enrolment = Enrolment(place, seal.make_keys(), clinic.public, folder)
        room = Classroom(folder, enrolment)
        plan = invented.plan_of(language, installed(packages), now)
        _order(room, clinic, now, PlanOrder(plan=plan), invented.message_of(language, now))
        yield room
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep(run: Path) -> None:
    """Remove what a training left that was killed."""
    for folder in run.glob(f"{PREFIX}*"):
        shutil.rmtree(folder, ignore_errors=True)


def installed(packages: Path) -> list[tuple[PackageReference, int]]:
    """The packages that can be read, the shortest first: nobody learns for twenty minutes."""
    found: list[tuple[PackageReference, int]] = []
    for folder in sorted(packages.glob("[!.]*")):
        try:
            package = read(folder)
        except (OSError, AudioError) as error:
            log.debug("not for training: %s: %s", folder, error)
            continue
        reference = PackageReference(id=package.manifest.id, fingerprint=package.fingerprint)
        found.append((reference, max(1, round(package.manifest.duration_s))))
    return sorted(found, key=lambda one: one[1])


def _order(room: Classroom, clinic: seal.SecretKeys, now: Stamp, *contents: OrderContent) -> None:
    """As a clinic would have sent them: the kiosk reads what it always reads."""
    store = LinkStore(room.link_db, room.bedside_db, room.enrolment)
    try:
        for serial, content in enumerate(contents, 1):
            order = Order(
                id=f"formation-{serial}", box=_BOX, serial=serial, issued_ms=0, expires_ms=2**52, content=content
            )
            letter = write_order(_CLINIC, encode(order), _BOX, room.enrolment.keys.public, clinic)
            store.keep_order(order, letter, now)
    finally:
        store.close()
