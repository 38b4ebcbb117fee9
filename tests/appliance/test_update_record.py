"""An update by a real RAUC through our backend: after each write of the record, the old slot, or the new on trial."""

import random
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from clinic.home import Home
from clinic.shelf.bundling import bundle
from firmware_config.image.recipe.disk import MIB, record
from mqtt_bridge import authority
from tests.appliance import slots
from tests.appliance.rauc_bus import RaucOfABox
from tests.appliance.slot_machine import Machine
from tests.appliance.small_update import FLUSH, Update
from tests.campaign.small_disk import SmallDisk

BEFORE = {"BOOT_ORDER": "A", "BOOT_A_LEFT": "3", "BOOT_B_LEFT": "0"}
AFTER = {"BOOT_ORDER": "B A", "BOOT_A_LEFT": "3", "BOOT_B_LEFT": "3", "CHEVET_TRIAL": "B"}
PARTS = {"root.img": 8, "boot.img": 7}
"""Of an update, and the number of slot B's partition that it is written to."""


@pytest.fixture
def folder() -> Iterator[Path]:
    with TemporaryDirectory(prefix="rauc-") as place:
        yield Path(place)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    authority.make_authority(home.authority, "maison")
    return home


@pytest.fixture
def box(folder: Path, home: Home) -> Iterator[RaucOfABox]:
    with RaucOfABox(folder, home.authority / "ca.pem", "plain verity") as box:
        yield box


def test_each_order_of_rauc_is_one_write(box: RaucOfABox) -> None:
    """The two that an update gives: the slot is taken out before it is written, and put first after it."""
    box.ask("status", "mark-bad", "other")
    assert box.records() == [BEFORE]
    box.ask("status", "mark-active", "other")
    assert box.records() == [BEFORE, AFTER]
    assert [slots.taken(one) for one in box.records()] == ["a", "b"]


def test_a_cut_at_any_write_of_an_update_leaves_the_old_slot_or_the_new_one_on_trial(
    box: RaucOfABox, tmp_path: Path
) -> None:
    box.ask("status", "mark-bad", "other")
    box.ask("status", "mark-active", "other")
    first, last = box.sectors()
    update = Update(tmp_path)
    found = update.write([(MIB, first, 0), FLUSH], update.laid(), [FLUSH, (MIB, last, 0), FLUSH])
    assert update.wrong(found) == ({"a", "b"}, [])


def test_a_whole_update_is_written_and_on_trial(box: RaucOfABox, home: Home, tmp_path: Path) -> None:
    """Of the format `plain`, because a test machine need not have dm-verity; a loop device it must have."""
    disk = SmallDisk(tmp_path / "disk", 8)
    disk.close()
    if disk.kind != "ext4":
        pytest.skip("no loop device can be mounted here")
    content = tmp_path / "content"
    content.mkdir()
    for name in PARTS:
        (content / name).write_bytes(random.Random(name).randbytes(65536))  # noqa: S311  # the same again
    (content / "version").write_text("2026.12.1\n")
    bundle(home, content, tmp_path / "by-the-clinic.raucb")  # which makes the pair that signs
    (content / "version").unlink()
    images = "".join(f"[image.{name[:4]}]\nfilename={name}\n" for name in PARTS)
    (content / "manifest.raucm").write_text(f"[update]\ncompatible=chevet\nversion=2026.12.1\n{images}")
    pair = home.authority / "updates"
    words = ("rauc", "bundle", f"--cert={pair}.crt", f"--key={pair}.key", str(content), str(tmp_path / "plain.raucb"))
    subprocess.run(words, check=True, capture_output=True)
    box.ask("install", str(tmp_path / "plain.raucb"))
    assert box.records() == [BEFORE, AFTER]
    for name, number in PARTS.items():
        assert box.slot(number, 65536) == (content / name).read_bytes()
        assert box.slot(number - 2, 65536) == bytes(65536), "slot A was written to"


@pytest.mark.parametrize(
    ("order", "a", "b", "first", "states"),
    [
        ("A B", "3", "3", "A", ("good", "good")),
        ("B A", "3", "0", "A", ("good", "bad")),
        ("B A", "0", "1", "B", ("bad", "good")),
        ("A", "2", "3", "A", ("good", "bad")),
    ],
)
def test_rauc_is_told_what_u_boot_would_take(
    tmp_path: Path, order: str, a: str, b: str, first: str, states: tuple[str, str]
) -> None:
    machine = Machine(tmp_path)
    machine.put(BOOT_ORDER=order, BOOT_A_LEFT=a, BOOT_B_LEFT=b)
    assert machine.run("slot-record", "A", "get-primary") == f"{first}\n"
    assert slots.taken(machine.record()) == first.lower()
    assert machine.run("slot-record", "B", "get-current") == "B\n"
    for name, state in zip("AB", states, strict=True):
        assert machine.run("slot-record", "A", "get-state", name) == f"{state}\n"


def test_no_slot_with_a_try_left_is_no_answer(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.put(BOOT_A_LEFT="0", BOOT_B_LEFT="0")
    assert machine.run("slot-record", "A", "get-primary", code=1) == ""


def test_a_slot_that_is_being_written_is_not_on_trial_any_more(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.put(BOOT_ORDER="B A", CHEVET_TRIAL="B")
    machine.run("slot-record", "A", "set-state", "B", "bad")
    assert machine.record() == BEFORE
    machine.run("slot-record", "A", "set-state", "B", "good")
    assert machine.record() == {**BEFORE, "BOOT_B_LEFT": "3"}, "in no order yet"


@pytest.mark.parametrize("words", [("set-primary", "C"), ("set-primary",), ("set-state", "A", "odd"), ("erase",), ()])
def test_what_rauc_never_asks_writes_nothing(tmp_path: Path, words: tuple[str, ...]) -> None:
    machine = Machine(tmp_path)
    machine.run("slot-record", "A", *words, code=2)
    assert machine.env.read_bytes() == record()


def test_a_record_that_cannot_be_read_is_not_written_over(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    spoilt = b"\xff" * 512
    machine.env.write_bytes(spoilt)
    for words in (("get-primary",), ("get-state", "A"), ("set-primary", "B")):
        assert machine.run("slot-record", "A", *words, code=1) == ""
    assert machine.env.read_bytes() == spoilt
