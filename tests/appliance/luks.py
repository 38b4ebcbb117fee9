"""A LUKS2 partition read on the workstation, with the key that everybody knows: no device mapper, no root.

Form: « LUKS2 On-Disk Format Specification » 1.1. Only what the box makes is read: PBKDF2, aes-xts-plain64.
"""

import base64
import hashlib
import json
import os
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

KEY = b"chevet stand-in key, protects nothing"
"""As firmware_config/image/tree/usr/lib/chevet/data-partition says."""
MAGIC = b"LUKS\xba\xbe"
HEAD = 4096
AREA_SECTOR = 512


class LuksError(Exception):
    """What was given is no LUKS2 partition that we read, or not with this key."""


def opened(card: Path, at: int, into: Path, key: bytes = KEY) -> None:
    """Write what the partition at this byte of the card holds into a file; what was never written stays a hole.

    Raises LuksError.
    """
    with card.open("rb") as file:
        told = _head(file, at)
        volume = _volume_key(file, at, told, key)
        segment = told["segments"]["0"]
        begin, sector = at + int(segment["offset"]), int(segment["sector_size"])
        with into.open("wb") as out:
            size = card.stat().st_size - begin
            out.truncate(size // sector * sector)
            for first, length in _written(file, begin, sector):
                file.seek(begin + first)
                out.seek(first)
                out.write(_clear(volume, file.read(length), first // AREA_SECTOR, sector))


def _head(file: BinaryIO, at: int) -> dict[str, Any]:
    file.seek(at)
    raw = file.read(HEAD)
    if raw[:6] != MAGIC or int.from_bytes(raw[6:8]) != 2:
        raise LuksError("no LUKS2 header there")
    size = int.from_bytes(raw[8:16])
    text = (raw + file.read(size - HEAD))[HEAD:].split(b"\0", 1)[0]
    told: dict[str, Any] = json.loads(text)
    return told


def _volume_key(file: BinaryIO, at: int, told: dict[str, Any], key: bytes) -> bytes:
    slot = told["keyslots"]["0"]
    kdf, area, split = slot["kdf"], slot["area"], slot["af"]
    salt, rounds = base64.b64decode(kdf["salt"]), int(kdf["iterations"])
    derived = hashlib.pbkdf2_hmac(kdf["hash"], key, salt, rounds, int(area["key_size"]))
    file.seek(at + int(area["offset"]))
    size = slot["key_size"] * split["stripes"]
    sectors = -(-size // AREA_SECTOR) * AREA_SECTOR
    material = _clear(derived, file.read(sectors), 0, AREA_SECTOR)[:size]
    volume = _merged(material, slot["key_size"], split["stripes"], split["hash"])
    digest = told["digests"]["0"]
    salt, rounds = base64.b64decode(digest["salt"]), int(digest["iterations"])
    wanted = base64.b64decode(digest["digest"])
    if hashlib.pbkdf2_hmac(digest["hash"], volume, salt, rounds, len(wanted)) != wanted:
        raise LuksError("this is not its key")
    return volume


def _merged(material: bytes, size: int, stripes: int, name: str) -> bytes:
    """The anti-forensic split, put together (LUKS1's, which LUKS2 keeps)."""
    block = bytes(size)
    for stripe in range(stripes):
        mixed = _xor(block, material[stripe * size : (stripe + 1) * size])
        block = mixed if stripe == stripes - 1 else _diffused(mixed, name)
    return block


def _diffused(block: bytes, name: str) -> bytes:
    wide, pieces = hashlib.new(name).digest_size, []
    for number, at in enumerate(range(0, len(block), wide)):
        piece = block[at : at + wide]
        pieces.append(hashlib.new(name, number.to_bytes(4) + piece).digest()[: len(piece)])
    return b"".join(pieces)


def _xor(one: bytes, other: bytes) -> bytes:
    return (int.from_bytes(one) ^ int.from_bytes(other)).to_bytes(len(one))


def _clear(key: bytes, data: bytes, first: int, sector: int) -> bytes:
    """aes-xts-plain64: the tweak is the number of the sector, in units of 512 bytes."""
    out, cipher = bytearray(), algorithms.AES(key)
    for at in range(0, len(data), sector):
        number = first + at // AREA_SECTOR
        made = Cipher(cipher, modes.XTS(number.to_bytes(16, "little"))).decryptor()
        out += made.update(data[at : at + sector]) + made.finalize()
    return bytes(out)


def _written(file: BinaryIO, begin: int, sector: int) -> list[tuple[int, int]]:
    """Where the file is no hole, from `begin` on, in whole sectors: (from there, how much)."""
    found, place, descriptor = [], begin, file.fileno()
    end = os.fstat(descriptor).st_size
    while place < end:
        try:
            place = os.lseek(descriptor, place, os.SEEK_DATA)
        except OSError:  # ENXIO: nothing but a hole up to the end
            break
        hole = os.lseek(descriptor, place, os.SEEK_HOLE)
        first = (place - begin) // sector * sector
        last = -(-(hole - begin) // sector) * sector
        found.append((first, min(last, (end - begin) // sector * sector) - first))
        place = hole
    return found
