"""The folder of spoken words: FLAC files and the index that says which one says what. All that the box needs."""

import hashlib
import unicodedata
from pathlib import Path

import msgspec

from audio.voice.errors import VoiceError
from audio.voice.port import Identity

INDEX_NAME = "index.json"
INDEX_BYTES_MAX = 8 << 20


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

    def find(self, shown: str) -> Path | None:
        """Return the recording of a text as the box shows it; a name is left as its hole: `Bonjour {name}`."""
        recording = self.index.recordings.get(text_hash(self.index.language, shown))
        return self.folder / recording.file if recording else None


def text_hash(language: str, shown: str) -> str:
    """Return the key of a text in the index; one kind of space is as good as another."""
    plain = " ".join(unicodedata.normalize("NFC", shown).split())
    return hashlib.sha256(f"{language}\0{plain}".encode()).hexdigest()


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
