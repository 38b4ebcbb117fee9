"""What a session package says of itself."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Kind = Literal["relaxation", "crisis", "sleep", "sophrology", "mediation", "education"]
Text = Annotated[str, Meta(min_length=1, max_length=500)]
Frames = Annotated[int, Meta(ge=1, le=6 * 3600 * 48_000)]
Seconds = Annotated[float, Meta(ge=0, le=6 * 3600)]


class Phase(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A stretch of the montage, in seconds from its start."""

    name: Text
    start_s: Seconds
    end_s: Seconds


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One audio file of the package; the parts are played one after the other without a gap."""

    file: Annotated[str, Meta(min_length=1, max_length=200)]
    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    frames: Frames


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The content of `manifest.toml`. Loudness is BS.1770 integrated (LUFS), the peak is true peak (dBTP)."""

    id: Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,63}$")]
    version: Annotated[str, Meta(pattern=r"^[0-9]+(\.[0-9]+){0,2}$")]
    title: Text
    kind: Kind
    language: Annotated[str, Meta(pattern="^([a-z]{2,3}(-[A-Z]{2})?|zxx)$")]
    licence: Text
    source: Annotated[str, Meta(min_length=1, max_length=2000)]
    duration_s: Seconds
    frames: Frames
    rate_hz: Literal[44100, 48000]
    channels: Literal[1, 2]
    loudness_lufs: Annotated[float, Meta(ge=-70, le=0)]
    true_peak_dbtp: Annotated[float, Meta(ge=-100, le=0)]
    phases: Annotated[tuple[Phase, ...], Meta(max_length=100)]
    parts: Annotated[tuple[Part, ...], Meta(min_length=1, max_length=1000)]
