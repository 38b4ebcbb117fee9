"""How the machine is hung and what is judged, on a memory of our own; what a reset does to the button's line."""

import base64
import json
import random
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from firmware_config.image.recipe.place import IMAGE, listed
from tests.appliance import wedged
from tests.appliance.button import LINE, Button
from tests.appliance.parts import PARTS
from tests.appliance.qmp import EmulatorError, Qmp, Qtest

AT = 0x1000


class Memory:
    """As much of a machine's memory as a kernel takes, and something before and behind it."""

    def __init__(self, kernel: bytes) -> None:
        self.bytes = bytearray(b"\xaa" * AT + kernel + b"\xaa" * AT)

    def memory(self, at: int, size: int) -> bytes:
        return bytes(self.bytes[at : at + size])

    def write(self, at: int, data: bytes) -> None:
        self.bytes[at : at + len(data)] = data


@pytest.fixture
def kernel(tmp_path: Path) -> Path:
    path = tmp_path / "vmlinuz"
    path.write_bytes(random.Random(1).randbytes(wedged.TEXT_AT + wedged.TEXT_SIZE + wedged.PIECE))  # noqa: S311
    return path


def test_what_the_kernel_enters_by_jumps_to_itself_and_nothing_else_is_written(kernel: Path) -> None:
    memory, was = Memory(kernel.read_bytes()), kernel.read_bytes()
    wedged.hang(memory, kernel, AT)
    begin, end = wedged.TEXT_AT, wedged.TEXT_AT + wedged.TEXT_SIZE
    assert bytes(memory.bytes[AT + begin : AT + end]) == wedged.HERE * (wedged.TEXT_SIZE // 4)
    assert bytes(memory.bytes[: AT + begin]) == b"\xaa" * AT + was[:begin]
    assert bytes(memory.bytes[AT + end :]) == was[end:] + b"\xaa" * AT
    assert int.from_bytes(wedged.HERE, "little") == 0x14000000


def test_code_of_which_some_words_were_changed_at_the_start_is_still_that_kernels(kernel: Path) -> None:
    memory = Memory(kernel.read_bytes())
    for word in range(wedged.TEXT_AT, wedged.TEXT_AT + wedged.TEXT_SIZE, 40):
        memory.write(AT + word, b"\x1f\x20\x03\xd5")
    assert wedged.elsewhere(memory, kernel, AT) == ""


@pytest.mark.parametrize("other", [b"\0", b"\x5a"])
def test_a_kernel_that_stands_elsewhere_is_left_alone(kernel: Path, other: bytes) -> None:
    memory = Memory(other * kernel.stat().st_size)
    before = bytes(memory.bytes)
    with pytest.raises(EmulatorError, match="0% of the words are those of vmlinuz"):
        wedged.hang(memory, kernel, AT)
    assert bytes(memory.bytes) == before


def test_an_empty_memory_is_not_taken_for_a_kernel_of_zeros(tmp_path: Path) -> None:
    path = tmp_path / "vmlinuz"
    path.write_bytes(bytes(wedged.TEXT_AT + wedged.TEXT_SIZE))
    assert wedged.elsewhere(Memory(path.read_bytes()), path, AT)


def test_the_watchdog_has_its_own_time_and_the_hosts() -> None:
    assert wedged.limit_s() == 14.0
    assert wedged.amiss(wedged.limit_s()) == ""
    assert "at most 29" in wedged.amiss(wedged.limit_s() + wedged.MARGIN_S + 1)


def test_the_chip_has_its_module_in_the_first_file_system_and_the_case_its_place() -> None:
    assert {"i6300esb", "bcm2835_wdt"} <= set(listed(IMAGE / "initrd/modules.txt"))
    assert PARTS["wedged"] is wedged.wedged
    assert wedged.CHIP == ("-device", "i6300esb")


class Machine:
    """QEMU's two ends as the button sees them: a reset forgets the line."""

    def __init__(self) -> None:
        self.resets, self.level = 0, False

    def path_of(self, kind: str) -> str:
        return f"/machine/{kind}"

    def times(self, event: str) -> int:
        return self.resets if event == "RESET" else 0

    def line(self, device: str, number: int, *, high: bool) -> None:
        assert (device, number) == ("/machine/pl061", LINE)
        self.level = high

    def reset(self) -> None:
        self.resets, self.level = self.resets + 1, False


def test_a_button_that_nobody_holds_is_open_again_after_a_reset_and_a_held_one_closed() -> None:
    machine = Machine()
    button = Button(machine, machine)
    assert machine.level
    machine.reset()
    button.keep()
    assert machine.level, "low is pressed: a box that starts anew found its contact closed"
    button.hold(down=True)
    machine.reset()
    machine.level = True
    button.keep()
    assert not machine.level
    machine.level = True
    button.keep()
    assert machine.level, "without a reset the line is left alone"


@contextmanager
def served(path: Path, *answers: bytes) -> Iterator[list[bytes]]:
    """One connection, to which each line that comes is answered in turn; the lines that came."""
    came = list[bytes]()

    def serve(server: socket.socket) -> None:
        connection = server.accept()[0]
        with connection, connection.makefile("rwb") as file:
            for answer in answers:
                file.write(answer)
                file.flush()
                came.append(file.readline())

    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server, ThreadPoolExecutor(1) as one:
        server.bind(str(path))
        server.listen(1)
        done = one.submit(serve, server)
        yield came
        done.result()


def test_what_befell_the_machine_is_counted_by_name(tmp_path: Path) -> None:
    """The first line is QEMU's greeting; each of the others answers what was asked before it."""
    told = b"".join(json.dumps({"event": name, "data": {}}).encode() + b"\n" for name in ("RESET", "WATCHDOG", "RESET"))
    fine = b'{"return": {}}\n'
    with served(tmp_path / "qmp", b'{"QMP": {}}\n', fine, told + fine, fine) as came:
        qmp = Qmp(tmp_path / "qmp")
        assert (qmp.times("RESET"), qmp.times("WATCHDOG")) == (2, 1)
        qmp.close()
    assert [json.loads(line)["execute"] for line in came if line] == [
        "qmp_capabilities",
        "query-status",
        "query-status",
    ]


def test_memory_is_read_and_written_by_its_bytes(tmp_path: Path) -> None:
    with served(tmp_path / "qtest", b"", b"OK " + base64.b64encode(b"\0kernel") + b"\n", b"OK\n") as came:
        qtest = Qtest(tmp_path / "qtest")
        assert qtest.memory(0x40400000, 7) == b"\0kernel"
        qtest.write(0x40400000, wedged.HERE)
        qtest.close()
    assert came == [b"b64read 0x40400000 0x7\n", b"b64write 0x40400000 0x4 AAAAFA==\n", b""]
