"""The only door to onnxruntime and numpy: the neural voice's own process, in an environment of its own (.venv-voice).

python -m audio.voice.neural MODEL STYLES, with the house in PYTHONPATH. It reads {"symbols": [...], "speed": 0.9} on a
line and answers with a length (u32, little-endian, bytes) and that many bytes of mono S16_LE at 24 kHz. It ends when
its input ends: a builder that is killed leaves no voice behind.

The model always speaks at its own speed, and what it said is slowed afterwards. Asked to speak slowly it stretches the
silence before the first sound too, and fills it with a vowel: "Retour" was heard as "à retour" (docs/voice.md).
"""

import json
import struct
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

RATE_HZ = 24_000
STYLE_NUMBERS = 256
THREADS = 2
AUDIBLE = 0.01
EDGE_S = 0.04
WINDOW, REACH = 960, 240  # frames: 40 ms, and 10 ms each way: two periods of a deep voice


def main(model: Path, styles: Path) -> None:
    """Answer each line until there is no more."""
    rows = np.fromfile(styles, dtype="<f4").reshape(-1, STYLE_NUMBERS)
    session = _loaded(model)
    for line in sys.stdin:
        asked = json.loads(line)
        samples = said(session, rows, asked["symbols"], asked["speed"])
        sys.stdout.buffer.write(struct.pack("<I", len(samples)) + samples)
        sys.stdout.buffer.flush()


def said(session: Any, rows: Any, symbols: list[int], speed: float) -> bytes:
    """Return the samples of one breath; the voice's style depends on how many symbols it has."""
    wave = session.run(
        None,
        {
            "tokens": np.array([[0, *symbols, 0]], dtype=np.int64),
            "style": rows[len(symbols) - 1].reshape(1, STYLE_NUMBERS),
            "speed": np.ones(1, dtype=np.float32),
        },
    )[0].ravel()
    slowed = stretched(trimmed(wave), speed)
    return bytes((np.clip(slowed, -1, 1) * 32767).round().astype("<i2").tobytes())


def stretched(wave: Any, speed: float) -> Any:
    """Return the same voice at another speed, at its own pitch: overlapping windows, each laid where it fits the last.

    WSOLA: W. Verhelst, M. Roelands, ICASSP 1993.
    """
    if speed == 1.0:
        return wave
    hop, frames = WINDOW // 2, round(len(wave) / speed)
    source = np.concatenate([np.zeros(REACH), wave, np.zeros(2 * WINDOW + REACH)])
    window, out, weight = np.hanning(WINDOW), np.zeros(frames + WINDOW), np.full(frames + WINDOW, 1e-3)
    at = REACH
    for to in range(0, frames, hop):
        if to:
            at = _fitting(source, at + hop, REACH + int(to * speed))
        out[to : to + WINDOW] += source[at : at + WINDOW] * window
        weight[to : to + WINDOW] += window
    return (out / weight)[:frames]


def _fitting(source: Any, goes_on: int, wanted: int) -> int:
    """Return the place near `wanted` that sounds most like what would have gone on."""
    near, like = source[wanted - REACH : wanted + REACH + WINDOW], source[goes_on : goes_on + WINDOW]
    alike = np.correlate(near, like, "valid")
    size = np.sqrt(np.convolve(near**2, np.ones(WINDOW), "valid")) + 1e-6
    return wanted - REACH + int(np.argmax(alike / size))


def trimmed(wave: Any) -> Any:
    """Cut the silences at both ends, of which each breath has another length, and soften the cuts."""
    edge = int(EDGE_S * RATE_HZ)
    heard = np.flatnonzero(np.abs(wave) > AUDIBLE)
    if not len(heard):
        return wave
    kept = wave[max(0, heard[0] - edge) : heard[-1] + edge].copy()
    slope = np.linspace(0, 1, min(edge, len(kept)) // 2, dtype=kept.dtype)
    kept[: len(slope)] *= slope
    kept[len(kept) - len(slope) :] *= slope[::-1]
    return kept


def _loaded(model: Path) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # a third less on a shared machine
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
