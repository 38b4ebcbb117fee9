"""Compiles the paced ALSA device and writes the ALSA configuration that names it."""

import hashlib
import os
import shlex
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_name("pcm_chevet_paced.c")
PCM_NAME = "chevet_paced"


def build(out_dir: Path) -> Path:
    """Return the compiled plugin in `out_dir`; compile it (gcc, libasound2-dev) when this source was not yet."""
    digest = hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:12]
    lib = out_dir / f"libasound_module_pcm_chevet_paced-{digest}.so"
    if not lib.exists():
        out_dir.mkdir(parents=True, exist_ok=True)
        part = lib.with_suffix(f".{os.getpid()}")
        options = "-shared -fPIC -DPIC -O2 -Wall -Wextra -Werror -Wno-cast-function-type"
        subprocess.run(["gcc", *options.split(), "-o", str(part), str(SOURCE), "-lasound"], check=True)
        part.replace(lib)
    return lib


def asoundrc(
    lib: Path,
    pcm_name: str,
    out_file: Path,
    log_file: Path,
    speed: float,
    *,
    stall: Path | None = None,
    vanish: Path | None = None,
) -> str:
    """Return a whole ALSA configuration (for ALSA_CONFIG_PATH) with the one PCM `pcm_name`."""
    settings = {"out": out_file, "log": log_file, "stall": stall, "vanish": vanish}
    lines = [f"    {key} {_quoted(path)}" for key, path in settings.items() if path is not None]
    return "\n".join(
        [
            f"pcm_type.chevet_paced.lib {_quoted(lib)}",
            f"pcm.{pcm_name} {{",
            "    type chevet_paced",
            f"    speed {float(speed)}",
            *lines,
            "}",
            "",
        ]
    )


def _quoted(path: Path) -> str:
    if any(c in str(path) for c in '"\\\n'):
        msg = f"{shlex.quote(str(path))}: an ALSA configuration cannot name this path; choose one without quotes"
        raise ValueError(msg)
    return f'"{path}"'
