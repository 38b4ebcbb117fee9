"""The broker’s door behind a loan: closed only where the broker was told, and tried until then."""

import os
from pathlib import Path

import pytest
from msgspec import structs

from clinic.clock import now_ms
from clinic.fleet.open_doors import due, note_closed, open_to
from clinic.home import Home
from clinic.plans.addresses import tell_addresses
from clinic.plans.ending import revoke_box
from clinic.plans.orders import unsent
from clinic.registrar.doors import Doors, NotReachedError
from clinic.registrar.server import guarded
from clinic.registrar.watch import Watch
from mqtt_bridge.broker import write_access
from mqtt_bridge.contract.order import Addresses
from tests.clinic.conftest import Clinic
from tests.clinic.loans.said import fresh

pytestmark = pytest.mark.django_db(databases=["default", "audit"])


def test_a_door_is_closed_only_where_the_broker_was_told(clinic: Clinic, home: Home) -> None:
    """No mosquitto runs here: its files are written, and nobody says that the box is kept out."""
    home.broker.mkdir()
    revoke_box(clinic.device, "perdue", clinic.pen, wipe=False)
    for _ in range(2):
        with pytest.raises(NotReachedError, match="SIGHUP"):
            Doors(home, home.configuration()).turn()
        assert fresh(clinic).closed_ms is None
        assert open_to(now_ms()) == []
    assert "user box-12" in (home.broker / "acl").read_text()
    assert note_closed(due(now_ms())) == ["box-12"]
    assert Doors(home, home.configuration()).turn() == []


def test_nobody_looks_after_the_doors_and_the_registrar_ends() -> None:
    ended: list[str] = []

    def breaks() -> None:
        raise LookupError("a fault of ours")

    with pytest.raises(LookupError):
        guarded(breaks, lambda: ended.append("ended"))
    assert ended == ["ended"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act for another account")
def test_rights_written_by_root_are_the_brokers_own(tmp_path: Path) -> None:
    """Or mosquitto, which has given root up, would find no rights at its next start."""
    os.chown(tmp_path, 12_345, 12_346)
    acl = write_access(tmp_path, "maison", ["box-12"])
    for file in (acl, tmp_path / "closed"):
        assert (file.stat().st_uid, file.stat().st_gid, file.stat().st_mode & 0o777) == (12_345, 12_346, 0o600)


def test_a_box_is_told_where_the_registrar_is_once_and_again_when_it_moves(clinic: Clinic, home: Home) -> None:
    told = home.configuration()
    assert tell_addresses(clinic.pen, told) == ["box-12"]
    order = clinic.box.order([letter for _, letter in unsent(now_ms(), 10)][-1])
    assert order.content == Addresses(
        registrar_host="boites.example", registrar_port=8885, shelf_host="boites.example", shelf_port=8884
    )
    assert tell_addresses(clinic.pen, told) == []
    moved = structs.replace(told, registrar=structs.replace(told.registrar, host="ailleurs.example"))
    assert tell_addresses(clinic.pen, moved) == ["box-12"]
    revoke_box(clinic.device, "perdue", clinic.pen, wipe=False)
    assert tell_addresses(clinic.pen, told) == []
    nowhere = structs.replace(told, registrar=structs.replace(told.registrar, port=0))
    assert tell_addresses(clinic.pen, nowhere) == []


def test_what_fails_is_tried_ever_more_seldom_and_told_each_time(caplog: pytest.LogCaptureFixture) -> None:
    tried: list[float] = []

    def away() -> None:
        tried.append(now_s)
        raise OSError("no broker")

    thing = Watch(away, "the door is not closed")
    for step in range(300):
        now_s = float(step)
        thing.look(now_s)
    assert tried == [0, 10, 30, 70, 130, 190, 250]
    assert len(caplog.records) == len(tried)
