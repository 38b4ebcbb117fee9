"""A broker in the hands of a service manager: it is started again when it ends by itself.

RabbitMQ gives up on a full disk ("Kernel pid terminated"); Debian's unit says Restart=on-failure.
"""

import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from queue import Empty

from tests.campaign.family import Family
from tests.support.process import READY_S_MAX, ProcessError

AGAIN_S = 10.0
"""As Debian's rabbitmq-server.service has it."""
TRIES = 3
"""Starts that come to nothing, before somebody is called."""


class Served(Family):
    """It runs from `launch` until `kill`, whatever becomes of its process.

    again, remedied: how often it had to be started, and how often somebody came.
    """

    def __init__(
        self,
        name: str,
        command: list[str],
        ready: str,
        log: Path,
        environment: Mapping[str, str],
        again_s: float = AGAIN_S,
        remedy: Callable[[], None] | None = None,
    ) -> None:
        """remedy: what the documents say to do when it does not start any more."""
        super().__init__(name, command, ready, log, environment)
        self.again, self.remedied, self._again_s, self._remedy = 0, 0, again_s, remedy
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
        in_vain = 0
        while process is not None:
            process.wait()
            in_vain = 0 if self.served else in_vain + 1
            with self._changed:
                if self._changed.wait_for(partial(self._is_over, process), self._again_s):
                    return
                if in_vain == TRIES and self._remedy is not None:
                    self._remedy()
                    self.remedied, in_vain = self.remedied + 1, 0
                self.again += 1
                super().launch()
                self._changed.notify_all()
                process = self._process

    def _is_over(self, process: "subprocess.Popen[bytes]") -> bool:
        """It was killed, or another one was launched meanwhile."""
        return not self._served or self._process is not process
