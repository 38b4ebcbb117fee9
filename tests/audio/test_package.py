"""Each way in which a package can be wrong has its own error, and a whole one comes back as it was written."""

import hashlib
import os
import subprocess
import sys
import wave
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from audio.package import MANIFEST_NAME, Kind, PackageError, check, read, to_toml
from audio.package.reading import parse
from audio.sound_file import write_flac
from mqtt_bridge.contract.care import CareKind
from tests.support.paced.package import make_package, write_manifest


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return make_package(tmp_path / "package", seconds=0.5, part_count=2)


def code(path: Path) -> str:
    with pytest.raises(PackageError) as caught:
        check(path)
    assert "allowed:" in str(caught.value)
    return caught.value.code


def change(path: Path, **fields: object) -> None:
    write_manifest(path, msgspec.structs.replace(read(path).manifest, **fields))


def change_part(path: Path, **fields: object) -> None:
    first, *others = read(path).manifest.parts
    change(path, parts=(msgspec.structs.replace(first, **fields), *others))


def rehash(path: Path) -> None:
    """Make the manifest agree with the bytes of the first part, whatever they are."""
    change_part(path, sha256=hashlib.sha256((path / "part0.flac").read_bytes()).hexdigest())


def test_whole(package: Path) -> None:
    checked = check(package)
    raw = (package / MANIFEST_NAME).read_bytes()
    assert checked.fingerprint == hashlib.sha256(raw).hexdigest()
    assert to_toml(checked.manifest).encode() == raw
    assert checked.manifest.title == "Essai “à l’oreille” \\"


def test_a_manifest_of_before_these_fields_is_read() -> None:
    manifest = parse((Path(__file__).parent / "package/manifest-of-2026-11-21.toml").read_bytes(), Path("old"))
    assert (manifest.id, manifest.style, manifest.parts[0].licence) == ("demo-riviere", None, None)
    assert manifest.contraindications is None  # nobody has said, which is not none


def test_every_field_comes_back(package: Path) -> None:
    told = ("musicogenic-epilepsy", "shortness-of-breath")
    change(package, style="piano et cordes", breath_a_minute=5.5, contraindications=told)
    manifest = check(package).manifest
    assert (manifest.style, manifest.breath_a_minute, manifest.contraindications) == ("piano et cordes", 5.5, told)
    assert {part.licence for part in manifest.parts} == {"CC0-1.0"}


def test_a_kind_is_a_kind_of_care() -> None:
    assert get_args(Kind) == get_args(CareKind)


@pytest.mark.parametrize(("older", "newer"), [("1", "1.0.1"), ("1.9", "1.10"), ("1.2.9", "2")])
def test_versions_are_compared_by_their_numbers(package: Path, older: str, newer: str) -> None:
    manifest = read(package).manifest
    older_one, newer_one = (msgspec.structs.replace(manifest, version=version) for version in (older, newer))
    assert older_one.version_numbers < newer_one.version_numbers


def test_an_error_does_not_speak_to_the_terminal(package: Path) -> None:
    file = package / MANIFEST_NAME
    file.write_text('"\\u001b[2J" = 1\n' + file.read_text())
    with pytest.raises(PackageError) as caught:
        read(package)
    assert "\x1b" not in str(caught.value)
    assert "unknown field" in str(caught.value)


def no_manifest(path: Path) -> None:
    (path / MANIFEST_NAME).unlink()


def not_toml(path: Path) -> None:
    (path / MANIFEST_NAME).write_bytes(b"\xff\x00 = [")


def deep_toml(path: Path) -> None:
    (path / MANIFEST_NAME).write_text("a = " + "[" * 100_000)


def huge(path: Path) -> None:
    os.truncate(path / MANIFEST_NAME, 2 << 20)


def unknown_field(path: Path) -> None:
    file = path / MANIFEST_NAME
    file.write_text('pause = "yes"\n' + file.read_text())


def wrong_kind(path: Path) -> None:
    change(path, kind="party")


def wrong_sum(path: Path) -> None:
    change(path, frames=read(path).manifest.frames + 1)


def wrong_duration(path: Path) -> None:
    change(path, duration_s=99.0)


def wrong_phase(path: Path) -> None:
    phase = read(path).manifest.phases[0]
    change(path, phases=(msgspec.structs.replace(phase, end_s=99.0),))


def climbs(path: Path) -> None:
    (path.parent / "secret.flac").write_bytes((path / "part0.flac").read_bytes())
    change_part(path, file="../secret.flac")


def named_as_the_manifest(path: Path) -> None:
    change_part(path, file=MANIFEST_NAME)


def named_as_the_manifest_but_for_case(path: Path) -> None:
    """The same file on a stick."""
    change_part(path, file="Manifest.TOML")


def named_twice(path: Path) -> None:
    """On a file system that ignores case they are one file."""
    change_part(path, file="Part1.flac")


def control_characters(path: Path) -> None:
    change(path, title="Le calme\x1b[2J")


def endless_number(path: Path) -> None:
    file = path / MANIFEST_NAME
    file.write_text("a = " + "9" * 5000 + "\n" + file.read_text())


def unknown_contraindication(path: Path) -> None:
    change(path, contraindications=("mondays",))


def contraindicated_twice(path: Path) -> None:
    change(path, contraindications=("hyperacusis", "hyperacusis"))


def paced_breath_without_warning(path: Path) -> None:
    change(path, breath_a_minute=6.0, contraindications=("hyperacusis",))


def absolute(path: Path) -> None:
    change_part(path, file="/etc/passwd")


def link_out(path: Path) -> None:
    outside = path.parent / "secret.flac"
    (path / "part0.flac").rename(outside)
    (path / "part0.flac").symlink_to(outside)


def links_in_a_circle(path: Path) -> None:
    (path / "part0.flac").unlink()
    (path / "part0.flac").symlink_to("part0.flac")


def pipe_as_a_part(path: Path) -> None:
    (path / "part0.flac").unlink()
    os.mkfifo(path / "part0.flac")


def missing_part(path: Path) -> None:
    (path / "part1.flac").unlink()


def flipped_bit(path: Path) -> None:
    file = path / "part1.flac"
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


def truncated(path: Path) -> None:
    file = path / "part0.flac"
    os.truncate(file, file.stat().st_size * 2 // 3)


def truncated_and_rehashed(path: Path) -> None:
    truncated(path)
    rehash(path)


def not_audio(path: Path) -> None:
    (path / "part0.flac").write_bytes(b"not audio at all" * 100)
    rehash(path)


def another_form(path: Path) -> None:
    with wave.open(str(path / "part0.flac"), "wb") as file:
        file.setparams((2, 2, 48_000, 12_000, "NONE", ""))
        file.writeframes(bytes(4 * 12_000))
    rehash(path)


def other_rate(path: Path) -> None:
    write_flac(path / "part0.flac", bytes(4 * 12_000), 44_100, 2)
    rehash(path)


def other_channels(path: Path) -> None:
    write_flac(path / "part0.flac", bytes(2 * 12_000), 48_000, 1)
    rehash(path)


def other_frames(path: Path) -> None:
    write_flac(path / "part0.flac", bytes(4 * 11_999), 48_000, 2)
    rehash(path)


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (no_manifest, "manifest-missing"),
        (not_toml, "manifest-unreadable"),
        (deep_toml, "manifest-unreadable"),
        (huge, "manifest-too-large"),
        (unknown_field, "manifest-invalid"),
        (wrong_kind, "manifest-invalid"),
        (wrong_sum, "manifest-inconsistent"),
        (wrong_duration, "manifest-inconsistent"),
        (wrong_phase, "manifest-inconsistent"),
        (climbs, "part-name"),
        (absolute, "part-name"),
        (named_as_the_manifest, "part-name"),
        (named_as_the_manifest_but_for_case, "part-name"),
        (named_twice, "manifest-inconsistent"),
        (control_characters, "manifest-invalid"),
        (endless_number, "manifest-unreadable"),
        (unknown_contraindication, "manifest-invalid"),
        (contraindicated_twice, "manifest-inconsistent"),
        (paced_breath_without_warning, "manifest-inconsistent"),
        (link_out, "part-escapes"),
        (links_in_a_circle, "part-escapes"),
        (pipe_as_a_part, "part-missing"),
        (missing_part, "part-missing"),
        (flipped_bit, "part-hash-differs"),
        (truncated, "part-hash-differs"),
        (truncated_and_rehashed, "part-truncated"),
        (not_audio, "part-unreadable"),
        (another_form, "part-form"),
        (other_rate, "part-rate-differs"),
        (other_channels, "part-channels-differ"),
        (other_frames, "part-frames-differ"),
    ],
)
def test_damage_has_its_own_error(package: Path, damage: Callable[[Path], None], expected: str) -> None:
    damage(package)
    assert code(package) == expected


def test_a_file_is_no_package(package: Path) -> None:
    assert code(package / "part0.flac") == "manifest-missing"


def test_importing_it_opens_no_audio_library() -> None:
    """The clinic imports audio.package."""
    script = "import sys, audio.package; print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert not {"ctypes", "alsaaudio", "numpy", "audioop", "audio.player", "audio.sound_file"} & set(modules)


def test_the_player_imports_no_numpy() -> None:
    script = "import sys, audio.player.process, audio.sound_file; print('numpy' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert told.strip() == "False"
