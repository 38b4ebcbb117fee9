"""QEMU's two sockets: QMP (screendumps, touches, quitting, what befell the machine) and qtest (a GPIO line, memory)."""

import base64
import json
import socket
from collections import Counter
from contextlib import suppress
from io import BufferedRWPair
from pathlib import Path
from typing import Any


class EmulatorError(Exception):
    """The emulator refused or went away."""


def _closed(file: BufferedRWPair, connection: socket.socket) -> None:
    """What was not sent to an emulator that is gone is sent once more by closing, and fails once more."""
    with suppress(OSError):
        file.close()
    connection.close()


class Qmp:
    """QMP over a unix socket; one command at a time."""

    def __init__(self, path: Path) -> None:
        self._events = Counter[str]()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(60)
        self._socket.connect(str(path))
        self._file = self._socket.makefile("rwb")
        self._file.readline()
        self.ask("qmp_capabilities")

    def ask(self, command: str, **arguments: object) -> Any:
        """Return what QEMU answers. Raises EmulatorError with its words."""
        try:
            return self._ask(command, arguments)
        except OSError as error:
            raise EmulatorError(f"{command}: the emulator does not answer: {error}") from error

    def _ask(self, command: str, arguments: dict[str, object]) -> Any:
        self._file.write(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
        self._file.flush()
        while line := self._file.readline():
            said = json.loads(line)
            if "error" in said:
                raise EmulatorError(f"{command}: {said['error']['desc']}")
            if "return" in said:
                return said["return"]
            self._events[said.get("event", "")] += 1
        raise EmulatorError(f"{command}: the emulator is gone")

    def times(self, event: str) -> int:
        """How often QEMU has told of this event by now (`RESET`, `WATCHDOG`); they stand before the next answer.

        Raises EmulatorError.
        """
        self.ask("query-status")
        return self._events[event]

    def path_of(self, kind: str, at: str = "/machine/unattached") -> str:
        """The QOM path of the first device of this type."""
        for child in self.ask("qom-list", path=at):
            if child["type"] == f"child<{kind}>":
                return f"{at}/{child['name']}"
        raise EmulatorError(f"no {kind} under {at}")

    def close(self) -> None:
        _closed(self._file, self._socket)


class Qtest:
    """The qtest socket, beside an emulator that runs by itself: it moves an input line of a device, and has memory."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(60)
        self._socket.connect(str(path))
        self._file = self._socket.makefile("rwb")

    def line(self, device: str, number: int, *, high: bool) -> None:
        """Drive the device's GPIO input. Raises EmulatorError."""
        self.ask(f"set_irq_in {device} unnamed-gpio-in {number} {int(high)}")

    def memory(self, at: int, size: int) -> bytes:
        """What stands in the machine's memory there, by its physical address. Raises EmulatorError."""
        return base64.b64decode(self.ask(f"b64read {at:#x} {size:#x}"))

    def write(self, at: int, data: bytes) -> None:
        """Write it there, while the machine runs. Raises EmulatorError."""
        self.ask(f"b64write {at:#x} {len(data):#x} {base64.b64encode(data).decode()}")

    def ask(self, words: str) -> str:
        """One command of qtest's; what it answers after its OK. Raises EmulatorError."""
        self._file.write(f"{words}\n".encode())
        self._file.flush()
        while answer := self._file.readline().decode():
            if answer.startswith("OK"):
                return answer.removeprefix("OK").strip()
            if answer.startswith(("FAIL", "ERR")):
                raise EmulatorError(answer.strip())
        raise EmulatorError("qtest: the emulator is gone")

    def close(self) -> None:
        _closed(self._file, self._socket)
