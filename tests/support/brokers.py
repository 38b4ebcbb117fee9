"""A broker as a clinic runs it (`chevet-clinic broker`), mosquitto or RabbitMQ, with what it needs beside it."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from queue import Empty, Queue

RABBITMQ = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
START_S_MAX = 120.0
READY = {"mosquitto": "running", "rabbitmq": "Server startup complete"}
"""A word of the line that each says once it serves."""


def is_here(kind: str) -> bool:
    if kind == "mosquitto":
        return shutil.which("mosquitto", path="/usr/bin:/usr/sbin:/usr/local/sbin") is not None
    return RABBITMQ.exists() and shutil.which("epmd") is not None


def of_its_own(epmd: int, distribution: int) -> dict[str, str]:
    """For a RabbitMQ beside others on one machine: its own node, its own ports for tools."""
    return {
        "ERL_EPMD_PORT": str(epmd),
        "RABBITMQ_DIST_PORT": str(distribution),
        "RABBITMQ_NODENAME": f"chevet-{distribution}@localhost",
    }


class BrokerProcess:
    """`start` waits until it serves, `kill` is kill -9, `lose_everything` takes its disk too, `end` ends all of it."""

    def __init__(self, kind: str, home: Path, environment: dict[str, str]) -> None:
        self.kind, self._environment = kind, environment
        self.data = home / "broker" / ("data" if kind == "mosquitto" else "rabbitmq/data")
        self._command = [sys.executable, "-m", "clinic.cli", "broker", "--home", str(home), "--kind", kind]
        self._epmd: subprocess.Popen[bytes] | None = None
        self._server: subprocess.Popen[bytes] | None = None
        self.said: list[str] = []

    def start(self) -> None:
        if self.kind == "rabbitmq" and self._epmd is None:  # ours, so that it ends with us
            port = self._environment["ERL_EPMD_PORT"]
            self._epmd = subprocess.Popen(["epmd", "-port", port, "-address", "127.0.0.1"], env=self._environment)
        self._server = subprocess.Popen(
            self._command,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        ready: Queue[bool] = Queue()
        threading.Thread(target=self._listen, args=(self._server, ready), daemon=True).start()
        try:
            served = ready.get(timeout=START_S_MAX)
        except Empty:
            served = False
        assert served, "".join(self.said[-40:])

    def kill(self) -> None:
        if self._server is not None:
            os.killpg(self._server.pid, signal.SIGKILL)  # the script, the virtual machine and its helpers
            self._server.wait()
            self._server = None

    def lose_everything(self) -> None:
        self.kill()
        shutil.rmtree(self.data)
        self.start()

    def end(self) -> None:
        self.kill()
        if self._epmd is not None:
            self._epmd.kill()
            self._epmd.wait()

    def memory_bytes(self) -> int:
        """Resident, of all its processes."""
        assert self._server is not None
        group = os.getpgid(self._server.pid)
        return sum(_resident(pid) for pid in _processes() if _group(pid) == group)

    def peak_bytes(self) -> int:
        """The most that its processes ever were resident, together."""
        assert self._server is not None
        group = os.getpgid(self._server.pid)
        return sum(_peak(pid) for pid in _processes() if _group(pid) == group)

    def _listen(self, server: "subprocess.Popen[bytes]", ready: "Queue[bool]") -> None:
        assert server.stdout is not None
        with server.stdout:
            for raw in server.stdout:
                self.said.append(raw.decode(errors="replace"))
                if READY[self.kind] in self.said[-1]:
                    ready.put(True)
        ready.put(False)


def wait_until(true: "object", seconds: float = 90.0) -> None:
    """Until `true()` is: of what other processes do there is no event to wait for."""
    until_s = time.monotonic() + seconds
    while not true():  # type: ignore[operator]
        assert time.monotonic() < until_s, "it did not come true in time"
        time.sleep(0.1)


def _processes() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal()]


def _group(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return -1


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")
    except (OSError, IndexError):
        return 0


def _peak(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)
