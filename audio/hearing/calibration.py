"""How loud a headphone is on a box: a TOML file for each model, written by whoever measured it (docs/etalonnage.md).

Level of a session in dBA = reference_dba + gain_db + (loudness_lufs - reference_lufs) + MARGIN_DB.
"""

import tomllib
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from audio.hearing.errors import CalibrationError

FILE_BYTES_MAX = 64 * 1024
MARGIN_DB = 3.0
"""Loudness is K-weighted, hearing risk A-weighted: how far they may differ. docs/hazards.md tells the measure."""
UNCALIBRATED = "uncalibrated"
LUFS = Annotated[float, Meta(ge=-60, le=0)]
Text = Annotated[str, Meta(min_length=1, max_length=200)]


class Calibration(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One model on one kind of box.

    A signal of `reference_lufs`, at gain 0, with the card at `card_level_percent`, was measured at `reference_dba` in
    one ear. `uncertainty_db`: half the width of the interval that holds 95 % (k=2).
    """

    model: Text
    reference_dba: Annotated[float, Meta(ge=50, le=125)]
    reference_lufs: LUFS
    card_level_percent: Annotated[int, Meta(ge=1, le=100)]
    measured_by: Text
    measured_on: Annotated[str, Meta(pattern=r"\A20\d\d-[01]\d-[0-3]\d\Z")]
    measured_with: Text
    uncertainty_db: Annotated[float, Meta(ge=0, le=15)]
    signal: Literal["pink-noise", "programme-noise", "sine-1-khz"] = "pink-noise"
    example: bool = False
    """An invented one, to be copied: it is told as such and never taken for a measure."""

    @property
    def measured(self) -> bool:
        return not self.example and self.model != UNCALIBRATED

    @property
    def name(self) -> str:
        """What a report says: the model, or that nothing was measured."""
        return self.model if self.measured else UNCALIBRATED

    def dba(self, loudness_lufs: float, gain_db: float = 0.0) -> float:
        """Level of sound of `loudness_lufs` at `gain_db`, on the safe side by the margin."""
        return self.reference_dba + gain_db + (loudness_lufs - self.reference_lufs) + MARGIN_DB


LOUDEST_PLAUSIBLE = Calibration(
    model=UNCALIBRATED,
    reference_dba=97.0,
    reference_lufs=-23.0,
    card_level_percent=100,
    measured_by="nobody",
    measured_on="2026-11-22",
    measured_with="a reckoning: 1 V from the card for full scale, a headphone of 120 dBA for 1 V",
    uncertainty_db=0.0,
)
"""For a box without a calibration. EN 50332-2 lets a headphone make 94 dBA from no less than 75 mV, which is 116.5 dBA
for 1 V; 3.5 dB are added for those sold outside it, and the margin. Nearly every headphone is softer than that: care is
too soft then, never too loud.
"""


def read(path: Path) -> Calibration:
    """The calibration in a file. Raises CalibrationError: missing, too large, not TOML, a wrong or unknown key."""
    try:
        with path.open("rb") as file:
            raw = file.read(FILE_BYTES_MAX + 1)
        if len(raw) > FILE_BYTES_MAX:
            raise ValueError(f"more than {FILE_BYTES_MAX} bytes")
        found = msgspec.convert(tomllib.loads(raw.decode()), Calibration)
    except OSError as error:
        raise _unusable(path, error.strerror or str(error)) from error
    except (ValueError, RecursionError) as error:  # not UTF-8, not TOML, not valid
        raise _unusable(path, str(error)) from error
    if found.model == UNCALIBRATED:
        raise _unusable(path, f"model {UNCALIBRATED!r} is the name of a box that has none")
    return found


def _unusable(path: Path, why: str) -> CalibrationError:
    return CalibrationError(
        "calibration-unusable",
        "The calibration cannot be used",
        value=f"{path}: {why}",
        allowed="the keys of audio/hearing/calibration.py",
        remedy="Correct it as docs/etalonnage.md says, or take its line out of kiosk.toml: the box is then told as "
        "uncalibrated and plays softly.",
    )
