"""Mutual TLS with the clinic's own authority and no other: one rule for the broker, the shelf and the registrar."""

import socket
import ssl
from pathlib import Path
from typing import Any

NO_CHECK_TIME = 0x200000
"""OpenSSL's X509_V_FLAG_NO_CHECK_TIME, which Python gives no name."""
QUIET_S_MAX = 30.0
"""A connection on which nothing moves for so long is given up: it would hold one of few threads."""


def client_context(ca: Path, certificate: Path, key: Path) -> ssl.SSLContext:
    """Who we are, and the one authority that we believe. Raises OSError when a file is missing.

    The server's dates alone are not checked: a box without a clock chip begins in the past, and where no network time
    is let through it would never reach its clinic again. What the server says is signed besides, and not believed for
    its certificate.
    """
    context = _dateless()
    context.load_verify_locations(ca)
    context.load_cert_chain(certificate, key)
    return context


def nameless_context(ca: str) -> ssl.SSLContext:
    """For a box that is nobody yet: it has no certificate, and knows the one authority (PEM) that it believes.

    Raises ssl.SSLError: not a certificate.
    """
    context = _dateless()
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_verify_locations(cadata=ca)
    return context


def unverified_context() -> ssl.SSLContext:
    """To fetch an authority's certificate, which is then compared with a fingerprint; nothing is sent through it."""
    context = _dateless()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def server_context(ca: Path, certificate: Path, key: Path, verify: ssl.VerifyMode, revoked: Path) -> ssl.SSLContext:
    """A server of the clinic's: TLS 1.3, who comes has a certificate of our authority, which is not on the list.

    With `CERT_OPTIONAL` a stranger may come too, nameless; the server must ask who it is. Raises OSError.
    """
    context = QuietContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = verify
    context.load_verify_locations(ca)
    if revoked.exists():
        context.load_verify_locations(revoked)
        context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
    context.load_cert_chain(certificate, key)
    return context


class QuietContext(ssl.SSLContext):
    """gunicorn sets no limit to a handshake nor to a write: a client that falls silent would hold a thread for ever."""

    def wrap_socket(self, sock: socket.socket, *words: Any, **named: Any) -> ssl.SSLSocket:
        sock.settimeout(QUIET_S_MAX)
        return super().wrap_socket(sock, *words, **named)


class QuietSocket(ssl.SSLSocket):
    """gunicorn takes the limit away from a connection that is kept for a second request."""

    def setblocking(self, flag: bool) -> None:  # noqa: FBT001  # socket's own signature
        self.settimeout(QUIET_S_MAX if flag else 0)


QuietContext.sslsocket_class = QuietSocket


def _dateless() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_flags |= NO_CHECK_TIME
    return context
