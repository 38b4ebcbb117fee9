"""Debian packages: from the archive that this workstation itself uses, unpacked and never configured.

No maintainer script is run: each would need an arm64 processor, or an emulator of one. What the box needs of them is
done natively in `root.py` (`_settle`), a line each.
"""

import hashlib
import re
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from firmware_config.image.recipe.place import IMAGE, VAR, ImageError, epoch, listed, run

RELEASE = "trixie"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
LOCK = IMAGE / "packages.lock"
DEBS = "usr/share/chevet/packages.txt"
_NOTE = f"""\
mkdir -p "$1/{Path(DEBS).parent}"
for file in "$1"/var/cache/apt/archives/*.deb; do
    dpkg-deb --showformat='${{Package}} ${{Version}} ${{Architecture}} ${{source:Package}} ' --show "$file"
    sha256sum "$file" | cut -d' ' -f1
done | sort >"$1/{DEBS}"
"""
"""Each package file is noted while it is there."""
_ABOUT_LOCK = (
    "# name, version, architecture, source, SHA-256 of each package file of the root; made by `make packages`.\n"
)
LEFT_OUT = ("/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*", "/usr/share/doc/*")


def archive() -> str:
    """The address from which apt on this machine takes its own release. Raises ImageError when there is none."""
    found = run(("apt-get", "indextargets", "--format", "$(REPO_URI) $(CODENAME) $(ORIGIN)", "Created-By: Packages"))
    codename = re.search(r"^VERSION_CODENAME=(.*)$", Path("/etc/os-release").read_text(), re.MULTILINE)
    for line in found.splitlines():
        address, *rest = line.split(" ")
        if codename and rest == [codename[1], "Debian"]:
            return address
    raise ImageError(
        "apt on this machine has no Debian archive of its own release: the image's packages come from there"
    )


def unpack(names: Iterable[str], into: Path, architecture: str, *, variant: str = "extract") -> None:
    """A root of these packages with what they depend on; `extract` runs nothing of them, `apt` configures them."""
    line = f"deb [signed-by={KEYRING}] {archive()} {RELEASE} main non-free-firmware"
    words = [
        "mmdebstrap",
        "--mode=root",
        f"--variant={variant}",
        f"--architectures={architecture}",
        "--skip=check/qemu",
    ]
    words += ['--aptopt=Acquire::Check-Valid-Until "false"', '--aptopt=APT::Install-Recommends "false"']
    words += [f"--dpkgopt=path-exclude={path}" for path in LEFT_OUT]
    words += ["--dpkgopt=path-include=/usr/share/doc/*/copyright", f"--include={','.join(names)}"]
    words += [f"--extract-hook={_NOTE}"]
    run((*words, RELEASE, into, line), told="mmdebstrap")


def unpacked(root: Path) -> list[list[str]]:
    """name, version, architecture, source, SHA-256 of each package file that was unpacked there, sorted by name."""
    return sorted(line.split(" ") for line in (root / DEBS).read_text().splitlines())


def check_lock(root: Path) -> None:
    """Raises ImageError where the archive gave another version than the one that is pinned."""
    given, pinned = set((root / DEBS).read_text().splitlines()), set(listed(LOCK))
    if given != pinned:
        moved = ", ".join(sorted(given - pinned)[:5]) or "fewer packages than pinned"
        raise ImageError(
            f"Debian's archive has moved on ({len(given - pinned)} packages, as {moved}): look at what changed, then "
            "`make packages` writes packages.lock anew"
        )


def pin(say: Callable[[str], None]) -> None:
    """Write packages.lock of what the archive gives today."""
    LOCK.write_text("")
    root = kept("debian", "packages.txt", "arm64", say)
    LOCK.write_text(_ABOUT_LOCK + (root / DEBS).read_text())
    _stamp("debian").write_text(_wanted("packages.txt"))


def kept(name: str, of: str, architecture: str, say: Callable[[str], None], variant: str = "extract") -> Path:
    """The root var/image/NAME of the packages that the file `of` lists; made anew when the list or the pins changed."""
    root, stamp = VAR / name, _stamp(name)
    if not stamp.exists() or stamp.read_text() != _wanted(of):
        say(f"Debian packages: {name}")
        stamp.unlink(missing_ok=True)
        shutil.rmtree(root, ignore_errors=True)
        unpack(_names(of), root, architecture, variant=variant)
        stamp.write_text(_wanted(of))
    return root


def kernel() -> str:
    """The version of the pinned kernel, as it stands in the names of packages. Raises ImageError."""
    found = re.search(r"^linux-image-([0-9]\S*)-arm64 ", LOCK.read_text(), re.MULTILINE)
    if found is None:
        raise ImageError("packages.lock pins no kernel: `make packages` writes it")
    return found[1]


def _names(of: str) -> list[str]:
    """`{kernel}` in a list stands for the pinned one's version."""
    names = listed(IMAGE / of)
    return [name.format(kernel=kernel()) for name in names] if any("{" in name for name in names) else names


def _stamp(name: str) -> Path:
    return VAR / f"{name}.inputs"


def _wanted(of: str) -> str:
    """The day of the pins and the list, of the pinned kernel where it is named; for the root, what is pinned, too."""
    pinned = LOCK.read_bytes() if of == "packages.txt" else "".join(_names(of)).encode()
    return hashlib.sha256((IMAGE / of).read_bytes() + epoch().encode() + pinned).hexdigest()
