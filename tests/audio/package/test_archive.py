"""An archive is exact, or it is refused: nothing is inflated, nothing climbs, nothing hides."""

import os
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from audio.package import PackageError
from audio.package.archive import MEMBERS_MAX, Archive
from audio.package.packing import pack
from audio.package.sources import Source
from tests.audio.package.signed import make_keys, make_signed, quiet
from tests.support.paced.package import make_package


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return make_package(tmp_path / "package", seconds=0.5, part_count=2)


@pytest.fixture
def archive(package: Path, tmp_path: Path) -> Path:
    pack(package, tmp_path / "essai.chevet", quiet)
    return tmp_path / "essai.chevet"


def code(path: Path) -> str:
    with pytest.raises(PackageError) as caught:
        Source(path).close()
    return caught.value.code


def test_what_is_packed_comes_out(package: Path, archive: Path) -> None:
    with Source(archive) as packed, Source(package) as folder:
        assert packed.manifest_bytes == folder.manifest_bytes
        assert packed.part_bytes() == folder.part_bytes()
        assert packed.signature_bytes is None


def test_any_zip_tool_reads_it(package: Path, archive: Path) -> None:
    with zipfile.ZipFile(archive) as opened:
        assert opened.testzip() is None
        assert opened.namelist() == ["manifest.toml", "part0.flac", "part1.flac"]
        assert opened.read("part1.flac") == (package / "part1.flac").read_bytes()


def test_the_same_package_gives_the_same_bytes(package: Path, archive: Path, tmp_path: Path) -> None:
    before = archive.read_bytes()
    for file in package.iterdir():
        os.utime(file, (1, 1))
        file.chmod(0o600)
    pack(package, tmp_path / "again.chevet", quiet)
    assert (tmp_path / "again.chevet").read_bytes() == before


def test_the_signature_travels(tmp_path: Path) -> None:
    signed = make_signed(tmp_path / "signed", make_keys(tmp_path))
    pack(signed, tmp_path / "signed.chevet", quiet)
    with Source(tmp_path / "signed.chevet") as source:
        assert source.signature_bytes == (signed / "manifest.sig").read_bytes()


def test_a_damaged_package_is_not_packed(package: Path, tmp_path: Path) -> None:
    (package / "part1.flac").write_bytes(b"")
    with pytest.raises(PackageError):
        pack(package, tmp_path / "essai.chevet", quiet)
    assert not (tmp_path / "essai.chevet").exists()


def rewrite(archive: Path, entry: Callable[[str], zipfile.ZipInfo], **more: str) -> None:
    """Write the same members again, each under what `entry` makes of its name; `more`: others after them."""
    with zipfile.ZipFile(archive) as opened:
        content: dict[str, bytes] = {name: opened.read(name) for name in opened.namelist()}
    content |= {name: text.encode() for name, text in more.items()}
    with zipfile.ZipFile(archive, "w") as opened:
        for name, data in content.items():
            opened.writestr(entry(name), data)


def deflated(archive: Path) -> None:
    def entry(name: str) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(name)
        info.compress_type = zipfile.ZIP_DEFLATED
        return info

    rewrite(archive, entry)


def in_a_folder(archive: Path) -> None:
    rewrite(archive, lambda name: zipfile.ZipInfo(f"calme/{name}"))


def climbing(archive: Path) -> None:
    rewrite(archive, zipfile.ZipInfo, **{"../../etc/cron.d/evil": "* * * * * root true"})


def absolute(archive: Path) -> None:
    rewrite(archive, zipfile.ZipInfo, **{"/etc/passwd": ""})


def with_a_link(archive: Path) -> None:
    def entry(name: str) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(name)
        info.create_system, info.external_attr = 3, (0o120777 if name == "part1.flac" else 0o100644) << 16
        return info

    rewrite(archive, entry)


def with_an_extra_field(archive: Path) -> None:
    def entry(name: str) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(name)
        info.extra = struct.pack("<HHL", 0x5455, 4, 0)
        return info

    rewrite(archive, entry)


def with_a_comment(archive: Path) -> None:
    with zipfile.ZipFile(archive, "a") as opened:
        opened.comment = b"hello"


def with_something_before(archive: Path) -> None:
    archive.write_bytes(b"#!/bin/sh\n" + archive.read_bytes())


def with_something_after(archive: Path) -> None:
    archive.write_bytes(archive.read_bytes() + b"more")


def cut_short(archive: Path) -> None:
    archive.write_bytes(archive.read_bytes()[:-1000])


def empty(archive: Path) -> None:
    archive.write_bytes(b"")


def no_zip(archive: Path) -> None:
    archive.write_bytes(os.urandom(5000))


def no_member(archive: Path) -> None:
    archive.write_bytes(b"PK\5\6" + bytes(18))


def twice(archive: Path) -> None:
    with zipfile.ZipFile(archive, "a") as opened, pytest.warns(UserWarning, match="Duplicate"):
        opened.writestr(zipfile.ZipInfo("part1.flac"), b"other")


def too_many(archive: Path) -> None:
    with zipfile.ZipFile(archive, "w") as opened:
        for number in range(MEMBERS_MAX + 1):
            opened.writestr(zipfile.ZipInfo(f"part{number}"), b"")


def overlapping(archive: Path) -> None:
    """Two names for the same bytes, the trick of the bombs that need no depth."""
    raw = bytearray(archive.read_bytes())
    directory = struct.unpack_from("<L", raw, len(raw) - 6)[0]
    second = raw.index(b"PK\1\2", directory + 4)
    third = raw.index(b"PK\1\2", second + 4)
    raw[third + 42 : third + 46] = raw[second + 42 : second + 46]
    archive.write_bytes(raw)


def hidden_before_the_directory(archive: Path) -> None:
    """Bytes that no member accounts for; any zip tool is content."""
    raw = archive.read_bytes()
    directory = struct.unpack_from("<L", raw, len(raw) - 6)[0]
    moved = raw[:-6] + struct.pack("<L", directory + 9) + raw[-2:]
    archive.write_bytes(moved[:directory] + b"#!/bin/sh" + moved[directory:])
    with zipfile.ZipFile(archive) as opened:
        assert opened.testzip() is None


def hidden_in_the_directory(archive: Path) -> None:
    raw = archive.read_bytes()
    size = struct.unpack_from("<L", raw, len(raw) - 10)[0]
    archive.write_bytes(raw[:-22] + bytes(9) + raw[-22:-10] + struct.pack("<L", size + 9) + raw[-6:])


def encrypted(archive: Path) -> None:
    raw = bytearray(archive.read_bytes())
    directory = struct.unpack_from("<L", raw, len(raw) - 6)[0]
    raw[6] |= 1
    raw[directory + 8] |= 1
    archive.write_bytes(raw)


def two_truths(archive: Path) -> None:
    """The header says another name than the directory: tools would not agree on what is inside."""
    archive.write_bytes(archive.read_bytes().replace(b"manifest.toml", b"manifest.tomm", 1))


@pytest.mark.parametrize(
    "damage",
    [
        deflated,
        in_a_folder,
        climbing,
        absolute,
        with_a_link,
        with_an_extra_field,
        with_a_comment,
        with_something_before,
        with_something_after,
        cut_short,
        empty,
        no_zip,
        no_member,
        twice,
        too_many,
        overlapping,
        hidden_before_the_directory,
        hidden_in_the_directory,
        encrypted,
        two_truths,
    ],
)
def test_what_is_not_exact_is_refused(archive: Path, damage: Callable[[Path], None]) -> None:
    damage(archive)
    assert code(archive) == "archive-unreadable"


def test_a_manifest_that_was_changed(archive: Path) -> None:
    raw = bytearray(archive.read_bytes())
    raw[100] ^= 1
    archive.write_bytes(raw)
    assert code(archive) == "archive-unreadable"


def test_nothing_travels_beside_what_the_manifest_names(archive: Path) -> None:
    rewrite(archive, zipfile.ZipInfo, readme="hello")
    assert code(archive) == "package-incomplete"


def test_every_part_is_there(archive: Path) -> None:
    with zipfile.ZipFile(archive) as opened:
        manifest = opened.read("manifest.toml")
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr(zipfile.ZipInfo("manifest.toml"), manifest)
    assert code(archive) == "package-incomplete"


def test_no_manifest(archive: Path) -> None:
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr(zipfile.ZipInfo("part0.flac"), b"")
    assert code(archive) == "package-incomplete"


def test_a_part_larger_than_its_frames_could_be(archive: Path) -> None:
    with zipfile.ZipFile(archive) as opened:
        content = {name: opened.read(name) for name in opened.namelist()}
    with zipfile.ZipFile(archive, "w") as opened:
        for name, data in content.items():
            opened.writestr(zipfile.ZipInfo(name), data if name != "part1.flac" else data + bytes(2 << 20))
    with Source(archive) as source, pytest.raises(PackageError) as caught:
        source.part_bytes()
    assert caught.value.code == "package-incomplete"


def test_neither_file_nor_folder(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", "none"):
        with pytest.raises(PackageError) as caught:
            Archive(tmp_path / name)
        assert caught.value.code == "archive-unreadable"
