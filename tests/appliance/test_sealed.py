"""What `make sealed` and `make burnt` stand on, without an emulator; and what the module of the kernel lets through."""

import re
import struct
import subprocess
from pathlib import Path

import pytest

from firmware_config.image.recipe import debian
from firmware_config.image.recipe.place import IMAGE, listed
from kiosk.appliance import otp
from tests.appliance import board, sealed
from tests.appliance.chip import HERE
from tests.appliance.damage import data_at
from tests.appliance.qmp import EmulatorError

KEY = bytes(range(1, 33))


class Fuses:
    """qtest's end: a memory of words, and a mailbox that looks at what was put there."""

    def __init__(self, *, takes: bool = True) -> None:
        self.memory: dict[int, int] = {}
        self.takes, self.rows = takes, b""

    def ask(self, words: str) -> str:
        what, *numbers = words.split()
        place, *value = (int(number, 16) for number in numbers)
        if what == "readl":
            return f"{self.memory.get(place, 0):#x}"
        self.memory[place] = value[0]
        if place == board.TO_FIRMWARE:
            self._look(value[0])
        return ""

    def _look(self, told: int) -> None:
        at, channel = told & ~0xF, told & 0xF
        size, code, tag, room, _said, first, count = (self.memory[at + 4 * n] for n in range(7))
        assert (size, code, tag, room, first, count, channel) == (64, 0, 0x00038081, 40, 0, 8, 8)
        assert self.memory[at + 60] == 0, "the end tag"
        if self.takes:
            self.rows = struct.pack(">8I", *(self.memory[at + 28 + 4 * n] for n in range(8)))
            self.memory[at + 4] = 0x80000000


def test_the_fuses_get_the_key_in_the_order_in_which_it_is_read() -> None:
    fuses = Fuses()
    board.burn(fuses, KEY)
    assert fuses.rows == KEY
    with pytest.raises(EmulatorError, match="did not take"):
        board.burn(Fuses(takes=False), KEY)


def test_the_module_lets_through_what_the_box_asks_and_nothing_else() -> None:
    source = (IMAGE / "vcio/vcio.c").read_text()
    assert re.search(rf"#define PRIVATE_KEY 0x{otp.PRIVATE_KEY:08x}\b", source)
    assert re.search(rf"#define ROWS {otp.KEY_WORDS}\b", source)
    assert "#define PROPERTY _IOWR(100, 0, char *)" in source
    assert not re.search(r"0x0003[08]0(?!81\b)|0x00038081", source), (
        "no other question, above all not the one that writes"
    )
    assert struct.calcsize(otp.FORM) == 4 * (2 + 5 + otp.KEY_WORDS + 1)


def test_the_modules_headers_are_the_pinned_kernels() -> None:
    version = debian.kernel()
    assert f"linux-image-{version}-arm64" in {line.split()[0] for line in listed(debian.LOCK)}
    assert f"linux-headers-{version}-arm64" in debian._names("headers.txt")
    assert f"linux-kbuild-{version}" in debian._names("bench.txt")


def test_a_partition_is_compared_whole(tmp_path: Path) -> None:
    card = tmp_path / "card"
    with card.open("wb") as file:
        file.truncate(data_at() + 2 * sealed.PIECE)
    empty = sealed.digest(card)
    assert not sealed.any_byte(card)
    with card.open("r+b") as file:
        file.seek(data_at() - 1)
        file.write(b"x")
    assert sealed.digest(card) == empty, "what stands before it is another partition's"
    with card.open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"x")
    assert sealed.digest(card) != empty
    assert sealed.any_byte(card)


def test_what_runs_before_the_first_program_is_shell() -> None:
    done = subprocess.run(["sh", "-n", str(HERE / "init")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
