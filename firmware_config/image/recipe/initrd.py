"""The first file system: busybox, dmsetup with its libraries, the few modules that the disk and the root need."""

import lzma
import shutil
from pathlib import Path

from firmware_config.image.recipe.place import IMAGE, VAR, emptied, in_bench, listed
from firmware_config.image.recipe.root import ROOT, kernel

SIGNATURE = 0x43485654
"""Of the disk, in its partition table ("CHVT"): by it the disk is found whatever the machine calls it."""
LIBRARIES = "usr/lib/aarch64-linux-gnu"
LOADER = "usr/lib/aarch64-linux-gnu/ld-linux-aarch64.so.1"


def build(verity: str) -> Path:
    """Make var/image/boot/initrd of the root that is there. `verity`: the shell assignments of its hash tree."""
    folder = emptied(VAR / "initrd")
    for name in ("bin", "dev", "proc", "sys", "root", "modules", "lib", LIBRARIES):
        (folder / name).mkdir(parents=True, exist_ok=True)
    shutil.copyfile(ROOT / "usr/bin/busybox", folder / "bin/busybox")
    shutil.copyfile(ROOT / "usr/sbin/dmsetup", folder / "bin/dmsetup")
    shutil.copyfile(IMAGE / "initrd/init", folder / "init")
    for name in ("bin/busybox", "bin/dmsetup", "init"):
        (folder / name).chmod(0o755)
    (folder / "verity").write_text(verity)
    (folder / "signature").write_text(f"{SIGNATURE:08x}")
    _libraries(folder)
    _modules(folder)
    in_bench(
        "cd initrd; find . -exec touch -h -d @$SOURCE_DATE_EPOCH {} +; "
        "find . -print0 | sort -z | cpio --null --create --format=newc --reproducible --owner=0:0 --quiet | "
        "zstd -q -19 -f -o ../boot/initrd",
        told="cpio",
    )
    return VAR / "boot/initrd"


def _libraries(folder: Path) -> None:
    """What dmsetup is linked with, and what those are."""
    waiting, done = ["usr/sbin/dmsetup"], set[str]()
    while waiting:
        said = in_bench(f"aarch64-linux-gnu-readelf -d root/{waiting.pop()}", told="readelf")
        names = [line.split("[")[1].rstrip("]") for line in said.splitlines() if "(NEEDED)" in line]
        for name in set(names) - done:
            done.add(name)
            shutil.copyfile((ROOT / LIBRARIES / name).resolve(), folder / LIBRARIES / name)
            (folder / LIBRARIES / name).chmod(0o755)
            waiting.append(f"{LIBRARIES}/{name}")
    (folder / "lib/ld-linux-aarch64.so.1").symlink_to(f"/{LOADER}")
    shutil.copyfile((ROOT / LOADER).resolve(), folder / LOADER)
    (folder / LOADER).chmod(0o755)


def _modules(folder: Path) -> None:
    """In the order in which they go in; unpacked, because busybox's insmod does not."""
    order: list[str] = []
    for name in listed(IMAGE / "initrd/modules.txt"):
        said = in_bench(f"modprobe -d root -S {kernel()} --show-depends {name}", told=f"modprobe {name}")
        for line in said.splitlines():
            words = line.split()
            if words and words[0] == "insmod" and words[1] not in order:
                order.append(words[1])
    names = []
    for found in order:
        path = (
            ROOT / found.split("/root/", 1)[-1].lstrip("/")
            if "/root/" in found
            else ROOT / found.removeprefix("root/").lstrip("/")
        )
        names.append(path.name.removesuffix(".xz"))
        data = path.read_bytes()
        (folder / "modules" / names[-1]).write_bytes(lzma.decompress(data) if path.suffix == ".xz" else data)
    (folder / "modules/order").write_text("".join(f"{name}\n" for name in names))
