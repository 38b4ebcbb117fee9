"""What somebody who stands beside the box can plug in or press: a keyboard, a stick, a second card for the screen."""

import re
import subprocess
from pathlib import Path

from firmware_config.image.recipe.place import IMAGE, TOP, listed

TREE = IMAGE / "tree"
RULES = TREE / "etc/udev/rules.d/70-chevet.rules"
SYSTEM = TREE / "usr/lib/systemd/system"
KIOSK = TOP / "systemd/chevet-kiosk.service"


def rule(words: str) -> str:
    """The one rule with these words."""
    found = [line for line in listed(RULES) if words in line]
    assert len(found) == 1, (words, found)
    return found[0]


def unit_of(path: str) -> str:
    """The name by which systemd calls this device."""
    words = ("systemd-escape", "--path", "--suffix=device", path)
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()


def test_no_key_restarts_a_box_or_opens_a_console(tmp_path: Path) -> None:
    """Ctrl+Alt+Del is a target, and its burst a setting: without the mask one press ends a care."""
    alias = tmp_path / "usr/lib/systemd/system/ctrl-alt-del.target"
    alias.parent.mkdir(parents=True)
    alias.symlink_to("reboot.target")
    masked = listed(IMAGE / "masked.txt")
    subprocess.run(["systemctl", f"--root={tmp_path}", "mask", *masked], capture_output=True, check=True)
    keys = ("ctrl-alt-del.target", "getty@.service", "serial-getty@.service", "console-getty.service")
    for name in (*keys, "systemd-logind.service", "debug-shell.service", "emergency.service", "rescue.service"):
        assert (tmp_path / "etc/systemd/system" / name).readlink() == Path("/dev/null"), name
    assert "CtrlAltDelBurstAction=none" in listed(TREE / "etc/systemd/system.conf.d/chevet.conf")


def test_no_magic_key_either() -> None:
    lines = [line.replace(" ", "") for line in listed(TREE / "usr/lib/sysctl.d/chevet.conf")]
    assert "kernel.sysrq=0" in lines
    assert "systemd-sysctl.service" not in listed(IMAGE / "masked.txt"), "it is what reads that file"


def test_a_stick_is_fat_or_nothing_happens() -> None:
    """What looks for a stick, what mounts it and what is told to staff are of one file system."""
    stick = rule("chevet-stick.service")
    kinds = re.findall(r'ENV\{ID_FS_TYPE\}=="([^"]*)"', stick)
    mount = (SYSTEM / "run-chevetstick.mount").read_text()
    assert kinds == re.findall(r"^Type=(.*)$", mount, re.MULTILINE) == ["vfat"]
    link = re.findall(r'SYMLINK\+="([^"]*)"', stick)
    assert [f"/dev/{name}" for name in link] == re.findall(r"^What=(.*)$", mount, re.MULTILINE)
    assert "on a stick: FAT," in (TOP / "docs/appliance.md").read_text()


def test_no_rule_has_the_kernel_read_another_file_system_that_is_plugged_in() -> None:
    """udev takes a file of /etc for the one of the same name that Debian has."""
    assert not listed(TREE / "etc/udev/rules.d/64-btrfs.rules")


def test_the_kiosk_waits_for_the_screen_by_the_name_that_the_rule_gives() -> None:
    """A Pi 4 has two cards, and which of them is card0 is not fixed."""
    screen = rule('SYMLINK+="chevet/screen"')
    assert 'TAG+="systemd"' in screen
    lines = listed(RULES)
    before = lines[: lines.index(screen)]
    assert 'DRIVERS=="v3d", GOTO="screen_end"' in before, "the card that has no connector never takes the name"
    assert lines[lines.index(screen) + 1] == 'LABEL="screen_end"'
    text, unit = KIOSK.read_text(), unit_of("/dev/chevet/screen")
    for key in ("Wants", "After"):
        told = re.search(rf"^{key}=(.*)$", text, re.MULTILINE)
        assert told
        assert unit in told[1].split()
    numbered = [
        path.name for path in [*SYSTEM.iterdir(), KIOSK] if re.search(r"dri-card\d|dri/card\d", path.read_text())
    ]
    assert not numbered
