"""RAUC's configuration of the box: its slots are the disk's, its names the script's; a box's own pair signs nothing."""

import configparser
import random
import subprocess
from pathlib import Path

import pytest

from clinic.home import Home
from clinic.shelf.bundling import COMPATIBLE, bundle
from firmware_config.image.recipe import disk, initrd
from firmware_config.image.recipe.place import IMAGE
from mqtt_bridge import authority
from tests.appliance.rauc_bus import BACKEND, CONF, TREE, conf_of

SMALL = 64 * 1024


def conf() -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(interpolation=None)
    parser.read(CONF)
    return parser


def test_the_slots_are_those_of_the_disk() -> None:
    numbers = {one.name: one.number for one in disk.LAYOUT}
    slots = {("root", 0): "root-a", ("boot", 0): "boot-a", ("root", 1): "root-b", ("boot", 1): "boot-b"}
    for (kind, which), name in slots.items():
        section = conf()[f"slot.{kind}.{which}"]
        assert section["device"] == f"/dev/disk/by-partuuid/{initrd.SIGNATURE:08x}-{numbers[name]:02}"
        assert section["type"] == "raw"


def test_the_names_are_those_of_the_script() -> None:
    script = (IMAGE / "boot/boot.cmd").read_text()
    for which, name in ((0, "A"), (1, "B")):
        assert conf()[f"slot.root.{which}"]["bootname"] == name
        assert f"setenv bootname {name}" in script
        assert f"BOOT_{name}_LEFT" in script
    assert "rauc.slot=${bootname}" in script
    for line in script.splitlines():
        if line.strip().startswith(("env import", "env export")):
            assert "BOOT_ORDER BOOT_A_LEFT BOOT_B_LEFT CHEVET_TRIAL" in line, "what it does not name it forgets"


def test_what_is_named_stands_in_the_tree() -> None:
    assert conf()["handlers"]["bootloader-custom-backend"] == BACKEND
    assert (TREE / BACKEND.lstrip("/")).stat().st_mode & 0o111
    assert conf()["system"]["compatible"] == COMPATIBLE
    assert conf()["keyring"]["path"] in (TREE / "usr/lib/chevet/system-authority").read_text()
    assert conf()["keyring"]["path"].rpartition("/")[2] in (TREE / "usr/lib/chevet/data-folders").read_text()
    assert conf()["system"]["min-bundle-version"] == "0", "the recipe puts the image's own version there"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    authority.make_authority(home.authority, "maison")
    return home


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = tmp_path / "slot"
    folder.mkdir()
    for name in ("root.img", "boot.img"):
        (folder / name).write_bytes(random.Random(name).randbytes(SMALL))  # noqa: S311  # nothing that packs well
    (folder / "version").write_text("2026.12.1\n")
    return folder


def rauc(home: Home, folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """As the box's, with the clinic's authority in the place of the one that the box took."""
    (folder / "system.conf").write_text(conf_of(home.authority / "ca.pem"))
    command = ["rauc", f"--conf={folder / 'system.conf'}", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_box_takes_what_the_clinic_made(home: Home, built: Path, tmp_path: Path) -> None:
    made = tmp_path / "update.raucb"
    assert bundle(home, built, made) == "2026.12.1"
    told = rauc(home, tmp_path, "info", "--output-format=shell", str(made))
    assert told.returncode == 0, told.stderr
    assert "RAUC_MF_VERSION='2026.12.1'" in told.stdout
    assert "RAUC_MF_COMPATIBLE='chevet'" in told.stdout
    assert "RAUC_MF_IMAGES=2" in told.stdout


def test_another_clinics_is_not_taken(home: Home, built: Path, tmp_path: Path) -> None:
    made, other = tmp_path / "update.raucb", Home(tmp_path / "other")
    authority.make_authority(other.authority, "ailleurs")
    bundle(other, built, made)
    assert rauc(home, tmp_path, "info", str(made)).returncode != 0


@pytest.mark.parametrize("host", [None, "console.maison"])
def test_a_pair_for_connections_signs_no_update(
    home: Home, built: Path, tmp_path: Path, host: str | None
) -> None:  # boxes and servers have pairs of the same authority
    authority.issue(home.authority, host or "chevet-1", tmp_path / "pair", server_host=host)
    for end in (".crt", ".key"):
        (home.authority / "updates").with_suffix(end).write_bytes((tmp_path / "pair").with_suffix(end).read_bytes())
    made = tmp_path / "update.raucb"
    bundle(home, built, made)
    told = rauc(home, tmp_path, "info", str(made))
    assert told.returncode != 0
    assert "purpose" in told.stderr


def test_the_pair_that_signs_is_kept_until_it_ends_soon(home: Home, built: Path, tmp_path: Path) -> None:
    bundle(home, built, tmp_path / "one.raucb")
    first = (home.authority / "updates.crt").read_bytes()
    bundle(home, built, tmp_path / "two.raucb")
    assert (home.authority / "updates.crt").read_bytes() == first
    (home.authority / "updates.crt").unlink()
    bundle(home, built, tmp_path / "three.raucb")
    assert (home.authority / "updates.crt").read_bytes() != first
