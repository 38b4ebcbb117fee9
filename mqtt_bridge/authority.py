"""The clinic's private certificate authority: who may open a connection to its broker.

Any CA that a broker trusts can make clients for it, so the broker trusts this one alone. CN is the identity that the
broker's access list reads: a box's id, or `ingest`.
"""

import datetime as dt
import hashlib
import ipaddress
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_DAYS = 3650
LEAF_DAYS = 398
BACKDATED_DAYS = 2
"""A box without a clock chip may think that it is a little earlier than it is."""

DAY_MS = 86_400_000
PEM = serialization.Encoding.PEM
PrivateKey = ec.EllipticCurvePrivateKey


class CertificateError(ValueError):
    """A certificate, key, request or list that is not what it should be."""


@dataclass(frozen=True)
class Facts:
    """Of a certificate. serial: hexadecimal; times in ms since 1970; key: SHA-256 of its public key, hexadecimal."""

    common_name: str
    serial: str
    not_before_ms: int
    not_after_ms: int
    key: str

    def is_due(self, at_ms: int) -> bool:
        """Whether a third of its life is left, or less: time to be renewed."""
        return at_ms >= self.not_after_ms - (self.not_after_ms - self.not_before_ms) // 3


def make_authority(folder: Path, clinic: str) -> None:
    """Write ca.pem and ca.key. An authority that stands already is left as it is."""
    if (folder / "ca.key").exists():
        return
    folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(f"Chevet {clinic}")
    builder = _builder(name, name, key.public_key(), AUTHORITY_DAYS)
    usage = _usage(signing=True)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    certificate = builder.add_extension(usage, critical=True).sign(key, hashes.SHA256())
    _write_key(key, folder / "ca.key")
    (folder / "ca.pem").write_bytes(certificate.public_bytes(PEM))


def issue(
    authority: Path,
    common_name: str,
    stem: Path,
    *,
    server_host: str | None = None,
    now: dt.datetime | None = None,
) -> Facts:
    """Write `stem`.crt and `stem`.key: a client's pair, or with `server_host` a server's, signed by `authority`.

    A pair that stands already is replaced whole, file by file: see `renewed` for what a crash in between leaves.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _certificate(authority, common_name, key.public_key(), server_host, now)
    fresh = stem.with_name(f".fresh-{stem.name}")
    _write_key(key, fresh.with_suffix(".key"))
    _write(certificate.public_bytes(PEM), fresh.with_suffix(".crt"), 0o644)
    fresh.with_suffix(".key").replace(stem.with_suffix(".key"))
    fresh.with_suffix(".crt").replace(stem.with_suffix(".crt"))
    return _facts(certificate)


def issue_signer(authority: Path, common_name: str, stem: Path, *, now: dt.datetime | None = None) -> Facts:
    """Write `stem`.crt and `stem`.key: a pair that signs updates of the boxes' system, and opens no connection.

    Its purpose alone tells it from a box's: whatever verifies an update must ask for it (`check-purpose=codesign`).
    """
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _signed(authority, common_name, key.public_key(), ExtendedKeyUsageOID.CODE_SIGNING, None, now)
    stem.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    _write_key(key, stem.with_suffix(".key"))
    _write(certificate.public_bytes(PEM), stem.with_suffix(".crt"), 0o644)
    return _facts(certificate)


def sign_request(authority: Path, request: bytes, common_name: str, *, now: dt.datetime | None = None) -> bytes:
    """A client's certificate (PEM) for the key of a signing request (PEM). Raises CertificateError.

    The name is the caller's: whatever name, extension or purpose the request asks for is not taken over.
    """
    try:
        asked = x509.load_pem_x509_csr(request)
        fits = asked.is_signature_valid
    except (ValueError, UnsupportedAlgorithm) as error:
        raise CertificateError(f"not a signing request: {error}") from error
    key = asked.public_key()
    if not fits or not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise CertificateError("a signing request must be signed by its own key, on the curve P-256")
    return _certificate(authority, common_name, key, None, now).public_bytes(PEM)


def request_key(request: bytes) -> str:
    """SHA-256 (hexadecimal) of the public key that a signing request (PEM) is for. Raises CertificateError."""
    try:
        return _digest_of(x509.load_pem_x509_csr(request).public_key())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise CertificateError(f"not a signing request: {error}") from error


def make_key(path: Path) -> None:
    """A new private key for a connection (0640, on the disk when this returns)."""
    _write_key(ec.generate_private_key(ec.SECP256R1()), path)


def make_request(key: Path, common_name: str) -> bytes:
    """The signing request (PEM) of a key file. Raises CertificateError, OSError."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(_name(common_name))
    return builder.sign(_load_key(key), hashes.SHA256()).public_bytes(PEM)


def facts(pem: bytes) -> Facts:
    """What a certificate (PEM) says. Raises CertificateError."""
    return _facts(_load(pem))


def check_issued(pem: bytes, key: Path, ca: bytes) -> Facts:
    """That this certificate is of this key and signed by this authority (PEM). Raises CertificateError, OSError."""
    certificate, authority = _load(pem), _load(ca)
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature) as error:
        raise CertificateError("the certificate is not signed by the clinic's own authority") from error
    found = _facts(certificate)
    if found.key != _digest_of(_load_key(key).public_key()):
        raise CertificateError("the certificate is for another key than the box's")
    return found


def fingerprint(ca: bytes) -> bytes:
    """SHA-256 (32 bytes) of an authority's certificate (PEM), as `openssl x509 -fingerprint -sha256` prints it."""
    return _load(ca).fingerprint(hashes.SHA256())


def renewed(authority: Path, stem: Path, server_host: str | None, common_name: str, days_left_min: float) -> Facts:
    """The facts of a pair of our own, made anew when it ends within so many days, is missing, or does not fit."""
    try:
        known = check_issued(
            stem.with_suffix(".crt").read_bytes(), stem.with_suffix(".key"), (authority / "ca.pem").read_bytes()
        )
    except (OSError, CertificateError):
        return issue(authority, common_name, stem, server_host=server_host)
    left_ms = known.not_after_ms - dt.datetime.now(dt.UTC).timestamp() * 1000
    if known.common_name != common_name or left_ms / DAY_MS < days_left_min:
        return issue(authority, common_name, stem, server_host=server_host)
    return known


def write_revoked(authority: Path, revoked: Iterable[tuple[str, int]], path: Path) -> None:
    """The revocation list (PEM) of these certificates: (serial, revoked at, ms), in place at once or not at all.

    It does not end before the authority does: OpenSSL refuses everybody under a list that has ended.
    """
    ca_key, ca = _authority(authority)
    now = dt.datetime.now(dt.UTC)
    builder = x509.CertificateRevocationListBuilder().issuer_name(ca.subject)
    builder = builder.last_update(now - dt.timedelta(days=BACKDATED_DAYS)).next_update(ca.not_valid_after_utc)
    for serial, at_ms in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(int(serial, 16))
        builder = builder.add_revoked_certificate(
            entry.revocation_date(dt.datetime.fromtimestamp(at_ms / 1000, dt.UTC)).build()
        )
    fresh = path.with_name(f"{path.name}.fresh")
    _write(
        builder.sign(ca_key, hashes.SHA256()).public_bytes(PEM), fresh, 0o644
    )  # a broker does not start by an empty one
    fresh.chmod(0o644)  # a list of numbers: the broker reads it under its own account, whatever our umask
    fresh.replace(path)


def read_revoked(path: Path) -> dict[str, int]:
    """A revocation list: each serial, and since when (ms). Raises CertificateError, OSError."""
    listed = _load_revoked(path)
    return {f"{one.serial_number:x}": round(one.revocation_date_utc.timestamp() * 1000) for one in listed}


def is_its_list(authority: Path, path: Path) -> bool:
    """Whether this authority has signed a revocation list. Raises CertificateError, OSError."""
    return _load_revoked(path).is_signature_valid(_load_key(authority / "ca.key").public_key())


def _load_revoked(path: Path) -> x509.CertificateRevocationList:
    try:
        return x509.load_pem_x509_crl(path.read_bytes())
    except ValueError as error:
        raise CertificateError(f"{path} is no revocation list: {error}") from error


def _authority(folder: Path) -> tuple[PrivateKey, x509.Certificate]:
    return _load_key(folder / "ca.key"), _load((folder / "ca.pem").read_bytes())


def _certificate(
    authority: Path,
    common_name: str,
    key: ec.EllipticCurvePublicKey,
    server_host: str | None,
    now: dt.datetime | None,
) -> x509.Certificate:
    purpose = ExtendedKeyUsageOID.SERVER_AUTH if server_host else ExtendedKeyUsageOID.CLIENT_AUTH
    return _signed(authority, common_name, key, purpose, server_host, now)


def _signed(
    authority: Path,
    common_name: str,
    key: ec.EllipticCurvePublicKey,
    purpose: x509.ObjectIdentifier,
    server_host: str | None,
    now: dt.datetime | None,
) -> x509.Certificate:
    ca_key, ca = _authority(authority)
    builder = _builder(_name(common_name), ca.subject, key, LEAF_DAYS, now)
    signs_code = purpose == ExtendedKeyUsageOID.CODE_SIGNING
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(signing=False), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=signs_code)
    if server_host:
        builder = builder.add_extension(x509.SubjectAlternativeName([_host(server_host)]), critical=False)
    return builder.sign(ca_key, hashes.SHA256())


def _load(pem: bytes) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(pem)
    except ValueError as error:
        raise CertificateError(f"not a certificate: {error}") from error


def _load_key(path: Path) -> PrivateKey:
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise CertificateError(f"{path} is not a private key: {error}") from error
    if not isinstance(key, PrivateKey):
        raise CertificateError(f"{path} is not an elliptic curve key")
    return key


def _facts(certificate: x509.Certificate) -> Facts:
    [name] = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return Facts(
        common_name=str(name.value),
        serial=f"{certificate.serial_number:x}",
        not_before_ms=round(certificate.not_valid_before_utc.timestamp() * 1000),
        not_after_ms=round(certificate.not_valid_after_utc.timestamp() * 1000),
        key=_digest_of(certificate.public_key()),
    )


def _digest_of(key: PublicKeyTypes) -> str:
    raw = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(raw).hexdigest()


def valid_until_ms(certificate: Path) -> int:
    """When a PEM certificate ends, in milliseconds since 1970 UTC. Raises OSError, ValueError."""
    read = x509.load_pem_x509_certificate(certificate.read_bytes())
    return round(read.not_valid_after_utc.timestamp() * 1000)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, days: int, now: dt.datetime | None = None
) -> x509.CertificateBuilder:
    now = now or dt.datetime.now(dt.UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - dt.timedelta(days=BACKDATED_DAYS))
    return builder.not_valid_after(now + dt.timedelta(days=days))


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _usage(*, signing: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signing,
        key_cert_sign=signing,
        crl_sign=signing,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _write_key(key: PrivateKey, path: Path) -> None:
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    _write(pem, path, 0o640)


def _write(pem: bytes, path: Path, mode: int) -> None:
    """It is on the disk when this returns."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
