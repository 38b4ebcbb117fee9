"""An emulator that is gone is told as that: the row says so, and the next case begins."""

import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.appliance.door import Serial
from tests.appliance.qmp import EmulatorError, Qmp


def listener(path: Path) -> socket.socket:
    found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    found.bind(str(path))
    found.listen(1)
    return found


def test_a_console_that_is_gone(tmp_path: Path) -> None:
    with listener(tmp_path / "serial") as server:
        serial = Serial(tmp_path / "serial")
        server.accept()[0].close()
        with pytest.raises(EmulatorError, match="the console is gone"):
            serial.type("echo")
        serial.close()


def test_an_emulator_that_is_gone_is_told_and_closed(tmp_path: Path) -> None:
    """Found: what had not been sent came again by closing, and ended the whole test."""
    with listener(tmp_path / "qmp") as server, ThreadPoolExecutor(1) as one:
        greeting = one.submit(greet, server)
        qmp = Qmp(tmp_path / "qmp")
        greeting.result()
        with pytest.raises(EmulatorError, match="query-status"):
            qmp.ask("query-status")
        qmp.close()


def greet(server: socket.socket) -> None:
    """As QEMU does, up to its first answer; then it is gone."""
    connection = server.accept()[0]
    with connection, connection.makefile("rwb") as file:
        file.write(b'{"QMP": {}}\n')
        file.flush()
        file.readline()
        file.write(b'{"return": {}}\n')
