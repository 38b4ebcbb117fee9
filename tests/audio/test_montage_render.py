"""Real renders of short montages: the shape is heard, memory stays flat, the pictures tell what was measured."""

import math
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from audio.cli import main
from audio.errors import MontageError
from audio.montage.build import build, render_wave, work_of
from audio.montage.command_line import NAMES
from audio.montage.compose import bed
from audio.montage.level import level, loudness_of
from audio.montage.pictures import current_recipe, draw, read_measured
from audio.montage.score import to_midi
from audio.montage.sessions import SESSIONS, Session
from audio.montage.synth import find_soundfont
from audio.package import Package, check
from audio.sound_file import FlacWriter, SoundReader

DOCS = Path(__file__).parents[2] / "docs" / "montages"
RATE_HZ = 48_000


def quiet(_words: str, _done: float) -> None:
    pass


def short(name: str, minutes: float) -> Session:
    """A session of the catalogue whose whole arc takes a minute or two."""
    session = SESSIONS[name]
    return msgspec.structs.replace(session, arc=msgspec.structs.replace(session.arc, minutes=minutes))


@pytest.fixture(scope="module")
def river(tmp_path_factory: pytest.TempPathFactory) -> Package:
    return build(work_of(short("riviere", 4.0)), tmp_path_factory.mktemp("short") / "riviere", None, quiet)[0]


def lufs(package: Package, start_s: float, end_s: float, folder: Path) -> float:
    piece = folder / f"{start_s}.flac"
    with SoundReader(package.part_paths()[0]) as sound, FlacWriter(piece, RATE_HZ, 2) as out:
        sound.seek(round(start_s * RATE_HZ))
        samples = sound.read(round((end_s - start_s) * RATE_HZ))
        out.write(b"".join(samples[at + 2 : at + 4] for at in range(0, len(samples), 4)))
    with SoundReader(piece) as sound:
        return loudness_of(piece, sound.frames).integrated_lufs


def test_the_u_is_heard(river: Package, tmp_path: Path) -> None:
    manifest = river.manifest
    assert manifest.loudness_lufs == pytest.approx(-23.0, abs=0.1)
    assert manifest.true_peak_dbtp <= -1.0
    welcome, descent, rest, rise = (lufs(river, p.start_s, p.end_s, tmp_path) for p in manifest.phases)
    assert welcome > descent > rest < rise < welcome
    assert 7 < welcome - rest < 20
    assert lufs(river, manifest.duration_s - 1, manifest.duration_s, tmp_path) < -45


def test_the_same_bytes_again_with_the_sea(tmp_path: Path) -> None:
    work = work_of(short("souffle", 0.6))
    first, second = (build(work, tmp_path / name, None, quiet)[0] for name in ("one", "two"))
    assert first.fingerprint == second.fingerprint
    assert build(work, tmp_path / "one", None, quiet)[1] is False


def test_the_pace_of_breath_is_heard(tmp_path: Path) -> None:
    """In the render itself: as many swells a minute as the manifest says, each fuller after four seconds of ten."""
    package = build(work_of(short("souffle", 1.0)), tmp_path / "souffle", None, quiet)[0]
    pace_s = 60 / (package.manifest.breath_a_minute or 0)
    assert pace_s == pytest.approx(10.0)
    levels = levels_db(package, 0.5)[40:120]  # the breaths of 20 to 60 s
    each = [levels[at : at + 20] for at in range(0, 80, 20)]
    for breath in each:
        crest = breath.index(max(breath)) * 0.5
        assert 2.5 <= crest <= 6.0, "the height of a breath is where breathing in ends"
        assert max(breath) - min(breath) > 5.0, "a breath can be followed by ear"


def levels_db(package: Package, window_s: float) -> list[float]:
    """The level of each window."""
    frames = round(window_s * RATE_HZ)
    with SoundReader(package.part_paths()[0]) as sound:
        squares = [sum(v * v for v in memoryview(sound.read(frames)).cast("i")[::64]) for _ in
                   range(package.manifest.frames // frames)]  # fmt: skip
    return [10 * math.log10(max(square, 1)) for square in squares]


def test_a_bed_is_rendered(tmp_path: Path) -> None:
    score = bed(20.0, "sea", 1)
    wave = render_wave(score, to_midi(score), tmp_path, find_soundfont(None), quiet)
    with SoundReader(wave) as sound:
        assert sound.frames >= 20 * RATE_HZ
    assert loudness_of(wave, 20 * RATE_HZ).integrated_lufs > -45


def test_a_render_that_clips_is_refused(tmp_path: Path) -> None:
    square = tmp_path / "square.flac"
    with FlacWriter(square, RATE_HZ, 2) as out:
        out.write((b"\xff\x7f" * 200 + b"\x00\x80" * 200) * 500)
    with pytest.raises(MontageError, match="clip"):
        level(square, tmp_path / "out.flac", 100_000)


def test_silence_is_refused(tmp_path: Path) -> None:
    silence = tmp_path / "silence.flac"
    with FlacWriter(silence, RATE_HZ, 2) as out:
        out.write(bytes(RATE_HZ * 4))
    with pytest.raises(MontageError, match="silent"):
        level(silence, tmp_path / "out.flac", RATE_HZ)


MEMORY = """
import resource, sys
from pathlib import Path
from audio.montage.level import level
level(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_memory_is_flat_with_length(tmp_path: Path, river: Package) -> None:
    def peak_kb(frames: int) -> int:
        command = [sys.executable, "-c", MEMORY, str(river.part_paths()[0]), str(tmp_path / "out.flac"), str(frames)]
        return int(subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout)

    frames = river.manifest.frames
    assert peak_kb(frames) - peak_kb(frames // 8) < 8_000


def test_all_of_a_folder_skips_what_is_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in NAMES:
        out = tmp_path / name
        out.mkdir()
        (out / "manifest.toml").write_text("not whole")
    assert main(["render", "--all", str(tmp_path), "--soundfont", str(tmp_path / "none.sf3")]) == 1
    assert "apt install musescore-general-soundfont" in capsys.readouterr().err


@pytest.mark.parametrize("words", [[], ["riviere"], ["riviere", "out", "--all", "folder"]])
def test_render_needs_a_montage_or_all(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["render", *words]) == 2
    assert "--all" in capsys.readouterr().err


def test_the_pictures_are_those_of_today() -> None:
    heard = read_measured(DOCS)
    assert tuple(heard) == NAMES
    for name, measured in heard.items():
        assert (DOCS / f"{name}.svg").read_text(encoding="utf-8") == draw(SESSIONS[name], measured)
        assert measured.recipe == current_recipe(SESSIONS[name]), f"render {name} and measure it again"
        assert measured.loudness_lufs == pytest.approx(-23.0, abs=0.1)
        assert measured.true_peak_dbtp <= -1.0


def test_the_pictures_are_svg_and_the_page_shows_each() -> None:
    page = (DOCS / "README.md").read_text(encoding="utf-8")
    for name in NAMES:
        picture = ET.parse(DOCS / f"{name}.svg").getroot()  # noqa: S314 - drawn by us
        assert picture.tag.endswith("svg")
        assert f"({name}.svg)" in page


def test_measured_loudness_has_the_shape_of_its_arc() -> None:
    heard = {name: measured.windows_lufs[:-1] for name, measured in read_measured(DOCS).items()}
    for name in ("riviere", "jardin", "estuaire"):
        sixths = sixths_of(heard[name])
        assert sixths[0] > sixths[1] > sixths[2] - 1 > sixths[3] - 3
        assert min(sixths) < sixths[0] - 8
        assert sixths[-1] > min(sixths) + 3
    for name in ("nuit", "veilleuse"):
        sixths = sixths_of(heard[name])
        assert all(after < before for before, after in pairwise(sixths))
        assert heard[name][-2] < -50


def sixths_of(windows: tuple[float, ...]) -> list[float]:
    length = len(windows) / 6
    parts = [windows[round(i * length) : round((i + 1) * length)] for i in range(6)]
    return [sum(part) / len(part) for part in parts]


def test_a_damaged_one_is_made_again(tmp_path: Path, river: Package) -> None:
    out = tmp_path / "riviere"
    shutil.copytree(river.path, out)
    (out / "montage.flac").write_bytes(b"")
    assert build(work_of(short("riviere", 4.0)), out, None, quiet)[1] is True
    assert check(out).fingerprint == river.fingerprint
