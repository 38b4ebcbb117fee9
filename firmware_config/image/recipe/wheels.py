"""The box's Python packages: pinned wheels for arm64 and Python 3.13, and two compiled here for want of one.

They are unpacked, not installed: a wheel is an archive of what site-packages is to hold. The compiler is Debian's for
arm64 on this machine's own processor; what it makes is looked at by the boot.
"""

import re
import shutil
import sys
import zipfile
from pathlib import Path

from firmware_config.image.recipe.place import IMAGE, VAR, ImageError, emptied, in_bench, run

PYTHON = "3.13"
COMPILED = ("lgpio", "pyalsaaudio")
"""Their sources come pinned and hashed; the registry has no wheel of them for Python 3.13 on arm64."""
NOT_ON_THE_BOX = ("pip", "setuptools", "tzdata")
"""sqlite-utils names pip for a command of its own, colorzero names setuptools; Debian has the time zones."""
PLATFORMS = ("manylinux2014_aarch64", "manylinux_2_17_aarch64", "manylinux_2_28_aarch64")
SUFFIX = ".cpython-313-aarch64-linux-gnu.so"


def pins() -> dict[str, str]:
    """Name -> its whole entry in wheels.txt, hashes included."""
    text = (IMAGE / "wheels.txt").read_text()
    found = {one[1]: one[0] for one in re.finditer(r"^([a-z0-9-]+)==(?:.*\\\n)*.*$", text, re.MULTILINE)}
    if not found:
        raise ImageError("wheels.txt names no package: `make pins` writes it")
    return found


def fetch() -> Path:
    """Bring every pinned file; pip verifies the hashes. Returns the folder."""
    folder = emptied(VAR / "wheels")
    wanted = {name: entry for name, entry in pins().items() if name not in NOT_ON_THE_BOX}
    (folder / "wheels.txt").write_text("\n".join(entry for name, entry in wanted.items() if name not in COMPILED))
    (folder / "sources.txt").write_text("\n".join(entry for name, entry in wanted.items() if name in COMPILED))
    pip = (
        sys.executable,
        "-m",
        "pip",
        "download",
        "-q",
        "--disable-pip-version-check",
        "--no-deps",
        "--require-hashes",
    )
    run(
        (
            *pip,
            "--only-binary=:all:",
            f"--python-version={PYTHON}",
            "--implementation=cp",
            *(f"--abi={abi}" for abi in ("cp313", "abi3", "none")),
            *(f"--platform={one}" for one in PLATFORMS),
            "-d",
            folder,
            "-r",
            folder / "wheels.txt",
        ),
        told="pip download",
    )
    run(
        (*pip, "--no-build-isolation", "--no-binary=:all:", "-d", folder, "-r", folder / "sources.txt"),
        told="pip download",
    )
    return folder


def lay(folder: Path, site: Path) -> None:
    """Unpack the wheels into `site` and put what is compiled beside them."""
    site.mkdir(parents=True, exist_ok=True)
    for wheel in sorted(folder.glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(site)
    for source in sorted(folder.glob("*.tar.gz")):
        run(("tar", "-xzf", source, "-C", folder))
    _compile(folder, site)


def _compile(folder: Path, site: Path) -> None:
    alsa, lgpio = next(folder.glob("pyalsaaudio-*/")), next(folder.glob("lgpio-*/"))
    include = f"-Iheaders/usr/include/python{PYTHON} -Iheaders/usr/include -Iheaders/usr/include/aarch64-linux-gnu"
    gcc = f"aarch64-linux-gnu-gcc -shared -fPIC -O2 -g0 -ffile-prefix-map=/w=. -Wl,--build-id=none -Wl,-s {include}"
    libraries = "-Lroot/usr/lib/aarch64-linux-gnu"
    here = f"wheels/{lgpio.name}"
    in_bench(
        f"{gcc} wheels/{alsa.name}/alsaaudio.c {libraries} -l:libasound.so.2 -o wheels/alsaaudio{SUFFIX}\n"
        f"swig -python -I{here} -I{here}/src -o {here}/lgpio_wrap.c {here}/lgpio.i\n"
        f"cd {here}; {gcc.replace('headers', '../../headers')} -pthread -Isrc lgpio_wrap.c src/lg*.c src/rgpiod.c "
        f"-o ../_lgpio{SUFFIX}",
        told="aarch64-linux-gnu-gcc",
    )
    for name in ("alsaaudio", "_lgpio"):
        shutil.copy(folder / f"{name}{SUFFIX}", site)
    shutil.copy(lgpio / "lgpio.py", site)
    for name, source in (("pyalsaaudio", alsa), ("lgpio", lgpio)):
        told = site / f"{source.name}.dist-info"
        told.mkdir(exist_ok=True)
        shutil.copy(source / "PKG-INFO", told / "METADATA")
        (told / "INSTALLER").write_text(f"the image's recipe, from the pinned source of {name}\n")
