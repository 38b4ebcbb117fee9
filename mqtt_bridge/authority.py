"""The clinic's private certificate authority: who may open a connection to its broker.

Any CA that a broker trusts can make clients for it, so the broker trusts this one alone. CN is the identity that the
broker's access list reads: a box's id, or `ingest`.
"""

import datetime as dt
import ipaddress
import os
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_DAYS = 3650
LEAF_DAYS = 398
BACKDATED_DAYS = 2
"""A box without a clock chip may think that it is a little earlier than it is."""

PrivateKey = ec.EllipticCurvePrivateKey


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
    (folder / "ca.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def issue(
    authority: Path,
    common_name: str,
    stem: Path,
    *,
    server_host: str | None = None,
    now: dt.datetime | None = None,
) -> None:
    """Write `stem`.crt and `stem`.key: a client's pair, or with `server_host` a server's, signed by `authority`."""
    ca_key = serialization.load_pem_private_key((authority / "ca.key").read_bytes(), password=None)
    if not isinstance(ca_key, PrivateKey):
        raise TypeError(f"{authority / 'ca.key'} is not an elliptic curve key")
    ca = x509.load_pem_x509_certificate((authority / "ca.pem").read_bytes())
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _builder(_name(common_name), ca.subject, key.public_key(), LEAF_DAYS, now)
    purpose = ExtendedKeyUsageOID.SERVER_AUTH if server_host else ExtendedKeyUsageOID.CLIENT_AUTH
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(signing=False), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
    if server_host:
        builder = builder.add_extension(x509.SubjectAlternativeName([_host(server_host)]), critical=False)
    _write_key(key, stem.with_suffix(".key"))
    certificate = builder.sign(ca_key, hashes.SHA256())
    stem.with_suffix(".crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


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
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o640)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
