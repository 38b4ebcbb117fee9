"""An update of the boxes' system, as one file that RAUC takes: signed by a pair of the clinic's own authority.

What goes in is var/image/slot of a build of the image: the root with its hash tree, the kernel's partition, a version.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from clinic.clock import now_ms
from clinic.errors import RecordError
from clinic.home import Home
from mqtt_bridge import authority

COMPATIBLE = "chevet"
PARTS = ("root.img", "boot.img")
VERSION = re.compile(r"(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*)){2}")
SIGNER = "updates"
PACKER = "mksquashfs"
"""Which RAUC starts: its package asks for none of the two."""
DAYS_LEFT_MIN = 30.0
_MANIFEST = """\
[update]
compatible={compatible}
version={version}

[bundle]
format=verity

[image.root]
filename=root.img

[image.boot]
filename=boot.img
"""


def bundle(home: Home, built: Path, into: Path, program: str = "rauc") -> str:
    """Write the bundle of what was built; return its version. Raises RecordError."""
    version = _version(built)
    if into.exists():
        raise RecordError(f"{into} is there already: an update's file is never written over")
    for needed, package in ((program, "rauc"), (PACKER, "squashfs-tools")):
        if shutil.which(needed) is None:
            raise RecordError(f"no program {needed}: it makes the file of an update; apt-get install {package}")
    signer = home.authority / SIGNER
    _sign_with(home, signer)
    with TemporaryDirectory(dir=into.absolute().parent, prefix=".bundle-") as work:
        content = Path(work) / "content"
        content.mkdir()
        for name in PARTS:
            _put(built / name, content / name)
        (content / "manifest.raucm").write_text(_MANIFEST.format(compatible=COMPATIBLE, version=version))
        made = Path(work) / into.name
        _run(
            program,
            "bundle",
            f"--cert={signer.with_suffix('.crt')}",
            f"--key={signer.with_suffix('.key')}",
            str(content),
            str(made),
        )
        made.rename(into)
    return version


def _version(built: Path) -> str:
    lacking = [name for name in (*PARTS, "version") if not (built / name).is_file()]
    if lacking:
        raise RecordError(f"{built}: no {', '.join(lacking)}: give the folder var/image/slot that `make image` makes")
    version = (built / "version").read_text().strip()
    if VERSION.fullmatch(version) is None:
        raise RecordError(f"{built / 'version'}: {version!r} is not three numbers between dots")
    return version


def _sign_with(home: Home, signer: Path) -> None:
    """The pair that signs, made when there is none or it ends soon. A box takes any of its clinic's authority."""
    try:
        known = authority.check_issued(
            signer.with_suffix(".crt").read_bytes(),
            signer.with_suffix(".key"),
            (home.authority / "ca.pem").read_bytes(),
        )
        due = known.not_after_ms - now_ms() < DAYS_LEFT_MIN * authority.DAY_MS
    except (OSError, authority.CertificateError):
        due = True
    if due:
        authority.issue_signer(home.authority, SIGNER, signer)


def _put(source: Path, target: Path) -> None:
    """By its name where both stand on one disk: these files are large."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _run(program: str, *words: str) -> None:
    done = subprocess.run([program, *words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RecordError(f"{program} {words[0]}: {' '.join((done.stderr or done.stdout).split())[-400:]}")
