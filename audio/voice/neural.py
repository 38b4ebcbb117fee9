"""The only door to onnxruntime and numpy: the neural voice's own process, in an environment of its own (.venv-voice).

python -m audio.voice.neural MODEL STYLES, with the house in PYTHONPATH. It reads {"symbols": [...], "speed": 0.9} on a
line and answers with a length (u32, little-endian, bytes) and that many bytes of mono S16_LE at 24 kHz. It ends when
its input ends: a builder that is killed leaves no voice behind.
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
            "speed": np.array([speed], dtype=np.float32),
        },
    )[0].ravel()
    return bytes((np.clip(trimmed(wave), -1, 1) * 32767).round().astype("<i2").tobytes())


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
