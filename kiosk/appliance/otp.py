"""The Pi's one-time-programmable private key, asked of its firmware, and the data partition's key, made of it.

The form of a question to the firmware is its « mailbox property interface »: 32-bit words, little-endian. Tag
0x00030081 reads the device's private key, eight words (Raspberry Pi's own `rpi-otp-private-key` asks the same).
"""

import fcntl
import struct
from pathlib import Path
from typing import Protocol
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

DEVICE = Path("/dev/vcio")
PROPERTY = 0xC0086400
"""The ioctl of /dev/vcio: _IOWR(100, 0, char *) on 64 bits."""
PRIVATE_KEY = 0x00030081
KEY_WORDS = 8
ANSWERED = 0x80000000
VALUE_BYTES = 4 * (2 + KEY_WORDS)
"""First row, how many, and the rows."""
KEY_AT = 5 + 2
FORM = f"<{KEY_AT + KEY_WORDS + 1}I"
PURPOSE = b"chevet data partition, form 1"


class OtpError(Exception):
    """The key cannot be had; the message says why and what to do."""


class OtpEmptyError(OtpError):
    """It was never written, or not whole."""


class Mailbox(Protocol):
    """The firmware, asked."""

    def ask(self, message: bytes) -> bytes:
        """The same buffer with the firmware's answer. Raises OSError."""


class Vcio:
    """Through the kernel's /dev/vcio."""

    def __init__(self, device: Path = DEVICE) -> None:
        self._device = device

    def ask(self, message: bytes) -> bytes:
        buffer = bytearray(message)
        with self._device.open("rb", buffering=0) as file:
            fcntl.ioctl(file, PROPERTY, buffer, True)
        return bytes(buffer)


def private_key(mailbox: Mailbox) -> bytes:
    """The 32 bytes, in the order of the hexadecimal digits that were written. Raises OtpError, OtpEmptyError."""
    words = (struct.calcsize(FORM), 0, PRIVATE_KEY, VALUE_BYTES, 0, 0, KEY_WORDS, *(0,) * KEY_WORDS, 0)
    try:
        answer = struct.unpack(FORM, mailbox.ask(struct.pack(FORM, *words)))
    except OSError as error:
        raise OtpError(f"the Pi's firmware cannot be asked: {error}; is this a Pi, is vcio loaded?") from error
    if answer[1] != ANSWERED or not answer[4] & ANSWERED:
        raise OtpError(f"the Pi's firmware does not know the question: it answered {answer[1]:#x}, {answer[4]:#x}")
    rows = answer[KEY_AT : KEY_AT + KEY_WORDS]
    if missing := rows.count(0):
        raise OtpEmptyError(
            f"{missing} of {KEY_WORDS} rows of this Pi's private key are empty: chevet-kiosk otp-key --how"
        )
    return b"".join(row.to_bytes(4, "big") for row in rows)


def partition_key(private: bytes, partition: UUID) -> bytes:
    """32 bytes for this partition alone, by HKDF (RFC 5869, SHA-256) with its UUID as salt."""
    return HKDF(SHA256(), 32, salt=partition.bytes, info=PURPOSE).derive(private)
