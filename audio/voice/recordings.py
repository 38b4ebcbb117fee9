"""The folder of spoken words: FLAC files and the index that says which one says what. All that the box needs."""

import hashlib
import re
import unicodedata
from pathlib import Path

import msgspec

from audio.voice.errors import VoiceError
from audio.voice.port import Identity

INDEX_NAME = "index.json"
INDEX_BYTES_MAX = 8 << 20
HOLE = r"\{\w+\}"
ANYTHING = ".{1,200}"
AROUND_MIN = 4


class Recording(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`recipe` is the hash of all that the sound depends on; `shown` the text as the box has it."""

    file: str
    sha256: str
    recipe: str
    shown: str
    said: str
    duration_s: float


class Index(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Recordings by the hash of language and text."""

    voice: Identity
    language: str
    licence: str
    recordings: dict[str, Recording]


class SpokenWords:
    """The recordings of a folder."""

    def __init__(self, folder: Path) -> None:
        """Raise VoiceError (index-missing, index-unreadable)."""
        self.folder, self.index = folder, _read(folder / INDEX_NAME)
        self._with_holes = [
            (_pattern(one.shown), one) for one in self.index.recordings.values() if _tells_enough(one.shown)
        ]

    def find(self, shown: str) -> Path | None:
        """Return the recording of a text as the box shows it.

        What is said without a name (`Bonjour {name}`) is found by the words around it.
        """
        recording = self.index.recordings.get(text_hash(self.index.language, shown))
        recording = recording or next((one for known, one in self._with_holes if known.fullmatch(_plain(shown))), None)
        return self.folder / recording.file if recording else None


def text_hash(language: str, shown: str) -> str:
    """Return the key of a text in the index; one kind of space is as good as another."""
    return hashlib.sha256(f"{language}\0{_plain(shown)}".encode()).hexdigest()


def _plain(shown: str) -> str:
    return " ".join(unicodedata.normalize("NFC", shown).split())


def _tells_enough(shown: str) -> bool:
    """A text that is hardly more than its hole would be found in everything."""
    return "{" in shown and len(re.sub(HOLE, "", shown).replace(" ", "")) >= AROUND_MIN


def _pattern(shown: str) -> re.Pattern[str]:
    """The text with anything in its holes. One at its end may be missing: nobody's name is known."""
    parts = [re.escape(part) for part in re.split(HOLE, _plain(shown))]
    if len(parts) > 1 and not parts[-1] and parts[-2].endswith("\\ "):
        return re.compile(ANYTHING.join([*parts[:-2], parts[-2][:-2]]) + f"(?: {ANYTHING})?")
    return re.compile(ANYTHING.join(parts))


def _read(file: Path) -> Index:
    try:
        with file.open("rb") as opened:
            return msgspec.json.decode(opened.read(INDEX_BYTES_MAX), type=Index)
    except OSError as error:
        raise _unusable("index-missing", f"{file} ({error.strerror})") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _unusable("index-unreadable", f"{file}: {error}") from error


def _unusable(code: str, value: str) -> VoiceError:
    remedy = "Run `chevet-audio speak --all FOLDER`."
    return VoiceError(code, "There are no spoken words", value=value, allowed="a folder with its index", remedy=remedy)
