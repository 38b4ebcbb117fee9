"""The room's errors: what, which value, what is allowed, what to do, and a code that does not change."""

WORDS_MAX = 600
SPACES = "\u00a0\u202f"  # of French typography


class AudioError(Exception):
    """Base of every error that this room raises on purpose."""

    def __init__(self, code: str, what: str, *, value: object, allowed: str, remedy: str) -> None:
        super().__init__(f"{_plain(what)}: {_plain(value)} (allowed: {_plain(allowed)}). {remedy}")
        self.code = code


def _plain(words: object) -> str:
    """A hostile file's words reach a terminal and a journal: without control characters, and not endless."""
    told = "".join(
        letter if letter.isprintable() or letter in SPACES else repr(letter)[1:-1] for letter in str(words)[:WORDS_MAX]
    )
    return told if len(str(words)) <= WORDS_MAX else f"{told}…"


class PackageError(AudioError):
    """A session package that must not be played."""


class SignatureError(PackageError):
    """A package that no known clinic answers for."""


class KeyFileError(AudioError):
    """A key that cannot be read. Code: key-unreadable."""


class PackageInUse(PackageError):
    """A package that must wait, because a session holds it. Code: package-in-use."""


class RecordingError(AudioError):
    """A recording, or its draft, from which no package can be made."""


class DeviceError(AudioError):
    """A sound device that cannot serve. Codes: device-missing, device-unsuitable, device-lost, jack-missing."""


class ConfigurationError(AudioError):
    """A player that cannot start as it was told to."""


class MontageError(AudioError):
    """A montage that could not be rendered."""


class LoudnessError(AudioError):
    """A sound whose loudness could not be measured."""
