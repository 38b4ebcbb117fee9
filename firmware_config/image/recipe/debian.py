"""Debian packages: from the archive that this workstation itself uses, unpacked and never configured.

No maintainer script is run: each would need an arm64 processor, or an emulator of one. What the box needs of them is
done natively in `root.py` (`_settle`), a line each.
"""

import hashlib
import platform
import re
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from firmware_config.image.recipe.place import IMAGE, VAR, ImageError, epoch, listed, run
from firmware_config.image.recipe.progress import Progress, Step

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
LEFT_OUT = ("/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*", "/usr/share/doc/*")
OF_THIS_MACHINE = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
"""Debian's name of the processor on which the image is made."""


@dataclass(frozen=True)
class Packages:
    """What stands in var/image/NAME: OF.txt lists what is asked for, OF.lock pins each package that came with it.

    variant: mmdebstrap's; `extract` runs nothing of them, `apt` configures them.
    """

    name: str
    of: str
    architecture: str
    step: Step
    variant: str = "extract"

    @property
    def root(self) -> Path:
        return VAR / self.name

    @property
    def lock(self) -> Path:
        return IMAGE / f"{self.of}.lock"


ROOT = Packages("debian", "packages", "arm64", Step.ROOT)
BENCH = Packages("bench", "bench", OF_THIS_MACHINE, Step.BENCH, variant="apt")
HEADERS = Packages("headers", "headers", "arm64", Step.HEADERS)
ALL = (ROOT, BENCH, HEADERS)
"""The root first: its kernel's version stands in the names of the others' packages."""


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


def contents(packages: Packages) -> list[str]:
    """A line for each package that stands there: name, version, architecture, source.

    Where nothing was configured, the SHA-256 of its file too: apt lets a file go that it has installed.
    """
    if packages.variant == "extract":
        return (packages.root / DEBS).read_text().splitlines()
    form = "${Package} ${Version} ${Architecture} ${source:Package}\\n"
    place = f"--admindir={packages.root / 'var/lib/dpkg'}"
    return sorted(run(("dpkg-query", place, "--show", f"--showformat={form}")).splitlines())


def check_lock(lock: Path, given: Iterable[str]) -> None:
    """Raises ImageError where these packages are not those that are pinned, with the remedy."""
    there, pinned = set(given), set(listed(lock))
    if there == pinned:
        return
    remedy = f"`make packages ONLY={lock.stem}` writes {lock.name} anew"
    machines = [{line.split(" ")[2] for line in lines} - {"all"} for lines in (pinned, there)]
    if pinned and not machines[0] & machines[1]:
        of, here = ("/".join(sorted(names)) for names in machines)
        raise ImageError(f"{lock.name} pins packages of {of}, and these are of {here}: {remedy} for this machine")
    names = sorted({line.split(" ")[0] for line in there ^ pinned})
    moved = ", ".join(_moved(name, pinned, there) for name in names[:5])
    raise ImageError(
        f"Debian's archive has moved on: {len(names)} packages are not as {lock.name} pins them ({moved}). "
        f"Look at what changed, then {remedy}"
    )


def _moved(name: str, pinned: set[str], there: set[str]) -> str:
    """`swig 4.3.0-1, now 4.3.1-1`; of the same version it is another file."""
    was, now = (
        " and ".join(sorted(words[1] for words in map(str.split, lines) if words[0] == name)) or "none"
        for lines in (pinned, there)
    )
    return f"{name} {was}, now {now}" if was != now else f"{name} {was}, another file"


def pin(wanted: Iterable[Packages], say: Progress) -> None:
    """Write the lock of what the archive gives today; one after the other, so that a kernel is known to the next."""
    for packages in wanted:
        say(packages.step)
        _unpack(packages)
        packages.lock.write_text(_about(packages) + "".join(f"{line}\n" for line in contents(packages)))


def _about(packages: Packages) -> str:
    last = "source, SHA-256 of each package file" if packages.variant == "extract" else "source of each package"
    return f"# name, version, architecture, {last} in var/image/{packages.name}; made by `make packages`.\n"


def kept(packages: Packages, say: Progress) -> None:
    """The packages as they are pinned, in their folder; unpacked anew where the list or the pins changed.

    Raises ImageError: the archive has other ones today.
    """
    if _stands(packages):
        say(packages.step, "there already")
    else:
        say(packages.step)
        _unpack(packages)
    check_lock(packages.lock, contents(packages))


def forget() -> None:
    """The next build unpacks every package anew. Raises ImageError: a program runs from them."""
    for packages in ALL:
        leave(packages.root)
    for packages in ALL:
        _stamp(packages).unlink(missing_ok=True)


def leave(root: Path, processes: Path = Path("/proc")) -> None:
    """Raises ImageError where a program runs from there: an emulator would lose what it is made of."""
    for process in processes.glob("[0-9]*"):
        with suppress(OSError):  # it has ended meanwhile
            if (process / "root").readlink() == root:
                raise ImageError(
                    f"process {process.name} runs from {root.name} (an emulator?), which is to be unpacked anew: "
                    "wait until it has ended, or end it"
                )


def _stands(packages: Packages) -> bool:
    stamp = _stamp(packages)
    return (
        stamp.exists()
        and stamp.read_text() == _wanted(packages)
        and set(contents(packages)) == set(listed(packages.lock))
    )


def _unpack(packages: Packages) -> None:
    leave(packages.root)
    _stamp(packages).unlink(missing_ok=True)
    shutil.rmtree(packages.root, ignore_errors=True)
    unpack(_names(f"{packages.of}.txt"), packages.root, packages.architecture, variant=packages.variant)
    _stamp(packages).write_text(_wanted(packages))


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


def _stamp(packages: Packages) -> Path:
    return VAR / f"{packages.name}.inputs"


def _wanted(packages: Packages) -> str:
    """The day of the pins and the list, of the pinned kernel where it is named."""
    file = f"{packages.of}.txt"
    return hashlib.sha256((IMAGE / file).read_bytes() + epoch().encode() + "".join(_names(file)).encode()).hexdigest()
