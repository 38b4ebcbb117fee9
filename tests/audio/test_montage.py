"""The river: the U is really in its loudness, the same score gives the same bytes, and the voices lead well."""

import math
import shutil
import struct
from itertools import pairwise
from pathlib import Path

import pytest

from audio.errors import MontageError
from audio.loudness import measure
from audio.montage import river
from audio.montage.build import build_demo
from audio.montage.curve import activity
from audio.montage.harmony import lead
from audio.montage.score import to_midi
from audio.montage.synth import find_soundfont, synthesise
from audio.package import Package, check
from audio.player.gain import factor_of, scale
from audio.sound_file import SoundReader


def quiet(_words: str, _done: float) -> None:
    pass


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Package:
    return build_demo(tmp_path_factory.mktemp("montage") / "demo", None, quiet)[0]


def lufs_between(package: Package, start_s: float, end_s: float) -> float:
    rate_hz = package.manifest.rate_hz
    with SoundReader(package.part_paths()[0]) as sound:
        sound.seek(round(start_s * rate_hz))
        return measure(sound.read(round((end_s - start_s) * rate_hz)), rate_hz, 2).integrated_lufs


def test_the_manifest_tells_what_is_measured(demo: Package) -> None:
    manifest = demo.manifest
    assert manifest.title == "Relaxation : la rivière"
    assert 50 <= manifest.duration_s <= 70
    assert manifest.loudness_lufs == pytest.approx(-23.0, abs=0.1)
    assert manifest.true_peak_dbtp <= -1.0
    assert lufs_between(demo, 0, manifest.duration_s) == pytest.approx(manifest.loudness_lufs, abs=0.05)
    assert manifest.phases[0].start_s == 0
    assert manifest.phases[-1].end_s == pytest.approx(manifest.duration_s, abs=0.01)


def test_its_loudness_is_a_u(demo: Package) -> None:
    welcome, descent, rest, rise, _ = (lufs_between(demo, p.start_s, p.end_s) for p in demo.manifest.phases)
    assert welcome > descent > rest < rise
    assert welcome - rest > 10
    assert welcome > rise > rest + 3


def test_it_ends_in_silence(demo: Package) -> None:
    duration_s = demo.manifest.duration_s
    assert lufs_between(demo, duration_s - 1, duration_s) < -45


def test_the_same_bytes_again(demo: Package, tmp_path: Path) -> None:
    again, built = build_demo(tmp_path / "again", None, quiet)
    assert built
    assert again.fingerprint == demo.fingerprint
    assert again.manifest.parts == demo.manifest.parts


def test_one_that_is_whole_is_kept_and_a_damaged_one_is_made_again(demo: Package, tmp_path: Path) -> None:
    out = tmp_path / "demo"
    shutil.copytree(demo.path, out)
    assert build_demo(out, None, quiet)[1] is False
    (out / "montage.flac").write_bytes(b"")
    assert build_demo(out, None, quiet)[1] is True
    assert check(out).fingerprint == demo.fingerprint
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]


def test_without_a_soundfont_nothing_is_left_behind(tmp_path: Path) -> None:
    with pytest.raises(MontageError, match="apt install musescore-general-soundfont"):
        build_demo(tmp_path / "demo", tmp_path / "none.sf3", quiet)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fills_under_the_render_is_told(tmp_path: Path) -> None:
    """fluidsynth goes on and says nothing: the rest of the montage would be silence."""
    midi = tmp_path / "score.mid"
    midi.write_bytes(to_midi(river.compose()))
    with pytest.raises(MontageError, match="Make room on the disk"):
        synthesise(midi, Path("/dev/full"), [find_soundfont(None)], 48_000, 3_000_000, quiet)


def test_a_soundfont_that_is_none(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.sf3"
    wrong.write_bytes(b"not a soundfont")
    with pytest.raises(MontageError):
        build_demo(tmp_path / "demo", wrong, quiet)
    assert [path.name for path in tmp_path.iterdir()] == ["wrong.sf3"]


def test_the_curve_falls_rests_and_rises_part_of_the_way() -> None:
    values = [activity(step / 100) for step in range(101)]
    bottom = values.index(min(values))
    assert 45 <= bottom <= 70
    assert all(before >= after for before, after in pairwise(values[: bottom + 1]))
    assert all(before <= after for before, after in pairwise(values[bottom:]))
    assert values[0] > values[-1] > 0.5


def test_tempo_density_and_register_follow_the_curve() -> None:
    score = river.compose()
    thirds = [[n for n in score.notes if low <= n.start_beat < low + 12] for low in (0, 28, 44)]
    first, middle, last = ([n for n in notes if n.channel == river.PIANO] for notes in thirds)
    assert len(first) > 2 * len(middle) < 2 * len(last)
    assert sum(n.pitch for n in middle) / len(middle) < sum(n.pitch for n in first) / len(first)
    tempi = dict(score.tempi)
    assert tempi[0] > 70
    assert tempi[36] < 56
    assert 60 < tempi[56] < 72


def test_the_score_is_seeded() -> None:
    assert to_midi(river.compose()) == to_midi(river.compose())
    assert to_midi(river.compose(1)) != to_midi(river.compose(2))


def test_the_voices_move_little_and_never_cross() -> None:
    for before, after in pairwise(river.voicings()):
        assert list(after) == sorted(after)
        assert sum(abs(a - b) for a, b in zip(before, after, strict=True)) <= 24


def test_voice_leading_keeps_common_notes() -> None:
    assert lead((57, 62, 66, 69), (2, 6, 9, 11), 63)[:2] == (57, 62)


def test_loudness_of_a_known_tone() -> None:
    """A 997 Hz sine at 0 dBFS in one of two channels is -3.01 LUFS (BS.1770); at -20 dB in both, -20 LUFS."""
    sine = [math.sin(2 * math.pi * 997 * n / 48_000) for n in range(48_000 * 5)]
    full = struct.pack(f"<{2 * len(sine)}i", *(round(0x7FFF_FFFF * v) for v in sine for _ in "lr"))
    measured = measure(scale(full, factor_of(-20.0)), 48_000, 2)
    assert measured.integrated_lufs == pytest.approx(-20.0, abs=0.1)
    assert measured.true_peak_dbtp == pytest.approx(-20.0, abs=0.1)
