"""A card that everything else on the box has filled: the last blocks are the databases', before and after a power cut.

On a real ext4, kept and mounted by the image's own lines, as the box's own accounts.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.campaign.small_disk import SmallDisk
from tests.support.data_partition import as_account, data_partition, groups_of, numbers

FILLS = """
import os, sys
descriptor = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT)
at, size = 0, 1 << 24
while size >= 4096:
    try:
        os.posix_fallocate(descriptor, at, size)
        at += size
    except OSError:
        size //= 2
try:
    os.lseek(descriptor, at, os.SEEK_SET)
    while True:
        os.write(descriptor, bytes(4096))
        os.fsync(descriptor)
except OSError as error:
    print(error.strerror)
"""
CUT = """
import os, sys
from pathlib import Path
from kiosk.journey.effects import Write
from kiosk.shell.store import BedsideStore
from mqtt_bridge import enrolment
from mqtt_bridge.clock import system_clock
from mqtt_bridge.contract.report import HelpAsked
from mqtt_bridge.link.store import LinkStore
folder, count = Path(sys.argv[1]), int(sys.argv[2])
of_the_box = enrolment.load(folder / "enrolment")
store = BedsideStore(folder / "bedside.db", of_the_box)
assert store.waiting() == count, store.waiting()
now = system_clock("timesync")()
store.write(Write(at=now, reports=(HelpAsked(help=f"help-{count}", asked=now),), plan=None, draft=None))
link = LinkStore(folder / "link.db", folder / "bedside.db", of_the_box)
print("opened", store.waiting())
sys.stdout.flush()
os._exit(0)
"""
"""Neither is closed: what a power cut leaves."""
SERVES = """
import sys
from pathlib import Path
from tests.support.shell import Bedside
from tests.support.wire import Wire
folder = Path(sys.argv[1])
wire = Wire(folder)
bedside = Bedside(folder, wire)
bedside.prescribe()
print("filled?", bedside.screen, flush=True)
sys.stdin.readline()
bedside.stop()
wire.restart_link()
bedside.start()
print(bedside.screen, bedside.view.code if bedside.screen == "NoticeView" else "")
bedside.to_playing()
bedside.player.play_whole()
bedside.turn()
print(bedside.screen)
bedside.clinic_hears()
print(*sorted(type(one.report.content).__name__ for one in wire.store.contents.reports.values() if one.report))
bedside.stop()
wire.close()
"""
FILLS_ITSELF = """
import os, sys
from pathlib import Path
from kiosk.journey.effects import Write
from kiosk.shell.room import LEFT_BYTES_MIN, Room
from kiosk.shell.store import BedsideStore
from mqtt_bridge import enrolment
from mqtt_bridge.clock import system_clock
from mqtt_bridge.contract.report import HelpAsked
folder = Path(sys.argv[1])
store = BedsideStore(folder / "bedside.db", enrolment.load(folder / "enrolment"))
print("free", store.free_bytes(), "a session", store.reserve())
room = Room(folder / "bedside.db")
with (folder / "grown").open("wb") as grown:
    os.posix_fallocate(grown.fileno(), 0, room.left_bytes() - LEFT_BYTES_MIN + 4096)
print("a session", store.reserve(), "a letter", end=" ")
now = system_clock("timesync")()
store.write(Write(at=now, reports=(HelpAsked(help="help", asked=now),), plan=None, draft=None))
print(store.waiting())
"""
EXAMINES = """
import sys
from pathlib import Path
from kiosk.shell.config import Config, Folders
from kiosk.shell.selftest import filled, protocol
card = Path(sys.argv[1])
places = {name: str(card / name) for name in ("data", "run", "enrolment", "packages")}
config = Config(folders=Folders(**places, partition=str(card)))
found = {one.check: one for one in protocol(config)}
print(found["disk"].fine, "|", found["disk"].told)
print(found["room"].fine, "|", found["room"].told)
print(filled(config))
"""
KIOSK, LINK, UPDATER = "chevet-kiosk", "chevet-link", "chevet-update"


@pytest.fixture
def card(tmp_path: Path) -> Iterator[SmallDisk]:
    disk = data_partition(tmp_path / "card")
    if disk.kind != "ext4":
        disk.close()
        pytest.skip("no loop device can be mounted here")
    disk.folder.chmod(0o3770)
    os.chown(disk.folder, numbers()[KIOSK], numbers()["chevet"])
    yield disk
    disk.close()


def _as(user: str, script: str, *words: str) -> str:
    groups = [] if user == UPDATER else groups_of(user)
    command = as_account(user, groups, (sys.executable, "-c", script, *words))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def _enrolled(card: SmallDisk) -> None:
    made = "import sys; from pathlib import Path; from mqtt_bridge.seal import make_keys\n"
    made += "from tests.support.wire import enrolled; enrolled(Path(sys.argv[1]) / 'enrolment', make_keys())"
    _as(KIOSK, made, str(card.folder))


def _fill(card: SmallDisk, name: str = "filled") -> None:
    assert _as(UPDATER, FILLS, str(card.folder / name)) == "No space left on device"
    assert os.statvfs(card.folder).f_bavail == 0


def test_kiosk_and_link_have_the_last_blocks_and_nobody_else() -> None:
    assert "chevet-records" in groups_of(KIOSK)
    assert "chevet-records" in groups_of(LINK)
    assert "chevet-records" not in groups_of("chevet-player")


def test_a_full_card_is_opened_after_each_power_cut_and_filled_again_and_again(card: SmallDisk) -> None:
    _enrolled(card)
    for count in range(3):
        assert _as(KIOSK, CUT, str(card.folder), str(count)) == f"opened {count + 1}"
        for shared in card.folder.glob("*-shm"):
            shared.unlink()  # its blocks may not have been on the card when it was cut
        _fill(card, f"filled-{count}")


@pytest.mark.parametrize(("place", "by"), [("packages/p", "cares"), ("updates/u", "updates"), ("x/y", "other")])
def test_the_self_test_calls_a_full_card_full_and_not_spoilt(card: SmallDisk, place: str, by: str) -> None:
    for folder in ("data", place.partition("/")[0]):
        (card.folder / folder).mkdir()
        (card.folder / folder).chmod(0o2777)
    _fill(card, place)
    for account in (KIOSK, UPDATER):  # by staff, and of each day: the latter may not take the last blocks
        disk, room, filled = _as(account, EXAMINES, str(card.folder)).splitlines()
        assert disk.startswith("True |"), disk
        assert ("nothing could be written" in disk) is (account == UPDATER)
        assert room.startswith(f"False | 0 MB free; taken: {by} "), room
        assert filled == by


def test_the_same_card_without_that_group_is_not_opened(card: SmallDisk) -> None:
    """Or the test above would hold whatever the image does."""
    _enrolled(card)
    _as(KIOSK, CUT, str(card.folder), "0")
    (card.folder / "bedside.db-shm").unlink()
    _fill(card)
    command = as_account(KIOSK, (), (sys.executable, "-c", CUT, str(card.folder), "1"))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "FullError" in done.stderr


def test_home_serves_on_a_full_card_and_what_is_answered_comes(card: SmallDisk) -> None:
    command = as_account(KIOSK, groups_of(KIOSK), (sys.executable, "-c", SERVES, str(card.folder)))
    quiet = {**os.environ, "PYGAME_HIDE_SUPPORT_PROMPT": "1"}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=quiet) as box:
        assert box.stdin
        assert box.stdout
        assert box.stdout.readline().split()[-1] == "HomeView"
        _fill(card)
        told, _ = box.communicate("filled\n")
    assert box.returncode == 0
    assert told.split("\n")[:3] == ["HomeView ", "ConeView", "Evaluation Listening OrderReceived"]


def test_sessions_end_long_before_the_room_of_the_databases_does(card: SmallDisk) -> None:
    """When it is they who grow: no session begins, a letter and a call for a carer are still written."""
    _enrolled(card)
    _fill(card)
    told = _as(KIOSK, FILLS_ITSELF, str(card.folder))
    assert told.split("\n") == ["free 0 a session True", "a session False a letter 1"]
