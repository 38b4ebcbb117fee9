"""A disk that can be full, die at any write, and lose at a power cut what was not synced.

A VFS is laid beneath the very libsqlite3 that Python's `sqlite3` uses, by ctypes, so that the real code opens real
files and notices nothing. (apsw can write a VFS in Python, but it carries an SQLite of its own: the code under test
would not run on it.) Reads, locks and shared memory stay SQLite's own; writes, truncations, syncs and opens pass here.
Files that belong to no `Disk` are left alone. Names of files are durable at once: directory syncs are not simulated.
"""

import atexit
import ctypes
import os
import shutil
from ctypes import c_char_p, c_int, c_longlong, c_void_p
from dataclasses import dataclass, field
from pathlib import Path

from tests.simulation.chance import Chance

SQLITE_OK, SQLITE_IOERR, SQLITE_FULL = 0, 10, 13
SECTOR_BYTES = 512
_NOT_CARRIED = ("-shm", ".lock")
"""Shared memory and locks end with the process."""

_Open = ctypes.CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)
_Close = ctypes.CFUNCTYPE(c_int, c_void_p)
_Write = ctypes.CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_longlong)
_Truncate = ctypes.CFUNCTYPE(c_int, c_void_p, c_longlong)
_Sync = ctypes.CFUNCTYPE(c_int, c_void_p, c_int)


class _Vfs(ctypes.Structure):
    """The head of `sqlite3_vfs`, up to what is replaced; the rest is copied as it is."""

    _fields_ = (
        ("version", c_int),
        ("file_bytes", c_int),
        ("path_max", c_int),
        ("next", c_void_p),
        ("name", c_char_p),
        ("data", c_void_p),
        ("open", c_void_p),
        ("rest", c_void_p * 12),
    )


class _Methods(ctypes.Structure):
    """`sqlite3_io_methods`, version 3."""

    _fields_ = (
        ("version", c_int),
        ("close", c_void_p),
        ("read", c_void_p),
        ("write", c_void_p),
        ("truncate", c_void_p),
        ("sync", c_void_p),
        ("rest", c_void_p * 13),
    )


@dataclass(frozen=True)
class _Change:
    """A write (or, without `new`, a truncation to `offset`) that no sync has made durable yet."""

    offset: int
    old: bytes
    new: bytes | None
    size_before: int


@dataclass
class Disk:
    """The files of one process under `folder`."""

    folder: Path
    full: bool = False
    lies: bool = False
    """It says that it has synced, and has not."""
    dead: bool = False
    """The process or the power has gone: nothing more is written."""
    dies_in: int | None = None
    """So many writes and syncs from now."""
    unsynced: dict[str, list[_Change]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        _disks[str(self.folder.resolve()) + "/"] = self

    def gone(self) -> bool:
        """Count one operation down; whether the end has come."""
        if self.dies_in is not None and not self.dead:
            self.dies_in -= 1
            self.dead = self.dies_in < 0
        return self.dead

    def reborn(self, folder: Path, chance: Chance | None) -> "Disk":
        """The files as the next process finds them. chance: the power was cut, unsynced writes may be lost or torn;
        None: only the process died, and the kernel has all that was written, synced or not."""
        folder.mkdir(parents=True)
        unsynced = {}
        for file in self.folder.iterdir():
            if not file.name.endswith(_NOT_CARRIED):
                (folder / file.name).write_bytes(self._after(file, chance))
                left = self.unsynced.get(str(file.resolve()))
                if chance is None and left:
                    unsynced[str((folder / file.name).resolve())] = list(left)
        self.forget()
        return Disk(folder, unsynced=unsynced)

    def written_back(self, changes: "dict[str, list[_Change]]") -> None:
        """The kernel has brought these to the disk, asked or not."""
        for path, done in changes.items():
            old = set(map(id, done))
            self.unsynced[path] = [change for change in self.unsynced.get(path, []) if id(change) not in old]

    def forget(self) -> None:
        _disks.pop(str(self.folder.resolve()) + "/", None)
        self.dead = True

    def _after(self, file: Path, chance: Chance | None) -> bytes:
        raw, changes = file.read_bytes(), self.unsynced.get(str(file.resolve()), [])
        if chance is None or not changes:
            return raw
        image = bytearray(raw)
        for change in reversed(changes):
            _undo(image, change)
        kept = {"none": 0.0, "some": 0.6, "all": 1.0}[chance.pick("none", "some", "all")]
        for change in changes:
            if chance.random() < kept:
                _redo(image, change, chance if kept < 1 else None)
        return bytes(image)


def _undo(image: bytearray, change: _Change) -> None:
    image[change.offset : change.offset + len(change.old)] = change.old
    del image[change.size_before :]


def _redo(image: bytearray, change: _Change, torn: Chance | None) -> None:
    new = change.new
    if new is None:
        del image[change.offset :]
        return
    if torn is not None and torn.happens(0.3):
        new = new[: torn.randrange(len(new) // SECTOR_BYTES + 1) * SECTOR_BYTES]
    image.extend(bytes(max(0, change.offset - len(image))))
    image[change.offset : change.offset + len(new)] = new


@dataclass
class _File:
    disk: Disk
    path: str
    descriptor: int
    methods: _Methods

    def note(self, offset: int, length: int, new: bytes | None) -> None:
        old = os.pread(self.descriptor, length, offset)
        size = os.fstat(self.descriptor).st_size
        self.disk.unsynced.setdefault(self.path, []).append(_Change(offset, old, new, size))


_disks: dict[str, Disk] = {}
_files: dict[int, _File] = {}
_tables: dict[int, tuple[_Methods, _Methods]] = {}
"""For each table of methods of SQLite's own: (a copy of it, ours)."""
_sqlite = ctypes.CDLL("libsqlite3.so.0")
_sqlite.sqlite3_vfs_find.restype = c_void_p


def _disk_of(path: str) -> Disk | None:
    return next((disk for folder, disk in _disks.items() if path.startswith(folder)), None)


def _open(_vfs: int, name: int | None, file: int, flags: int, out_flags: int | None) -> int:
    result = int(_native_open(_NATIVE, name, file, flags, out_flags))
    path = ctypes.string_at(name).decode() if name else ""
    disk = _disk_of(path)
    if result == SQLITE_OK and disk is not None:
        table = c_void_p.from_address(file)
        native, ours = _tables_of(table.value or 0)
        _files[file] = _File(disk, path, os.open(path, os.O_RDONLY), native)
        table.value = ctypes.addressof(ours)
    return result


def _tables_of(address: int) -> tuple[_Methods, _Methods]:
    if address not in _tables:
        native, ours = _Methods.from_address(address), _Methods()
        ctypes.memmove(ctypes.addressof(ours), address, ctypes.sizeof(_Methods))
        for name, hook in _HOOKS.items():
            setattr(ours, name, ctypes.cast(hook, c_void_p).value)
        _tables[address] = native, ours
    return _tables[address]


def _close(file: int) -> int:
    opened = _files.pop(file)
    os.close(opened.descriptor)
    return int(_Close(opened.methods.close)(file))


def _write(file: int, data: int, length: int, offset: int) -> int:
    opened = _files[file]
    if opened.disk.gone():
        return SQLITE_IOERR
    if opened.disk.full:
        return SQLITE_FULL
    opened.note(offset, length, ctypes.string_at(data, length))
    return int(_Write(opened.methods.write)(file, data, length, offset))


def _truncate(file: int, size: int) -> int:
    opened = _files[file]
    if opened.disk.gone():
        return SQLITE_IOERR
    opened.note(size, max(0, os.fstat(opened.descriptor).st_size - size), None)
    return int(_Truncate(opened.methods.truncate)(file, size))


def _sync(file: int, flags: int) -> int:
    """Nothing is asked of the machine's own disk: durable means what a `Disk` remembers as synced."""
    opened = _files[file]
    if opened.disk.gone():
        return SQLITE_IOERR
    if not opened.disk.lies:
        opened.disk.unsynced.pop(opened.path, None)
    return SQLITE_OK


_HOOKS = {"close": _Close(_close), "write": _Write(_write), "truncate": _Truncate(_truncate), "sync": _Sync(_sync)}
_OPEN = _Open(_open)


def _lay_beneath() -> _Vfs:
    ours = _Vfs()
    ctypes.memmove(ctypes.addressof(ours), _NATIVE, ctypes.sizeof(_Vfs))
    ours.name, ours.next = b"chevet-simulation", None
    ours.open = ctypes.cast(_OPEN, c_void_p).value
    assert _sqlite.sqlite3_vfs_register(ctypes.byref(ours), 1) == SQLITE_OK
    return ours


_NATIVE = _sqlite.sqlite3_vfs_find(None)
_native_open = _Open(_Vfs.from_address(_NATIVE).open)
_ours = _lay_beneath()


@atexit.register
def _take_away() -> None:
    """What is still open when Python ends is closed by SQLite alone."""
    _sqlite.sqlite3_vfs_register(c_void_p(_NATIVE), 1)
    for file, opened in _files.items():
        c_void_p.from_address(file).value = ctypes.addressof(opened.methods)


def remove(folder: Path) -> None:
    """Put away every disk under a folder, and the folder."""
    for disk in [d for d in _disks.values() if d.folder.is_relative_to(folder)]:
        disk.forget()
    shutil.rmtree(folder, ignore_errors=True)
