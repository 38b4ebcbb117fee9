"""The Pi's private key as its firmware tells it, and what is made of it. The firmware is a fake: no Pi has answered."""

import hashlib
import hmac
import struct
from pathlib import Path
from uuid import UUID

import pytest

from kiosk.appliance.otp import DEVICE, PROPERTY, OtpEmptyError, OtpError, Vcio, partition_key, private_key
from kiosk.cli import main

KEY = bytes(range(1, 33))
CARD, OTHER = UUID("43484556-4554-4368-6576-657400000001"), UUID("43484556-4554-4368-6576-657400000002")


class Firmware:
    """Reads a message word by word as the firmware's mailbox does; it remembers what it was asked."""

    def __init__(self, key: bytes = KEY, *, knows: bool = True) -> None:
        self.rows = struct.unpack(">8I", key)
        self.knows = knows
        self.asked: list[tuple[int, ...]] = []

    def ask(self, message: bytes) -> bytes:
        words = list(struct.unpack(f"<{len(message) // 4}I", message))
        self.asked.append(tuple(words))
        assert words[0] == len(message)
        assert words[-1] == 0, "the end tag"
        tag, room, _request, first, count = words[2:7]
        assert room >= 4 * (2 + count), "the answer has its place"
        if not self.knows or tag != 0x00030081:
            words[1] = 0x80000001
        else:
            words[1], words[4] = 0x80000000, 0x80000000 | 4 * (2 + count)
            words[7 : 7 + count] = self.rows[first : first + count]
        return struct.pack(f"<{len(words)}I", *words)


class Broken:
    def ask(self, message: bytes) -> bytes:
        raise OSError(110, "timed out")


def test_the_question_is_the_firmwares_own() -> None:
    firmware = Firmware()
    assert private_key(firmware) == KEY
    assert firmware.asked == [(64, 0, 0x00030081, 40, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0)]


def test_the_ioctl_is_that_of_a_character_pointer() -> None:
    """_IOWR(100, 0, char *): direction, size of a pointer, type, number."""
    assert (3 << 30) | (struct.calcsize("P") << 16) | (100 << 8) | 0 == PROPERTY
    assert Path("/dev/vcio") == DEVICE


@pytest.mark.parametrize("key", [bytes(32), KEY[:28] + bytes(4)])
def test_a_key_that_was_not_written_whole_is_none(key: bytes) -> None:
    with pytest.raises(OtpEmptyError, match="otp-key --how"):
        private_key(Firmware(key))


def test_a_firmware_that_does_not_know_the_question_or_is_away_is_told() -> None:
    with pytest.raises(OtpError, match="does not know"):
        private_key(Firmware(knows=False))
    with pytest.raises(OtpError, match="timed out"):
        private_key(Broken())


@pytest.mark.parametrize("device", ["/dev/null", "/dev/there-is-none"])
def test_what_is_no_mailbox_is_told(device: str) -> None:
    with pytest.raises(OtpError, match="cannot be asked"):
        private_key(Vcio(Path(device)))


def test_the_key_of_a_partition_is_hkdf_with_its_uuid_as_salt() -> None:
    """RFC 5869 by hand: extract, then one block of expand."""
    drawn = hmac.digest(CARD.bytes, KEY, hashlib.sha256)
    wanted = hmac.digest(drawn, b"chevet data partition, form 1\x01", hashlib.sha256)
    assert partition_key(KEY, CARD) == wanted
    assert partition_key(KEY, CARD) != partition_key(KEY, OTHER)
    assert partition_key(KEY, CARD) != KEY


def test_the_command_says_how_and_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["otp-key", "--how"]) == 0
    said = capsys.readouterr().out
    assert "rpi-otp-private-key -w" in said
    assert "never writes it" in said


def test_a_machine_that_is_no_pi_is_told_and_gives_no_words(capsys: pytest.CaptureFixture[str]) -> None:
    if DEVICE.exists():
        pytest.skip("this machine is a Pi")
    assert main(["otp-key", "--salt", str(CARD)]) == 69
    told = capsys.readouterr()
    assert told.out == ""
    assert "is this a Pi" in told.err
