"""The music that Chevet writes under a voice: soft beneath the words, forward in their long silences."""

from pathlib import Path

import msgspec

from audio.montage.arc import Silences
from audio.montage.build import LICENCE, bed_recipe, render_wave
from audio.montage.compose import bed
from audio.montage.score import to_midi
from audio.montage.synth import SOUNDFONT_LICENCE, find_soundfont
from audio.voice.bed import RATE_HZ, Bed, Progress

STYLES = {"pads": "nappes", "sea": "mer et nappes", "harp": "harpe et cordes", "piano": "piano et cordes"}
SAMPLE_S, SAMPLE_SILENCES = 120.0, ((30.0, 60.0),)


class Underlay(msgspec.Struct, frozen=True):
    """A style of `UNDER_A_VOICE`, and the composer's seed."""

    style: str
    seed: int = 1
    soundfont: Path | None = None

    @property
    def source(self) -> str:
        """Who made it, and its licence."""
        music = f"Chevet, tapis composé, {STYLES[self.style]}, graine {self.seed}, {LICENCE}"
        return f"{music} (sons\u00a0: {SOUNDFONT_LICENCE})"

    @property
    def sha256(self) -> str:
        """What it depends on: two minutes of it stand for the composer and the sounds of today."""
        return bed_recipe(bed(SAMPLE_S, self.style, self.seed, SAMPLE_SILENCES), self.soundfont)

    def rendered(self, frames: int, silences: Silences, folder: Path, progress: Progress) -> Bed:
        """Return it for a voice of so many frames, as a file in `folder`. Raises MontageError."""
        score = bed(frames / RATE_HZ, self.style, self.seed, silences)
        wave = render_wave(score, to_midi(score), folder, find_soundfont(self.soundfont), progress)
        return Bed(wave, self.source)
