"""The encrypted file of a backup: a short head in clear, then libsodium's secretstream in pieces of 64 KiB.

    chevet-backup 1, end of line | length, lock (JSON) | stream header | (length, sealed piece)...

The lock says how the stream's key is found: from a passphrase (argon2id), or sealed to the public key of the clinic's
safe. The head is authenticated with the first piece; the last piece says that it is the last.
"""

import io
import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import IO, Literal

from clinic.errors import ClinicError
from mqtt_bridge import seal
from mqtt_bridge.contract.codec import ContractError, Word, decode, encode

MAGIC = b"chevet-backup 1\n"
PIECE_BYTES = 64 * 1024
LOCK_BYTES_MAX = 4096
PASSPHRASE_MIN = 12
_LENGTH = struct.Struct(">I")


class EnvelopeError(ClinicError):
    """The file is not a whole backup of Chevet, or what was given does not open it."""


class Lock(Word, frozen=True):
    kind: Literal["passphrase", "key"]
    salt: bytes = b""
    sealed: bytes = b""
    """The stream's key, sealed to the safe's public key."""


def by_passphrase(passphrase: str) -> tuple[Lock, bytes]:
    """(what stands in the file, the stream's key). Raises EnvelopeError: too short to keep a record safe."""
    if len(passphrase) < PASSPHRASE_MIN:
        raise EnvelopeError(f"a passphrase of {PASSPHRASE_MIN} characters at least: whoever finds the file may try all")
    salt = seal.new_salt()
    return Lock(kind="passphrase", salt=salt), seal.key_of_passphrase(passphrase, salt)


def by_public_key(safe: seal.PublicKeys) -> tuple[Lock, bytes]:
    key = seal.new_stream_key()
    return Lock(kind="key", sealed=seal.seal(key, safe)), key


Unlock = Callable[[Lock], bytes]
"""From the lock that stands in the file to the stream's key. Raises EnvelopeError."""


def with_passphrase(passphrase: str) -> Unlock:
    def unlock(lock: Lock) -> bytes:
        if lock.kind != "passphrase":
            raise EnvelopeError("this backup is for the key of the clinic's safe: give --key FILE")
        if len(lock.salt) != seal.SALT_BYTES:
            raise EnvelopeError("its head is damaged: take another copy")
        return seal.key_of_passphrase(passphrase, lock.salt)

    return unlock


def with_secret_key(keys: seal.SecretKeys) -> Unlock:
    def unlock(lock: Lock) -> bytes:
        if lock.kind != "key":
            raise EnvelopeError("this backup is under a passphrase: give --passphrase-file FILE")
        try:
            return seal.unseal(lock.sealed, keys)
        except seal.SealError as error:
            raise EnvelopeError("this backup is for another key than the one given") from error

    return unlock


class Writing(io.RawIOBase):
    """What is written comes out sealed. Only `finish` makes it a whole backup."""

    def __init__(self, to: IO[bytes], lock: Lock, key: bytes) -> None:
        super().__init__()
        self._to, self._sealer, self._waiting = to, seal.StreamSealer(key), bytearray()
        head = encode(lock)
        self._beside = MAGIC + _LENGTH.pack(len(head)) + head
        to.write(self._beside + self._sealer.header)

    def writable(self) -> bool:
        return True

    def write(self, more: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]
        self._waiting += more
        while len(self._waiting) > PIECE_BYTES:
            self._push(bytes(self._waiting[:PIECE_BYTES]), last=False)
            del self._waiting[:PIECE_BYTES]
        return len(more)

    def _push(self, piece: bytes, *, last: bool) -> None:
        sealed = self._sealer.push(piece, last=last, beside=self._beside)
        self._beside = b""
        self._to.write(_LENGTH.pack(len(sealed)) + sealed)

    def finish(self) -> None:
        self._push(bytes(self._waiting), last=True)
        self._waiting.clear()


class Reading(io.RawIOBase):
    """The stream inside, each piece verified before any of it is given. Raises EnvelopeError where it is not whole."""

    def __init__(self, of: IO[bytes], unlock: Unlock) -> None:
        super().__init__()
        self._of, self._rest, self._last = of, b"", False
        lock, self._beside = _head(of)
        try:
            self._opener = seal.StreamOpener(unlock(lock), _exactly(of, seal.STREAM_HEADER_BYTES))
        except seal.SealError as error:
            raise EnvelopeError(f"{error}: take another copy") from error
        self._first = True

    def readable(self) -> bool:
        return True

    def readinto(self, into: "bytearray | memoryview") -> int:  # type: ignore[override]
        while not self._rest and not self._last:
            self._pull()
        some = self._rest[: len(into)]
        into[: len(some)] = some
        self._rest = self._rest[len(some) :]
        return len(some)

    def _pull(self) -> None:
        [length] = _LENGTH.unpack(_exactly(self._of, _LENGTH.size))
        if not seal.STREAM_MORE_BYTES <= length <= PIECE_BYTES + seal.STREAM_MORE_BYTES:
            raise EnvelopeError("a piece of the backup has an impossible length: it was altered; take another copy")
        try:
            self._rest, self._last = self._opener.pull(_exactly(self._of, length), beside=self._beside)
        except seal.SealError as error:
            if self._first:
                words = "the passphrase or key is not this backup's, or its beginning was altered"
                raise EnvelopeError(words) from error
            raise EnvelopeError("the backup was altered: take another copy") from error
        self._beside, self._first = b"", False
        if self._last and self._of.read(1):
            raise EnvelopeError("something follows the backup's end: it was altered; take another copy")


def _head(of: IO[bytes]) -> tuple[Lock, bytes]:
    if of.read(len(MAGIC)) != MAGIC:
        raise EnvelopeError("this is no backup of Chevet, or of a version that this one does not read")
    length = _exactly(of, _LENGTH.size)
    [size] = _LENGTH.unpack(length)
    if size > LOCK_BYTES_MAX:
        raise EnvelopeError("the backup's head is damaged: take another copy")
    raw = _exactly(of, size)
    try:
        return decode(raw, Lock), MAGIC + length + raw
    except ContractError as error:
        raise EnvelopeError("the backup's head is damaged: take another copy") from error


def _exactly(of: IO[bytes], size: int) -> bytes:
    read = of.read(size)
    if len(read) != size:
        raise EnvelopeError("the backup is cut off before its end: take another copy")
    return read


def create(path: Path) -> IO[bytes]:
    """A new file that its owner alone reads. Raises EnvelopeError: it is there already, or cannot be written."""
    try:
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    except FileExistsError as error:
        raise EnvelopeError(f"{path} is there already: give a new name, a backup overwrites nothing") from error
    except OSError as error:
        raise EnvelopeError(f"{path}: {error.strerror}; give a folder that can be written to") from error
