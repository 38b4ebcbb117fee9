"""From a text as it is written to samples at the house's rate and one loudness."""

from typing import Final

from audio.loudness import Loudness, measure
from audio.player.gain import factor_of, scale
from audio.voice.cache import key
from audio.voice.errors import VoiceError
from audio.voice.french import VERSION as FRENCH_VERSION
from audio.voice.french import speakable
from audio.voice.port import Identity, Voice
from audio.voice.resampling import resampled
from audio.voice.sentences import sentences

RATE_HZ: Final = 48_000
SAMPLE_BYTES = 4
LOUDNESS_LUFS = -23.0  # EBU R 128, as every montage
TRUE_PEAK_DBTP_MAX = -1.0
SILENCE_LUFS = -60.0
MEASURED_S_MIN = 3.0  # a word is shorter than the 400 ms that BS.1770 measures: it is measured repeated
EDGE_S = 0.1
VERSION = 2  # part of each recording's key: add one when pauses, edges or level change


def utter(text: str, voice: Voice, language: str = "fr") -> bytes:
    """Return the whole text, as mono S32 at 48 kHz, -23 LUFS, at most -1 dBTP. Raises VoiceError."""
    edge = silence(EDGE_S)
    return edge + levelled(spoken(text, voice, language), text) + edge


def spoken(text: str, voice: Voice, language: str = "fr") -> bytes:
    """Return the sentences with their pauses, mono S32 at 48 kHz, at the voice's own level. Raises VoiceError."""
    pieces = []
    for sentence in sentences(speakable(text)):
        said = voice.say(sentence.text, language)
        pieces += [resampled(said.samples, said.rate_hz, RATE_HZ), silence(sentence.pause_s)]
    return b"".join(pieces)


def recipe(text: str, identity: Identity, language: str = "fr") -> str:
    """Return what `utter` depends on, hashed: another recipe is another recording. Raises VoiceError."""
    made = f"{VERSION}.{FRENCH_VERSION}.{LOUDNESS_LUFS}"
    cut = [f"{sentence.text}|{sentence.pause_s}" for sentence in sentences(speakable(text))]
    return key(identity, language, made, *cut)


def levelled(samples: bytes, what: str) -> bytes:
    """Bring mono samples to the loudness by one gain. Raises VoiceError (too-soft, too-sharp)."""
    repeated = samples * -(-round(MEASURED_S_MIN * RATE_HZ * SAMPLE_BYTES) // max(1, len(samples)))
    return scale(samples, factor_of(gain_db(measure(repeated, RATE_HZ, 1), what)))


def gain_db(before: Loudness, what: str) -> float:
    """Return the one gain that brings a recording to the loudness. Raises VoiceError (too-soft, too-sharp)."""
    gain = LOUDNESS_LUFS - before.integrated_lufs
    if before.integrated_lufs < SILENCE_LUFS:
        raise _unfit("too-soft", what, f"{before.integrated_lufs:.1f} LUFS", "speech that can be heard")
    if before.true_peak_dbtp + gain > TRUE_PEAK_DBTP_MAX:
        peak = f"{before.true_peak_dbtp + gain:.1f} dBTP"
        raise _unfit("too-sharp", what, peak, f"at most {TRUE_PEAK_DBTP_MAX} dBTP at {LOUDNESS_LUFS} LUFS")
    return gain


def silence(seconds: float) -> bytes:
    """Return mono silence."""
    return bytes(round(seconds * RATE_HZ) * SAMPLE_BYTES)


def _unfit(code: str, what: str, value: str, allowed: str) -> VoiceError:
    remedy = "Write the text in another way, or choose another voice."
    words = f"The recording of {what[:60]!r} is not fit to be heard"
    return VoiceError(code, words, value=value, allowed=allowed, remedy=remedy)
