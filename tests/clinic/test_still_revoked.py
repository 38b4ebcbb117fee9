"""A backup put back lets nobody in who was revoked since it was taken, where a newer list is given."""

import datetime as dt
from pathlib import Path

import pytest

from clinic.clock import now_ms
from clinic.fleet import revoked_list
from clinic.fleet.boxes import register
from clinic.fleet.certificates import note, revoked
from clinic.fleet.models import Device
from clinic.fleet.open_doors import due
from clinic.home import Home
from clinic.safekeeping.envelope import EnvelopeError
from clinic.safekeeping.still_revoked import Kept, keep_revoked, newer_list
from mqtt_bridge import authority, seal
from mqtt_bridge.authority import Facts
from tests.clinic.conftest import Clinic

pytestmark = pytest.mark.django_db(databases=["default", "audit"])
SINCE_MS = 1_800_000_000_000


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Of the backup: its list has one box."""
    home = Home(tmp_path / "again")
    authority.make_authority(home.authority, "maison")
    home.broker.mkdir()
    revoked_list.write_none(home)
    revoked_list.write(home, [("aa", SINCE_MS)])
    return home


@pytest.fixture
def newer(tmp_path: Path, home: Home) -> Path:
    """Of the former home, which lived on."""
    path = tmp_path / "revoked.pem"
    authority.write_revoked(
        home.authority, [("bb", SINCE_MS + 2_000), ("cc", SINCE_MS + 1_000), ("dd", SINCE_MS)], path
    )
    return path


def certified(device: Device, *serials: str) -> None:
    for serial in serials:
        day = dt.datetime.now(dt.UTC).timestamp() * 1000
        facts = Facts(common_name=device.id, serial=serial, not_before_ms=round(day), not_after_ms=round(day), key="")
        note(device, facts)


def test_the_lists_hold_what_either_held_and_the_record_knows_it_too(clinic: Clinic, home: Home, newer: Path) -> None:
    other = register("box-13", seal.make_keys().public, clinic.patient)
    certified(clinic.device, "bb", "cc")  # renewed once
    certified(other, "ee")
    assert keep_revoked(home, newer_list(home, newer)) == Kept(boxes=("box-12",), strangers=1)
    for path in revoked_list.paths(home):
        assert sorted(authority.read_revoked(path)) == ["aa", "bb", "cc", "dd"]
    box = Device.objects.get(pk="box-12")
    assert (box.revoked_ms, box.closed_ms) == (SINCE_MS + 1_000, None)
    assert list(due(now_ms())) == [box]  # the registrar tells the broker of it
    assert [serial for serial, _ in revoked(closing=[box])] == ["bb", "cc"]
    assert Device.objects.get(pk="box-13").revoked_ms is None


def test_one_that_is_revoked_already_stays_as_it_is(clinic: Clinic, home: Home, newer: Path) -> None:
    certified(clinic.device, "bb")
    Device.objects.filter(pk="box-12").update(revoked_ms=7, revoked_reason="volée", closed_ms=8)
    assert keep_revoked(home, newer_list(home, newer)).boxes == ()
    box = Device.objects.get(pk="box-12")
    assert (box.revoked_ms, box.revoked_reason, box.closed_ms) == (7, "volée", 8)


def test_another_authoritys_list_and_no_list_are_refused(home: Home, tmp_path: Path) -> None:
    other, path = tmp_path / "other", tmp_path / "theirs.pem"
    authority.make_authority(other, "ailleurs")
    authority.write_revoked(other, [], path)
    with pytest.raises(EnvelopeError, match="another authority"):
        newer_list(home, path)
    path.write_text("spoilt")
    with pytest.raises(EnvelopeError, match=r"no revocation list.*broker/revoked\.pem"):
        newer_list(home, path)
    with pytest.raises(EnvelopeError, match="No such file"):
        newer_list(home, tmp_path / "nowhere")
