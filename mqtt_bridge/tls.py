"""Mutual TLS with the clinic's own authority and no other: one rule for the broker and for the shelf of packages."""

import ssl
from pathlib import Path


def client_context(ca: Path, certificate: Path, key: Path) -> ssl.SSLContext:
    """Who we are, and the one authority that we believe. Raises OSError when a file is missing."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(ca)
    context.load_cert_chain(certificate, key)
    return context
