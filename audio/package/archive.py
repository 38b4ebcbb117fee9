"""The archive form of a package, `.chevet`: a zip of which every byte is accounted for.

All members are stored, none deflated: FLAC and Opus do not shrink, and where nothing is inflated there is no zip bomb.
They lie one after the other without a gap, flat, under plain names, with no extra field, comment, link or encryption;
the central directory and the end record follow and end the file. Any zip tool reads it. Below 4 GiB, so that no zip64
is needed (four hours of 24-bit FLAC). Format: PKWARE APPNOTE 6.3.
"""

import os
import stat
import struct
import zlib
from pathlib import Path
from typing import BinaryIO

import msgspec

from audio.errors import PackageError
from audio.package.consistency import PLAIN_NAME
from audio.package.opening import open_regular

MEMBERS_MAX = 1002  # the manifest, its signature and a thousand parts
NAME_BYTES_MAX = 100
BLOCK_BYTES = 1 << 20
UTF8_FLAG = 0x0800
FOLDER_ATTRIBUTE = 0x10
LOCAL = struct.Struct("<4s5H3L2H")
CENTRAL = struct.Struct("<4s6H3L5H2L")
END = struct.Struct("<4s4H2LH")


class Member(msgspec.Struct, frozen=True):
    """A stored file: where its header lies, its size and its CRC-32."""

    name: str
    at: int
    size: int
    crc: int

    @property
    def content_at(self) -> int:
        return self.at + LOCAL.size + len(self.name)


class Archive:
    """An archive whose directory has been read and found exact; what its members hold is not verified here."""

    def __init__(self, path: Path) -> None:
        """Open it. Raises PackageError (archive-unreadable)."""
        self.path = path
        try:
            self._file: BinaryIO = open_regular(path)
        except OSError as error:
            raise _unreadable(path, error.strerror or str(error)) from error
        try:
            self.members = {member.name: member for member in self._directory()}
        except OSError as error:
            self.close()
            raise _unreadable(path, error.strerror or str(error)) from error
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._file.close()

    def read(self, name: str, bytes_max: int) -> bytes:
        """Return a small member. Raises PackageError."""
        member = self.members[name]
        if member.size > bytes_max:
            raise _unreadable(self.path, f"{name} has {member.size} bytes", f"at most {bytes_max}")
        content = self._at(member.content_at, member.size)
        if zlib.crc32(content) != member.crc:
            raise _unreadable(self.path, f"{name} is damaged", "its CRC-32")
        return content

    def open(self, name: str) -> BinaryIO:
        """Return the archive, standing at the first byte of a member."""
        self._file.seek(self.members[name].content_at)
        return self._file

    def _directory(self) -> list[Member]:
        total = os.fstat(self._file.fileno()).st_size
        count, size, at = self._end_record(total)
        raw = self._at(at, size)
        members: list[Member] = []
        position = content_end = 0
        for _ in range(count):
            member, position = self._member(raw, position, content_end)
            content_end = member.content_at + member.size
            members.append(member)
        if position != size or content_end != at:
            raise _unreadable(self.path, "bytes that no member accounts for")
        if len({member.name for member in members}) != len(members):
            raise _unreadable(self.path, "a member twice")
        return members

    def _end_record(self, total: int) -> tuple[int, int, int]:
        if total < END.size:
            raise _unreadable(self.path, f"{total} bytes")
        magic, disk, first_disk, here, count, size, at, comment = END.unpack(self._at(total - END.size, END.size))
        if magic != b"PK\5\6" or disk or first_disk or comment or here != count or at + size + END.size != total:
            raise _unreadable(self.path, "no zip directory at its end: cut short, or another kind of file")
        if not 0 < count <= MEMBERS_MAX or size > count * (CENTRAL.size + NAME_BYTES_MAX):
            raise _unreadable(self.path, f"{count} members, directory of {size} bytes", f"1 to {MEMBERS_MAX} members")
        return count, size, at

    def _member(self, raw: bytes, position: int, at: int) -> tuple[Member, int]:
        """Return the member that the directory names at `position`, which must lie at `at`, and the next position."""
        if position + CENTRAL.size > len(raw):
            raise _unreadable(self.path, "a directory cut short")
        fields = CENTRAL.unpack_from(raw, position)
        magic, _, _, flags, method, _, _, crc, stored, size, name_size, extra, comment, disk, _, mode, offset = fields
        name = raw[position + CENTRAL.size : position + CENTRAL.size + name_size].decode("ascii", "replace")
        if magic != b"PK\1\2" or extra or comment or disk or offset != at:
            raise _unreadable(self.path, "a directory that is not plain")
        if method or flags & ~UTF8_FLAG or stored != size or not _is_file(mode) or not PLAIN_NAME.match(name):
            raise _unreadable(self.path, f"the member {name!r}, deflated, encrypted, a link, a folder or in one")
        member = Member(name, at, size, crc)
        self._matches_its_header(member, flags)
        return member, position + CENTRAL.size + name_size

    def _matches_its_header(self, member: Member, flags: int) -> None:
        raw = self._at(member.at, LOCAL.size + len(member.name))
        magic, _, its_flags, method, _, _, crc, stored, size, name_size, extra = LOCAL.unpack_from(raw)
        told = (magic, its_flags, method, crc, stored, size, name_size, extra, raw[LOCAL.size :])
        name = member.name.encode()
        if told != (b"PK\3\4", flags, 0, member.crc, member.size, member.size, len(name), 0, name):
            raise _unreadable(self.path, f"the header of {member.name} says another thing than the directory")

    def _at(self, at: int, size: int) -> bytes:
        self._file.seek(at)
        got = self._file.read(size)
        if len(got) != size:
            raise _unreadable(self.path, "cut short")
        return got


def _is_file(external_attributes: int) -> bool:
    mode = external_attributes >> 16
    return not external_attributes & FOLDER_ATTRIBUTE and (stat.S_IFMT(mode) in (0, stat.S_IFREG))


def _unreadable(path: Path, value: str, allowed: str = "what `chevet-audio pack` writes") -> PackageError:
    return PackageError(
        "archive-unreadable",
        "This archive is not a package",
        value=f"{path}: {value}",
        allowed=allowed,
        remedy="Fetch it again, or ask for one made by `chevet-audio pack`.",
    )
