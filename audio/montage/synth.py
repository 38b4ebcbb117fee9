"""The only door to fluidsynth: a MIDI file in, samples out."""

import subprocess
from collections.abc import Callable
from pathlib import Path

from audio.errors import MontageError

SOUNDFONT = Path("/usr/share/sounds/sf3/MuseScore_General.sf3")
SOUNDFONT_LICENCE = "MuseScore General (S. Christian Collins, MIT)"
LOOK_S = 0.1
RENDER_S_MAX = 1800
FRAME_BYTES = 4
WHOLE = 0.98  # its clock goes by its own blocks
LOADING = ("-o", "synth.dynamic-sample-loading=1")  # only the sounds that are played: half the memory, the same bytes
SETTINGS = {
    "synth.cpu-cores": "1",
    "synth.default-soundfont": "",
    "synth.gain": "2.6",
    "synth.polyphony": "512",
    "synth.chorus.active": "0",
    "synth.reverb.room-size": "0.72",
    "synth.reverb.damp": "0.35",
    "synth.reverb.width": "0.9",
    "synth.reverb.level": "0.55",
    "audio.file.type": "wav",
    "audio.file.format": "s16",
}


def synthesise(
    midi: Path, out: Path, soundfonts: list[Path], rate_hz: int, frames: int, progress: Callable[[str, float], None]
) -> None:
    """Render `midi` to a 16-bit WAV of about `frames` frames. Raises MontageError."""
    options = [part for name, value in SETTINGS.items() for part in ("-o", f"{name}={value}")]
    files = [str(file) for file in (*soundfonts, midi)]
    command = ["fluidsynth", "-ni", "-q", *LOADING, *options, "-r", str(rate_hz), "-F", str(out), *files]
    try:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    except FileNotFoundError as error:
        raise _failed("fluidsynth is not installed", "apt install fluidsynth") from error
    try:
        complaint = _wait(process, out, frames, progress)
    finally:
        process.kill()
    if process.returncode or not out.exists():
        raise _failed(complaint.strip() or f"exit code {process.returncode}", "Read what fluidsynth says.")
    if out.stat().st_size < WHOLE * frames * FRAME_BYTES:  # it says nothing of a disk that fills
        raise _failed(f"{out.stat().st_size} bytes of about {frames * FRAME_BYTES}", "Make room on the disk.")


def _wait(process: "subprocess.Popen[str]", out: Path, frames: int, progress: Callable[[str, float], None]) -> str:
    for _ in range(int(RENDER_S_MAX / LOOK_S)):
        try:
            return process.communicate(timeout=LOOK_S)[1]
        except subprocess.TimeoutExpired:
            done = out.stat().st_size / (frames * FRAME_BYTES) if out.exists() else 0.0
            progress("rendering the montage", min(done, 0.99))
    return f"not done after {RENDER_S_MAX} s"


def find_soundfont(chosen: Path | None) -> Path:
    """Return the soundfont's real file. Raises MontageError."""
    soundfont = (chosen or SOUNDFONT).resolve()
    if not soundfont.is_file():
        raise _failed(f"{soundfont} is not there", "apt install musescore-general-soundfont, or give --soundfont")
    with soundfont.open("rb") as file:
        if file.read(12)[8:] != b"sfbk":  # fluidsynth would go on with another one, or with silence
            raise _failed(f"{soundfont} is no soundfont", "Give an SF2 or SF3 file.")
    return soundfont


def _failed(value: str, remedy: str) -> MontageError:
    return MontageError(
        "render", "The montage was not rendered", value=value, allowed="fluidsynth and its soundfont", remedy=remedy
    )
