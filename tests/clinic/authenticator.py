"""A passkey in software, which also lies: what hostile browsers send. Chromium has one too: test_passkeys_in_browser.

CBOR by hand (RFC 8949): a COSE key of ES256 and an attestation object without attestation have one form.
"""

import base64
import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

ORIGIN = "https://chevet.maison.example"
PRESENT, WITH_CREDENTIAL = 0x01, 0x40


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class Authenticator:
    """`counter`: of the next signature; 0 stays 0, as of those that do not count."""

    origin: str = ORIGIN
    counter: int = 1
    present: bool = True
    cross_origin: bool = False
    host: str = "chevet.maison.example"
    credential: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def make(self, options: dict[str, Any], **lies: Any) -> str:
        """As `navigator.credentials.create` answers, as JSON."""
        client = self._client("webauthn.create", options, lies)
        told = self._data(lies, attested=True)
        attestation = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData" + b"\x59" + struct.pack(">H", len(told)) + told
        return self._answer({"clientDataJSON": b64(client), "attestationObject": b64(attestation)}, lies)

    def answer(self, options: dict[str, Any], **lies: Any) -> str:
        """As `navigator.credentials.get` answers, as JSON."""
        client, told = self._client("webauthn.get", options, lies), self._data(lies, attested=False)
        signature = self.key.sign(told + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        if lies.get("other_signature"):
            signature = ec.generate_private_key(ec.SECP256R1()).sign(told, ec.ECDSA(SHA256()))
        parts = {"clientDataJSON": b64(client), "authenticatorData": b64(told), "signature": b64(signature)}
        return self._answer(parts, lies)

    def _client(self, kind: str, options: dict[str, Any], lies: dict[str, Any]) -> bytes:
        told = {
            "type": lies.get("kind", kind),
            "challenge": lies.get("challenge", options["challenge"]),
            "origin": lies.get("origin", self.origin),
            "crossOrigin": lies.get("cross_origin", self.cross_origin),
        }
        return json.dumps(told).encode()

    def _data(self, lies: dict[str, Any], *, attested: bool) -> bytes:
        host, counter = lies.get("host", self.host), lies.get("counter", self.counter)
        flags = (PRESENT if lies.get("present", self.present) else 0) | (WITH_CREDENTIAL if attested else 0)
        self.counter += 1 if self.counter else 0
        head = hashlib.sha256(host.encode()).digest() + struct.pack(">BI", flags, counter)
        if not attested:
            return head
        return head + bytes(16) + struct.pack(">H", len(self.credential)) + self.credential + self._cose()

    def _cose(self) -> bytes:
        point = self.key.public_key().public_numbers()
        x, y = point.x.to_bytes(32, "big"), point.y.to_bytes(32, "big")
        return b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20" + x + b"\x22\x58\x20" + y

    def _answer(self, response: dict[str, str], lies: dict[str, Any]) -> str:
        named = b64(lies.get("credential", self.credential))
        return json.dumps({"id": named, "rawId": named, "type": "public-key", "response": response})
