"""An update of the box's system on its way: offered as a package, fetched as one, handed to the updater, and told."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mqtt_bridge.contract import wire
from mqtt_bridge.contract.care import PackageReference
from mqtt_bridge.contract.codec import encode
from mqtt_bridge.contract.packages import SYSTEM, PackageOffer, PackageWithdrawn, shelf_path, system_fingerprint
from mqtt_bridge.link.equipment import Examiner
from mqtt_bridge.link.equipment import Places as Looked
from mqtt_bridge.link.spooling import Spooler
from mqtt_bridge.update_told import STICK, State, UpdateTold, bundle_of, read, tell, write_whole
from tests.support.lying_shelf import LyingShelf, lying_shelf
from tests.support.spooling import QUICK, SpoolBench

NEW, OLD = "2026.12.1", "2026.11.30"


class Box(SpoolBench):
    """A box that was started from an image."""

    image = True

    def start(self) -> None:
        super().start()
        self.updates = self.folder / "updates"
        self.updates.mkdir(exist_ok=True)
        self.runs(OLD)

    def runs(self, version: str) -> None:
        """Started again, into this version."""
        system = self.folder / "os-release"
        system.write_text(f"ID=debian\nIMAGE_VERSION={version}\n" if self.image else "ID=debian\n")
        self.places = replace(self.places, updates=self.updates, system=system)
        self.spooler.stop()
        self.spooler = Spooler(self.enrolled, self.store, self.places, QUICK)

    def offer_system(self, version: str = NEW) -> str:
        content = f"bundle {version} ".encode() * 30_000
        digest = self.shelf.put(content)
        package = PackageReference(id=SYSTEM, fingerprint=system_fingerprint(version))
        path = shelf_path(digest)
        title = f"Chevet {version}"
        self.order(
            PackageOffer(
                package=package, version=version, title=title, archive=digest, size_bytes=len(content), path=path
            )
        )
        return digest

    def updater_says(self, digest: str, state: State, reason: str = "") -> None:
        bundle_of(self.updates, digest).unlink(missing_ok=True)
        tell(self.updates, UpdateTold(digest, state, version=NEW, former=OLD, boot="boot-1", reason=reason))


class Laptop(Box):
    image = False


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[LyingShelf]:
    with lying_shelf(tmp_path / "clinic") as shelf:
        yield shelf


@pytest.fixture
def box(tmp_path: Path, shelf: LyingShelf) -> Iterator[Box]:
    box = Box(tmp_path, shelf)
    yield box
    box.stop()


def handed(box: Box) -> str:
    digest = box.offer_system()
    box.until(lambda: bundle_of(box.updates, digest).exists())
    return digest


def test_it_is_fetched_and_handed_to_the_updater(box: Box) -> None:
    digest = handed(box)
    assert bundle_of(box.updates, digest).read_bytes().startswith(b"bundle 2026.12.1 ")
    box.turn()
    assert box.told() == [("failed", "waiting")], "not yet, and why; once"
    assert box.installer_was_asked() == [], "no session package's installer sees it"


def test_it_is_installed_once_its_start_was_found_healthy(box: Box) -> None:
    digest = handed(box)
    box.updater_says(digest, "written")
    box.runs(NEW)
    box.turn()
    assert box.row(SYSTEM).stage == "offered", "it is on trial"
    box.updater_says(digest, "good")
    box.until_stage(SYSTEM, "installed")
    assert box.told()[-1] == ("installed", "")
    assert not list((box.folder / "spool").iterdir())


@pytest.mark.parametrize(
    ("state", "reason"),
    [("refused", "not-valid"), ("refused", "not-newer"), ("returned", "not-healthy"), ("returned", "did-not-start")],
)
def test_what_the_box_refuses_or_comes_back_from_is_told_with_its_remedy(box: Box, state: State, reason: str) -> None:
    digest = handed(box)
    box.updater_says(digest, state, reason)
    box.until_stage(SYSTEM, "refused")
    assert box.told()[-1] == ("refused", reason)
    assert box.states()[-1].remedy
    assert read(box.updates) is None, "offered again it is tried again: that is somebody's wish"


def test_what_runs_already_is_not_fetched(box: Box) -> None:
    box.runs(NEW)
    box.offer_system()
    box.until_stage(SYSTEM, "installed")
    assert box.shelf.asked == []


def test_a_withdrawn_one_is_taken_back(box: Box) -> None:
    digest = handed(box)
    box.order(PackageWithdrawn(package=PackageReference(id=SYSTEM, fingerprint=system_fingerprint(NEW))))
    box.until_stage(SYSTEM, "removed")
    assert not bundle_of(box.updates, digest).exists()


def test_a_newer_one_takes_its_place_and_a_stick_is_left_alone(box: Box) -> None:
    first = handed(box)
    bundle_of(box.updates, STICK).write_bytes(b"a technician's")
    second = box.offer_system("2026.12.2")
    box.until(lambda: bundle_of(box.updates, second).exists())
    box.until(lambda: not bundle_of(box.updates, first).exists())
    assert bundle_of(box.updates, STICK).exists()


def test_nothing_is_fetched_during_care(box: Box) -> None:
    box.draft("listening")
    box.offer_system()
    box.turn()
    assert box.shelf.asked == []
    box.draft(None)
    box.until(lambda: bool(list(box.updates.glob("*.raucb"))))


def test_a_laptop_takes_none(tmp_path: Path, shelf: LyingShelf) -> None:
    laptop = Laptop(tmp_path, shelf)
    laptop.offer_system()
    laptop.until_stage(SYSTEM, "refused")
    assert laptop.told() == [("refused", "no-system")]
    assert laptop.shelf.asked == []
    laptop.stop()


def test_a_link_that_starts_again_leaves_what_is_installed(box: Box) -> None:
    box.runs(NEW)
    box.offer_system()
    box.until_stage(SYSTEM, "installed")
    box.runs(NEW)
    assert box.row(SYSTEM).stage == "installed"


def test_the_heartbeat_tells_the_later_self_test(box: Box) -> None:
    file = box.folder / "tested.json"
    places = Looked(box.folder / "bedside.db", box.folder, box.folder / "box.crt", tested=file)
    now = box.clock()
    assert Examiner(places, lambda: 0)(now).tested is None
    write_whole(file, b'{"made":')
    assert Examiner(places, lambda: 0)(now).tested is None
    tested = wire.Tested(made=now, fine=("disk",), failed=("headphones",))
    write_whole(file, encode(tested))
    assert Examiner(places, lambda: 0)(now).tested == tested
