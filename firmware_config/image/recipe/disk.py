"""The disk: what stands where, written partition by partition into one file. No loop device, no mount."""

import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from firmware_config.image.recipe import initrd, trees
from firmware_config.image.recipe.place import IMAGE, VAR, ImageError, emptied, in_bench
from firmware_config.image.recipe.progress import Progress, Step
from firmware_config.image.recipe.root import version

MIB = 2**20
SECTOR = 512
PER_MIB = MIB // SECTOR
SALT = "00" * 32
"""The tree's hashes are compared with a root hash that we wrote ourselves: a salt would add nothing."""
UUID = "43484556-4554-4368-6576-6574{:08x}"


@dataclass(frozen=True)
class Partition:
    """number: of the MBR (the Pi 3 and Zero 2 W read no GPT from a card); 5 and more stand in the extended one."""

    number: int
    name: str
    start_mib: int
    size_mib: int
    kind: str


LAYOUT = (
    Partition(1, "firmware", 4, 60, "c"),
    Partition(2, "slots", 64, 1216, "f"),
    Partition(5, "boot-a", 65, 95, "83"),
    Partition(6, "root-a", 161, 511, "83"),
    Partition(7, "boot-b", 673, 95, "83"),
    Partition(8, "root-b", 769, 511, "83"),
    Partition(3, "data", 1280, 16, "83"),
)
"""Before each partition within the extended one a MiB is left for its link. Data is last, so that it can grow."""
SIZE_MIB = 1296


def table() -> str:
    """The partitions as sfdisk reads them."""
    lines = ["label: dos", f"label-id: 0x{initrd.SIGNATURE:08x}", "unit: sectors", ""]
    lines += [
        f"card{one.number} : start={one.start_mib * PER_MIB}, size={one.size_mib * PER_MIB}, type={one.kind}"
        + (", bootable" if one.number == 1 else "")
        for one in LAYOUT
    ]
    return "\n".join(lines) + "\n"


def squash() -> str:
    """var/image/root.squashfs with its hash tree behind it; returns the assignments that the first program reads."""
    image = VAR / "root.squashfs"
    image.unlink(missing_ok=True)
    in_bench(
        "mksquashfs root root.squashfs -noappend -no-progress -quiet -no-xattrs "
        "-comp zstd -Xcompression-level 9 -processors 2",
        told="mksquashfs",
    )
    size = image.stat().st_size
    blocks = -(-size // 4096)
    with image.open("r+b") as file:
        file.truncate(blocks * 4096)
    said = in_bench(
        f"rm -f root.verity; veritysetup format --salt={SALT} --uuid={UUID.format(1)} root.squashfs root.verity",
        told="veritysetup",
    )
    root_hash = next(line.split()[-1] for line in said.splitlines() if line.startswith("Root hash"))
    with image.open("ab") as file:
        file.write((VAR / "root.verity").read_bytes())
    return f"data_blocks={blocks}\nsalt={SALT}\nroot_hash={root_hash}\n"


def boot_slot() -> None:
    """var/image/boot-slot.ext4: kernel and first file system of a slot, which belong to its root."""
    folder = emptied(VAR / "boot-slot")
    for name in ("vmlinuz", "initrd"):
        (folder / name).write_bytes((VAR / "boot" / name).read_bytes())
    size = next(one.size_mib for one in LAYOUT if one.name == "boot-a")
    in_bench(
        "find boot-slot -exec touch -h -d @$SOURCE_DATE_EPOCH {} +; rm -f boot-slot.ext4; "
        "E2FSPROGS_FAKE_TIME=$SOURCE_DATE_EPOCH mke2fs -q -t ext4 -O ^has_journal,^metadata_csum,^64bit,^orphan_file "
        f"-d boot-slot -E root_owner=0:0,hash_seed={UUID.format(2)},lazy_itable_init=0 -U {UUID.format(3)} "
        f"-L chevet-boot boot-slot.ext4 {size}M",
        told="mke2fs",
    )


def slot() -> None:
    """var/image/slot: what a slot holds, and its version: of which `chevet-clinic update bundle` makes an update."""
    folder = emptied(VAR / "slot")
    for name, part in (("root.img", "root.squashfs"), ("boot.img", "boot-slot.ext4")):
        (folder / name).hardlink_to(VAR / part)
    (folder / "version").write_text(f"{version()}\n")


def firmware() -> None:
    """var/image/firmware.fat: what the Pi's own firmware reads, U-Boot, and U-Boot's script."""
    folder = emptied(VAR / "firmware")
    boot = VAR / "boot"
    for path in sorted((boot / "raspi-firmware").glob("*.*")):
        if path.name == "bootcode.bin" or path.name.startswith(("start", "fixup")):
            (folder / path.name).write_bytes(path.read_bytes())
    trees.lay(folder)
    (folder / "u-boot.bin").write_bytes((boot / "u-boot/rpi_arm64/u-boot.bin").read_bytes())
    (folder / "config.txt").write_bytes((IMAGE / "boot/config.txt").read_bytes())
    (VAR / "boot.cmd").write_bytes((IMAGE / "boot/boot.cmd").read_bytes())
    size = next(one.size_mib for one in LAYOUT if one.name == "firmware")
    in_bench(
        "mkimage -A arm64 -T script -C none -n chevet -d boot.cmd firmware/boot.scr >/dev/null; "
        "find firmware -exec touch -d @$SOURCE_DATE_EPOCH {} +; rm -f firmware.fat; "
        f"truncate -s {size}M firmware.fat; mkfs.fat --invariant -F 32 -n CHEVET firmware.fat >/dev/null; "
        "faketime -f \"$(date -u -d @$SOURCE_DATE_EPOCH '+%Y-%m-%d %H:%M:%S')\" "
        "sh -c 'cd firmware; for f in $(ls | sort); do mcopy -m -s -i ../firmware.fat $f ::; done'",
        told="mcopy",
    )


def record(order: str = "A B", left: int = 3, trial: str = "") -> bytes:
    """The record of slots in U-Boot's own format: CRC-32, then `name=value` ended by zeros, one sector in all."""
    words = [f"BOOT_ORDER={order}", f"BOOT_A_LEFT={left}", f"BOOT_B_LEFT={left}"]
    words += [f"CHEVET_TRIAL={trial}"] if trial else []
    body = b"\0".join(word.encode() for word in words).ljust(SECTOR - 4, b"\0")
    return struct.pack("<I", zlib.crc32(body)) + body


def assemble(into: Path) -> None:
    """Write the table and the partitions; slot B is as empty as data until an update fills it."""
    into.unlink(missing_ok=True)
    with into.open("wb") as file:
        file.truncate(SIZE_MIB * MIB)
    (VAR / "table.sfdisk").write_text(table())
    in_bench(f"sfdisk --quiet {into.name} <table.sfdisk", told="sfdisk")
    parts = {"firmware": "firmware.fat", "boot-a": "boot-slot.ext4", "root-a": "root.squashfs"}
    with into.open("r+b") as file:
        for one in LAYOUT:
            if one.name in parts:
                _put(file, one, VAR / parts[one.name])
        file.seek(MIB)
        file.write(record())


def _put(file: BinaryIO, where: Partition, part: Path) -> None:
    """A partition's content; what is zero stays a hole in the file."""
    if part.stat().st_size > where.size_mib * MIB:
        raise ImageError(
            f"{part.name} has {part.stat().st_size // MIB} MiB, {where.name} {where.size_mib} MiB: make LAYOUT larger"
        )
    with part.open("rb") as source:
        place = where.start_mib * MIB
        while block := source.read(MIB):
            if block.strip(b"\0"):
                file.seek(place)
                file.write(block)
            place += len(block)


def make(into: Path, say: Progress) -> None:
    """From var/image/root to the disk."""
    say(Step.PACK)
    initrd.build(squash())
    say(Step.DISK)
    boot_slot()
    slot()
    firmware()
    assemble(into)
