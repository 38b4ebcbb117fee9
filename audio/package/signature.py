"""The clinic's signature of a package, `manifest.sig` beside the manifest: the ear's only door to NaCl.

A small JSON object: version, clinic, key (the first 16 hexadecimal digits of the SHA-256 of the public key), days, and
an Ed25519 signature of all of these and of the manifest's exact bytes. The manifest names the SHA-256 of each part, so
that whoever trusts the signature may take the package from anywhere: from a USB stick too.
The key files are the wire's: `clinic.secret` at the clinic, `clinic.public` in a box's enrolment.
"""

import datetime as dt
import hashlib
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta
from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from audio.errors import KeyFileError, SignatureError
from audio.package.consistency import SIGNATURE_NAME

CONTEXT = b"chevet/v1/package\0"  # signed first, so that a signature made for another purpose never fits
SIGNATURE_BYTES_MAX = 4096
KEY_BYTES_MAX = 64 * 1024
Clinic = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")]
T = TypeVar("T", bound=msgspec.Struct)


class Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who answers for the package. `expires_on` is the last day on which it may be installed."""

    version: Literal[1] = 1
    clinic: Clinic
    key: str
    signed_on: dt.date
    expires_on: dt.date | None = None


class SignedStatement(Statement, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The content of `manifest.sig`."""

    signature: bytes

    @property
    def statement(self) -> Statement:
        return Statement(clinic=self.clinic, key=self.key, signed_on=self.signed_on, expires_on=self.expires_on)


class _Secret(msgspec.Struct):
    """Of the wire's `clinic.secret`, what signs; its other fields are none of our business."""

    sign: bytes


class _Public(msgspec.Struct):
    """Of the wire's `clinic.public`, what verifies."""

    verify: bytes


def sign(manifest: bytes, key: Path, clinic: str, signed_on: dt.date, expires_on: dt.date | None = None) -> bytes:
    """Return the bytes of `manifest.sig` for the bytes of a manifest. Raises KeyFileError, SignatureError."""
    signing = _signing_key(key)
    statement = Statement(
        clinic=clinic, key=_key_id(bytes(signing.verify_key)), signed_on=signed_on, expires_on=expires_on
    )
    signature = signing.sign(_message(statement, manifest)).signature
    signed = SignedStatement(**msgspec.structs.asdict(statement), signature=signature)
    written = msgspec.json.format(msgspec.json.encode(signed)) + b"\n"
    read_signature(written)  # a clinic's name that cannot be read again is refused here
    return written


def verify(manifest: bytes, signature: bytes, key: Path, today: dt.date) -> Statement:
    """Return who signed, once the signature is that of the clinic whose public key is in `key`.

    A clock that is behind lets an expired signature pass: a box has no clock chip and must go on working; what plays is
    bound by the signed plan besides. Raises SignatureError (signature-unreadable, signature-of-another-clinic,
    signature-wrong, signature-expired), KeyFileError.
    """
    signed = read_signature(signature)
    public = _public_key(key)
    if signed.key != _key_id(public):
        raise _refused("of-another-clinic", f"{signed.clinic}, key {signed.key}", f"the key {_key_id(public)}")
    try:
        VerifyKey(public).verify(_message(signed.statement, manifest), signed.signature)
    except (BadSignatureError, ValueError) as error:
        raise _refused("wrong", f"{signed.clinic}, key {signed.key}", "a signature of this very manifest") from error
    if signed.expires_on is not None and today > signed.expires_on:
        raise _refused("expired", f"{signed.expires_on}, today is {today}", "until its last day")
    return signed.statement


def read_signature(raw: bytes) -> SignedStatement:
    """Return what `manifest.sig` says, not yet verified. Raises SignatureError."""
    if len(raw) > SIGNATURE_BYTES_MAX:
        raise _refused("unreadable", f"{len(raw)} bytes", f"at most {SIGNATURE_BYTES_MAX}")
    try:
        return msgspec.json.decode(raw, type=SignedStatement)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _refused("unreadable", error, "the JSON that `chevet-audio sign` writes") from error


def signature_bytes(package: Path) -> bytes:
    """Return the bytes of a package's `manifest.sig`. Raises SignatureError (signature-missing)."""
    try:
        with (package / SIGNATURE_NAME).open("rb") as opened:
            return opened.read(SIGNATURE_BYTES_MAX + 1)
    except OSError as error:
        raise missing(package) from error


def missing(package: Path) -> SignatureError:
    """Return the error for a package that nobody has signed."""
    return _refused("missing", package, SIGNATURE_NAME)


def _message(statement: Statement, manifest: bytes) -> bytes:
    """JSON has no NUL byte, so that where the statement ends is certain."""
    return CONTEXT + msgspec.json.encode(statement) + b"\0" + manifest


def _key_id(public: bytes) -> str:
    return hashlib.sha256(public).hexdigest()[:16]


def _signing_key(file: Path) -> SigningKey:
    try:
        return SigningKey(_key(file, _Secret).sign)
    except ValueError as error:
        raise _bad_key(file, error) from error


def _public_key(file: Path) -> bytes:
    return _key(file, _Public).verify


def _key(file: Path, kind: type[T]) -> T:
    try:
        with file.open("rb") as opened:
            return msgspec.json.decode(opened.read(KEY_BYTES_MAX), type=kind)
    except OSError as error:
        raise _bad_key(file, error.strerror) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _bad_key(file, error) from error


def _bad_key(file: Path, why: object) -> KeyFileError:
    return KeyFileError(
        "key-unreadable",
        "The key cannot be read",
        value=f"{file}: {why}",
        allowed="clinic.secret to sign, clinic.public (of the box's enrolment) to verify",
        remedy="Give the clinic's key file.",
    )


def _refused(code: str, value: object, allowed: str) -> SignatureError:
    return SignatureError(
        f"signature-{code}",
        f"The clinic's signature is {code.replace('-', ' ')}",
        value=value,
        allowed=allowed,
        remedy="Ask your clinic for the package; do not play it from elsewhere.",
    )
