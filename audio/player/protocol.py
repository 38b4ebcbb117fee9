"""What is said on the player's socket: one JSON object a line, told apart by `type`. There is no pause."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from audio.errors import AudioError

GAIN_DB_MIN = -40.0
GAIN_DB_MAX = 0.0
LINE_BYTES_MAX = 64 * 1024
PIECES_MAX = 80

SessionId = Annotated[str, Meta(min_length=1, max_length=200)]
GainDb = Annotated[float, Meta(ge=GAIN_DB_MIN, le=GAIN_DB_MAX)]
PlayerPhase = Literal["idle", "preparing", "ready", "playing", "fading", "ended"]
Outcome = Literal["heard_whole", "stopped", "interrupted", "failed"]
Headphones = Literal["in", "out", "unknown"]
"""unknown: the card does not report it."""
Cause = Literal[
    "device-missing",
    "device-unsuitable",
    "device-lost",
    "package-damaged",
    "package-differs",
    "kiosk-away",
    "player-stopped",
]
Reason = Literal[
    "unreadable",
    "line-too-long",
    "busy",
    "already-started",
    "not-ready",
    "unknown-session",
    "nothing-to-collect",
    "path-not-absolute",
]


class Prepare(msgspec.Struct, frozen=True, tag=True, forbid_unknown_fields=True, kw_only=True):
    """Check the package, open the device, decode ahead. `fingerprint`: the package that was prescribed."""

    session: SessionId
    package: Annotated[str, Meta(min_length=1, max_length=4000)]
    fingerprint: str | None = None
    gain_db: GainDb = 0.0


class Start(msgspec.Struct, frozen=True, tag=True, forbid_unknown_fields=True):
    """Play the prepared session, from its first frame to its last."""

    session: SessionId


class Stop(msgspec.Struct, frozen=True, tag=True, forbid_unknown_fields=True):
    """Fade out and end; recorded as stopped. There is no way back."""

    session: SessionId


class SetGain(msgspec.Struct, frozen=True, tag=True, forbid_unknown_fields=True):
    """Softer or louder, without a click. 0 dB is the package as it was made."""

    session: SessionId
    gain_db: GainDb


class Collect(msgspec.Struct, frozen=True, tag=True, forbid_unknown_fields=True):
    """The result has been recorded: forget it."""

    session: SessionId


class Status(msgspec.Struct, frozen=True, tag=True, forbid_unknown_fields=True):
    """Tell how things are. Whoever says nothing else is a watcher, not a kiosk."""


class Attend(msgspec.Struct, frozen=True, tag=True, forbid_unknown_fields=True):
    """I am the kiosk: while I am connected, somebody can stop the sound. Answered by the status."""


class Recorded(msgspec.Struct, frozen=True, tag=True, forbid_unknown_fields=True):
    """A recording of spoken words: mono, 48 kHz, -23 LUFS (audio/voice)."""

    file: Annotated[str, Meta(min_length=1, max_length=4000)]


class Plain(msgspec.Struct, frozen=True, tag=True, forbid_unknown_fields=True):
    """Words without a recording, for the plain voice. Who sends this has been told to by its configuration."""

    text: Annotated[str, Meta(min_length=1, max_length=2000)]


Piece = Recorded | Plain


class Say(msgspec.Struct, frozen=True, tag=True, forbid_unknown_fields=True, kw_only=True):
    """Say these one after the other, at a level of their own. What was being said is hushed.

    Without a session it opens the device and gives it back. On a session that is ready it takes that session's device,
    until the words end or `Start` comes. Over a session that sounds it is mixed into it; the sound waits for nothing.
    """

    id: SessionId
    pieces: Annotated[tuple[Piece, ...], Meta(max_length=PIECES_MAX)]
    gain_db: GainDb = 0.0


class Hush(msgspec.Struct, frozen=True, tag=True, forbid_unknown_fields=True):
    """Say no more."""


class Examine(msgspec.Struct, frozen=True, tag=True, forbid_unknown_fields=True):
    """Tell whether the card opens and takes its level. Who asks is a watcher; busy while a session is prepared."""


Command = Examine | Prepare | Start | Stop | SetGain | Collect | Status | Attend | Say | Hush


class Gap(msgspec.Struct, frozen=True):
    """A silence that was not in the package: `underrun` (we wrote late) or `starved` (decoding was late)."""

    at_frame: int
    duration_ms: float
    kind: Literal["underrun", "starved"]


class LevelChange(msgspec.Struct, frozen=True):
    """A SetGain that was heard: the level began to move, from the frame `at_frame`, towards `gain_db`."""

    at_frame: int
    gain_db: float


class HeadphonesChange(msgspec.Struct, frozen=True):
    """The plug moved when `at_frame` frames had been played. The sound went on."""

    at_frame: int
    headphones: Headphones


class PlayerStatus(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """The truth about the sound. `frames_played` counts what the device has consumed.

    `gaps`, `level_changes` and `headphones_changes` hold the first hundred, their totals count all. `headphones` is
    where the plug is now, from the preparation on. `detail` is for staff.
    """

    phase: PlayerPhase = "idle"
    session: str | None = None
    package: str | None = None
    frames_total: int = 0
    frames_played: int = 0
    rate_hz: int = 0
    gaps: tuple[Gap, ...] = ()
    gaps_total: int = 0
    gain_db: float = 0.0
    level_changes: tuple[LevelChange, ...] = ()
    level_changes_total: int = 0
    headphones: Headphones = "unknown"
    headphones_changes: tuple[HeadphonesChange, ...] = ()
    headphones_changes_total: int = 0
    outcome: Outcome | None = None
    cause: Cause | None = None
    detail: str | None = None
    first_frame_monotonic_ns: int | None = None


class Refused(msgspec.Struct, frozen=True, tag=True):
    """A command that changed nothing. `reason` is stable, `detail` is for staff."""

    command: str
    reason: Reason
    detail: str = ""


class Spoken(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """The words of `Say` are over: all said, or hushed by whatever came. `unsaid`: pieces that could not be said."""

    id: str
    outcome: Literal["said", "hushed"]
    unsaid: int = 0
    detail: str = ""


class Examined(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Of the card, opened for this answer unless it sounds. `level` None: the settings leave the card's own alone."""

    card: bool
    card_told: str
    level: bool | None = None
    level_told: str = ""


Answer = PlayerStatus | Refused | Spoken | Examined


class ProtocolError(AudioError):
    """A line that is no message of this protocol."""


_encoder = msgspec.json.Encoder()
_commands: msgspec.json.Decoder[Command] = msgspec.json.Decoder(Command)
_answers: msgspec.json.Decoder[Answer] = msgspec.json.Decoder(Answer)


def encode(message: Command | Answer) -> bytes:
    """Return the message as one line."""
    return _encoder.encode(message) + b"\n"


def decode_command(line: bytes) -> Command:
    """Raises ProtocolError."""
    try:
        return _commands.decode(line)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise _unreadable(line, error) from error


def decode_answer(line: bytes) -> Answer:
    """Raises ProtocolError."""
    try:
        return _answers.decode(line)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise _unreadable(line, error) from error


def _unreadable(line: bytes, error: Exception) -> ProtocolError:
    return ProtocolError(
        "unreadable",
        f"Not a message of this protocol ({error})",
        value=line[:80],
        allowed="one JSON object of audio/player/protocol.py a line",
        remedy="Use audio.client, of the same version.",
    )
