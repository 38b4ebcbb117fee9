"""Kokoro-82M, a neural voice, where the house is built: phonemes here, the model in its own process (`neural`)."""

import contextlib
import json
import os
import re
import struct
import subprocess
import tempfile
import weakref
from pathlib import Path
from select import select
from typing import IO, Final

from audio.voice.errors import VoiceError
from audio.voice.espeak import only_french, phonemes
from audio.voice.espeak import version as espeak_version
from audio.voice.model import FOLDER, MODEL, SHA256, STYLE, VOCABULARY, files
from audio.voice.port import Identity, Speech

HOUSE: Final = Path(__file__).parents[2]
PYTHON: Final = HOUSE / ".venv-voice/bin/python"
ENGINE: Final = "kokoro"
NAME: Final = "ff_siwis"
RATE_HZ = 24_000
TREATMENT = 2  # part of each recording's key: add one when `neural` treats the sound in another way
SYMBOLS_MAX = 500  # the model reads 510, with its two ends
MARKS = ".!?;:,"
LINKED = "-"  # espeak-ng's sign for a linked word: the model was trained without it
SAY_S_MAX = 120  # for 500 phonemes, on a busy machine
END_S_MAX = 5
SAMPLES_BYTES_MAX = 64 << 20


class KokoroVoice:
    """Loads 92 MB at its first word. Its process needs about 350 MB of memory, and ends with this object."""

    def __init__(self, folder: Path = FOLDER, speed: float = 1.0, python: Path = PYTHON) -> None:
        """Raise VoiceError (model-missing, model-damaged, engine-missing)."""
        self._files, self._python = files(folder), _present(python)
        made = f"1.0-int8-{SHA256[MODEL][:8]}.{TREATMENT}, espeak-ng {espeak_version()}"
        self._identity = Identity(engine=ENGINE, name=NAME, version=made, speed=speed)
        self._vocabulary: dict[str, int] = json.loads(self._files[VOCABULARY].read_text(encoding="utf-8"))["vocab"]
        self._process: _Process | None = None

    @property
    def identity(self) -> Identity:
        return self._identity

    def say(self, text: str, language: str) -> Speech:
        """Raise VoiceError, also for a phoneme that the model does not know: nothing is left out."""
        only_french(language)
        breaths = [[self._number(symbol) for symbol in symbols] for symbols in _within(_symbols(text), SYMBOLS_MAX)]
        return Speech(b"".join(self._running().say(breath, self._identity.speed) for breath in breaths), RATE_HZ)

    def _running(self) -> "_Process":
        if self._process is None:
            self._process = _Process(self._python, self._files[MODEL], self._files[STYLE])
        return self._process

    def _number(self, symbol: str) -> int:
        try:
            return self._vocabulary[symbol]
        except KeyError:
            raise VoiceError(
                "phoneme-unknown",
                "The neural voice does not know a phoneme",
                value=f"{symbol!r} (U+{ord(symbol):04X})",
                allowed="the phonemes of its vocabulary",
                remedy="Write the word in another way, as it is said in French.",
            ) from None


class _Process:
    """`audio.voice.neural` at work."""

    def __init__(self, python: Path, model: Path, styles: Path) -> None:
        command = [str(python), "-s", "-m", "audio.voice.neural", str(model), str(styles)]
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            bufsize=0,
            env={**os.environ, "PYTHONPATH": str(HOUSE)},
        )
        weakref.finalize(self, _end, self._process, self._complaints)

    def say(self, symbols: list[int], speed: float) -> bytes:
        """Return the samples of one breath. Raises VoiceError (engine-failed)."""
        assert self._process.stdin  # noqa: S101 - opened above
        try:
            self._process.stdin.write(json.dumps({"symbols": symbols, "speed": speed}).encode() + b"\n")
            (length,) = struct.unpack("<I", self._read(4))
            return self._read(min(length, SAMPLES_BYTES_MAX))
        except BrokenPipeError:
            raise self._failed("it ended") from None

    def _read(self, length: int) -> bytes:
        assert self._process.stdout  # noqa: S101 - opened above
        found = bytearray()
        while len(found) < length:
            if not select([self._process.stdout], [], [], SAY_S_MAX)[0]:
                raise self._failed(f"no word in {SAY_S_MAX} s")
            piece = os.read(self._process.stdout.fileno(), length - len(found))
            if not piece:
                raise self._failed("it ended")
            found += piece
        return bytes(found)

    def _failed(self, why: object) -> VoiceError:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(END_S_MAX)  # what it complained about is written then
        self._complaints.seek(0)
        last = self._complaints.read().decode(errors="replace").strip().splitlines()[-1:]
        return VoiceError(
            "engine-failed",
            "The neural voice's process failed",
            value=": ".join([str(why), *last]),
            allowed="one answer for each sentence",
            remedy="Run `make setup` to make .venv-voice again, or choose --voice espeak-ng.",
        )


def _end(process: "subprocess.Popen[bytes]", complaints: IO[bytes]) -> None:
    for pipe in (process.stdin, process.stdout, complaints):
        if pipe is not None:
            pipe.close()
    try:
        process.wait(END_S_MAX)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _symbols(text: str) -> str:
    """The phonemes of `text` with its punctuation, which espeak-ng drops and the model sings by."""
    pieces = re.findall(rf"[^{re.escape(MARKS)}]+|[{re.escape(MARKS)}]+", text)
    said = [piece[0] + " " if piece[0] in MARKS else phonemes(piece) for piece in pieces if piece.strip()]
    return "".join(said).replace(LINKED, "").strip()


def _within(symbols: str, longest: int) -> list[str]:
    """Cut at commas, and only where the model's limit asks for it."""
    if len(symbols) <= longest:
        return [symbols]
    cut = symbols.rfind(", ", 0, longest) + 1
    if not cut:
        raise VoiceError(
            "sentence-too-long",
            "A sentence is too long to be said in one breath",
            value=f"{len(symbols)} phonemes",
            allowed=f"at most {longest} between two commas",
            remedy="Write shorter sentences.",
        )
    return [symbols[:cut], *_within(symbols[cut:].strip(), longest)]


def _present(python: Path) -> Path:
    if not python.is_file():
        raise VoiceError(
            "engine-missing",
            "The neural voice's environment is not here",
            value=python,
            allowed="a Python with numpy and onnxruntime",
            remedy="Run `make setup`, or choose --voice espeak-ng.",
        )
    return python
