"""From a recording to a package: one gain, nothing else; and each way in which a recording will not do."""

import json
import os
import random
import struct
import tomllib
from array import array
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from audio.cli import main
from audio.errors import AudioError, RecordingError
from audio.package import check
from audio.package.listening import listen
from audio.player.gain import factor_of, narrow, scale
from audio.recording.building import LOUDNESS_LUFS, build
from audio.recording.draft import EXAMPLE, Draft, phases_of, read_draft
from audio.recording.inspecting import CLIPPED_RUN
from audio.recording.truncation import is_cut_short
from audio.sound_file import SoundReader, write_flac
from tests.audio.package.signed import quiet
from tests.support.paced.package import decoded

RATE_HZ = 48_000
SECONDS = 10.5
FRAMES = round(SECONDS * RATE_HZ)
DRAFT = msgspec.convert(
    {
        "id": "mer-calme",
        "version": "1.0.0",
        "title": "La mer calme",
        "kind": "sleep",
        "language": "zxx",
        "licence": "CC-BY-4.0",
        "source": "made by a test",
        "contraindications": ["hyperacusis"],
        "phases": [{"name": "Accueil", "start": "0:00"}, {"name": "Repos", "start": 4}],
    },
    Draft,
)


@pytest.fixture(scope="module")
def noise() -> bytes:
    """S16 stereo, softer in its second half by 20 dB: a fall that must stay."""
    loud = scale(random.Random(4).randbytes(4 * FRAMES), 0.1)  # noqa: S311 - the same each time
    return narrow(loud) + narrow(scale(loud, 0.1))


def wav(file: Path, samples: bytes, *, rate_hz: int = RATE_HZ, channels: int = 2, bits: int = 16) -> Path:
    coding, frame_bytes = (3 if bits == 32 else 1), channels * bits // 8
    form = struct.pack("<HHLLHH", coding, channels, rate_hz, rate_hz * frame_bytes, frame_bytes, bits)
    body = b"WAVEfmt " + struct.pack("<L", len(form)) + form + b"data" + struct.pack("<L", len(samples)) + samples
    file.write_bytes(b"RIFF" + struct.pack("<L", len(body)) + body)
    return file


def aiff(file: Path, samples: bytes) -> Path:
    swapped = array("h", samples)
    swapped.byteswap()
    rate = struct.pack(">HQ", 0x400E, RATE_HZ << 48)
    common = struct.pack(">hLh", 2, len(samples) // 4, 16) + rate
    sound = struct.pack(">LL", 0, 0) + swapped.tobytes()
    body = b"AIFFCOMM" + struct.pack(">L", len(common)) + common + b"SSND" + struct.pack(">L", len(sound)) + sound
    file.write_bytes(b"FORM" + struct.pack(">L", len(body)) + body)
    return file


def flac(file: Path, samples: bytes) -> Path:
    write_flac(file, samples, RATE_HZ, 2)
    return file


@pytest.mark.parametrize("write", [wav, aiff, flac])
def test_one_gain_and_nothing_else(tmp_path: Path, noise: bytes, write: Callable[[Path, bytes], Path]) -> None:
    source = write(tmp_path / "recording", noise)
    built = build([source], DRAFT, tmp_path / "out", quiet)
    manifest = check(tmp_path / "out").manifest
    with SoundReader(source) as sound:
        original = sound.read(sound.frames)
    expected = array("i", scale(original, factor_of(built.gain_db)))
    heard = array("i", decoded(tmp_path / "out"))
    assert all(one & ~0xFF == other for one, other in zip(expected, heard, strict=True))
    assert manifest.loudness_lufs == pytest.approx(LOUDNESS_LUFS, abs=0.05)
    assert [phase.end_s for phase in manifest.phases] == [4.0, manifest.duration_s]
    listen(built.package, quiet)


def test_several_recordings_under_one_gain(tmp_path: Path, noise: bytes) -> None:
    half = len(noise) // 2
    files = [wav(tmp_path / "1", noise[:half]), wav(tmp_path / "2", noise[half:])]
    parts = [{"licence": "CC0-1.0", "source": "one"}, {"licence": "CC-BY-4.0", "source": "two"}]
    draft = msgspec.structs.replace(DRAFT, parts=msgspec.convert(parts, Draft.__annotations__["parts"]))
    build(files, draft, tmp_path / "two", quiet)
    build([wav(tmp_path / "whole", noise)], DRAFT, tmp_path / "one", quiet)
    assert decoded(tmp_path / "two") == decoded(tmp_path / "one")
    assert [part.source for part in check(tmp_path / "two").manifest.parts] == ["one", "two"]


def test_peaks_are_never_cut(tmp_path: Path, noise: bytes) -> None:
    """Music that is soft but for one loud moment stays softer than usual."""
    soft = bytearray(narrow(scale(random.Random(5).randbytes(8 * FRAMES), 0.002)))  # noqa: S311
    soft[400_000:400_004] = struct.pack("<hh", 30_000, 30_000)
    built = build([wav(tmp_path / "recording", bytes(soft))], DRAFT, tmp_path / "out", quiet)
    manifest = check(tmp_path / "out").manifest
    assert manifest.true_peak_dbtp == pytest.approx(-1.0, abs=0.05)
    assert built.below_target_lu == pytest.approx(LOUDNESS_LUFS - manifest.loudness_lufs, abs=0.01)
    assert built.below_target_lu > 5


def test_floating_point_above_full_scale_is_not_clipped(tmp_path: Path, noise: bytes) -> None:
    floats = array("f", (sample / 3000 for sample in array("h", noise)))
    assert max(floats) > 1
    build([wav(tmp_path / "recording", floats.tobytes(), bits=32)], DRAFT, tmp_path / "out", quiet)
    assert check(tmp_path / "out").manifest.loudness_lufs == pytest.approx(LOUDNESS_LUFS, abs=0.05)


def truncated_wav(file: Path, noise: bytes) -> None:
    os.truncate(wav(file, noise), len(noise) - 4000)


def truncated_aiff(file: Path, noise: bytes) -> None:
    os.truncate(aiff(file, noise), len(noise) - 4000)


def truncated_flac(file: Path, noise: bytes) -> None:
    os.truncate(flac(file, noise), flac(file, noise).stat().st_size * 9 // 10)


def unfinished(file: Path, noise: bytes) -> None:
    with wav(file, noise).open("r+b") as opened:
        opened.seek(4)
        opened.write(bytes(4))


def wrong_rate(file: Path, noise: bytes) -> None:
    wav(file, noise, rate_hz=96_000)


def mono(file: Path, noise: bytes) -> None:
    wav(file, noise, channels=1)


def eight_channels(file: Path, noise: bytes) -> None:
    wav(file, noise, channels=8)


def clipped(file: Path, noise: bytes) -> None:
    wav(file, noise[:4000] + struct.pack("<hh", 32767, 0) * CLIPPED_RUN + noise[4000:])


def silent(file: Path, noise: bytes) -> None:
    wav(file, bytes(len(noise)))


def of_no_length(file: Path, noise: bytes) -> None:
    wav(file, b"")


def of_a_moment(file: Path, noise: bytes) -> None:
    wav(file, noise[:40_000])


def six_hours(file: Path, noise: bytes) -> None:
    """As a hole in the disk: nothing of it may be read."""
    size = 6 * 3600 * RATE_HZ * 4
    header = bytearray(wav(file, b"").read_bytes())
    struct.pack_into("<L", header, 4, size + 36)
    struct.pack_into("<L", header, 40, size)
    file.write_bytes(header)
    os.truncate(file, size + 44)


def not_audio(file: Path, noise: bytes) -> None:
    file.write_bytes(b"%PDF-1.7\n" * 1000)


def no_byte(file: Path, noise: bytes) -> None:
    file.touch()


def not_there(file: Path, noise: bytes) -> None:
    pass


def a_folder(file: Path, noise: bytes) -> None:
    file.mkdir()


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (truncated_wav, "recording-truncated"),
        (truncated_aiff, "recording-truncated"),
        (truncated_flac, "recording-truncated"),
        (unfinished, "recording-truncated"),
        (wrong_rate, "recording-rate"),
        (mono, "recording-mono"),
        (eight_channels, "recording-channels"),
        (clipped, "recording-clipped"),
        (silent, "recording-silent"),
        (of_no_length, "recording-empty"),
        (of_a_moment, "recording-too-short"),
        (six_hours, "recording-too-long"),
        (not_audio, "recording-unreadable"),
        (no_byte, "recording-unreadable"),
        (not_there, "recording-unreadable"),
        (a_folder, "recording-unreadable"),
    ],
)
def test_refused_with_a_sentence_and_nothing_written(
    tmp_path: Path, noise: bytes, make: Callable[[Path, bytes], None], expected: str
) -> None:
    make(tmp_path / "recording", noise)
    before = set(tmp_path.iterdir())
    with pytest.raises(RecordingError, match="allowed:") as caught:
        build([tmp_path / "recording"], DRAFT, tmp_path / "out", quiet)
    assert caught.value.code == expected
    assert set(tmp_path.iterdir()) == before


def test_recordings_of_two_rates(tmp_path: Path, noise: bytes) -> None:
    files = [wav(tmp_path / "1", noise), wav(tmp_path / "2", noise, rate_hz=44_100)]
    with pytest.raises(RecordingError, match="44100, 48000"):
        build(files, DRAFT, tmp_path / "out", quiet)


def test_full_scale_that_is_no_clipping(tmp_path: Path, noise: bytes) -> None:
    nearly = noise[:4000] + struct.pack("<hh", 32767, 0) * (CLIPPED_RUN - 1) + noise[4000:]
    build([wav(tmp_path / "recording", nearly)], DRAFT, tmp_path / "out", quiet)


def test_what_is_there_is_not_overwritten(tmp_path: Path, noise: bytes) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(RecordingError, match="already"):
        build([wav(tmp_path / "recording", noise)], DRAFT, tmp_path / "out", quiet)


def test_a_pad_byte_that_was_not_written_is_no_truncation(tmp_path: Path) -> None:
    file = wav(tmp_path / "recording", bytes(3))
    with file.open("r+b") as opened:
        opened.seek(4)
        opened.write(struct.pack("<L", file.stat().st_size - 8 + 1))
    assert not is_cut_short(file)


def test_the_example_is_a_draft(tmp_path: Path) -> None:
    (tmp_path / "draft.toml").write_text(EXAMPLE)
    draft = read_draft(tmp_path / "draft.toml")
    assert [phase.start_s for phase in draft.phases] == [0, 270]
    everything = EXAMPLE.replace("\n# [[", "\n[[").replace("\n# licence", "\nlicence").replace("\n# source", "\nsource")
    tomllib.loads(everything.replace("\n# breath", "\nbreath"))


@pytest.mark.parametrize(
    "text", ["", "id = 1", "\0", "a = " + "[" * 10_000, EXAMPLE + "pause = 1", EXAMPLE.replace("contra", "indi")]
)
def test_a_draft_that_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "draft.toml").write_text(text)
    with pytest.raises(RecordingError) as caught:
        read_draft(tmp_path / "draft.toml")
    assert caught.value.code == "draft-invalid"


@pytest.mark.parametrize("starts", [["0:01"], ["0:00", "0:00"], ["0:00", "2:00", "1:00"], ["0:00", "9:00"]])
def test_phases_that_do_not_fit(starts: list[str]) -> None:
    given = [{"name": "Phase", "start": start} for start in starts]
    draft = msgspec.structs.replace(DRAFT, phases=msgspec.convert(given, Draft.__annotations__["phases"]))
    with pytest.raises(RecordingError) as caught:
        phases_of(draft, 540.0)
    assert caught.value.code == "draft-phases"


def test_by_command(tmp_path: Path, noise: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["draft"]) == 0
    (tmp_path / "draft.toml").write_text(capsys.readouterr().out.replace("4:30", "0:05"))
    recording = str(wav(tmp_path / "recording.wav", noise))
    command = ["build", recording, "--manifest", str(tmp_path / "draft.toml"), str(tmp_path / "out"), "--json"]
    assert main(command) == 0
    assert json.loads(capsys.readouterr().out)["loudness_lufs"] == pytest.approx(LOUDNESS_LUFS, abs=0.05)
    assert main(["check", str(tmp_path / "out"), "--listen"]) == 0
    assert main(command) == 1
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["error"] == "out-exists"


def test_a_full_disk(tmp_path: Path, noise: bytes) -> None:
    """/dev/full refuses each byte."""
    from audio.sound_file import FlacWriter

    with pytest.raises(AudioError):
        FlacWriter(Path("/dev/full"), RATE_HZ, 2, bits=24).write(noise)
