"""What the image's test measures: that it reads what is there, and that each limit can be missed."""

import json
import sqlite3
import subprocess
from pathlib import Path

import pytest

from clinic.fleet.models import Heartbeat
from tests.appliance import looked_over, measured, pulse
from tests.appliance.qmp import EmulatorError
from tests.appliance.speed import IDLE_S
from tests.appliance.test_harness import block, log_of

MIB = 2**20
SLICE = "system-chevet\\x2dwpa.slice"
"""As systemd names the slice of a template's units."""


OTHER = {"file": 20, "shmem": 0, "kernel": 0, "inactive_file": 15, "active_file": 5}
STAT = (
    "anon {}\nfile {file}\nkernel {kernel}\nkernel_stack 4096\nshmem {shmem}\nanon_thp 0\nfile_mapped 4096\n"
    "inactive_anon 0\nactive_anon 0\ninactive_file {inactive_file}\nactive_file {active_file}\nunevictable 0\n"
)


def cgroup(folder: Path, unit: str, own_mib: int, killed: int = 0, **other_mib: int) -> None:
    """As the kernel shows a unit's memory."""
    place = folder / unit
    place.mkdir(parents=True, exist_ok=True)
    (place / "memory.current").write_text(f"{(own_mib + 20) * MIB}\n")
    (place / "memory.peak").write_text(f"{(own_mib + 30) * MIB}\n")
    (place / "memory.stat").write_text(
        STAT.format(own_mib * MIB, **{name: size * MIB for name, size in (OTHER | other_mib).items()})
    )
    (place / "memory.events").write_text(f"low 0\nhigh 0\nmax 7\noom 0\noom_kill {killed}\noom_group_kill 0\n")


@pytest.fixture
def box(tmp_path: Path) -> Path:
    for unit, own_mib in (("chevet-kiosk", 100), ("chevet-player", 10), ("chevet-link", 20), ("rauc", 5)):
        cgroup(tmp_path, f"{unit}.service", own_mib)
    cgroup(tmp_path, f"{SLICE}/chevet-wpa@wlan0.service", 3)
    cgroup(tmp_path, "systemd-journald.service", 400)
    return tmp_path


def printed(box: Path) -> list[str]:
    """By the shell, as the box's does."""
    done = subprocess.run(["sh", "-c", measured.asked(box)], capture_output=True, text=True, check=False)
    return ["a line of the journal", *done.stdout.splitlines()]


def read(box: Path) -> list[measured.Used]:
    found, unread = measured.used(printed(box))
    assert not unread
    return found


def test_every_unit_of_ours_and_raucs_is_weighed_and_no_other(box: Path) -> None:
    found = read(box)
    names = ["chevet-kiosk", "chevet-link", "chevet-player", "chevet-wpa@wlan0", "rauc"]
    assert [one.unit for one in found] == names
    assert found[0] == measured.Used("chevet-kiosk", 120, 130, 100, 20, 7, 0)
    row = measured.held(found)
    assert row.within
    assert "138 of it their own (limit 250)" in row.told
    assert all(name in row.told for name in names)


def test_what_is_shared_locked_or_the_kernels_is_a_units_own(box: Path) -> None:
    """By the kernel's account: a file's pages in none of its lists are locked; what is shared counts among files."""
    own = {"file": 20 + 8 + 5, "shmem": 8, "kernel": 3}
    cgroup(box, "chevet-kiosk.service", 100, **own)
    kiosk = read(box)[0]
    assert (kiosk.own, kiosk.files) == (100 + 8 + 5 + 3, 20)
    cgroup(box, "chevet-kiosk.service", 100, inactive_file=30)
    assert (read(box)[0].own, read(box)[0].files) == (100, 20), "its lists are a moment late"


def test_memory_is_read_while_a_card_sounds(box: Path, tmp_path: Path) -> None:
    """By the box's own words, in a shell: they wait until the card sounds, and say whether it still does."""
    status, played = tmp_path / "status", tmp_path / "played"
    status.write_text("state: RUNNING\n")
    words = measured.beside(str(played), box, str(status))
    subprocess.run(["sh", "-c", f"{words}; wait"], check=True)
    lines = played.read_text().splitlines()
    row = measured.while_it_played(lines)
    assert (row.name, row.within) == ("memory while a care plays", True)
    assert "138 of it their own" in row.told
    with pytest.raises(EmulatorError, match="no card sounded"):
        measured.while_it_played(lines[:-1])


def test_too_much_memory_is_beyond_the_limit(box: Path) -> None:
    cgroup(box, "chevet-selftest.service", 113)
    row = measured.held(read(box))
    assert not row.within
    assert "251 of it" in row.told


def test_a_unit_that_was_killed_for_want_of_memory_is_told(box: Path) -> None:
    cgroup(box, "chevet-selftest.service", 1, killed=1)
    row = measured.held(read(box))
    assert not row.within
    assert row.told.endswith("killed for want of memory: chevet-selftest")


def test_what_could_not_be_read_is_told_and_is_no_pass(box: Path) -> None:
    """A unit that ended meanwhile, or a line into which another program wrote."""
    (box / "rauc.service/memory.events").unlink()
    broken = [line.replace("chevet-link.service anon", "chevet-link.service an[   12.3] usb") for line in printed(box)]
    found, unread = measured.used(broken)
    assert unread == ["chevet-link", "rauc"]
    assert "chevet-link" not in {one.unit for one in found}
    row = measured.held([*found, measured.Used("chevet-link", 1, 1, 1, 0, 0, 0)], unread)
    assert not row.within
    assert row.told.endswith("not read: chevet-link, rauc")


def test_no_figures_of_the_kiosk_are_no_measurement(box: Path) -> None:
    (box / "chevet-kiosk.service/memory.current").unlink()
    with pytest.raises(EmulatorError, match="no figures of chevet-kiosk"):
        measured.held(*measured.used(printed(box)))


def image_of(folder: Path, written: int, compressed: int) -> Path:
    card = folder / "chevet.img"
    card.write_bytes(b"x" * written)
    with card.open("r+b") as file:
        file.truncate(50_000_000)
    (folder / "chevet.img.zst").write_bytes(b"x" * compressed)
    return card


def test_the_images_size_is_what_is_shipped_and_what_is_written_of_it(tmp_path: Path) -> None:
    row = measured.size(image_of(tmp_path, 3_000_000, 2_000_000), 10.0)
    assert row.within
    assert row.ended
    assert row.told.startswith("2 MB compressed, 3 MB written (at most 10)")
    assert row.told.endswith("in a file of 50 MB")


@pytest.mark.parametrize(("written", "compressed"), [(3_000_000, 500_000), (500_000, 3_000_000)])
def test_either_of_both_beyond_the_limit_misses_it(tmp_path: Path, written: int, compressed: int) -> None:
    assert not measured.size(image_of(tmp_path, written, compressed), 1.0).within


def test_without_a_compressed_one_nothing_was_measured_to_its_end(tmp_path: Path) -> None:
    card = image_of(tmp_path, 3_000_000, 2_000_000)
    (tmp_path / "chevet.img.zst").unlink()
    row = measured.size(card, 10.0)
    assert not row.ended
    assert "make image ANEW=1" in row.told


@pytest.fixture
def clinic_db(tmp_path: Path) -> Path:
    """The clinic's table of heartbeats, of the columns that are read, under the names that it has."""
    names = {field.column for field in Heartbeat._meta.get_fields() if hasattr(field, "column")}
    assert {"id", "device_id", "tested_wall_ms", "tested_fine", "tested_failed"} <= names
    path = tmp_path / "clinic.db"
    database = sqlite3.connect(path)
    database.execute(
        f"CREATE TABLE {Heartbeat._meta.db_table} (id INTEGER PRIMARY KEY, device_id TEXT, tested_wall_ms INTEGER, "
        "tested_fine TEXT DEFAULT '[]', tested_failed TEXT DEFAULT '[]')"
    )
    database.close()
    return path


def beat(clinic_db: Path, *tested_ms: int | None, box: str = "chevet-2") -> None:
    """A heartbeat for each, which tells of a self-test made then."""
    database = sqlite3.connect(clinic_db)
    rows = [(box, one) for one in tested_ms]
    with database:
        database.executemany("INSERT INTO fleet_heartbeat (device_id, tested_wall_ms) VALUES (?, ?)", rows)
    database.close()


def test_heartbeats_and_self_tests_are_counted_from_a_place_on(clinic_db: Path) -> None:
    assert pulse.last(clinic_db, "chevet-2") == pulse.Place(0, 0)
    beat(clinic_db, None, 5000)
    before = pulse.last(clinic_db, "chevet-2")
    assert not pulse.since(before, clinic_db, "chevet-2").whole
    beat(clinic_db, 9000, box="chevet-1")
    beat(clinic_db, 5000)
    assert pulse.since(before, clinic_db, "chevet-2") == pulse.Pulse(1, 0), "the same self-test, told again"
    beat(clinic_db, 7000, 7000)
    assert pulse.since(before, clinic_db, "chevet-2") == pulse.Pulse(3, 1)


def test_an_idle_time_is_one_only_with_a_heartbeat_and_a_self_test_in_it(tmp_path: Path) -> None:
    log = log_of(tmp_path, (0, block("a"), 0), (1, block("b") * 2000, 0))
    end = log.stat().st_size
    row = measured.idle(log, 0, end, 1440.0, pulse.Pulse(2, 1, looked_over.MACHINE, ("key-stand-in",)))
    assert row.ended
    assert row.within
    told = "2 heartbeats and 1 self-tests (5 fine, not fine: key-stand-in) came"
    assert row.told == f"1.02 MB in 24 min, in which {told}: at most 61 a day"
    for heard in (pulse.Pulse(2, 0), pulse.Pulse(0, 0)):
        assert not measured.idle(log, 0, end, 1440.0, heard).ended


def test_what_the_newest_self_test_found_is_read_and_a_machine_that_is_not_fine_is_no_pass(
    clinic_db: Path, tmp_path: Path
) -> None:
    before = pulse.last(clinic_db, "chevet-2")
    beat(clinic_db, 5000, 7000)
    database = sqlite3.connect(clinic_db)
    fine = [name for name in looked_over.MACHINE if name != "frames"]
    with database:
        database.execute(
            "UPDATE fleet_heartbeat SET tested_fine = ?, tested_failed = ? WHERE tested_wall_ms = 7000",
            (json.dumps(fine), json.dumps(["frames", "key-stand-in"])),
        )
    database.close()
    heard = pulse.since(before, clinic_db, "chevet-2")
    assert heard == pulse.Pulse(2, 2, tuple(fine), ("frames", "key-stand-in"))
    assert str(heard) == "2 heartbeats and 2 self-tests (4 fine, not fine: frames, key-stand-in) came"
    log = log_of(tmp_path, (0, block("a"), 0))
    row = measured.idle(log, 0, log.stat().st_size, 1440.0, heard)
    assert (row.ended, row.within) == (True, False)
    assert row.told.endswith("not fine, or not told: frames")


def test_the_idle_time_is_longer_than_what_a_box_does_by_itself_takes_to_come_round() -> None:
    unit = Path(__file__).parents[2] / "firmware_config/image/tree/usr/lib/systemd/system/chevet-selftest.timer"
    assert "OnBootSec=15min" in unit.read_text()
    assert IDLE_S >= 20 * 60
