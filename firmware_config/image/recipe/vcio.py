"""The one module of the kernel that is ours: compiled against Debian's headers of the very kernel that is pinned."""

import shutil

from firmware_config.image.recipe.place import IMAGE, VAR, emptied, in_bench

NAME = "vcio"
_MAKE = """\
mount --bind headers/usr/src /usr/src
make -s -C /usr/src/linux-headers-{kernel} M=/w/{folder} ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu- \\
    KBUILD_BUILD_TIMESTAMP=@$SOURCE_DATE_EPOCH KBUILD_BUILD_USER=chevet KBUILD_BUILD_HOST=chevet \\
    KCFLAGS=-ffile-prefix-map=/w=. modules
aarch64-linux-gnu-strip --strip-debug {folder}/{name}.ko
"""
"""The headers' links lead to linux-kbuild below /usr/lib: the bench's, whose programs run on this machine."""


def build(kernel: str) -> None:
    """Put it into var/image/root, where depmod finds it. Raises ImageError."""
    folder = emptied(VAR / NAME)
    for name in (f"{NAME}.c", "Kbuild"):
        shutil.copyfile(IMAGE / NAME / name, folder / name)
    in_bench(_MAKE.format(kernel=kernel, folder=NAME, name=NAME), told=f"the module {NAME}")
    place = VAR / "root/usr/lib/modules" / kernel / "updates"
    place.mkdir()
    shutil.copyfile(folder / f"{NAME}.ko", place / f"{NAME}.ko")
