"""The player's settings, each with its unit and its limits."""

import tomllib
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from audio.errors import ConfigurationError

Seconds = Annotated[float, Meta(ge=0, le=3600)]


class PlayerConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`device` is the name of an ALSA PCM, never a card's number.

    `headphones_control`: the ALSA control whose "… Headphone Jack" tells the plug; None: that of the card that `device`
    names by `CARD=`; empty: none is watched. `level_percent`: of the card's own level, set at the start and before each
    opening on the first of `level_names` that the card has (amixer -D NAME scontrols); None: it is left alone. Where
    the card has none of them it plays at its own level, and the log says so.
    """

    device: Annotated[str, Meta(min_length=1, max_length=200)]
    headphones_control: Annotated[str, Meta(max_length=200)] | None = None
    level_percent: Annotated[int, Meta(ge=0, le=100)] | None = None
    level_names: tuple[str, ...] = ("Headphone", "PCM", "Speaker", "Master")
    socket: str = "/run/chevet/player.sock"
    buffer_ms: Annotated[int, Meta(ge=50, le=2000)] = 1000
    block_ms: Annotated[int, Meta(ge=20, le=2000)] = 1000
    decode_ahead_ms: Annotated[int, Meta(ge=1000, le=30_000)] = 6000
    device_wait_s_max: Seconds = 10.0
    kiosk_away_s_max: Seconds = 120.0
    fade_stop_ms: Annotated[int, Meta(ge=10, le=5000)] = 300
    fade_away_ms: Annotated[int, Meta(ge=10, le=10_000)] = 3000
    gain_ramp_ms: Annotated[int, Meta(ge=10, le=5000)] = 300


def load(file: Path | None, flags: dict[str, object]) -> PlayerConfig:
    """Return the settings of a TOML file, overruled by `flags` that are not None. Raises ConfigurationError."""
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        table = tomllib.loads(file.read_text()) if file else {}
        return msgspec.convert({**table, **given}, PlayerConfig)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigurationError(
            "configuration",
            "The player's settings cannot be used",
            value=error,
            allowed="the fields of audio/player/config.py",
            remedy="Correct the file or the flag: chevet-audio player --help.",
        ) from error
