"""The shelf as a process: gunicorn, TLS 1.3, and no connection without a certificate of our own authority."""

import ssl
from pathlib import Path
from typing import Any

from django.db import close_old_connections

from clinic.home import Home
from clinic.shelf.archives import Archives
from clinic.shelf.models import Offer
from clinic.web_supervisor import Supervised
from mqtt_bridge import authority, tls

THREADS = 32
"""A slow network holds one for hours; it costs next to nothing while it waits."""


class Shelf(Supervised):
    def __init__(self, archives: Path, options: dict[str, Any]) -> None:
        self._archives, self._options = archives, options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Archives:
        return Archives(self._archives, may_fetch)


def serve(home: Home, host: str, port: int) -> None:
    """Serve until SIGTERM. `port` 0 takes a free one. Prints one line once it listens."""
    make_certificate(home, host)
    contexts = Contexts(home)

    def ready(server: Any) -> None:
        name, taken = server.LISTENERS[0].sock.getsockname()[:2]
        print(f"shelf: ready https://{name}:{taken}/", flush=True)

    options = {
        "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
        "workers": 1,
        "worker_class": "clinic.shelf.worker.ShelfWorker",
        "threads": THREADS,
        "keepalive": 1,
        "limit_request_line": 200,
        "limit_request_fields": 20,
        "when_ready": ready,
        "control_socket_disable": True,
        "loglevel": "warning",
        "proc_name": "chevet-shelf",
        "timeout": 60,
        "graceful_timeout": 5,
        "certfile": str(home.shelf / "shelf.crt"),
        "keyfile": str(home.shelf / "shelf.key"),
        "ca_certs": str(home.authority / "ca.pem"),
        "cert_reqs": ssl.CERT_REQUIRED,
        "ssl_context": lambda _configuration, _default: contexts(),
    }
    Shelf(home.archives, options).run()


def may_fetch(box: str, archive: str) -> bool:
    """As `is_offered`, in a thread of the shelf, whose connection nobody else looks after."""
    close_old_connections()
    try:
        return is_offered(box, archive)
    finally:
        close_old_connections()


def is_offered(box: str, archive: str) -> bool:
    """What was offered to the box and not withdrawn; a revoked box has nothing."""
    offered = Offer.objects.filter(device_id=box, package__archive=archive, withdrawn_ms=None)
    return offered.filter(device__revoked_ms=None).exists()


def make_certificate(home: Home, host: str) -> None:
    """The shelf's own, once; remove shelf.crt when its host has another name."""
    home.archives.mkdir(mode=0o750, parents=True, exist_ok=True)
    if not (home.shelf / "shelf.crt").exists():
        authority.issue(home.authority, host, home.shelf / "shelf", server_host=host)


def server_context(home: Home) -> ssl.SSLContext:
    stem = home.shelf / "shelf"
    return tls.server_context(
        home.authority / "ca.pem", stem.with_suffix(".crt"), stem.with_suffix(".key"), ssl.CERT_REQUIRED, home.revoked
    )


class Contexts:
    """The context of the next connection: made anew when the list of revoked certificates, or our own, is another."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._seen: tuple[int, ...] = ()
        self._context = server_context(home)

    def __call__(self) -> ssl.SSLContext:
        now = tuple(_changed_ns(path) for path in (self._home.revoked, self._home.shelf / "shelf.crt"))
        if now != self._seen:
            self._context, self._seen = server_context(self._home), now
        return self._context


def _changed_ns(path: Path) -> int:
    return path.stat().st_mtime_ns if path.exists() else 0
