"""What a manifest must not contradict, beyond the form of each field."""

import re
from pathlib import Path

from audio.errors import PackageError
from audio.package.manifest import Manifest

MANIFEST_NAME = "manifest.toml"
SIGNATURE_NAME = "manifest.sig"
PLAIN_NAME = re.compile(r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,99}\Z")
PACED = "shortness-of-breath"
DURATION_TOLERANCE_S = 0.01


def agrees_with_itself(manifest: Manifest, path: Path) -> None:
    """Refuse a manifest whose fields contradict each other; `path` is where it comes from. Raises PackageError."""
    _times(manifest, path)
    _contraindicated(manifest, path)
    _plain_names([part.file for part in manifest.parts], path)


def stays_inside(path: Path, file: str) -> None:
    """Refuse a part that a link leads out of the folder `path`. Raises PackageError."""
    root = path.resolve()
    try:
        inside = (root / file).resolve().is_relative_to(root)
    except (RuntimeError, OSError):  # links in a circle
        inside = False
    if not inside:
        raise PackageError(
            "part-escapes",
            "A part lies outside its package",
            value=repr(file),
            allowed=f"a file inside {path}",
            remedy="Do not play this package; ask where it comes from.",
        )


def _times(manifest: Manifest, path: Path) -> None:
    _same(path, "frames of all parts together", sum(part.frames for part in manifest.parts), manifest.frames)
    from_frames_s = manifest.frames / manifest.rate_hz
    if abs(from_frames_s - manifest.duration_s) > DURATION_TOLERANCE_S:
        _same(path, "duration_s", manifest.duration_s, round(from_frames_s, 3))
    for phase in manifest.phases:
        if not phase.start_s < phase.end_s <= manifest.duration_s + DURATION_TOLERANCE_S:
            within = f"start before end, inside 0 to {manifest.duration_s} s"
            _same(path, f"times of the phase “{phase.name}”", f"{phase.start_s} to {phase.end_s} s", within)


def _contraindicated(manifest: Manifest, path: Path) -> None:
    told = manifest.contraindications
    if told is None:
        return
    _same(path, "contraindications, each told once", len(told), len(set(told)))
    if manifest.breath_a_minute is not None and PACED not in told:
        within = f"{PACED}, because breath_a_minute paces the breath"
        _same(path, "contraindications", ", ".join(told) or "none", within)


def _plain_names(names: list[str], path: Path) -> None:
    """Plain names in one flat folder: nothing to climb with, and the same on every file system."""
    for name in names:
        if not PLAIN_NAME.match(name) or name.lower() in (MANIFEST_NAME, SIGNATURE_NAME):
            raise PackageError(
                "part-name",
                f"A part of {path.name} has a name that is not allowed",
                value=repr(name),
                allowed="letters without accents, digits, dot, dash, underscore; no folder",
                remedy="Do not play this package; ask where it comes from.",
            )
    folded = {name.lower() for name in names}
    _same(path, "names of the parts, each once", len(names), len(folded))


def _same(path: Path, what: str, value: object, expected: object) -> None:
    if value != expected:
        raise PackageError(
            "manifest-inconsistent",
            f"The manifest of {path.name} contradicts itself on {what}",
            value=value,
            allowed=str(expected),
            remedy="Build the package again.",
        )
