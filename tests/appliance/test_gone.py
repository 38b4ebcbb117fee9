"""An emulator that is gone is told as that: the row says so, and the next case begins."""

import socket
from pathlib import Path

import pytest

from tests.appliance.door import Serial
from tests.appliance.qmp import EmulatorError


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
