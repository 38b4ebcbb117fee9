"""gunicorn, from our own command: a few processes with a few threads each, one ready line.

Python makes one page at a time in a process, whatever its threads: a second core needs a second process.
"""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connections

from clinic.console.warming import warm
from clinic.databases import told
from clinic.web_supervisor import Supervised
from clinic.web_worker import WORKER

log = logging.getLogger(__name__)


class Console(Supervised):
    pulse = "/sante"

    def __init__(self, options: dict[str, Any]) -> None:
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Once, before the processes are forked off: they share what it loads, and none has another's connection."""
        application = get_wsgi_application()
        warm()
        connections.close_all()
        return application


def _say(address: str) -> None:
    print(f"console: ready {address}", flush=True)


def serve(
    host: str,
    port: int,
    threads: int,
    address_file: str | None,
    announce: Callable[[str], None] = _say,
    *,
    processes: int = 1,
) -> None:
    """Serve until SIGTERM. `port` 0 takes a free one; `announce` is given the address once it listens."""
    log.info("database: %s", told(settings.DATABASES["default"]))

    def ready(server: Any) -> None:
        address = f"http://{_shown(server.LISTENERS[0].sock.getsockname())}/"
        if address_file:
            Path(address_file).write_text(f"{address}\n")
        announce(address)

    options = {
        "bind": f"{_bracketed(host)}:{port}",
        "workers": processes,
        "preload_app": True,
        "worker_class": WORKER,
        "threads": threads,
        "when_ready": ready,
        "control_socket_disable": True,
        "loglevel": "warning",
        "proc_name": "chevet-console",
        "timeout": 60,
        "graceful_timeout": 10,
    }
    Console(options).run()


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _shown(address: tuple[Any, ...]) -> str:
    return f"{_bracketed(address[0])}:{address[1]}"
