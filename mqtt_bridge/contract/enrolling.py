"""What a box and its clinic say to each other over HTTPS when a box is enrolled or renews its certificate."""

from typing import Annotated

from msgspec import Meta

from mqtt_bridge.contract.codec import Count, Word
from mqtt_bridge.contract.identity import Identifier

CA_PATH, ENROL_PATH, RENEW_PATH = "/v1/ca", "/v1/enrol", "/v1/renew"
BODY_BYTES_MAX = 16 * 1024
"""A request of either kind is under 2 KiB."""

Key = Annotated[bytes, Meta(min_length=32, max_length=32)]
Pem = Annotated[str, Meta(min_length=1, max_length=8192)]


class EnrolmentAsked(Word, frozen=True):
    """A box that nobody knows yet: the code's two halves, its own public keys, and a signing request (PEM).

    The fingerprint in the code is not sent: it is the box's, to know its clinic by.
    """

    name: Annotated[str, Meta(pattern=r"\A[0-9A-HJKMNP-TV-Z]{4}\Z")]
    secret: Annotated[str, Meta(pattern=r"\A[0-9A-HJKMNP-TV-Z]{10}\Z")]
    verify: Key
    seal: Key
    request: Pem
    version: Annotated[str, Meta(max_length=100)] = ""


class Enrolled(Word, frozen=True):
    """The answer: who the box is now, its certificate (PEM), the clinic's keys, and where everything is."""

    clinic: Identifier
    box: Identifier
    certificate: Pem
    ca: Pem
    clinic_verify: Key
    clinic_seal: Key
    broker_host: str
    broker_port: Count
    protocol: int
    shelf_host: str
    shelf_port: Count
    registrar_host: str
    registrar_port: Count


class RenewalAsked(Word, frozen=True):
    """A box whose certificate ends: a signing request (PEM) of its new key, under the certificate that it has."""

    request: Pem


class Renewed(Word, frozen=True):
    """The new certificate (PEM)."""

    certificate: Pem


class Refused(Word, frozen=True):
    """Why not. `code` is for the program, `words` for whoever stands before it."""

    code: str
    words: str
