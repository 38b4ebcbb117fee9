"""Compiles the slow disk, and gives the environment that puts a program on it."""

import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_suffix(".c")


def on_a_slow_disk(folder: Path, sync_ms: int) -> dict[str, str]:
    """For programs that reach the C library's fsync: every one of Debian's SQLite, Python's and node's."""
    lib = folder / "slow_sync.so"
    if not lib.exists():
        options = "-shared -fPIC -O2 -Wall -Wextra -Werror"
        subprocess.run(["gcc", *options.split(), "-o", str(lib), str(SOURCE), "-ldl"], check=True)
    return {"LD_PRELOAD": str(lib), "CHEVET_SYNC_MS": str(sync_ms)}
