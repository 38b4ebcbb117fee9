"""The guided session: long enough, kind, nothing that could hide an alarm; the music lies low and never moves."""

import re
import struct
from pathlib import Path

import msgspec
import pytest

from audio.loudness import measure
from audio.package import check
from audio.sound_file import SoundReader, write_flac
from audio.voice.bed import Bed
from audio.voice.errors import VoiceError
from audio.voice.fake import FakeVoice
from audio.voice.guided import BED_BELOW_LU, build_session, over, track
from audio.voice.port import Voice
from audio.voice.script import GuidedPhase, Script, names, read_script
from audio.voice.utterance import RATE_HZ

NOT_SAID = r"cœur|poitrine|poumon|guéri|soulag|disparaît|toujours mieux|vous vous sentez|profondément|bloquez|retenez"
SHORT = Script(
    id="short",
    version="1.0.0",
    title="Court",
    language="fr",
    licence="CC0-1.0",
    speed=0.8,
    phase=(
        GuidedPhase("Un", (("Bonjour vous.", 20.0),)),
        GuidedPhase("Deux", (("Au revoir à vous.", 14.0),)),
    ),
)


def quiet(_words: str, _done: float) -> None:
    pass


def noise(seconds: float) -> bytes:
    """S16 stereo, the same each time."""
    state, samples = 1, []
    for _ in range(RATE_HZ):
        state = (state * 1103515245 + 12345) % (1 << 31)
        samples.append(state // (1 << 17) - (1 << 13))
    second = struct.pack(f"<{2 * len(samples)}h", *(sample for sample in samples for _ in "lr"))
    return second * round(seconds)


@pytest.fixture
def bed(tmp_path: Path) -> Bed:
    write_flac(tmp_path / "bed.flac", noise(60), RATE_HZ, 2)
    return Bed(tmp_path / "bed.flac", "noise, CC0")


@pytest.mark.parametrize("name", names())
def test_what_is_written_is_kind_and_careful(name: str) -> None:
    script = read_script(name)
    said = " ".join(text for phase in script.phase for text, _ in phase.say)
    assert sum(silence_s for phase in script.phase for _, silence_s in phase.say) > 7 * 60
    assert not re.findall(NOT_SAID, said.lower())
    assert "arrêter à tout moment" in said
    assert "appelez quelqu’un" in said
    assert script.phase[-1].name == "Le retour"
    assert not re.findall(r"[^\u202f][?!;]|[^\u00a0]:|'", said)
    for phase in script.phase:
        for text, _ in phase.say:
            assert max(len(sentence.split()) for sentence in re.split(r"[.?!:]", text)) <= 22, text


@pytest.mark.slow
def test_a_whole_session_is_a_package(espeak: Voice, tmp_path: Path) -> None:
    package, made = build_session(read_script("sophrologie-endroit-calme"), tmp_path / "s", espeak, None, quiet)
    manifest = package.manifest
    assert made
    assert (manifest.kind, manifest.language, manifest.channels) == ("sophrology", "fr", 2)
    assert 12 * 60 <= manifest.duration_s <= 20 * 60
    assert manifest.loudness_lufs == pytest.approx(-23.0, abs=0.1)
    assert manifest.true_peak_dbtp <= -1.0
    assert [phase.name for phase in manifest.phases][0] == "Bienvenue"
    assert manifest.phases[-1].end_s == pytest.approx(manifest.duration_s, abs=0.01)
    assert "espeak-ng" in manifest.source


def test_one_that_is_there_and_current_is_kept(fake: FakeVoice, tmp_path: Path, bed: Bed) -> None:
    out = tmp_path / "session"
    first, made = build_session(SHORT, out, fake, bed, quiet)
    said = len(fake.said)
    assert (made, build_session(SHORT, out, fake, bed, quiet)) == (True, (first, False))
    assert len(fake.said) == said
    assert build_session(SHORT, out, fake, None, quiet)[1]
    assert "sans musique" in check(out).manifest.source


def test_a_changed_word_or_voice_makes_it_again(fake: FakeVoice, tmp_path: Path) -> None:
    """No line of a session is ever without its current recording."""
    out = tmp_path / "session"
    build_session(SHORT, out, fake, None, quiet)
    first, *others = SHORT.phase
    (_, silence_s), *lines = first.say
    changed = msgspec.structs.replace(first, say=(("Bonsoir.", silence_s), *lines))
    script = msgspec.structs.replace(SHORT, phase=(changed, *others))
    assert build_session(script, out, fake, None, quiet)[1]
    assert not build_session(script, out, fake, None, quiet)[1]
    assert build_session(script, out, FakeVoice(version="2"), None, quiet)[1]


def test_long_silences_are_told_to_the_music(fake: FakeVoice) -> None:
    said = track(SHORT, fake, quiet)
    for start_s, end_s in said.silences:
        assert end_s - start_s >= 12.0
        first, last = (round(at * RATE_HZ) * 4 for at in (start_s + 0.01, end_s))
        assert not any(said.samples[first:last])
    assert len(said.silences) == sum(silence_s >= 12 for phase in SHORT.phase for _, silence_s in phase.say) > 0


def test_the_phases_follow_the_voice(fake: FakeVoice) -> None:
    said = track(SHORT, fake, quiet)
    one, two = said.phases
    assert one.start_s == 0
    assert one.end_s == two.start_s == pytest.approx(6.0 + 0.65 + 20.0, abs=0.01)
    assert two.end_s == pytest.approx(len(said.samples) / 4 / RATE_HZ, abs=0.001)


def test_the_music_lies_low_and_never_moves(fake: FakeVoice, bed: Bed) -> None:
    samples = over(track(SHORT, fake, quiet).samples, bed)
    second = RATE_HZ * 4
    level = {at: measure(wide(samples[at * second : (at + 2) * second]), RATE_HZ, 2) for at in (10, 16, 22, 30)}
    quiet_lufs = [at.integrated_lufs for at in level.values()]
    assert max(quiet_lufs) - min(quiet_lufs) < 0.5
    voice = measure(wide(samples[round(6.0 * second) : round(6.6 * second) // 4 * 4]), RATE_HZ, 2)
    assert voice.integrated_lufs - max(quiet_lufs) == pytest.approx(BED_BELOW_LU, abs=2.5)  # of a beep of 0.6 s
    assert measure(wide(samples), RATE_HZ, 2).integrated_lufs == pytest.approx(-23.0, abs=0.1)
    assert measure(wide(samples[-second:]), RATE_HZ, 2).integrated_lufs < max(quiet_lufs) - 10


def wide(samples: bytes) -> bytes:
    """S16 as S32."""
    shorts = struct.unpack(f"<{len(samples) // 2}h", samples)
    return struct.pack(f"<{len(shorts)}i", *(value << 16 for value in shorts))


def test_a_bed_that_does_not_fit_is_refused(fake: FakeVoice, tmp_path: Path) -> None:
    short, silent, slow = tmp_path / "short.flac", tmp_path / "silent.flac", tmp_path / "slow.flac"
    write_flac(short, noise(2), RATE_HZ, 2)
    write_flac(silent, bytes(RATE_HZ * 4 * 60), RATE_HZ, 2)
    write_flac(slow, noise(1), 22_050, 2)
    voice = track(SHORT, fake, quiet).samples
    for file in (short, silent):
        with pytest.raises(VoiceError) as refused:
            over(voice, Bed(file, "a test"))
        assert refused.value.code == "bed-unsuitable"
    with pytest.raises(VoiceError, match="22050"):
        Bed(slow, "a test")
    with pytest.raises(VoiceError, match="no source"):
        Bed(short)


def test_a_package_can_be_the_bed(fake: FakeVoice, tmp_path: Path, bed: Bed) -> None:
    package, _ = build_session(SHORT, tmp_path / "under", fake, bed, quiet)
    under = Bed(package.path)
    assert "CC0-1.0" in under.source
    with SoundReader(under.path) as sound:
        assert sound.frames == under.frames


def test_a_script_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text('id = "x"\n')
    for name in (str(tmp_path / "x.toml"), "nothing-of-that-name"):
        with pytest.raises(VoiceError) as refused:
            read_script(name)
        assert refused.value.code == "script-unreadable"
