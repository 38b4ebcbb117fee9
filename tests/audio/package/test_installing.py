"""What is installed is whole and answered for; what is refused leaves nothing."""

import contextlib
import datetime as dt
import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from audio.package import Hold, PackageError, PackageInUse, check, hold, read
from audio.package.installing import STAGING, Installed, install, remove
from audio.package.packing import pack
from tests.audio.package.signed import CLINIC, TODAY, Keys, make_keys, make_signed, quiet
from tests.support.paced.package import make_package, write_manifest


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return make_keys(tmp_path)


@pytest.fixture
def into(tmp_path: Path) -> Path:
    return tmp_path / "packages"


@pytest.fixture
def package(tmp_path: Path, keys: Keys) -> Path:
    return make_signed(tmp_path / "calme-1", keys)


@pytest.fixture
def newer(tmp_path: Path, keys: Keys) -> Path:
    return make_signed(tmp_path / "calme-2", keys, "1.1", seconds=2)


def take(source: Path, into: Path, keys: Keys | None, today: dt.date = TODAY) -> Installed:
    return install(source, into, keys and keys.public, today=today, progress=quiet, room_left_bytes=0)


def refused(source: Path, into: Path, keys: Keys | None, today: dt.date = TODAY) -> str:
    with pytest.raises(PackageError) as caught:
        take(source, into, keys, today)
    return caught.value.code


@pytest.mark.parametrize("form", ["folder", "archive"])
def test_installed_whole(package: Path, into: Path, keys: Keys, tmp_path: Path, form: str) -> None:
    source = package if form == "folder" else tmp_path / "calme.chevet"
    if form == "archive":
        pack(package, source, quiet)
    done = take(source, into, keys)
    assert (done.outcome, done.clinic, done.package.path) == ("installed", CLINIC, into / "calme")
    assert check(into / "calme").fingerprint == read(package).fingerprint
    assert sorted(path.name for path in into.iterdir()) == ["calme"]
    assert {path.name for path in (into / "calme").iterdir()} == {"manifest.toml", "manifest.sig", "part0.flac"}


def test_another_user_can_read_it(package: Path, into: Path, keys: Keys) -> None:
    """The player is not the link."""
    before = os.umask(0o077)
    try:
        take(package, into, keys)
    finally:
        os.umask(before)
    assert (into / "calme").stat().st_mode & 0o777 == 0o755
    assert (into / "calme" / "part0.flac").stat().st_mode & 0o777 == 0o644


def test_the_same_again_is_nothing(package: Path, into: Path, keys: Keys) -> None:
    take(package, into, keys)
    there = (into / "calme").stat().st_ino
    with hold(into / "calme"):
        assert take(package, into, keys).outcome == "already"
    assert (into / "calme").stat().st_ino == there


def test_a_newer_one_replaces_an_older_never(package: Path, newer: Path, into: Path, keys: Keys) -> None:
    take(package, into, keys)
    assert take(newer, into, keys).outcome == "replaced"
    assert check(into / "calme").manifest.version == "1.1"
    assert refused(package, into, keys) == "version-older"
    assert sorted(path.name for path in into.iterdir()) == ["calme"]


def test_the_same_version_with_another_content(package: Path, into: Path, keys: Keys, tmp_path: Path) -> None:
    take(package, into, keys)
    other = make_signed(tmp_path / "other", keys, seconds=1.5)
    assert refused(other, into, keys) == "version-same-version-other-content"


@pytest.mark.parametrize("damage", ["part", "manifest"])
def test_a_damaged_one_is_mended(package: Path, into: Path, keys: Keys, damage: str) -> None:
    take(package, into, keys)
    file = into / "calme" / ("part0.flac" if damage == "part" else "manifest.toml")
    file.write_bytes(file.read_bytes()[:-100])
    assert take(package, into, keys).outcome == "replaced"
    check(into / "calme")


def test_a_held_package_is_neither_replaced_nor_removed(package: Path, newer: Path, into: Path, keys: Keys) -> None:
    take(package, into, keys)
    with hold(into / "calme"):
        with pytest.raises(PackageInUse):
            take(newer, into, keys)
        with pytest.raises(PackageInUse):
            remove("calme", into)
        assert check(into / "calme").manifest.version == "1.0"
    assert take(newer, into, keys).outcome == "replaced"


def test_held_while_the_newer_one_is_copied(package: Path, newer: Path, into: Path, keys: Keys) -> None:
    take(package, into, keys)
    held: list[Hold] = []

    def begin_session(words: str, done: float) -> None:
        if not held:
            held.append(hold(into / "calme"))

    with pytest.raises(PackageInUse):
        install(newer, into, keys.public, today=TODAY, progress=begin_session, room_left_bytes=0)
    held[0].release()
    assert check(into / "calme").manifest.version == "1.0"
    assert sorted(path.name for path in into.iterdir()) == ["calme"]


def test_who_holds_while_it_is_replaced_gets_a_whole_one(package: Path, newer: Path, into: Path, keys: Keys) -> None:
    take(package, into, keys)
    wrong: list[Exception] = []
    done = threading.Event()

    def play() -> None:
        while not done.wait(0.02):  # between two sessions
            try:
                with hold(into / "calme"):
                    check(into / "calme")
            except PackageError as error:
                wrong.append(error)

    playing = threading.Thread(target=play)
    playing.start()
    try:
        outcome = ""
        while outcome != "replaced":
            try:
                outcome = take(newer, into, keys).outcome
            except PackageInUse:
                continue
    finally:
        done.set()
        playing.join(20)
    assert not wrong


def test_one_installation_at_a_time(package: Path, into: Path, keys: Keys, tmp_path: Path) -> None:
    other = make_signed(tmp_path / "other", keys, "3")
    codes = []

    def meanwhile(words: str, done: float) -> None:
        codes.append(refused(other, into, keys))

    install(package, into, keys.public, today=TODAY, progress=meanwhile, room_left_bytes=0)
    assert set(codes) == {"install-under-way"}


def test_removed(package: Path, into: Path, keys: Keys) -> None:
    take(package, into, keys)
    remove("calme", into)
    assert list(into.iterdir()) == []


@pytest.mark.parametrize("identifier", ["calme", "..", ".", "", "../calme-1", "/etc", "a\n", STAGING])
def test_what_is_not_there_is_not_removed(package: Path, into: Path, identifier: str) -> None:
    into.mkdir()
    with pytest.raises(PackageError) as caught:
        remove(identifier, into)
    assert caught.value.code == "not-installed"
    check(package)


def test_nobody_answers_for_it(package: Path, into: Path, keys: Keys, tmp_path: Path) -> None:
    (tmp_path / "others").mkdir()
    assert refused(package, into, make_keys(tmp_path / "others")) == "signature-of-another-clinic"
    (package / "manifest.sig").unlink()
    assert refused(package, into, keys) == "signature-missing"
    assert not into.exists()
    assert take(package, into, None).clinic is None


def test_a_mono_package(into: Path, tmp_path: Path) -> None:
    assert refused(make_package(tmp_path / "mono", channels=1), into, None) == "not-fit-to-travel"


def flip_a_byte(package: Path) -> None:
    file = package / "part0.flac"
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


def lose_a_part(package: Path) -> None:
    (package / "part0.flac").unlink()


def link_a_part(package: Path) -> None:
    (package / "part0.flac").rename(package / "elsewhere")
    (package / "part0.flac").symlink_to("elsewhere")


def pipe_for_a_part(package: Path) -> None:
    lose_a_part(package)
    os.mkfifo(package / "part0.flac")


def pipe_for_a_manifest(package: Path) -> None:
    (package / "manifest.toml").unlink()
    os.mkfifo(package / "manifest.toml")


def endless_part(package: Path) -> None:
    os.truncate(package / "part0.flac", 1 << 40)


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (flip_a_byte, "part-hash-differs"),
        (lose_a_part, "package-incomplete"),
        (link_a_part, "package-incomplete"),
        (pipe_for_a_part, "package-incomplete"),
        (pipe_for_a_manifest, "manifest-missing"),
        (endless_part, "package-incomplete"),
    ],
)
def test_damage_leaves_nothing(package: Path, into: Path, keys: Keys, damage: object, expected: str) -> None:
    assert callable(damage)
    damage(package)
    assert refused(package, into, keys) == expected
    assert not into.exists() or list(into.iterdir()) == []


def test_sound_that_breaks_in_the_middle(package: Path, into: Path) -> None:
    """Its hash is as told and its end can be decoded: only listening to all of it shows it."""
    part = package / "part0.flac"
    data = bytearray(part.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 2000] = bytes(2000)
    part.write_bytes(data)
    from tests.audio.test_package import rehash

    rehash(package)
    check(package)
    assert refused(package, into, None) in ("part-unreadable", "part-truncated")


def test_leftovers_are_swept(package: Path, into: Path, keys: Keys) -> None:
    (into / STAGING / "package").mkdir(parents=True)
    (into / STAGING / "package" / "part0.flac").write_bytes(b"half")
    take(package, into, keys)
    assert sorted(path.name for path in into.iterdir()) == ["calme"]


def test_too_little_room_is_told_before(package: Path, into: Path, keys: Keys) -> None:
    with pytest.raises(PackageError, match="MB free") as caught:
        install(package, into, keys.public, today=TODAY, progress=quiet, room_left_bytes=1 << 60)
    assert caught.value.code == "no-room"
    assert list(into.iterdir()) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False).returncode:
        pytest.skip("mounting a small disk needs root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_disk_that_fills_meanwhile(package: Path, newer: Path, small_disk: Path, keys: Keys) -> None:
    into = small_disk / "packages"
    take(package, into, keys)

    def fill(words: str, done: float) -> None:
        descriptor = os.open(small_disk / "filler", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        with contextlib.suppress(OSError):
            while True:
                os.write(descriptor, bytes(4096))
        os.close(descriptor)

    with pytest.raises(PackageError) as caught:
        install(newer, into, keys.public, today=TODAY, progress=fill, room_left_bytes=0)
    assert caught.value.code == "not-written"
    assert check(into / "calme").manifest.version == "1.0"
    assert sorted(path.name for path in into.iterdir()) == ["calme"]


def test_what_must_stay_free_stays_free_while_others_fill_the_disk(
    package: Path, newer: Path, small_disk: Path, keys: Keys
) -> None:
    """Who installs for the link could take the very last blocks of a box's card, which are the databases'."""
    into, left = small_disk / "packages", 256 * 1024
    take(package, into, keys)

    def fill(words: str, done: float) -> None:
        """All but a little of what must stay."""
        free = os.statvfs(small_disk)
        with (small_disk / "filler").open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, free.f_bavail * free.f_frsize - left // 4)

    with pytest.raises(PackageError, match="MB free") as caught:
        install(newer, into, keys.public, today=TODAY, progress=fill, room_left_bytes=left)
    assert caught.value.code == "no-room"
    assert sorted(path.name for path in into.iterdir()) == ["calme"]
    assert check(into / "calme").manifest.version == "1.0"


def test_a_folder_that_may_not_be_written(package: Path, keys: Keys, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert refused(package, tmp_path / "file" / "packages", keys) == "not-written"


def test_an_identifier_is_a_folder_name(package: Path, into: Path) -> None:
    manifest = read(package).manifest
    for identifier in ("..", "a/b", "a\n", ""):
        write_manifest(package, msgspec.structs.replace(manifest, id=identifier))
        assert refused(package, into, None) == "manifest-invalid"


def test_an_unsigned_package_that_lies_about_its_loudness_is_refused(package: Path, into: Path) -> None:
    """Its level would be reckoned from the lie: 20 dB more than was prescribed."""
    manifest = read(package).manifest
    write_manifest(package, msgspec.structs.replace(manifest, loudness_lufs=manifest.loudness_lufs - 20))
    assert refused(package, into, None) == "loudness-differs"
    assert not list(into.iterdir())
    write_manifest(package, manifest)
    assert take(package, into, None).outcome == "installed"
