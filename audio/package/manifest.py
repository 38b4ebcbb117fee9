"""What a session package says of itself."""

import re
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Kind = Literal["relaxation", "crisis", "sleep", "sophrology", "mediation", "education"]
Contraindication = Literal["musicogenic-epilepsy", "hyperacusis", "dissociation", "shortness-of-breath"]
# No control characters, nor those that reverse the direction of what follows: staff read these words in a terminal.
_PLAIN = r"\A[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]+\Z"
Text = Annotated[str, Meta(min_length=1, max_length=500, pattern=_PLAIN)]
LongText = Annotated[str, Meta(min_length=1, max_length=2000, pattern=_PLAIN)]
IDENTIFIER = re.compile(r"\A[a-z0-9][a-z0-9-]{0,63}\Z")
Identifier = Annotated[str, Meta(pattern=IDENTIFIER.pattern)]
Version = Annotated[str, Meta(pattern=r"\A[0-9]{1,9}(\.[0-9]{1,9}){0,2}\Z")]
Language = Annotated[str, Meta(pattern=r"\A([a-z]{2,3}(-[A-Z]{2})?|zxx)\Z")]
Contraindications = Annotated[tuple[Contraindication, ...], Meta(max_length=4)]
BreathAMinute = Annotated[float, Meta(ge=2, le=20)]
Frames = Annotated[int, Meta(ge=1, le=6 * 3600 * 48_000)]
Seconds = Annotated[float, Meta(ge=0, le=6 * 3600)]


class Phase(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A stretch of the montage, in seconds from its start."""

    name: Text
    start_s: Seconds
    end_s: Seconds


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One audio file of the package; the parts are played one after the other without a gap.

    `licence` and `source` are None in manifests of before 2026-11-22, where the package's own stand for every part.
    """

    file: Annotated[str, Meta(min_length=1, max_length=200)]
    sha256: Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
    frames: Frames
    licence: Text | None = None
    source: LongText | None = None


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The content of `manifest.toml`. Loudness is BS.1770 integrated (LUFS), the peak is true peak (dBTP).

    `style` is what a patient chooses between (« piano et cordes »), `breath_a_minute` the breaths that the package
    paces. `contraindications` is None where nobody has said: not the same as none, and nobody can sign it.
    """

    id: Identifier
    version: Version
    title: Text
    kind: Kind
    language: Language
    licence: Text
    source: LongText
    duration_s: Seconds
    frames: Frames
    rate_hz: Literal[44100, 48000]
    channels: Literal[1, 2]
    loudness_lufs: Annotated[float, Meta(ge=-70, le=0)]
    true_peak_dbtp: Annotated[float, Meta(ge=-100, le=0)]
    phases: Annotated[tuple[Phase, ...], Meta(max_length=100)]
    parts: Annotated[tuple[Part, ...], Meta(min_length=1, max_length=1000)]
    style: Text | None = None
    breath_a_minute: BreathAMinute | None = None
    contraindications: Contraindications | None = None

    @property
    def version_numbers(self) -> tuple[int, ...]:
        """The version as it is compared: 1.2 is 1.2.0, and older than 1.10."""
        numbers = [int(number) for number in self.version.split(".")]
        return (*numbers, *[0] * (3 - len(numbers)))
