"""The emulator's serial console: U-Boot's prompt, and by it a root shell that the product does not have.

In the image nobody can sign in. U-Boot's console takes words for the kernel's command line, and systemd's own
`systemd.run=` starts a shell that reads its commands from the console. On a Pi there is no such prompt: what tells its
U-Boot so, QEMU's machine does not have (firmware_config/image/README.md, `boot/no-console.dts`).
"""

import re
import socket
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from tests.appliance.qmp import EmulatorError

if TYPE_CHECKING:
    from tests.appliance.emulator import Emulator

SHELL = (
    "systemd.unit=multi-user.target systemd.wants=kernel-command-line.service systemd.run_success_action=none "
    'systemd.run_failure_action=none systemd.run="/bin/sh /dev/ttyAMA0"'
)
"""For `Machine.more`: a start with that shell."""
ANSWER_S_MAX = 300.0
KNOCK_S = 10.0


class Serial:
    """Types on the serial console. What comes is read at once: a console that nobody reads holds the machine up."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.connect(str(path))
        self._lock = threading.Lock()
        self._new = ""
        self._count = 0
        self._reader = threading.Thread(target=self._read, name="serial", daemon=True)
        self._reader.start()

    def type(self, text: str) -> None:
        """Raises EmulatorError: the machine is gone."""
        try:
            self._socket.sendall(text.encode())
        except OSError as error:
            raise EmulatorError(f"the console is gone: {error}") from error

    def _read(self) -> None:
        """Until the other end, or we, let go of it."""
        with suppress(OSError):
            while data := self._socket.recv(65536):
                with self._lock:
                    self._new += data.decode(errors="replace")

    def wait_for(self, mark: str, box: "Emulator", seconds_max: float = ANSWER_S_MAX) -> str:
        """Until these words come; what stood before them. Raises EmulatorError."""
        box.until(lambda: mark in self._new, seconds_max, f"the console did not say {mark!r}")
        with self._lock:
            before, self._new = self._new.split(mark, 1)
        return before

    def knock(self, box: "Emulator", seconds_max: float = ANSWER_S_MAX) -> None:
        """Until the shell of `SHELL` answers. What is typed before somebody has opened the console is forgotten."""
        end_s = box.uptime_s() + seconds_max
        while box.uptime_s() < end_s:
            self.type("echo in''side >/dev/ttyAMA0\n")
            with suppress(EmulatorError):
                self.wait_for("inside", box, KNOCK_S)
                return
        raise EmulatorError("no shell on the console")

    def ask(self, command: str, box: "Emulator", seconds_max: float = ANSWER_S_MAX) -> list[str]:
        """Run one line in the shell of `SHELL`; the lines that it printed. Raises EmulatorError.

        Other programs' lines of the journal stand between: what is ours is marked, line by line.
        """
        self._count += 1
        mark = f"door{self._count}"
        # The marks are put together by the shell, so that the echo of what is typed does not hold them.
        answer = f"sed 's/^/{mark}''> /'; echo {mark}'<'"
        self.type(f"{{ {{ {command}; }} 2>&1 | {answer}; }} >/dev/ttyAMA0\n")
        told = self.wait_for(f"{mark}<", box, seconds_max)
        return [found.rstrip() for found in re.findall(rf"{mark}> ?(.*)", told)]

    def close(self) -> None:
        with suppress(OSError):  # the machine is gone already
            self._socket.shutdown(socket.SHUT_RDWR)
        self._reader.join()
        self._socket.close()
