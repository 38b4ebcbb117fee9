"""What the cases of updates judge by, itself tested without an emulator: spoilt slot, starts, U-Boot's record."""

import os
from pathlib import Path

import pytest

from firmware_config.image.recipe.disk import MIB, record
from firmware_config.image.recipe.place import TOP
from tests.appliance import damage, slots
from tests.appliance.parts import PARTS
from tests.appliance.update import FORMER, otherwise

BACK = ("refused", "did-not-start", "The box came back from it: three starts came to nothing.")
SERIAL = """\
U-Boot 2025.01\r
chevet: slot b\r
[    2.101] chevet: slot b on /dev/vda8, root hash 00ff\r
[    2.604] device-mapper: verity: 254:8: data block 1204 is corrupted\r
chevet: slot a\r
[    2.099] chevet: slot a on /dev/vda6, root hash 00aa\r
chevet-slot: slot B did not start on trial: back on A\r
"""


def test_a_spoilt_slot_is_a_copy_and_the_build_stays(tmp_path: Path) -> None:
    built, elsewhere = tmp_path / "newer", tmp_path / "root.squashfs"
    built.mkdir()
    elsewhere.write_bytes(os.urandom(6 * MIB))
    whole = elsewhere.read_bytes()
    os.link(elsewhere, built / "root.img")
    (built / "boot.img").write_bytes(b"kernel")
    (built / "version").write_text("2026.12.1\n")
    spoilt = damage.spoilt_slot(built, tmp_path)
    assert elsewhere.read_bytes() == whole
    root = (spoilt / "root.img").read_bytes()
    assert (root[:MIB], root[3 * MIB :]) == (whole[:MIB], whole[3 * MIB :])
    assert set(root[MIB : 3 * MIB]) == {0xFF}
    assert (spoilt / "boot.img").read_bytes() == b"kernel", "whose root hash the spoilt root has not"
    assert (spoilt / "version").read_text() == "2026.12.1\n"


def test_the_starts_are_u_boots_own_lines() -> None:
    assert slots.starts(SERIAL.replace("\r", "")) == "ba"
    assert slots.starts("") == ""


def test_the_record_is_read_as_u_boot_reads_it(tmp_path: Path) -> None:
    card = tmp_path / "disk.img"
    card.write_bytes(bytes(MIB) + record("B A", 2) + bytes(512))
    assert slots.record(card) == {"BOOT_ORDER": "B A", "BOOT_A_LEFT": "2", "BOOT_B_LEFT": "2"}
    with card.open("r+b") as file:
        file.seek(MIB + 4)
        file.write(b"X")
    assert slots.record(card) == {}, "its checksum is not that of what it holds"
    assert slots.record(card) != FORMER


def test_a_return_is_three_starts_of_b_and_a_word_to_the_clinic() -> None:
    assert otherwise("abbba", BACK) == ""
    assert "started from" in otherwise("abba", BACK)
    assert "started from" in otherwise("ab", BACK)
    for told in (("installed", "", ""), ("refused", "not-written", ""), ("refused", "not-healthy", ""), ()):
        assert "the clinic was told" in otherwise("abbba", told)


def test_the_page_names_every_part_of_the_command() -> None:
    page = (TOP / "docs/image-test.md").read_text()
    assert f"these parts alone: {' '.join(PARTS)} |" in page


@pytest.mark.parametrize("name", ["update", "bad-update"])
def test_the_command_has_an_update_that_stays_and_one_that_must_not(name: str) -> None:
    assert name in PARTS
