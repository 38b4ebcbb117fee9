"""The registrar as a process: gunicorn, TLS 1.3. A stranger may come; what a box may do it does by its certificate."""

import logging
import os
import signal
import ssl
import threading
from collections.abc import Callable
from typing import Any

from clinic.home import Configuration, Home
from clinic.plans.addresses import tell_addresses
from clinic.plans.orders import Pen
from clinic.registrar.desk import Registrar
from clinic.registrar.doors import Doors
from clinic.registrar.watch import Watch, watch
from clinic.web_supervisor import Supervised
from mqtt_bridge import authority, tls
from mqtt_bridge.seal import load_secret

THREADS = 48
"""Of three addresses (`door_worker.OF_AN_ADDRESS_MAX` each); how many try a code at once is the desk's."""
BACKLOG = 64
log = logging.getLogger(__name__)


class Server(Supervised):
    def __init__(self, application: Registrar, options: dict[str, Any]) -> None:
        self._application, self._options = application, options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Registrar:
        return self._application


def serve(home: Home, configuration: Configuration, host: str, port: int) -> None:
    """Serve until SIGTERM. `port` 0 takes a free one. Prints one line once it listens."""
    context = server_context(home, host)

    def ready(server: Any) -> None:
        name, taken = server.LISTENERS[0].sock.getsockname()[:2]
        print(f"registrar: ready https://{name}:{taken}/", flush=True)

    def look_after() -> None:
        pen = Pen(configuration.clinic, load_secret(home.clinic_keys))
        watch(
            Watch(Doors(home, configuration).turn, "the broker's door is not closed"),
            Watch(lambda: tell_addresses(pen, configuration), "boxes are not told where the registrar is"),
        )

    def forked(_server: Any, _worker: Any) -> None:
        threading.Thread(target=guarded, args=(look_after, _end_all), name="doors", daemon=True).start()

    options = {
        "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
        "workers": 1,
        "worker_class": "clinic.door_worker.DoorWorker",
        "threads": THREADS,
        "backlog": BACKLOG,
        "keepalive": 0,
        "limit_request_line": 200,
        "limit_request_fields": 20,
        "when_ready": ready,
        "post_fork": forked,
        "control_socket_disable": True,
        "loglevel": "warning",
        "proc_name": "chevet-registrar",
        "timeout": 60,
        "graceful_timeout": 5,
        "certfile": str(home.registrar / "registrar.crt"),
        "keyfile": str(home.registrar / "registrar.key"),
        "ca_certs": str(home.authority / "ca.pem"),
        "cert_reqs": ssl.CERT_OPTIONAL,
        "ssl_context": lambda _configuration, _default: context,
    }
    Server(Registrar(home, configuration), options).run()


def guarded(watch: Callable[[], None], end: Callable[[], None]) -> None:
    """A registrar that goes on serving while nobody closes doors would look well: it ends, and is started anew."""
    try:
        watch()
    finally:
        log.critical("nobody looks after the broker's door any more: the registrar ends")
        end()


def _end_all() -> None:
    """Gunicorn's own process; its workers go with it."""
    os.kill(os.getppid(), signal.SIGTERM)


def server_context(home: Home, host: str) -> ssl.SSLContext:
    """A box whose certificate has ended may still renew it: what it is allowed is asked of the database."""
    home.registrar.mkdir(mode=0o750, parents=True, exist_ok=True)
    stem = home.registrar / "registrar"
    if not stem.with_suffix(".crt").exists():
        authority.issue(home.authority, host, stem, server_host=host)
    context = tls.server_context(
        home.authority / "ca.pem",
        stem.with_suffix(".crt"),
        stem.with_suffix(".key"),
        ssl.CERT_OPTIONAL,
        home.authority / "none.pem",
    )
    context.verify_flags |= tls.NO_CHECK_TIME
    return context
