"""What a box offers to whoever comes near: keys, sticks, ports, rights of another. Looked at without starting it."""

import re
import socket
import struct
import subprocess
from pathlib import Path

import pytest

from firmware_config.image.recipe.debian import LOCK
from firmware_config.image.recipe.initrd import SIGNATURE
from firmware_config.image.recipe.place import IMAGE, TOP, listed
from firmware_config.image.recipe.root import drop_setuid
from tests.appliance import surface
from tests.appliance.qmp import EmulatorError
from tests.appliance.surface import listening

TREE = IMAGE / "tree"
RULES = TREE / "etc/udev/rules.d/70-chevet.rules"
SYSTEM = TREE / "usr/lib/systemd/system"
KIOSK = TOP / "systemd/chevet-kiosk.service"
WAYS_IN = (
    r"sudo(-.*)?|doas|opendoas|pkexec|policykit-1|polkitd|ssh|openssh-.*|dropbear.*|tinyssh.*|mosh|.*telnetd.*|.*inetd"
    r"|rsh-.*|avahi-daemon|cups.*|samba.*|nfs-.*|rpcbind|.*ftpd.*|cockpit.*|.*vnc.*|xrdp|nginx.*|apache2.*|lighttpd"
    r"|netcat.*|ncat|socat|gdbserver"
)
"""Debian's packages that sign somebody in, lend rights or open a port."""
HEADER = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode"
"""Of /proc/net/tcp, as the kernel writes it."""


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


def told_to_u_boot() -> tuple[int, list[str]]:
    """By the device tree: bootdelay (signed, as U-Boot reads a cell), and the commands of bootcmd."""
    text = (IMAGE / "boot/no-console.dts").read_text()
    (delay,) = re.findall(r"^\s*bootdelay = <(0x[0-9a-f]{8})>;$", text, re.MULTILINE)
    (command,) = re.findall(r'^\s*bootcmd = "(.*)";$', text, re.MULTILINE)
    return struct.unpack(">i", bytes.fromhex(delay[2:]))[0], [one.strip() for one in command.split(";")]


def test_u_boot_is_told_to_read_no_key_and_never_to_ask() -> None:
    """`make keyboard` presses the keys: on QEMU's Pi 3, and with Debian's own tree, where they stop it."""
    delay, commands = told_to_u_boot()
    assert delay == -2, "begin at once and look for no key; -1 would be: do not begin"
    assert commands[0] == "setenv stdin nulldev", "before anything that could be broken off by Ctrl+C"
    assert commands[-1] == "reset", "what follows is the prompt"


def test_u_boot_starts_our_script_alone_and_the_cards_before_a_sticks() -> None:
    """Seen: left to itself it looked for a program of UEFI on every stick before it looked for our script."""
    _, commands = told_to_u_boot()
    loads = [one.removeprefix("if ") for one in commands if "load " in one]
    assert [re.sub(r"^do ", "", one) for one in loads] == [
        "load mmc ${n}:1 ${scriptaddr} boot.scr",
        "load usb 0:1 ${scriptaddr} boot.scr",
    ]
    assert not [one for one in commands if one.startswith(("bootflow", "bootefi", "dhcp", "pxe", "run "))]
    script = (IMAGE / "boot/boot.cmd").read_text()
    assert script.rstrip().endswith("reset"), "it does not come back to what called it"
    needed = {"devtype", "devnum"}
    assert needed <= {words.split()[1] for words in (re.sub(r"^do ", "", one) for one in commands) if "setenv" in words}
    assert all(f"${{{name}}}" in script for name in needed)


def test_a_stick_is_fat_or_nothing_happens() -> None:
    """What looks for a stick, what mounts it and what is told to staff are of one file system."""
    stick = rule("chevet-stick.service")
    kinds = re.findall(r'ENV\{ID_FS_TYPE\}=="([^"]*)"', stick)
    mount = (SYSTEM / "run-chevetstick.mount").read_text()
    assert kinds == re.findall(r"^Type=(.*)$", mount, re.MULTILINE) == ["vfat"]
    link = re.findall(r'SYMLINK\+="([^"]*)"', stick)
    assert [f"/dev/{name}" for name in link] == re.findall(r"^What=(.*)$", mount, re.MULTILINE)
    assert "on a stick: FAT," in (TOP / "docs/appliance.md").read_text()


def test_a_stick_that_bears_our_signature_takes_no_link_of_the_card() -> None:
    """By these links data is opened, slots are recorded and updates written. Without a card the stick is the disk."""
    signature = f"{SIGNATURE:08x}"
    for key, value in (("ID_PART_TABLE_UUID", signature), ("ID_PART_ENTRY_UUID", f"{signature}-*")):
        first = f'SUBSYSTEM=="block", ENV{{ID_BUS}}!="usb", ENV{{{key}}}=="{value}", '
        assert rule(first) == first + 'OPTIONS+="link_priority=100"'


@pytest.mark.parametrize(
    ("disks", "root"),
    [(("mmcblk0", "sda"), "mmcblk0p6"), (("sda",), "sda6"), (("vda",), "vda6"), (("loop0", "vda"), "vda6"), ((), "")],
)
def test_the_first_program_takes_the_card_before_a_stick(tmp_path: Path, disks: tuple[str, ...], root: str) -> None:
    """Its own search, on disks made of files; each disk bears our signature."""
    blocks, devices = tmp_path / "block", tmp_path / "dev"
    for folder in (blocks, devices):
        folder.mkdir()
    for disk in disks:
        (devices / disk).write_bytes(bytes(440) + struct.pack("<I", SIGNATURE) + bytes(68))
        for number in (1, 6):
            part = f"{disk}p{number}" if disk[-1].isdigit() else f"{disk}{number}"
            (blocks / disk / part).mkdir(parents=True)
            (blocks / disk / part / "partition").write_text(f"{number}\n")
    (tmp_path / "signature").write_text(f"{SIGNATURE:08x}")
    search = re.search(r"^find_root\(\) \{\n.*?^\}\n", (IMAGE / "initrd/init").read_text(), re.MULTILINE | re.DOTALL)
    assert search
    body = search[0].replace("/sys/block", str(blocks)).replace("/signature", str(tmp_path / "signature"))
    body = body.replace('if="/dev/', f'if="{devices}/')
    # The word of busybox, by a program that every workstation has.
    words = f"number=6; hexdump() {{ od -An -tx4 | tr -d ' \\n'; }}\n{body}find_root; echo $?; echo $root"
    done = subprocess.run(["sh", "-c", words], capture_output=True, text=True, check=True)
    assert done.stdout.split() == (["0", f"/dev/{root}"] if root else ["1"])


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


@pytest.mark.parametrize("name", ["sudo", "openssh-server", "dropbear-bin", "inetutils-telnetd", "xinetd"])
def test_a_way_in_would_be_found(name: str) -> None:
    assert re.fullmatch(WAYS_IN, name)


def test_no_package_signs_anybody_in_or_opens_a_port() -> None:
    names = {line.split()[0] for line in listed(LOCK)}
    assert {"systemd", "util-linux"} <= names, "the list is that of the root"
    assert not {name for name in names if re.fullmatch(WAYS_IN, name)}


def test_no_program_of_the_root_lends_rights(tmp_path: Path) -> None:
    """Debian's su, mount, passwd and others have these bits as they are unpacked."""
    modes = {"su": 0o4755, "chage": 0o2755, "both": 0o6755, "plain": 0o755}
    programs, shared = tmp_path / "usr/bin", tmp_path / "shared"
    for folder in (programs, shared):
        folder.mkdir(parents=True)
    shared.chmod(0o2770)
    for name, mode in modes.items():
        (programs / name).write_text("#!/bin/sh\n")
        (programs / name).chmod(mode)
    drop_setuid(tmp_path)
    assert {path.stat().st_mode & 0o7777 for path in programs.iterdir()} == {0o755}
    assert shared.stat().st_mode & 0o7777 == 0o2770, "a folder's bit lends nothing: it says whose group a new file has"


PASSWD = ["passwd root:*:0:0:root:/root:/bin/bash", "passwd systemd-network:x:992:992:networks:/:/usr/sbin/nologin"]
PASSWD.append("passwd systemd-timesync:x:990:990:time:/:/usr/sbin/nologin")
HEADERS = [f"{table} {HEADER}" for table in surface.TABLES]


def row(table: str, place: str, state: str, uid: int) -> str:
    """As the kernel writes a socket, behind its table's name."""
    far = f"{'0' * (len(place) - 5)}:0000"
    return f"{table}    0: {place} {far} {state} 00000000:00000000 00:00000000 00000000   {uid}        0 9876 1 0"


def test_a_port_that_listens_is_found_in_the_kernels_tables() -> None:
    one, two = row("tcp", "0100007F:1F90", "0A", 986), row("tcp", "0F02000A:A3D2", "01", 984)
    six = row("tcp6", f"{'0' * 32}:0016", "0A", 0)
    open_ = listening([*PASSWD, *HEADERS, one, two, six])
    assert [str(found) for found in open_] == ["tcp 127.0.0.1:8080 of 986", "tcp6 [::]:22 of root"]
    assert not any(found.is_named for found in open_)
    assert listening([*PASSWD, *HEADERS, two]) == []
    for lines in (["cat: /proc/net/tcp: No such file or directory"], HEADERS, [*PASSWD, HEADERS[0]]):
        with pytest.raises(EmulatorError, match="no table"):
            listening(lines)


@pytest.mark.parametrize(
    ("table", "place", "uid", "named"),
    [
        ("udp", "0F02000A:0044", 992, True),
        ("udp", "0F02000A:0044", 0, False),
        ("udp", "00000000:14E9", 992, False),
        ("udp6", f"{'0' * 32}:0222", 992, True),
        ("raw6", f"{'0' * 32}:003A", 992, True),
        ("raw", "00000000:0001", 0, False),
        ("udp", "00000000:C001", 990, True),
        ("udp", "00000000:007B", 990, False),
    ],
)
def test_what_a_client_of_a_network_needs_is_named_and_nothing_else(
    table: str, place: str, uid: int, *, named: bool
) -> None:
    """DHCP's client port, ICMPv6, an answer to NTP; not a name service (5353), a raw socket of root, an NTP server."""
    (found,) = listening([*PASSWD, *HEADERS, row(table, place, "07", uid)])
    assert found.is_named is named
    assert listening([*PASSWD, *HEADERS, row(table, place, "01", uid)]) == [], "connected: it takes from one alone"


def test_the_kernels_own_tables_are_read() -> None:
    """Sockets of this test, in its machine's tables, by the very words that the box's shell is asked in."""
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams,
    ):
        datagrams.bind(("127.0.0.1", 0))
        wanted = {("tcp", server.getsockname()[1]), ("udp", datagrams.getsockname()[1])}
        assert any(wanted <= _open_here() for _ in range(5)), "looked up again where others came and went"


def _open_here() -> set[tuple[str, int]]:
    done = subprocess.run(["sh", "-c", surface._ASKED], capture_output=True, text=True, check=True)
    return {(found.protocol, found.port) for found in listening(done.stdout.splitlines())}
