"""The heartbeat (B7): what the link sees of its box, when it says so, and what that costs."""

import fcntl
import itertools
import sqlite3
from pathlib import Path

import pytest
from msgspec import structs

from mqtt_bridge import authority, bedside_told
from mqtt_bridge.contract import wire as words
from mqtt_bridge.contract.codec import decode
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.database import open_writer
from mqtt_bridge.link.end import LinkEnd
from mqtt_bridge.link.equipment import EVERY_S, LOOK_MS, Examiner, Places, Rhythm, is_held, kiosk_runs
from mqtt_bridge.seal import read_letter
from tests.support.wire import Wire
from tests.support.words_of_care import ManualClock


def equipment(clock: ManualClock, **changes: object) -> words.Equipment:
    return structs.replace(words.Equipment(at=clock(), every_s=EVERY_S, free_mb=10_000, kiosk=True), **changes)


def test_a_heartbeat_comes_at_its_rhythm_and_at_a_change_never_more_than_one_a_minute() -> None:
    clock, rhythm = ManualClock(), Rhythm()
    said: list[int] = []
    for minute in range(60):
        clock.pass_ms(LOOK_MS)
        player = not 20 <= minute < 25
        seen = equipment(clock, player=player, pending=minute)
        said += [minute for _ in range(3) if rhythm.looks(clock()) and rhythm.take(seen)]  # the loop turns often
    assert said == [0, 14, 20, 25, 39, 53]
    assert max(after - before for before, after in itertools.pairwise(said)) * 60 <= EVERY_S


def test_after_a_lost_connection_it_is_said_again() -> None:
    clock, rhythm = ManualClock(), Rhythm()
    assert rhythm.take(equipment(clock))
    clock.pass_ms(LOOK_MS)
    assert not rhythm.take(equipment(clock))
    rhythm.forget()
    assert rhythm.looks(clock())
    assert rhythm.take(equipment(clock))


def test_a_lock_is_seen_without_being_tried(tmp_path: Path) -> None:
    """Trying it would keep a kiosk out that starts at that instant."""
    bedside = tmp_path / "bedside.db"
    lock = tmp_path / "bedside.db.lock"
    assert not kiosk_runs(bedside, tmp_path)
    with lock.open("wb") as held:
        assert not is_held(lock)
        fcntl.flock(held, fcntl.LOCK_EX)
        assert is_held(lock)
        assert kiosk_runs(bedside, tmp_path)
    assert not kiosk_runs(bedside, tmp_path)
    training = tmp_path / "training-x"
    training.mkdir()
    (training / "bedside.db").touch()
    with (training / "bedside.db.lock").open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert kiosk_runs(bedside, tmp_path)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    authority.make_authority(tmp_path, "maison")
    authority.issue(tmp_path, "box-1", tmp_path / "box")
    thermal = tmp_path / "temp"
    thermal.write_text("51234\n")
    return Places(tmp_path / "bedside.db", tmp_path, tmp_path / "box.crt", thermal)


def test_what_the_link_sees_and_what_the_kiosk_has_told(places: Places) -> None:
    clock = ManualClock()
    database = open_writer(places.bedside)
    told = bedside_told.BoxToldKept(database)
    told.tell(bedside_told.BoxTold(player=True, tested=words.Tested(made=clock(), fine=("sound",), failed=("button",))))
    examine = Examiner(places, lambda: 7)
    with places.bedside.with_name("bedside.db.lock").open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        seen = examine(clock())
    assert (seen.pending, seen.temperature_c, seen.kiosk, seen.player) == (7, 51.2, True, True)
    assert seen.tested is not None
    assert (seen.tested.fine, seen.tested.failed) == (("sound",), ("button",))
    assert seen.free_mb is not None
    assert seen.certificate_ms == authority.valid_until_ms(places.certificate)
    assert seen.system
    gone = examine(clock())  # without a kiosk nobody knows of the player
    assert (gone.kiosk, gone.player) == (False, None)
    database.close()


def test_what_cannot_be_seen_is_not_told(tmp_path: Path) -> None:
    nowhere = Places(tmp_path / "no" / "bedside.db", tmp_path, tmp_path / "no.crt", tmp_path / "no")
    seen = Examiner(nowhere, lambda: 0)(ManualClock()())
    assert (seen.free_mb, seen.temperature_c, seen.tested, seen.certificate_ms) == (None, None, None, None)
    assert seen.kiosk is False


def test_a_damaged_database_of_the_kiosk_stops_no_heartbeat(places: Places) -> None:
    places.bedside.write_bytes(b"not a database, though it is long enough to be one" * 40)
    assert Examiner(places, lambda: 0)(ManualClock()()).tested is None
    with pytest.raises(sqlite3.DatabaseError):
        sqlite3.connect(places.bedside).execute("SELECT 1 FROM sqlite_master")


def test_the_clock_that_was_not_believed_is_told(places: Places) -> None:
    at = Stamp(wall_ms=1_000_000, trusted=True, boot="b", monotonic_ms=5, machine_ms=400_000)
    assert Examiner(places, lambda: 0)(at).machine_off_ms == -600_000


def test_what_a_heartbeat_costs(tmp_path: Path, places: Places) -> None:
    """96 a day: docs/wire.md tells it. It is clear, and holds nothing of the person."""
    (tmp_path / "wire").mkdir()
    wire = Wire(tmp_path / "wire")
    full = Examiner(places, lambda: 12)(wire.clock())
    tested = words.Tested(made=wire.clock(), fine=("sound", "button", "screen", "touch", "disk"), failed=("network",))
    full = structs.replace(full, player=True, tested=tested, machine_off_ms=-3_600_000)
    _, payload = LinkEnd(wire.enrolment, wire.link_store).state(alive=True, boot="boot-1", equipment=full)
    assert len(payload) < 2_000
    assert decode(read_letter(payload).body, words.BoxState).equipment == full
    wire.close()
