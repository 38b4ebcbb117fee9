"""A broker in the hands of a service manager: it is started again when it ends by itself.

RabbitMQ gives up on a full disk ("Kernel pid terminated"); Debian's unit says Restart=on-failure.
"""

import subprocess
import threading
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from queue import Empty

from tests.campaign.family import Family
from tests.support.process import READY_S_MAX, ProcessError

AGAIN_S = 10.0
"""As Debian's rabbitmq-server.service has it."""


class Served(Family):
    """It runs from `launch` until `kill`, whatever becomes of its process. `again`: how often it had to be started."""

    def __init__(
        self,
        name: str,
        command: list[str],
        ready: str,
        log: Path,
        environment: Mapping[str, str],
        again_s: float = AGAIN_S,
    ) -> None:
        super().__init__(name, command, ready, log, environment)
        self.again, self._again_s = 0, again_s
        self._served, self._changed = False, threading.Condition()

    def launch(self) -> None:
        with self._changed:
            self._served = True
            self._launch()

    def kill(self) -> None:
        with self._changed:
            self._served = False
            self._changed.notify_all()
            super().kill()

    def running(self) -> bool:
        return self._served

    def wait_ready(self, seconds: float = READY_S_MAX) -> str:
        """Of this start, or of one that had to follow it."""
        until_s = time.monotonic() + seconds
        while (left_s := until_s - time.monotonic()) > 0:
            told = self._told
            try:
                line = told.get(timeout=left_s)
            except Empty:
                break
            if line is not None:
                return line
            with self._changed:
                self._changed.wait_for(lambda told=told: self._told is not told, until_s - time.monotonic())  # type: ignore[misc]
        self.kill()
        raise ProcessError(f"{self.name} did not start:\n{self.log()}")

    def _launch(self) -> None:
        super().launch()
        self._changed.notify_all()
        threading.Thread(target=self._serve, args=(self._process,), daemon=True).start()

    def _serve(self, process: "subprocess.Popen[bytes] | None") -> None:
        """This thread starts what follows, too, and waits for it: what must end with us (PR_SET_PDEATHSIG) ends with
        the thread that started it."""
        while process is not None:
            process.wait()
            with self._changed:
                if self._changed.wait_for(partial(self._is_over, process), self._again_s):
                    return
                self.again += 1
                super().launch()
                self._changed.notify_all()
                process = self._process

    def _is_over(self, process: "subprocess.Popen[bytes]") -> bool:
        """It was killed, or another one was launched meanwhile."""
        return not self._served or self._process is not process
