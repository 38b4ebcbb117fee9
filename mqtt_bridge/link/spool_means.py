"""What a spool is run with: where things are, with what they are installed, and its limits."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Limits:
    """rate: of one fetch. kept_free: room on the data partition that is the records' alone.

    spoilt_ms_max: the longest wait after what was not the offered archive.
    """

    rate_bytes_s: int = 1024 * 1024
    kept_free_bytes: int = 64 * 1024 * 1024
    retry_ms_min: int = 5_000
    retry_ms_max: int = 30 * 60_000
    spoilt_ms_max: int = 12 * 3_600_000
    silent_ms_max: int = 60_000
    install_ms_max: int = 30 * 60_000
    patient_tries: int = 4


@dataclass(frozen=True)
class Places:
    """Where things are, and with what they are installed.

    bedside: the kiosk's database; spool: where archives grow; packages: where they are installed, None: nowhere;
    audio: the command that installs and removes; updates: shared with the updater, None: this machine takes none;
    system: os-release(5), where the image's version stands.
    """

    bedside: Path
    spool: Path
    packages: Path | None
    audio: Sequence[str] = (str(Path(sys.executable).with_name("chevet-audio")),)
    updates: Path | None = None
    system: Path | None = None
