"""Makes the folder of spoken words, and proves that it is whole and current."""

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from audio.player.gain import to_s16
from audio.sound_file import write_flac
from audio.voice.errors import VoiceError
from audio.voice.port import Voice
from audio.voice.recordings import INDEX_NAME, Index, Recording, SpokenWords, text_hash
from audio.voice.spoken import Text
from audio.voice.utterance import RATE_HZ, SAMPLE_BYTES, recipe, utter

Progress = Callable[[str, float], None]


def build(folder: Path, texts: list[Text], voice: Voice, licence: str, progress: Progress) -> SpokenWords:
    """Record what has no current recording. The index changes last: stopped half-way, the old folder still serves."""
    folder.mkdir(parents=True, exist_ok=True)
    known = _known(folder)
    recordings: dict[str, Recording] = {}
    for done, text in enumerate(texts):
        progress("recording the words", done / len(texts))
        recordings[text_hash("fr", text.shown)] = _recorded(folder, text, voice, known)
    index = Index(voice=voice.identity, language="fr", licence=licence, recordings=recordings)
    _put(folder / INDEX_NAME, msgspec.json.format(msgspec.json.encode(index), indent=1))
    _forget(folder, {recording.file for recording in recordings.values()})
    progress("recording the words", 1.0)
    return SpokenWords(folder)


def missing(folder: Path, texts: Iterable[Text]) -> list[str]:
    """Say, a line for each text, what is not as it should be; nothing when every text has its current recording.

    Current: made by the voice that the index names, from these very words and today's rules of pronunciation.
    """
    words = SpokenWords(folder)
    lines = [(text, _complaint(words, text)) for text in texts]
    return [f"{text.shown!r} ({text.source}): {complaint}" for text, complaint in lines if complaint]


def _complaint(words: SpokenWords, text: Text) -> str:
    recording = words.index.recordings.get(text_hash(words.index.language, text.shown))
    if recording is None:
        return "no recording"
    if recording.recipe != recipe(text.said, words.index.voice):
        return "its recording says something else than today's words"
    if _sha256(words.folder / recording.file) != recording.sha256:
        return f"{recording.file} is missing or damaged"
    return ""


def _recorded(folder: Path, text: Text, voice: Voice, known: dict[str, Recording]) -> Recording:
    made_by = recipe(text.said, voice.identity)
    old = known.get(made_by)
    if old is not None and _sha256(folder / old.file) == old.sha256:
        return msgspec.structs.replace(old, shown=text.shown, said=text.said)
    samples = utter(text.said, voice)
    file = folder / f"{made_by}.flac"
    write_atomically(file, samples)
    return Recording(
        file=file.name,
        sha256=_sha256(file),
        recipe=made_by,
        shown=text.shown,
        said=text.said,
        duration_s=round(len(samples) / SAMPLE_BYTES / RATE_HZ, 3),
    )


def write_atomically(file: Path, samples: bytes) -> None:
    """Write mono S32 samples as 16-bit FLAC at 48 kHz; what was there stays until the new one is whole."""
    with tempfile.TemporaryDirectory(prefix=".voice-", dir=file.parent) as work:
        beside = Path(work) / "said.flac"
        write_flac(beside, to_s16(samples), RATE_HZ, 1)
        beside.replace(file)


def _known(folder: Path) -> dict[str, Recording]:
    try:
        return {recording.recipe: recording for recording in SpokenWords(folder).index.recordings.values()}
    except VoiceError:
        return {}


def _forget(folder: Path, kept: set[str]) -> None:
    for file in folder.glob("*.flac"):
        if file.name not in kept:
            file.unlink()


def _put(file: Path, raw: bytes) -> None:
    beside = file.with_name(f".{file.name}.new")
    with beside.open("wb") as opened:
        opened.write(raw)
        opened.flush()
        os.fsync(opened.fileno())
    beside.replace(file)


def _sha256(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError:
        return ""
