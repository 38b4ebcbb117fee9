"""Each way in which a package can be wrong has its own error, and a whole one comes back as it was written."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from audio.package import MANIFEST_NAME, PackageError, check, read, to_toml
from audio.sound_file import write_flac
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
    assert checked.manifest.title == "Essai “à l’oreille”\t\\ \x7f"


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


def absolute(path: Path) -> None:
    change_part(path, file="/etc/passwd")


def link_out(path: Path) -> None:
    outside = path.parent / "secret.flac"
    (path / "part0.flac").rename(outside)
    (path / "part0.flac").symlink_to(outside)


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
        (climbs, "part-escapes"),
        (absolute, "part-escapes"),
        (link_out, "part-escapes"),
        (missing_part, "part-missing"),
        (flipped_bit, "part-hash-differs"),
        (truncated, "part-hash-differs"),
        (truncated_and_rehashed, "part-truncated"),
        (not_audio, "part-unreadable"),
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
