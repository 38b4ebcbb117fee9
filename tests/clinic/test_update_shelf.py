"""Updates of the boxes' system on the shelf: real files of RAUC, taken in if they are this clinic's, then offered."""

import random
from pathlib import Path

import pytest

from clinic.errors import RecordError
from clinic.fleet.models import Device
from clinic.home import Home
from clinic.plans.models import Order
from clinic.shelf import offers
from clinic.shelf.bundling import bundle
from clinic.shelf.choosing import newest_packages
from clinic.shelf.models import Offer
from clinic.shelf.server import is_offered
from clinic.shelf.systems import take_system
from clinic.shelf.taking import hash_of, take
from clinic.shelf.told import keep
from mqtt_bridge import authority, seal
from mqtt_bridge.contract.packages import SYSTEM, PackageState, system_fingerprint
from mqtt_bridge.contract.report import Identity
from tests.clinic.box import CLINIC
from tests.clinic.conftest import Clinic
from tests.clinic.test_shelf import made as made_package

pytestmark = pytest.mark.django_db(databases=["default", "audit"])


@pytest.fixture
def home(tmp_path: Path, clinic: Clinic) -> Home:
    home = Home(tmp_path / "home")
    home.clinic_keys.parent.mkdir(parents=True)
    seal.save_secret(clinic.keys, home.clinic_keys)
    authority.make_authority(home.authority, CLINIC)
    return home


def update(home: Home, folder: Path, version: str = "2026.12.1", seed: int = 1) -> Path:
    built = folder / f"slot-{version}-{seed}"
    built.mkdir()
    for name in ("root.img", "boot.img"):
        (built / name).write_bytes(random.Random(f"{name} {seed}").randbytes(20_000))  # noqa: S311
    (built / "version").write_text(version)
    bundle(home, built, folder / f"{version}-{seed}.raucb")
    return folder / f"{version}-{seed}.raucb"


def test_an_update_is_taken_in_once_and_named_by_its_hash(home: Home, tmp_path: Path) -> None:
    file = update(home, tmp_path)
    package, new = take_system(home, file)
    assert new
    assert (package.package, package.version, package.fingerprint) == (
        SYSTEM,
        "2026.12.1",
        system_fingerprint("2026.12.1"),
    )
    assert hash_of(home.archives / f"{package.archive}.chevet") == package.archive == hash_of(file)
    assert take_system(home, file) == (package, False)


def test_another_clinics_update_is_refused(home: Home, tmp_path: Path) -> None:
    other = Home(tmp_path / "other")
    authority.make_authority(other.authority, "ailleurs")
    with pytest.raises(RecordError, match="no update of this clinic"):
        take_system(home, update(other, tmp_path))


def test_what_is_no_update_is_refused(home: Home, tmp_path: Path) -> None:
    (tmp_path / "rubbish.raucb").write_bytes(b"\0" * 10_000)
    with pytest.raises(RecordError, match="no update of this clinic"):
        take_system(home, tmp_path / "rubbish.raucb")
    with pytest.raises(RecordError, match="no file"):
        take_system(home, tmp_path / "none.raucb")


def test_one_version_has_one_content(home: Home, tmp_path: Path) -> None:
    take_system(home, update(home, tmp_path, seed=1))
    with pytest.raises(RecordError, match="give the image a newer version"):
        take_system(home, update(home, tmp_path, seed=2))


def test_it_is_no_care(home: Home, tmp_path: Path) -> None:
    take_system(home, update(home, tmp_path))
    assert newest_packages() == []


def test_no_session_package_takes_its_name(home: Home, tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="call the package otherwise"):
        take(home, CLINIC, made_package(tmp_path, SYSTEM))


def test_it_is_offered_fetched_and_told_as_a_package_is(home: Home, tmp_path: Path, clinic: Clinic) -> None:
    package, _ = take_system(home, update(home, tmp_path))
    device = Device.objects.get()
    assert not is_offered(device.id, package.archive)
    offers.offer(package, device, clinic.pen)
    assert Order.objects.get().kind == Order.Kind.OFFER
    assert is_offered(device.id, package.archive)
    told = PackageState(package=package.reference, state="refused", reason="not-healthy", remedy="look at its log")
    assert keep(device, told, Identity(box=device.id, stream="link", epoch="0" * 16, seq=1), 1, lambda _: 1)
    assert Offer.objects.get().reason == "not-healthy"
