"""The shelf as a process: gunicorn, TLS 1.3, and no connection without a certificate of our own authority."""

import socket
import ssl
from pathlib import Path
from typing import Any

from django.db import close_old_connections
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from clinic.home import Home
from clinic.shelf.archives import Archives
from clinic.shelf.models import Offer
from mqtt_bridge import authority

THREADS = 32
"""A slow network holds one for hours; it costs next to nothing while it waits."""
QUIET_S_MAX = 30.0
"""A connection on which nothing moves for so long is given up: it would hold one of few threads."""


class Shelf(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
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
    context = server_context(home)

    def ready(server: Any) -> None:
        name, taken = server.LISTENERS[0].sock.getsockname()[:2]
        print(f"shelf: ready https://{name}:{taken}/", flush=True)

    options = {
        "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
        "workers": 1,
        "worker_class": "gthread",
        "threads": THREADS,
        "keepalive": 1,
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
        "ssl_context": lambda _configuration, _default: context,
    }
    Shelf(home.archives, options).run()


def may_fetch(box: str, archive: str) -> bool:
    """What was offered to the box and not withdrawn; a revoked box has nothing."""
    close_old_connections()
    try:
        offered = Offer.objects.filter(device_id=box, package__archive=archive, withdrawn_ms=None)
        return offered.filter(device__revoked_ms=None).exists()
    finally:
        close_old_connections()


def make_certificate(home: Home, host: str) -> None:
    """The shelf's own, once; remove shelf.crt when its host has another name."""
    home.archives.mkdir(mode=0o750, parents=True, exist_ok=True)
    if not (home.shelf / "shelf.crt").exists():
        authority.issue(home.authority, host, home.shelf / "shelf", server_host=host)


def server_context(home: Home) -> ssl.SSLContext:
    context = _QuietContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(home.authority / "ca.pem")
    context.load_cert_chain(home.shelf / "shelf.crt", home.shelf / "shelf.key")
    return context


class _QuietContext(ssl.SSLContext):
    """gunicorn sets no limit to a handshake nor to a write: a client that falls silent would hold a thread for ever."""

    def wrap_socket(self, sock: socket.socket, *words: Any, **named: Any) -> ssl.SSLSocket:
        sock.settimeout(QUIET_S_MAX)
        return super().wrap_socket(sock, *words, **named)
