"""A guided session: the voice over a bed of music, each at its own fixed level, written as a package."""

import hashlib
import itertools
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import msgspec

from audio.errors import PackageError
from audio.loudness import Loudness, Meter, measure
from audio.montage.arc import Silences
from audio.package import MANIFEST_NAME, Contraindication, Manifest, Package, Part, Phase, check, to_toml
from audio.package.placing import put_in_place
from audio.player.gain import Gain, factor_of, mix, scale, to_s16, to_stereo
from audio.sound_file import SoundReader, write_flac
from audio.voice.bed import Bed, Progress
from audio.voice.cache import key
from audio.voice.choosing import licence_of, told
from audio.voice.port import Identity, Voice
from audio.voice.script import Script
from audio.voice.underlay import STYLES, Underlay
from audio.voice.utterance import LOUDNESS_LUFS, RATE_HZ, SAMPLE_BYTES, gain_db, recipe, silence, spoken

CHANNELS: Final = 2
BED_BELOW_LU = 18.0  # older ears lose words when music is nearer
LEAD_S, FADE_IN_S, FADE_OUT_S = 6.0, 6.0, 10.0
BLOCK_FRAMES = RATE_HZ  # a multiple of the gain's steps
LONG_SILENCE_S = 12.0  # in shorter ones the music stays where it is
PART_NAME = "seance.flac"
VERSION = 1
Music = Bed | Underlay | None


class Track(msgspec.Struct, frozen=True):
    """The voice alone: mono S32 at 48 kHz, at the voice's own level; where each phase and each long silence lies."""

    samples: bytes
    phases: tuple[Phase, ...]
    silences: Silences = ()


def track(script: Script, voice: Voice, progress: Progress) -> Track:
    """Say the whole script, with its silences. Raises VoiceError."""
    pieces, phases, silences = [silence(LEAD_S)], [], []
    said, lines = itertools.count(), sum(len(phase.say) for phase in script.phase)
    start_s = 0.0
    for phase in script.phase:
        for text, silence_s in phase.say:
            progress("recording the session", next(said) / lines)
            pieces += [spoken(text, voice, script.language), silence(silence_s)]
            if silence_s >= LONG_SILENCE_S:
                silences.append((_seconds(pieces) - silence_s, _seconds(pieces)))
        end_s = _seconds(pieces)
        phases.append(Phase(name=phase.name, start_s=round(start_s, 3), end_s=round(end_s, 3)))
        start_s = end_s
    progress("recording the session", 1.0)
    return Track(b"".join(pieces), tuple(phases), tuple(silences))


def _seconds(pieces: list[bytes]) -> float:
    return sum(map(len, pieces)) / SAMPLE_BYTES / RATE_HZ


def over(voice: bytes, bed: Bed | None) -> bytes:
    """Return the mono voice in both ears over the bed, S16 stereo, -23 LUFS as a whole. Raises VoiceError.

    Both levels are fixed: music that ducks at each sentence pulls at the attention. One that is written for the words
    (`Underlay`) comes forward in their long silences by itself.
    """
    below = _below(voice, bed) if bed else 0.0
    factor = factor_of(gain_db(_measured(_mixed(voice, bed, below)), "the session"))
    return b"".join(to_s16(scale(block, factor)) for block in _mixed(voice, bed, below))


def build_session(script: Script, out: Path, voice: Voice, music: Music, progress: Progress) -> tuple[Package, bool]:
    """Make the package at `out`; return it, and whether it had to be made. Raises VoiceError or PackageError.

    One that is there, whole, and from the same words, voice and music is kept.
    """
    made_from = session_recipe(script, voice.identity, music)
    if is_current(out, made_from):
        return check(out), False
    spoken_track = track(script, voice, progress)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as work:
        made = Path(work) / "package"
        made.mkdir()
        bed = _laid(music, spoken_track, Path(work), progress)
        write_flac(made / PART_NAME, over(spoken_track.samples, bed), RATE_HZ, CHANNELS)
        manifest = _manifest(script, spoken_track, voice.identity, music, made / PART_NAME)
        (made / MANIFEST_NAME).write_text(to_toml(manifest), encoding="utf-8")
        check(made)
        put_in_place(made, out)
    return check(out), True


def _laid(music: Music, said: Track, folder: Path, progress: Progress) -> Bed | None:
    if not isinstance(music, Underlay):
        return music
    return music.rendered(len(said.samples) // SAMPLE_BYTES, said.silences, folder, progress)


def session_recipe(script: Script, identity: Identity, music: Music) -> str:
    """Return what a session depends on, hashed; it stands in the package's source."""
    words = [recipe(text, identity, script.language) for phase in script.phase for text, _ in phase.say]
    levels = f"{VERSION} {BED_BELOW_LU} {LEAD_S} {FADE_IN_S} {FADE_OUT_S} {LOUDNESS_LUFS}"
    return key(
        identity, script.language, *words, levels, msgspec.json.encode(script).decode(), music.sha256 if music else ""
    )


def is_current(folder: Path, made_from: str) -> bool:
    """Tell whether the package is whole and made from this recipe."""
    try:
        manifest = check(folder).manifest
    except PackageError:
        return False
    return made_from in manifest.source and manifest.contraindications is not None


def _below(voice: bytes, bed: Bed) -> float:
    """Return the factor that lays the bed at its distance below; a voice in both ears counts 3 dB more."""
    lufs = measure(voice, RATE_HZ, 1).integrated_lufs + 3.01 - BED_BELOW_LU
    return factor_of(lufs - bed.loudness_lufs(len(voice) // SAMPLE_BYTES))


def _mixed(voice: bytes, bed: Bed | None, below: float) -> Iterator[bytes]:
    """Yield stereo blocks of a second: a whole session in memory would be 350 MB for each copy."""
    size = BLOCK_FRAMES * SAMPLE_BYTES
    ears = (to_stereo(voice[at : at + size]) for at in range(0, len(voice), size))
    if bed is None:
        yield from ears
        return
    frames = len(voice) // SAMPLE_BYTES
    gain = Gain(CHANNELS, 0.0)
    gain.ramp_to(below, round(FADE_IN_S * RATE_HZ))
    fade_from = frames - round(FADE_OUT_S * RATE_HZ)
    for number, (ear, music) in enumerate(zip(ears, bed.blocks(frames, BLOCK_FRAMES), strict=True)):
        if number == fade_from // BLOCK_FRAMES:
            gain.ramp_to(0.0, frames - number * BLOCK_FRAMES)
        yield mix(ear, bytes(gain.apply(music)))


def _measured(blocks: Iterable[bytes]) -> Loudness:
    meter = Meter(RATE_HZ, CHANNELS)
    for block in blocks:
        meter.add(block)
    return meter.close()


def _manifest(script: Script, said: Track, identity: Identity, bed: Music, part: Path) -> Manifest:
    with SoundReader(part) as sound:
        frames = sound.frames
        loudness = _measured(sound.read(BLOCK_FRAMES) for _ in range(0, frames, BLOCK_FRAMES))
    music = f"\u00a0; musique\u00a0: {bed.source}" if bed else "\u00a0; sans musique"
    voice = f"voix\u00a0: {told(identity)}, {licence_of(identity)}"
    digest = hashlib.sha256(part.read_bytes()).hexdigest()
    source = (
        f"Chevet, texte écrit pour elle\u00a0; {voice}{music}\u00a0; recette {session_recipe(script, identity, bed)}"
    )
    # Inward attention can bring dissociation on; any sound may hurt in hyperacusis; the rare epilepsy needs music.
    # The breath is noticed and never paced.
    heard: tuple[Contraindication, ...] = ("musicogenic-epilepsy",) if bed else ()
    return Manifest(
        id=script.id,
        version=script.version,
        title=script.title,
        kind="sophrology",
        language=script.language,
        licence=script.licence,
        source=source,
        duration_s=round(frames / RATE_HZ, 6),
        frames=frames,
        rate_hz=RATE_HZ,
        channels=CHANNELS,
        loudness_lufs=round(loudness.integrated_lufs, 2),
        true_peak_dbtp=round(loudness.true_peak_dbtp, 2),
        phases=said.phases,
        parts=(Part(file=part.name, sha256=digest, frames=frames, licence=script.licence, source=source),),
        style=f"voix, {STYLES[bed.style]}" if isinstance(bed, Underlay) else "voix",
        contraindications=(*heard, "hyperacusis", "dissociation"),
    )
