"""The box's root: Debian's packages, our rooms and their wheels, the tree of files; nothing of it is run."""

import os
import re
import shutil
from pathlib import Path

from firmware_config.image.recipe import debian, pictures, vcio, wheels
from firmware_config.image.recipe.place import IMAGE, TOP, VAR, ImageError, in_bench, listed, run
from firmware_config.image.recipe.progress import Progress, Step

ROOT = VAR / "root"
OPT = "opt/chevet"
SITE = f"{OPT}/lib/python{wheels.PYTHON}/site-packages"
ROOMS = ("kiosk", "audio", "mqtt_bridge")
"""Of our rooms these stand on the box; the clinic does not."""
COMMANDS = {"chevet-audio": "audio.cli", "chevet-kiosk": "kiosk.cli", "chevet-link": "mqtt_bridge.cli"}
UNITS = ("chevet-kiosk", "chevet-player", "chevet-link")
BOOT_PARTS = ("usr/lib/raspi-firmware", "usr/lib/u-boot")
"""What stands on the boot partition and not in the root."""
GONE = (
    "boot",
    *BOOT_PARTS,
    "etc/apt",  # names the archive of the workstation on which the image was made: another one's image differed
    "etc/dpkg",
    "usr/include",
    "usr/lib/udev/rules.d/90-alsa-restore.rules",  # for units that are masked
    "usr/lib/udev/rules.d/60-tpm-udev.rules",  # for an account that is not made: root alone asks the TPM
    "usr/share/bash-completion",
    "usr/share/lintian",
    "usr/share/X11/locale",
    "var/cache",
    "var/lib/apt",
    "usr/lib/python3/dist-packages/pygame/examples",
    "usr/lib/python3/dist-packages/pygame/tests",
    "usr/lib/python3/dist-packages/pygame/docs",
)


def build(say: Progress) -> None:
    """Make var/image/root, and beside it var/image/boot (kernel, device trees, firmware)."""
    debian.kept(debian.ROOT, say)
    debian.kept(debian.HEADERS, say)
    for name in ("root", "boot"):
        shutil.rmtree(VAR / name, ignore_errors=True)
    run(("cp", "-a", "--reflink=auto", VAR / "debian", ROOT))
    say(Step.WHEELS)
    wheels.lay(wheels.fetch(), ROOT / SITE)
    _ours()
    _tree()
    pictures.write(ROOT / "usr/share/chevet/first")
    _release()
    say(Step.MODULE)
    vcio.build(kernel())
    say(Step.SETTLE)
    _settle()
    _put_boot_apart()
    say(Step.COMPILE)
    _compile()


def _ours() -> None:
    """Our rooms as git has them, and a command for each."""
    tracked = run(("git", "-C", TOP, "ls-files", "-z", *ROOMS)).split("\0")
    for name in filter(None, tracked):
        target = ROOT / SITE / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(TOP / name, target)
    place = ROOT / OPT
    (place / "pyvenv.cfg").write_text("home = /usr/bin\ninclude-system-site-packages = true\n")
    (place / "bin").mkdir(exist_ok=True)
    (place / "bin/python").symlink_to("/usr/bin/python3")
    for name, module in COMMANDS.items():
        command = place / "bin" / name
        command.write_text(
            f"#!/opt/chevet/bin/python -P\nimport sys\n\nfrom {module} import main\n\nsys.exit(main())\n"
        )
        command.chmod(0o755)


def _tree() -> None:
    """The files of `tree`, as they are named; the units of the three processes; the box's configuration."""
    laid(IMAGE / "tree", ROOT)
    for unit in UNITS:
        shutil.copyfile(TOP / "systemd" / f"{unit}.service", ROOT / f"usr/lib/systemd/system/{unit}.service")
    (ROOT / "etc/chevet").mkdir(parents=True, exist_ok=True)
    for file in (TOP / "firmware_config" / "box").glob("*.toml"):
        shutil.copyfile(file, ROOT / "etc/chevet" / file.name)


def laid(tree: Path, root: Path) -> None:
    """Copy these files with the modes that git keeps: how a checkout was made must not be seen in the image."""
    for source in sorted(path for path in tree.rglob("*") if path.is_file()):
        target = root / source.relative_to(tree)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        target.chmod(0o755 if source.stat().st_mode & 0o100 else 0o644)


def _release() -> None:
    """The image's version where os-release(5) has it, and the oldest that RAUC still takes: its own."""
    told, named = ROOT / "usr/lib/os-release", version()
    lines = [line for line in told.read_text().splitlines() if not line.startswith("PRETTY_NAME=")]
    debian = next(line for line in told.read_text().splitlines() if line.startswith("PRETTY_NAME="))
    name = debian.partition("=")[2].strip('"')
    lines += [f'PRETTY_NAME="Chevet {named} ({name})"', "IMAGE_ID=chevet", f"IMAGE_VERSION={named}"]
    told.write_text("".join(f"{line}\n" for line in lines))
    rauc = ROOT / "etc/rauc/system.conf"
    rauc.write_text(rauc.read_text().replace("min-bundle-version=0\n", f"min-bundle-version={named}\n"))


def version() -> str:
    """Of the image: CHEVET_IMAGE_VERSION where it is set, else the file `version`. Raises ImageError."""
    named = os.environ.get("CHEVET_IMAGE_VERSION") or (IMAGE / "version").read_text().strip()
    if not re.fullmatch(r"(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*)){2}", named):
        raise ImageError(f"version {named!r}: three numbers between dots, without zeros before them, as 2026.11.30")
    return named


def _settle() -> None:
    """What maintainer scripts would have done and the box needs, by the bench's own tools."""
    etc, share = ROOT / "etc", ROOT / "usr/share"
    for name in ("passwd", "group"):
        shutil.copyfile(share / f"base-passwd/{name}.master", etc / name)
    shutil.copyfile(share / "libc-bin/nsswitch.conf", etc / "nsswitch.conf")
    (etc / "machine-id").write_text("")
    (etc / "resolv.conf").unlink(missing_ok=True)
    (etc / "resolv.conf").symlink_to("/run/systemd/resolve/resolv.conf")
    in_bench("ldconfig -r root", told="ldconfig")
    in_bench("systemd-sysusers --root=/w/root", told="systemd-sysusers")
    made = {line.split(":")[0] for line in (etc / "passwd").read_text().splitlines()}
    if missing := sorted({*UNITS, "chevet-update", "chevet-wifi"} - made):
        raise ImageError(f"systemd-sysusers left out {missing} and did not say so: look at tree/usr/lib/sysusers.d")
    # What systemd-tmpfiles would make at each start, on a root that is read-only then.
    (ROOT / "srv").mkdir(exist_ok=True)
    in_bench(
        "systemd-tmpfiles --root=/w/root --create --prefix=/etc --prefix=/srv --prefix=/root --prefix=/home",
        told="systemd-tmpfiles",
    )
    in_bench("systemd-hwdb --root=/w/root --usr update", told="systemd-hwdb")
    masked = " ".join(listed(IMAGE / "masked.txt"))
    in_bench(
        f"rm -rf root/etc/systemd/system; systemctl --root=/w/root preset-all; systemctl --root=/w/root mask {masked}",
        told="systemctl",
    )
    in_bench(f"depmod -b root {kernel()}", told="depmod")
    for name in ("etc/passwd-", "etc/group-", "etc/shadow-", "etc/gshadow-", "etc/.pwd.lock", "usr/lib/ssl/private"):
        path = ROOT / name
        path.unlink(missing_ok=True) if not path.is_dir() else shutil.rmtree(path)
    for name in ("data", "boot/firmware"):
        (ROOT / name).mkdir(parents=True, exist_ok=True)
    drop_setuid(ROOT)


def drop_setuid(root: Path) -> None:
    """No program runs with other rights than its caller's: nobody signs in, and each unit starts as its own account."""
    run(("find", root, "-xdev", "-type", "f", "-perm", "/6000", "-exec", "chmod", "ug-s", "{}", "+"))


def kernel() -> str:
    """The version of the kernel that came."""
    return next((ROOT / "usr/lib/modules").iterdir()).name


def _put_boot_apart() -> None:
    boot = VAR / "boot"
    boot.mkdir()
    version = kernel()
    shutil.copyfile(ROOT / f"boot/vmlinuz-{version}", boot / "vmlinuz")
    shutil.copytree(ROOT / f"usr/lib/linux-image-{version}/broadcom", boot / "dtb")
    shutil.rmtree(ROOT / f"usr/lib/linux-image-{version}")
    for part in BOOT_PARTS:
        shutil.copytree(ROOT / part, boot / Path(part).name)
    for path in GONE:
        run(("rm", "-rf", ROOT / path))
    shutil.rmtree(ROOT / "var/lib/dpkg")
    (ROOT / "boot/firmware").mkdir(parents=True)


def _compile() -> None:
    """Python's byte code, by the bench's Python of the same version; nothing is compiled on a read-only root."""
    for folder in (f"usr/lib/python{wheels.PYTHON}", "usr/lib/python3/dist-packages", SITE):
        in_bench(
            f"python3 -m compileall -q -j 2 --invalidation-mode unchecked-hash -s root -p / root/{folder}",
            told="compileall",
        )
