"""Mutual TLS with the clinic's own authority and no other: one rule for the broker and for the shelf of packages."""

import ssl
from pathlib import Path

_NO_CHECK_TIME = 0x200000
"""OpenSSL's X509_V_FLAG_NO_CHECK_TIME, which Python gives no name."""


def client_context(ca: Path, certificate: Path, key: Path) -> ssl.SSLContext:
    """Who we are, and the one authority that we believe. Raises OSError when a file is missing.

    The server's dates alone are not checked: a box without a clock chip begins in the past, and where no network time
    is let through it would never reach its clinic again. What the server says is signed besides, and not believed for
    its certificate.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_flags |= _NO_CHECK_TIME
    context.load_verify_locations(ca)
    context.load_cert_chain(certificate, key)
    return context
