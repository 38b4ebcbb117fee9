"""A package in words, for a nurse and for an engineer."""

from audio.package.manifest import Manifest, Part
from audio.package.reading import Package
from audio.package.shelf import Entry

KIND_WORDS = {
    "relaxation": "psychomusical relaxation",
    "crisis": "crisis",
    "sleep": "sleep",
    "sophrology": "sophrology",
    "mediation": "mediation other than music",
    "education": "education",
}


def described(package: Package, size_bytes: int, clinic: str | None) -> str:
    """Return what the package is, whom it is not for, how it sounds, and where it comes from."""
    manifest = package.manifest
    rows = [
        ("care", KIND_WORDS[manifest.kind]),
        ("style", manifest.style),
        ("length", clock(manifest.duration_s)),
        ("language", "none" if manifest.language == "zxx" else manifest.language),
        ("breath", manifest.breath_a_minute and f"paces {manifest.breath_a_minute:g} a minute"),
        ("not for", contraindicated(manifest)),
        ("loudness", f"{manifest.loudness_lufs:.1f} LUFS, true peak {manifest.true_peak_dbtp:.1f} dBTP"),
        ("sound", f"{manifest.rate_hz} Hz, {_channels(manifest.channels)}, {size_bytes / 1e6:.1f} MB"),
        ("package", f"{manifest.id}, version {manifest.version}"),
        ("licence", manifest.licence),
        ("source", manifest.source),
        ("signature", f"says {clinic}; verify it: chevet-audio check --clinic-key" if clinic else "none"),
        ("fingerprint", package.fingerprint),
    ]
    lines = [f"  {name:<12} {words}" for name, words in rows if words]
    phases = [f"  {clock(phase.start_s):>12} {phase.name}" for phase in manifest.phases]
    return "\n".join([manifest.title, *lines, "phases", *phases, "parts", *map(_part, manifest.parts)])


def contraindicated(manifest: Manifest) -> str:
    if manifest.contraindications is None:
        return "nobody has said: ask who made it"
    return ", ".join(word.replace("-", " ") for word in manifest.contraindications) or "nobody in particular"


def listed(found: list[Entry]) -> str:
    """Return a line for each package."""
    return "\n".join(_line(entry) for entry in found) or "no package here"


def clock(seconds: float) -> str:
    """Return 1334.2 s as 22:14, and 3700 s as 1:01:40."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _line(entry: Entry) -> str:
    if entry.error is not None:
        return f"{entry.id:<28} cannot be read [{entry.error}]"
    words = [f"{entry.id:<28} {entry.version:<8} {clock(entry.duration_s or 0):>8}  {entry.title}"]
    words += [f"signed by {entry.clinic}"] if entry.clinic else ["not signed"]
    return ", ".join(words + (["in use"] if entry.in_use else []))


def _channels(count: int) -> str:
    return "stereo" if count == 2 else "mono"


def _part(part: Part) -> str:
    return f"  {part.file}  {part.licence or 'licence as the package'}  {part.source or 'source as the package'}"
