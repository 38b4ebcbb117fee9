"""A TPM for the emulated box: swtpm beside the emulator, and what carries the kernel's commands to it.

Each chip has a folder of its own state: another folder is another machine. The card's root stays as it was built; its
first file system alone is added to, because it must have the chip before the box looks for one.
"""

import lzma
import shutil
import subprocess
import time
from pathlib import Path
from typing import Self

from firmware_config.image.recipe.disk import LAYOUT, MIB
from firmware_config.image.recipe.place import BENCH, IMAGE, VAR, emptied, in_bench
from firmware_config.image.recipe.root import ROOT, kernel
from tests.appliance.emulator import ENTER
from tests.appliance.qmp import EmulatorError

HERE = Path(__file__).parent
MODULE = "drivers/char/tpm/tpm_vtpm_proxy"
"""What else it takes is in the kernel."""
READY_S_MAX = 60.0
_PACK = """\
aarch64-linux-gnu-gcc -static -O2 -Wall -Werror -o {folder}/more/chip/relay {folder}/relay.c
cd {folder}/more
find . -print0 | sort -z | cpio --null --create --format=newc --owner=0:0 --quiet >../more.cpio
cd ..
cp /w/boot/initrd initrd
truncate -s %4 initrd
cat more.cpio >>initrd
cp /w/boot-slot.ext4 boot.ext4
debugfs -w -R 'rm /initrd' boot.ext4 2>/dev/null
debugfs -w -R 'write initrd initrd' boot.ext4 2>/dev/null
debugfs -R 'dump /initrd back' boot.ext4 2>/dev/null
cmp initrd back
"""


class Chip:
    """swtpm, from its making until `close`; a context manager. Gone with the machine's power, and its state kept."""

    def __init__(self, folder: Path) -> None:
        self._socket = folder / "tpm"
        folder.mkdir(parents=True, exist_ok=True)
        self._socket.unlink(missing_ok=True)
        inside = Path("/w") / folder.relative_to(VAR)
        self.words = (
            *("-chardev", f"socket,id=chip,path={inside}/tpm"),
            *("-device", "virtio-serial-pci", "-device", "virtserialport,chardev=chip,name=chip"),
        )
        state = ("--tpmstate", f"dir={inside}", "--flags", "not-need-init,startup-clear")
        self._process = subprocess.Popen(
            [
                *("unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec", ENTER, "sh", str(BENCH)),
                *(str(VAR), "swtpm", "socket", "--tpm2", "--server", f"type=unixio,path={inside}/tpm", *state),
            ],
            env={"BENCH": str(BENCH), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
            stdin=subprocess.DEVNULL,
            stdout=(folder / "swtpm.log").open("wb"),
            stderr=subprocess.STDOUT,
        )
        end_s = time.monotonic() + READY_S_MAX
        while not self._socket.exists():
            if self._process.poll() is not None or time.monotonic() > end_s:
                self.close()
                raise EmulatorError(f"no swtpm: {(folder / 'swtpm.log').read_text()[-500:]}")
            time.sleep(0.1)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def fitted(card: Path) -> None:
    """Put into slot A's first file system what reaches the chip."""
    folder = emptied(VAR / "run" / "chip")
    more = folder / "more"
    (more / "chip").mkdir(parents=True)
    shutil.copyfile(HERE / "relay.c", folder / "relay.c")
    for name, source in (("init", HERE / "init"), ("init.box", IMAGE / "initrd/init")):
        shutil.copyfile(source, more / name)
        (more / name).chmod(0o755)
    modules = ROOT / "usr/lib/modules" / kernel() / "kernel"
    packed = (modules / f"{MODULE}.ko.xz").read_bytes()
    (more / "chip/proxy.ko").write_bytes(lzma.decompress(packed))
    in_bench(_PACK.format(folder=folder.relative_to(VAR)), told="a first file system with a chip")
    start = next(one.start_mib for one in LAYOUT if one.name == "boot-a") * MIB
    with card.open("r+b") as file:
        file.seek(start)
        file.write((folder / "boot.ext4").read_bytes())
