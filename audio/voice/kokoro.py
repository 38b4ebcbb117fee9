"""The only door to onnxruntime and numpy: Kokoro-82M, a neural voice, where the house is built. The box has neither."""

import importlib
import json
import re
from pathlib import Path
from typing import Any, Final

from audio.voice.errors import VoiceError
from audio.voice.espeak import only_french, phonemes
from audio.voice.espeak import version as espeak_version
from audio.voice.model import FOLDER, MODEL, SHA256, STYLE, VOCABULARY, files
from audio.voice.port import Identity, Speech

ENGINE: Final = "kokoro"
NAME: Final = "ff_siwis"
RATE_HZ = 24_000
SYMBOLS_MAX = 500  # the model reads 510, with its two ends
STYLE_NUMBERS = 256
MARKS = ".!?;:,"
LINKED = "-"  # espeak-ng's sign for a linked word: the model was trained without it
THREADS = 2
AUDIBLE = 0.01
EDGE_S = 0.04


class KokoroVoice:
    """Loads 92 MB at its first word. Needs about 350 MB of memory."""

    def __init__(self, folder: Path = FOLDER, speed: float = 1.0) -> None:
        """Raise VoiceError (model-missing, model-damaged, engine-missing)."""
        self._files = files(folder)
        self._numpy, self._onnxruntime = _module("numpy"), _module("onnxruntime")
        made = f"1.0-int8-{SHA256[MODEL][:8]}, espeak-ng {espeak_version()}"
        self._identity = Identity(engine=ENGINE, name=NAME, version=made, speed=speed)
        self._vocabulary: dict[str, int] = json.loads(self._files[VOCABULARY].read_text(encoding="utf-8"))["vocab"]
        self._styles = self._numpy.fromfile(self._files[STYLE], dtype="<f4").reshape(-1, STYLE_NUMBERS)
        self._session: Any = None

    @property
    def identity(self) -> Identity:
        return self._identity

    def say(self, text: str, language: str) -> Speech:
        """Raise VoiceError, also for a phoneme that the model does not know: nothing is left out."""
        only_french(language)
        spoken = [self._spoken(symbols) for symbols in _within(_symbols(text), SYMBOLS_MAX)]
        return Speech(b"".join(spoken), RATE_HZ)

    def _spoken(self, symbols: str) -> bytes:
        np, numbers = self._numpy, [self._number(symbol) for symbol in symbols]
        wave = (
            self._loaded()
            .run(
                None,
                {
                    "tokens": np.array([[0, *numbers, 0]], dtype=np.int64),
                    "style": self._styles[len(numbers) - 1].reshape(1, STYLE_NUMBERS),
                    "speed": np.array([self._identity.speed], dtype=np.float32),
                },
            )[0]
            .ravel()
        )
        return bytes((np.clip(self._trimmed(wave), -1, 1) * 32767).round().astype("<i2").tobytes())

    def _trimmed(self, wave: Any) -> Any:
        """Cut the silences at both ends, of which each breath has another length, and soften the cuts."""
        np, edge = self._numpy, int(EDGE_S * RATE_HZ)
        heard = np.flatnonzero(np.abs(wave) > AUDIBLE)
        if not len(heard):
            return wave
        kept = wave[max(0, heard[0] - edge) : heard[-1] + edge].copy()
        slope = np.linspace(0, 1, min(edge, len(kept)) // 2, dtype=kept.dtype)
        kept[: len(slope)] *= slope
        kept[len(kept) - len(slope) :] *= slope[::-1]
        return kept

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

    def _loaded(self) -> Any:
        if self._session is None:
            options = self._onnxruntime.SessionOptions()
            options.intra_op_num_threads = THREADS
            options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # a third less on a shared machine
            model = str(self._files[MODEL])
            self._session = self._onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        return self._session


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


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise VoiceError(
            "engine-missing",
            f"{name} is not installed",
            value=error,
            allowed="numpy and onnxruntime",
            remedy="pip install numpy onnxruntime, or choose --voice espeak-ng.",
        ) from error
