"""Compiles the paced ALSA device and its headphone socket, and writes the ALSA configuration that names them."""

import hashlib
import os
import shlex
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
PCM_SOURCE, JACK_SOURCE = HERE / "pcm_chevet_paced.c", HERE / "ctl_chevet_jack.c"
PCM_NAME, JACK_NAME = "chevet_paced", "chevet_jack"


def build(out_dir: Path, source: Path = PCM_SOURCE) -> Path:
    """Return the compiled library in `out_dir`; compile it (gcc, libasound2-dev) when this source was not yet."""
    digest = hashlib.sha256(source.read_bytes()).hexdigest()[:12]
    lib = out_dir / f"{source.stem}-{digest}.so"
    if not lib.exists():
        out_dir.mkdir(parents=True, exist_ok=True)
        part = lib.with_suffix(f".{os.getpid()}")
        options = "-shared -fPIC -DPIC -D_GNU_SOURCE -O2 -Wall -Wextra -Werror -Wno-cast-function-type"
        subprocess.run(["gcc", *options.split(), "-o", str(part), str(source), "-lasound"], check=True)
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


def jack_asoundrc(lib: Path, plug: Path) -> str:
    """Return the configuration of the control JACK_NAME, whose plug is the file `plug`."""
    head = [f"ctl_type.chevet_jack.lib {_quoted(lib)}", f"ctl.{JACK_NAME} {{", "    type chevet_jack"]
    return "\n".join([*head, f"    plug {_quoted(plug)}", "}", ""])


def _quoted(path: Path) -> str:
    if any(c in str(path) for c in '"\\\n'):
        msg = f"{shlex.quote(str(path))}: an ALSA configuration cannot name this path; choose one without quotes"
        raise ValueError(msg)
    return f'"{path}"'
