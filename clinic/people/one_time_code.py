"""Codes of an authenticator application (TOTP, RFC 6238), and the sealing of their secrets. The only door to both.

SHA-1, six digits and 30 s are what every such application takes; the strength is in the 160 bits of the secret.
"""

import base64
import hmac
import secrets
import time

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from clinic.errors import ClinicError

STEP_S = 30
DIGITS = 6
STEPS_EITHER_WAY = 1
"""A telephone's clock may be up to this many steps away from ours."""
_SECRET_BYTES = 20


class SecretUnreadable(ClinicError):
    """A second factor was sealed under another secret key than the clinic's present one."""


def new_secret() -> bytes:
    return secrets.token_bytes(_SECRET_BYTES)


def code_at(secret: bytes, step: int) -> str:
    return _totp(secret).generate(step * STEP_S).decode()


def step_of(secret: bytes, code: str, at_s: float | None = None) -> int | None:
    """The time step whose code this is, around now; None when it is none of them."""
    now = int((time.time() if at_s is None else at_s) // STEP_S)
    steps = range(now - STEPS_EITHER_WAY, now + STEPS_EITHER_WAY + 1)
    typed = "".join(code.split()).encode()
    return next((step for step in steps if hmac.compare_digest(code_at(secret, step).encode(), typed)), None)


def address(secret: bytes, account: str, issuer: str) -> str:
    """The otpauth:// address that an application reads from a picture."""
    return _totp(secret).get_provisioning_uri(account, issuer)


def typed_by_hand(secret: bytes) -> str:
    """The secret in groups of four letters, for an application without a camera."""
    letters = base64.b32encode(secret).decode().rstrip("=")
    return " ".join(letters[at : at + 4] for at in range(0, len(letters), 4))


def seal(secret: bytes, key: str) -> bytes:
    return _fernet(key).encrypt(secret)


def unseal(sealed: bytes, key: str) -> bytes:
    """Raises SecretUnreadable."""
    try:
        return _fernet(key).decrypt(sealed)
    except InvalidToken as error:
        raise SecretUnreadable(
            "second factors were sealed under another secret-key: put that file back, "
            "or `chevet-clinic reset-second-factor USER`"
        ) from error


def _totp(secret: bytes) -> TOTP:
    return TOTP(secret, DIGITS, SHA1(), STEP_S)  # noqa: S303  # RFC 6238's own; HMAC-SHA-1 stands


def _fernet(key: str) -> Fernet:
    drawn = HKDF(SHA256(), 32, salt=None, info=b"chevet second factor").derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(drawn))
