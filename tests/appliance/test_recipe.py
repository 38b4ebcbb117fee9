"""The tree and the recipe of the image, looked at without building it: quick, as anybody, on any machine."""

import itertools
import re
import shutil
import struct
import subprocess
import tomllib
import zlib
from pathlib import Path

import pytest

from audio.player.config import load
from firmware_config.image.recipe import disk, initrd, trees, wheels
from firmware_config.image.recipe.debian import LOCK
from firmware_config.image.recipe.place import IMAGE, TOP, ImageError, epoch, listed
from firmware_config.image.recipe.root import COMMANDS, ROOMS, UNITS
from kiosk.shell.config import read
from mqtt_bridge.version import BUILT_MS

TREE = IMAGE / "tree"
README = (IMAGE / "README.md").read_text()
SHELL = [IMAGE / "initrd/init", *sorted((TREE / "usr/lib/chevet").glob("[ds]*-*"))]
PLUMBING = sorted((TREE / "usr/lib/systemd/system").glob("*.service"))
EXPOSURE_MAX = {"rauc": 2.0}
"""All others 1.5. It is root with CAP_SYS_ADMIN and the disks, and writes a slot."""


def files() -> list[Path]:
    return sorted(path for path in TREE.rglob("*") if path.is_file())


@pytest.mark.parametrize("file", files(), ids=lambda path: str(path.relative_to(TREE)))
def test_every_file_of_the_tree_has_its_why(file: Path) -> None:
    """By its own name; where another file has the same one, with its folder before it."""
    own = [path.name for path in files()].count(file.name) == 1
    name = file.name if own else f"{file.parent.name}/{file.name}"
    named = re.findall(r"`([^`\n]+)`", README)
    assert any(one == name or one.endswith(f"/{name}") for one in named), f"`{name}` is not in the README"


def lines_of(file: Path) -> set[str]:
    """What a file of the tree sets: the key of each `key=value`; else a line's own name."""
    listed_lines = [line for line in listed(file) if not line.startswith("[")]
    match file.parts[-2:]:
        case _, "fstab":
            return {line.split()[1] for line in listed_lines}
        case "sysusers.d" | "tmpfiles.d", _:
            return {line.split()[1] for line in listed_lines}
        case _, "asound.conf":
            return {line.split()[0] for line in listed_lines}
        case _:
            return {line.partition("=")[0].strip() for line in listed_lines}


def why_of(file: Path) -> set[str]:
    """What the README names in the rows of this file: its own, and those after it that begin with an empty cell."""
    place, found, of_it = str(file.relative_to(TREE)), set[str](), False
    for row in README.splitlines():
        first = row.split("|")[1] if row.startswith("|") else "end"
        if first.strip():
            of_it = any(place.endswith(f"/{name}") for name in re.findall(r"`([^`]+)`", first))
        if of_it:
            found |= {name.partition("=")[0] for name in re.findall(r"`([^`]+)`", row.partition("|")[2])}
    return found


SETS = [path for path in files() if path.suffix in {".conf", ".network"} and "dbus-1" not in path.parts]


@pytest.mark.parametrize("file", [TREE / "etc/fstab", *SETS], ids=lambda path: str(path.relative_to(TREE)))
def test_every_line_of_the_tree_has_its_why(file: Path) -> None:
    sets = lines_of(file)
    assert sets
    assert sets <= why_of(file), f"without a why in the README: {sorted(sets - why_of(file))}"


def test_every_line_of_config_txt_has_its_why() -> None:
    lines = list(listed(IMAGE / "boot/config.txt"))
    assert lines
    assert not [line for line in lines if f"`{line}`" not in README]


def test_every_board_has_its_device_tree_by_the_name_that_the_firmware_looks_for(tmp_path: Path) -> None:
    """Seen: only names in bcm27 were taken, and a card for a Pi 3 or a Zero 2 W had no device tree at all."""
    debians = {*trees.BOARDS, "bcm2711-rpi-400", "bcm2712-rpi-5-b"}
    for name in debians:
        (tmp_path / f"{name}.dtb").write_bytes(b"tree")
    assert {path.stem for path in trees.trees(tmp_path)} == debians - {"bcm2712-rpi-5-b"}
    assert "upstream_kernel=1" in listed(IMAGE / "boot/config.txt"), "or it looks for bcm2710, which Debian has not"
    (tmp_path / "bcm2837-rpi-3-b.dtb").unlink()
    with pytest.raises(ImageError, match="bcm2837-rpi-3-b"):
        trees.trees(tmp_path)


def test_the_kernel_does_not_lie_on_the_first_file_system(tmp_path: Path) -> None:
    """Seen: by U-Boot's own addresses Debian's kernel of today ends at the very byte at which the other begins."""
    told = re.search(r"setenv ramdisk_addr_r (0x[0-9a-f]{8});", (IMAGE / "boot/no-console.dts").read_text())
    assert told
    assert int(told[1], 16) == trees.RAMDISK_AT
    kernel = tmp_path / "vmlinuz"
    most = trees.RAMDISK_AT - trees.KERNEL_AT
    assert most > 0x02500000, "today's"
    for size, fits in ((0x02500000, True), (most, True), (most + 1, False)):
        kernel.write_bytes(struct.pack("<8xQQ40x", 0, size))
        if fits:
            trees.room_for(kernel)
        else:
            with pytest.raises(ImageError, match="lie on"):
                trees.room_for(kernel)


def test_every_overlay_is_named_in_config_txt_switched_off() -> None:
    lines = (IMAGE / "boot/config.txt").read_text().splitlines()
    names = [path.stem for path in (IMAGE / "boot/overlays").glob("*.dts")]
    assert names
    assert not [name for name in names if f"#dtoverlay={name}" not in lines]
    asked = [line for line in lines if line.startswith(("dtoverlay", "dtparam"))]
    assert not asked, "Debian's device trees know no other"


def test_a_cut_making_is_looked_for_without_a_broken_pipe(tmp_path: Path) -> None:
    """What `head` leaves unread must be no more than a pipe takes: the line came at each start of a new box."""
    script = (TREE / "usr/lib/chevet/data-partition").read_text()
    word = re.search(r"^unfinished=(.*)$", script, re.MULTILINE)
    body = re.search(r"^was_cut_short\(\) \{\n.*?^\}\n", script, re.MULTILINE | re.DOTALL)
    assert word
    assert body
    card = tmp_path / "card"
    for begins, code in ((word[1].encode(), 0), (b"\1" * 64, 1)):
        card.write_bytes(bytes(16 * disk.MIB) + begins.ljust(disk.MIB, b"\2"))
        of_systemd = "trap '' PIPE; cryptsetup() { return 1; }"
        said = f"{of_systemd}\nunfinished={word[1]}; partition={card}\n{body[0]}was_cut_short"
        for _ in range(5):
            done = subprocess.run(["sh", "-c", said], capture_output=True, text=True, check=False)
            assert (done.returncode, done.stderr) == (code, "")


def test_every_word_of_the_command_line_has_its_why() -> None:
    words = re.search(r'setenv bootargs "(.*)"', (IMAGE / "boot/boot.cmd").read_text())
    assert words
    told = [word.split("=")[0] for word in words[1].split() if not word.startswith("$")]
    assert not [word for word in told if f"`{word}=" not in README]


@pytest.mark.parametrize("machine", ["box", "emulator"])
def test_the_box_reads_its_configuration(machine: str) -> None:
    folder = TOP / "firmware_config/box" if machine == "box" else TREE / "usr/lib/chevet/emulator"
    config = read(folder / "kiosk.toml")
    player = load(folder / "player.toml", {})
    assert config.player == player.socket
    assert config.screen.driver == "kmsdrm"
    assert config.folders.partition == "/var/lib/chevet", "without its partition a box keeps no record, and says so"
    assert "CARD=" in player.device, "a card has a name; numbers change"


def test_the_emulator_differs_in_the_button_and_the_sound_card_alone() -> None:
    box = tomllib.loads((TOP / "firmware_config/box/kiosk.toml").read_text())
    other = tomllib.loads((TREE / "usr/lib/chevet/emulator/kiosk.toml").read_text())
    assert box.pop("button") != other.pop("button")
    assert box == other


def test_partitions_follow_one_another_and_the_last_can_grow() -> None:
    inner = [one for one in disk.LAYOUT if one.number > 4]
    outer = [one for one in disk.LAYOUT if one.number < 5]
    for found in (inner, outer):
        for one, after in itertools.pairwise(found):
            assert one.start_mib + one.size_mib <= after.start_mib
    extended = next(one for one in outer if one.kind == "f")
    assert all(extended.start_mib < one.start_mib and one.start_mib + one.size_mib <= 1280 for one in inner)
    assert outer[-1].name == "data"
    assert outer[-1].start_mib + outer[-1].size_mib == disk.SIZE_MIB


def test_sfdisk_takes_the_table(tmp_path: Path) -> None:
    sfdisk = shutil.which("sfdisk") or "/usr/sbin/sfdisk"
    card = tmp_path / "card.img"
    with card.open("wb") as file:
        file.truncate(disk.SIZE_MIB * disk.MIB)
    done = subprocess.run([sfdisk, str(card)], input=disk.table(), text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert struct.unpack("<I", card.read_bytes()[440:444])[0] == initrd.SIGNATURE


def test_the_record_of_slots_is_u_boots_own_form() -> None:
    sector = disk.record()
    assert len(sector) == disk.SECTOR
    assert struct.unpack("<I", sector[:4])[0] == zlib.crc32(sector[4:])
    assert sector[4:].split(b"\0")[:3] == [b"BOOT_ORDER=A B", b"BOOT_A_LEFT=3", b"BOOT_B_LEFT=3"]


def test_the_slot_of_the_script_is_that_of_the_layout() -> None:
    numbers = {one.name: one.number for one in disk.LAYOUT}
    script = (IMAGE / "boot/boot.cmd").read_text()
    assert f"setenv slot a; setenv bootpart {numbers['boot-a']}" in script
    assert f"setenv slot b; setenv bootpart {numbers['boot-b']}" in script
    first = (IMAGE / "initrd/init").read_text()
    assert f"a) number={numbers['root-a']}" in first
    assert f"b) number={numbers['root-b']}" in first
    signature = f"{initrd.SIGNATURE:08x}"
    assert f"{signature}-{numbers['data']:02}" in (TREE / "usr/lib/chevet/data-partition").read_text()
    assert f"{signature}-{numbers['firmware']:02}" in (TREE / "etc/fstab").read_text()
    assert signature in (TREE / "etc/udev/rules.d/70-chevet.rules").read_text()


@pytest.mark.parametrize("script", SHELL, ids=lambda path: path.name)
def test_a_script_is_shell(script: Path) -> None:
    done = subprocess.run(["sh", "-n", str(script)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("unit", PLUMBING, ids=lambda path: path.stem)
def test_a_unit_of_the_image_is_confined_as_far_as_told(unit: Path) -> None:
    words = (
        "security",
        "--offline=true",
        "--no-pager",
        f"--threshold={round(EXPOSURE_MAX.get(unit.stem, 1.5) * 10)}",
        str(unit),
    )
    done = subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_nothing_that_starts_by_itself_asks_for_the_data_partition() -> None:
    """Seen: it is damaged, and who watches a folder of it had every other unit wait for its device, five minutes."""
    asking = re.compile(
        r"^(RequiresMountsFor|WorkingDirectory|RootDirectory|Path[A-Z]\w*|Requires|BindsTo)=.*var.lib.chevet",
        re.MULTILINE,
    )
    units = [
        path for path in (TREE / "usr/lib/systemd/system").iterdir() if path.suffix in {".service", ".path", ".timer"}
    ]
    found = {path.name for path in [*units, *(TOP / "systemd").glob("*.service")] if asking.search(path.read_text())}
    assert found == {"chevet-update.path"}
    assert "[Install]" not in (TREE / "usr/lib/systemd/system/chevet-update.path").read_text()
    opened = (TREE / "usr/lib/chevet/data-partition").read_text()
    mounted, owned, watched = (
        opened.index(f"{words}\n")
        for words in ("start var-lib-chevet.mount", "chevet-folders.service", "chevet-update.path")
    )
    assert mounted < owned < watched, "it is started by who has mounted it, once the folders are whose they are"


def test_users_of_the_units_are_made() -> None:
    file = TREE / "usr/lib/sysusers.d/chevet.conf"
    done = subprocess.run(["systemd-sysusers", "--dry-run", str(file)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "not a valid" not in done.stderr, "a line that it does not understand, it leaves out"
    made = {line.split()[1] for line in listed(file)}
    for unit in UNITS:
        text = (TOP / "systemd" / f"{unit}.service").read_text()
        assert set(re.findall(r"^(?:User|Group)=(.*)$", text, re.MULTILINE)) <= made


def test_the_wheels_are_those_of_the_rooms() -> None:
    """What pyproject.toml asks for the box's rooms is in wheels.in, pygame apart: that is Debian's."""
    project = tomllib.loads((TOP / "pyproject.toml").read_text())["project"]
    wanted = [
        *project["dependencies"],
        *(one for extra in ("kiosk", "audio", "link", "pi") for one in project["optional-dependencies"][extra]),
    ]
    names = {re.split(r"[\[>=<; ]", one)[0].lower() for one in wanted} - {"pygame-ce"}
    assert names <= {re.split(r"[>=]", one)[0] for one in listed(IMAGE / "wheels.in")}
    pins = wheels.pins()
    assert names <= set(pins)
    assert all("--hash=sha256:" in entry for entry in pins.values())
    assert set(wheels.COMPILED) <= set(pins)


def test_what_is_asked_of_debian_is_pinned() -> None:
    pinned = {line.split()[0]: line.split() for line in listed(LOCK)}
    assert not set(listed(IMAGE / "packages.txt")) - set(pinned)
    assert all(re.fullmatch(r"[0-9a-f]{64}", words[-1]) for words in pinned.values())
    assert {words[2] for words in pinned.values()} == {"arm64", "all"}


def test_no_registry_is_named() -> None:
    for path in [*IMAGE.rglob("*.*"), *files()]:
        if path.is_file() and path.suffix in {".txt", ".py", ".md", ".lock", ".in"}:
            assert not re.search(r"https?://", path.read_text()), path


def test_the_rooms_and_commands_are_the_boxs() -> None:
    scripts = tomllib.loads((TOP / "pyproject.toml").read_text())["project"]["scripts"]
    assert {name: f"{module}:main" for name, module in COMMANDS.items()} == {
        name: to for name, to in scripts.items() if to.split(".")[0] in ROOMS
    }


def test_files_are_no_newer_than_the_pins_and_no_older_than_the_floor_of_time() -> None:
    assert int(epoch()) * 1000 >= BUILT_MS
