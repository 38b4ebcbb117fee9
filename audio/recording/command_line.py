"""`chevet-audio draft` and `chevet-audio build`."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from audio.recording.building import Built

Progress = Callable[[str, float], None]


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Give `build` its words."""
    command.add_argument("recording", nargs="+", type=Path, help="WAV, AIFF or FLAC, stereo, 44100 or 48000 Hz")
    command.add_argument("out", type=Path, help="the folder to make")
    command.add_argument("--manifest", type=Path, required=True, help="the draft: begin with `chevet-audio draft`")
    command.add_argument("--json", action="store_true", help="one JSON object, for a machine")


def draft(_options: argparse.Namespace) -> int:
    """Show a draft to begin with."""
    from audio.recording.draft import EXAMPLE

    print(EXAMPLE, end="")
    return 0


def build(options: argparse.Namespace, progress: Progress) -> int:
    """Make a package from recordings. Raises RecordingError, PackageError."""
    import msgspec

    from audio.recording.building import build as make
    from audio.recording.draft import read_draft

    built = make(options.recording, read_draft(options.manifest), options.out, progress)
    manifest = built.package.manifest
    fields = {
        "outcome": "built",
        "path": str(options.out),
        "id": manifest.id,
        "version": manifest.version,
        "duration_s": manifest.duration_s,
        "gain_db": round(built.gain_db, 2),
        "loudness_lufs": manifest.loudness_lufs,
        "true_peak_dbtp": manifest.true_peak_dbtp,
        "fingerprint": built.package.fingerprint,
    }
    print(msgspec.json.encode(fields).decode() if options.json else _words(built))
    return 0


def _words(built: "Built") -> str:
    manifest = built.package.manifest
    level = f"{manifest.loudness_lufs:.1f} LUFS, true peak {manifest.true_peak_dbtp:.1f} dBTP"
    lines = [
        f"{built.package.path}: {manifest.title}, {manifest.duration_s:.0f} s, one gain of {built.gain_db:+.1f} dB"
    ]
    if built.below_target_lu > 0.5:
        lines.append(f"{built.below_target_lu:.1f} LU softer than usual: its peaks leave no more room, and none is cut")
    return "\n".join([*lines, level])
