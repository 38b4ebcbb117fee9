"""A process of the house as a test or the demonstration holds it: started until its ready line, ended for sure."""

import os
import signal
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path
from queue import Empty, Queue

READY_S_MAX = 90.0
STOP_S_MAX = 30.0


class ProcessError(Exception):
    """A process that did not do what was expected of it; the message holds the end of its log."""


class Process:
    """`ready` is the beginning of the line that it prints (on either output) once it serves."""

    def __init__(self, name: str, command: list[str], ready: str, log: Path, environment: Mapping[str, str]) -> None:
        self.name, self._command, self._ready, self._log = name, command, ready, log
        self._environment = {**os.environ, **environment}
        self._process: subprocess.Popen[bytes] | None = None
        self._told: Queue[str | None] = Queue()
        self.served = False
        """Whether this start has come to its ready line."""

    @property
    def pid(self) -> int:
        if self._process is None:
            raise ProcessError(f"{self.name} is not running")
        return self._process.pid

    def start(self) -> str:
        """Start it and wait for its ready line, which is returned. Raises ProcessError."""
        self.launch()
        return self.wait_ready()

    def launch(self) -> None:
        """Start it, and wait for nothing."""
        self._told, self.served = Queue(), False
        self._process = subprocess.Popen(
            self._command, env=self._environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        threading.Thread(target=self._copy, args=(self._process, self._told), daemon=True).start()

    def wait_ready(self, seconds: float = READY_S_MAX) -> str:
        """The ready line of a process that was launched. Raises ProcessError; it is killed then."""
        try:
            line = self._told.get(timeout=seconds)
        except Empty:
            line = None
        if line is None:
            self.kill()
            raise ProcessError(f"{self.name} did not start:\n{self.log()}")
        return line

    def log(self) -> str:
        return self._log.read_text(errors="replace")[-4000:] if self._log.exists() else ""

    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """kill -9, and wait until it is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(STOP_S_MAX)

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def stop(self) -> int:
        """Ask it to end; its exit code. One that does not obey is killed, and that is an error."""
        if self._process is None or self._process.poll() is not None:
            return self._process.returncode if self._process else 0
        self._process.send_signal(signal.SIGCONT)
        self._process.terminate()
        try:
            return self._process.wait(STOP_S_MAX)
        except subprocess.TimeoutExpired:
            self.kill()
            raise ProcessError(f"{self.name} did not stop within {STOP_S_MAX} s:\n{self.log()}") from None

    def wait_end(self, seconds: float) -> int:
        """Wait until it ends by itself."""
        if self._process is None:
            raise ProcessError(f"{self.name} is not running")
        return self._process.wait(seconds)

    def _copy(self, process: "subprocess.Popen[bytes]", told: "Queue[str | None]") -> None:
        """Its output goes to its log; the ready line is told once, None when it ends without one."""
        if process.stdout is None:
            return
        with self._log.open("ab") as log, process.stdout:
            for raw in process.stdout:
                log.write(raw)
                log.flush()
                line = raw.decode(errors="replace").rstrip()
                if self._ready in line:
                    self.served = self.served or told is self._told
                    told.put(line)
        told.put(None)
