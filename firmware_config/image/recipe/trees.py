"""The device trees of the boot partition: Debian's, what may be laid over them, and what U-Boot is told by them."""

import struct
from pathlib import Path

from firmware_config.image.recipe.place import IMAGE, VAR, ImageError, in_bench

BOARDS = ("bcm2711-rpi-4-b", "bcm2837-rpi-3-b", "bcm2837-rpi-3-b-plus", "bcm2837-rpi-zero-2-w")
"""Each must have its device tree on the boot partition, or its start ends before ours begins."""
CONSOLE = "no-console"
"""In the place of Debian's tree stands that tree with this laid over it: not a switch, as the others are."""
KERNEL_AT, RAMDISK_AT = 0x00200000, 0x05000000
"""Where U-Boot has the kernel in a Pi's memory, and the first file system, by that overlay."""


def lay(into: Path) -> None:
    """Write each board's tree into the folder, which is under var/image, and into `overlays` what may be laid over it.

    Raises ImageError: a board has no tree, or an overlay names what a tree has not; the kernel is too large.
    """
    room_for(VAR / "boot/vmlinuz")
    debians = VAR / "boot/dtb"
    place = into.relative_to(VAR)
    (into / "overlays").mkdir()
    closing = _compiled(IMAGE / "boot" / f"{CONSOLE}.dts", Path())
    for tree in trees(debians):
        in_bench(f"fdtoverlay -i boot/dtb/{tree.name} -o {place}/{tree.name} {closing}", told="fdtoverlay")
        if in_bench(f"fdtget -t x {place}/{tree.name} /config bootdelay", told="fdtget").strip() != "fffffffe":
            raise ImageError(f"{tree.name} does not tell U-Boot to read no key: look at boot/{CONSOLE}.dts")
    for source in sorted((IMAGE / "boot/overlays").glob("*.dts")):
        made = _compiled(source, place / "overlays")
        for tree in trees(debians):
            in_bench(f"fdtoverlay -i {place}/{tree.name} -o laid.dtb {made}; rm laid.dtb", told="fdtoverlay")


def room_for(kernel: Path) -> None:
    """U-Boot loads both, then moves the kernel up to KERNEL_AT, over what stands in its way.

    The kernel's own head says how much memory it takes (Linux, Documentation/arch/arm64/booting.rst: bytes 16 to 23).
    Raises ImageError.
    """
    with kernel.open("rb") as file:
        (size,) = struct.unpack_from("<Q", file.read(64), 16)
    if KERNEL_AT + size > RAMDISK_AT:
        raise ImageError(f"the kernel takes {size:#x} bytes and would lie on the first file system: raise RAMDISK_AT")


def _compiled(source: Path, into: Path) -> Path:
    """The overlay's bytes, by a path under var/image."""
    (VAR / source.name).write_bytes(source.read_bytes())
    made = into / f"{source.stem}.dtbo"
    in_bench(f"dtc -q -@ -I dts -O dtb -o {made} {source.name}", told="dtc")
    return made


def trees(folder: Path) -> list[Path]:
    """Debian's device trees of the boards that this image is for, by the names of the kernel's own source.

    config.txt's `upstream_kernel` has the Pi's firmware look for these names: its own call a Pi 3's bcm2710.
    Raises ImageError: a board has none.
    """
    found = [path for path in sorted(folder.glob("bcm2*-rpi-*.dtb")) if not path.name.startswith("bcm2712")]
    if missing := set(BOARDS) - {path.stem for path in found}:
        raise ImageError(f"Debian's kernel brings no device tree for {sorted(missing)}")
    return found
