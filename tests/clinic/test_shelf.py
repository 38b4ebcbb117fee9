"""The shelf of packages: what is taken in, what is offered, what a box says of it, and what the page tells."""

import datetime as dt
import hashlib
from pathlib import Path

import msgspec
import pytest
from django.test import Client
from django.urls import reverse

from audio.package import PackageError, read
from audio.package.installing import install
from clinic.errors import RecordError
from clinic.home import Home
from clinic.plans.models import Order
from clinic.plans.plan_file import ActivityDraft, PackageDraft, PeriodDraft, PlanDraft
from clinic.plans.prescribe import prescribe
from clinic.results.models import LedgerRow
from clinic.shelf import offers
from clinic.shelf.models import Offer, Package
from clinic.shelf.taking import take
from mqtt_bridge import seal
from mqtt_bridge.contract.care import PackageReference
from mqtt_bridge.contract.codec import encode
from mqtt_bridge.contract.packages import PackageOffer, PackageState, PackageWithdrawn
from tests.clinic.box import CLINIC
from tests.clinic.conftest import Clinic
from tests.support.paced.package import make_package, write_manifest

pytestmark = pytest.mark.django_db(databases=["default", "audit"])


@pytest.fixture
def home(tmp_path: Path, clinic: Clinic) -> Home:
    home = Home(tmp_path / "home")
    home.clinic_keys.parent.mkdir(parents=True)
    seal.save_secret(clinic.keys, home.clinic_keys)
    return home


def made(folder: Path, name: str = "riviere", version: str = "1.0") -> Path:
    package = make_package(folder / f"{name}-{version}", 2.0)
    manifest = msgspec.structs.replace(read(package).manifest, id=name, version=version, title="La rivière")
    write_manifest(package, manifest)
    return package


@pytest.fixture
def package(home: Home, tmp_path: Path) -> Package:
    return take(home, CLINIC, made(tmp_path))[0]


TODAY = dt.datetime.now(dt.UTC).date()


def test_what_is_taken_in_is_signed_and_named_by_its_hash(home: Home, package: Package, tmp_path: Path) -> None:
    archive = home.archives / f"{package.archive}.chevet"
    assert hashlib.sha256(archive.read_bytes()).hexdigest() == package.archive
    assert archive.stat().st_size == package.size_bytes
    public = tmp_path / "clinic.public"
    public.write_bytes(encode(seal.load_secret(home.clinic_keys).public))
    installed = install(archive, tmp_path / "box", public, today=TODAY, progress=lambda *_: None)
    assert (installed.clinic, installed.package.fingerprint) == (CLINIC, package.fingerprint)
    other = tmp_path / "other.public"
    other.write_bytes(encode(seal.make_keys().public))
    with pytest.raises(PackageError, match="signature"):
        install(archive, tmp_path / "elsewhere", other, today=TODAY, progress=lambda *_: None)


def test_the_same_package_again_changes_nothing(home: Home, package: Package, tmp_path: Path) -> None:
    again, new = take(home, CLINIC, tmp_path / "riviere-1.0")
    assert (again, new) == (package, False)
    assert take(home, CLINIC, home.archives / f"{package.archive}.chevet") == (package, False)
    assert [path.name for path in home.shelf.iterdir()] == ["packages"]


def test_an_archive_that_was_lost_is_made_again(home: Home, package: Package, tmp_path: Path) -> None:
    (home.archives / f"{package.archive}.chevet").unlink()
    again, new = take(home, CLINIC, tmp_path / "riviere-1.0")
    assert new
    assert (home.archives / f"{again.archive}.chevet").exists()
    assert Package.objects.count() == 1


def test_an_archive_that_a_disk_has_spoilt_is_made_again(home: Home, package: Package, tmp_path: Path) -> None:
    """It is what staff are told to do when boxes refuse its bytes."""
    archive = home.archives / f"{package.archive}.chevet"
    archive.write_bytes(archive.read_bytes()[:-1] + b"?")
    again, new = take(home, CLINIC, tmp_path / "riviere-1.0")
    assert new
    assert hashlib.sha256((home.archives / f"{again.archive}.chevet").read_bytes()).hexdigest() == again.archive


@pytest.mark.parametrize("damage", ["part", "manifest", "nothing-there"])
def test_of_a_damaged_package_nothing_stays(home: Home, tmp_path: Path, damage: str) -> None:
    folder = made(tmp_path)
    if damage == "part":
        part = folder / "part0.flac"
        part.write_bytes(part.read_bytes()[:-100])
    elif damage == "manifest":
        (folder / "manifest.toml").write_text("id = 3")
    else:
        folder = tmp_path / "nowhere"
    with pytest.raises(RecordError):
        take(home, CLINIC, folder)
    assert not Package.objects.exists()
    assert list(home.archives.iterdir()) == []
    assert [path.name for path in home.shelf.iterdir()] == ["packages"]


def test_an_offer_is_an_order_that_the_box_can_read(clinic: Clinic, package: Package) -> None:
    order = offers.offer(package, clinic.device, clinic.pen)
    content = clinic.box.order(bytes(order.letter)).content
    assert isinstance(content, PackageOffer)
    assert (content.package, content.archive) == (package.reference, package.archive)
    assert content.path == f"/packages/{package.archive}.chevet"
    back = offers.withdraw(package, clinic.device, clinic.pen)
    assert clinic.box.order(bytes(back.letter)).content == PackageWithdrawn(package=package.reference)
    with pytest.raises(RecordError, match="not offered"):
        offers.withdraw(package, clinic.device, clinic.pen)


def _draft(package: Package) -> PlanDraft:
    activity = ActivityDraft(
        id="riviere",
        title="La rivière",
        kind="relaxation",
        duration_s=2,
        package=PackageDraft(id=package.package, fingerprint=package.fingerprint),
        explanation=("Vous allez entendre une rivière.",),
    )
    return PlanDraft(period=PeriodDraft(start=dt.date(2025, 1, 1), end=dt.date(2099, 1, 1)), activity=(activity,))


def test_a_plan_brings_what_its_box_has_not_been_offered(clinic: Clinic, package: Package) -> None:
    signed = prescribe(_draft(package), clinic.patient, clinic.claire, clinic.device, clinic.pen)
    assert offers.offer_missing(signed, clinic.pen) == ([package], [])
    assert offers.offer_missing(signed, clinic.pen) == ([], [])
    offers.withdraw(package, clinic.device, clinic.pen)
    assert offers.offer_missing(signed, clinic.pen) == ([package], [])
    assert Order.objects.filter(kind=Order.Kind.OFFER).count() == 2
    unknown = Package(package="estuaire", fingerprint="e" * 64)
    other = prescribe(_draft(unknown), clinic.patient, clinic.claire, clinic.device, clinic.pen)
    assert offers.offer_missing(other, clinic.pen) == ([], ["estuaire"])
    misnamed = Package(package="fleuve", fingerprint=package.fingerprint)
    wrong = prescribe(_draft(misnamed), clinic.patient, clinic.claire, clinic.device, clinic.pen)
    with pytest.raises(RecordError, match="'fleuve'; its manifest says 'riviere'"):
        offers.offer_missing(wrong, clinic.pen)


def state_of(package: Package, state: str, reason: str = "") -> PackageState:
    return PackageState(package=package.reference, state=state, reason=reason)  # type: ignore[arg-type]


def report(clinic: Clinic, word: PackageState, seq: int) -> LedgerRow:
    clinic.box.stream = "link"
    clinic.receive(clinic.box.report(word, seq=seq, patient=None, version=None))
    return LedgerRow.objects.get(stream="link", seq=seq)


def test_what_the_box_says_is_kept_with_its_offer(clinic: Clinic, package: Package) -> None:
    offers.offer(package, clinic.device, clinic.pen)
    report(clinic, state_of(package, "failed", "no-room"), 1)
    offer = Offer.objects.get()
    assert (offer.state, offer.reason) == ("failed", "no-room")
    report(clinic, state_of(package, "installed"), 3)
    report(clinic, state_of(package, "failed", "unreachable"), 2)  # an older word that comes late
    offer.refresh_from_db()
    assert (offer.state, offer.reason) == ("installed", "")
    offers.offer(package, clinic.device, clinic.pen)
    offer.refresh_from_db()
    assert offer.state == "offered"


@pytest.mark.parametrize("state", ["refused", "removed", "failed"])
def test_a_plan_brings_again_what_its_box_has_given_up(clinic: Clinic, package: Package, state: str) -> None:
    """Else the person sees a care that will never play, and who prescribed it is told nothing."""
    signed = prescribe(_draft(package), clinic.patient, clinic.claire, clinic.device, clinic.pen)
    offers.offer_missing(signed, clinic.pen)
    report(clinic, state_of(package, state, "expired"), 1)
    assert offers.offer_missing(signed, clinic.pen) == ([package], [])
    report(clinic, state_of(package, "installed"), 2)
    assert offers.offer_missing(signed, clinic.pen) == ([], [])
    Offer.objects.update(offered_ms=1)  # its order has expired: a box with a new card would never hear of it
    assert offers.offer_missing(signed, clinic.pen) == ([package], [])


@pytest.fixture
def newer(home: Home, package: Package, tmp_path: Path) -> Package:
    return take(home, CLINIC, made(tmp_path, version="1.10"))[0]


def test_of_two_versions_the_one_that_came_last_is_on_the_box(
    clinic: Clinic, package: Package, newer: Package, console: Client
) -> None:
    offers.offer(package, clinic.device, clinic.pen)
    report(clinic, state_of(package, "installed"), 1)
    offers.offer(newer, clinic.device, clinic.pen)
    report(clinic, state_of(newer, "installed"), 3)
    report(clinic, state_of(package, "installed"), 2)  # an older word that comes late
    assert [(o.state, o.reason) for o in Offer.objects.order_by("offered_ms")] == [
        ("removed", "replaced"),
        ("installed", ""),
    ]
    page = console.get(reverse("boxes")).content.decode()
    assert "La rivière 1.10" in page
    assert "La rivière 1.0<" not in page


def test_a_plan_that_names_an_older_version_than_its_box_has_is_refused_aloud(
    clinic: Clinic, package: Package, newer: Package
) -> None:
    offers.offer(newer, clinic.device, clinic.pen)
    report(clinic, state_of(newer, "installed"), 1)
    signed = prescribe(_draft(package), clinic.patient, clinic.claire, clinic.device, clinic.pen)
    with pytest.raises(RecordError, match=r"has 1\.10 .* package withdraw riviere --version 1\.10 --box box-12"):
        offers.offer_missing(signed, clinic.pen)
    offers.withdraw(newer, clinic.device, clinic.pen)
    assert offers.offer_missing(signed, clinic.pen) == ([package], [])


def test_a_former_epochs_late_word_does_not_unsay_the_newer(clinic: Clinic, package: Package) -> None:
    offers.offer(package, clinic.device, clinic.pen)
    clinic.box.epoch = "a" * 16
    report(clinic, state_of(package, "failed", "unreachable"), 1)
    clinic.box.epoch = "0" * 16
    clinic.receive(_sealed(clinic, state_of(package, "installed"), 1))
    clinic.box.epoch = "a" * 16
    clinic.receive(_sealed(clinic, state_of(package, "failed", "no-room"), 2))  # lost on its way at first
    assert Offer.objects.get().state == "installed"


def _sealed(clinic: Clinic, word: PackageState, seq: int) -> bytes:
    return clinic.box.report(word, seq=seq, patient=None, version=None)


def test_a_package_that_was_never_offered_is_held_for_staff(clinic: Clinic, package: Package) -> None:
    assert report(clinic, state_of(package, "installed"), 1).state == LedgerRow.State.HELD
    offers.offer(package, clinic.device, clinic.pen)
    stranger = PackageState(package=PackageReference(id="another", fingerprint=package.fingerprint), state="installed")
    assert report(clinic, stranger, 2).state == LedgerRow.State.HELD
    assert Offer.objects.get().state == "offered"


def test_the_page_of_boxes_tells_what_is_on_them(clinic: Clinic, package: Package, console: Client) -> None:
    offers.offer(package, clinic.device, clinic.pen)
    page = console.get(reverse("boxes")).content.decode()
    assert "La rivière 1.0" in page
    assert "proposée, pas encore reçue" in page
    report(clinic, state_of(package, "refused", "signature-of-another-clinic"), 1)
    page = console.get(reverse("boxes")).content.decode()
    assert "refusée par la boîte" in page
    assert "la signature n’est pas celle de votre clinique" in page
    report(clinic, state_of(package, "failed", "<b>new code</b>"), 2)
    assert "&lt;b&gt;new code" in console.get(reverse("boxes")).content.decode()
    offers.withdraw(package, clinic.device, clinic.pen)
    assert "à retirer" in console.get(reverse("boxes")).content.decode()
    report(clinic, state_of(package, "removed"), 3)
    assert "La rivière 1.0" not in console.get(reverse("boxes")).content.decode()
