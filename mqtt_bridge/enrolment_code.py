"""The one-time code by which a box is enrolled: nine groups of four letters, made to be read aloud and typed.

K7QM-3F8R-… : name (4), secret (10), the fingerprint of the clinic's authority (20), two letters that find a mistyping.
Crockford's alphabet (base 32 without I, L, O, U): 50 bits of secret, which are tried a few times at most, and 100 bits
of the SHA-256 of the authority's certificate, by which the box knows its clinic before it sends anything.
"""

import hashlib
import secrets
from dataclasses import dataclass

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
NAME, SECRET, FINGERPRINT, CHECK = 4, 10, 20, 2
LENGTH = NAME + SECRET + FINGERPRINT + CHECK
_GROUP = 4
_MISREAD = str.maketrans({"I": "1", "L": "1", "O": "0"})


class CodeError(ValueError):
    """What was typed is no code; the message says what to do."""


@dataclass(frozen=True)
class EnrolmentCode:
    """name: which code it is, no secret; secret: known to who was given it; fingerprint: of the clinic's authority."""

    name: str
    secret: str
    fingerprint: str

    @property
    def text(self) -> str:
        """As it is shown and typed: « K7QM-3F8R-… »."""
        body = self.name + self.secret + self.fingerprint
        whole = body + _check(body)
        return "-".join(whole[at : at + _GROUP] for at in range(0, LENGTH, _GROUP))

    def is_of(self, ca_fingerprint: bytes) -> bool:
        """Whether this is the authority (SHA-256 of its certificate) that the code names."""
        return self.fingerprint == spelled(ca_fingerprint)


def make(ca_fingerprint: bytes) -> EnrolmentCode:
    """A new code of the clinic whose authority's certificate has this SHA-256."""
    drawn = "".join(secrets.choice(LETTERS) for _ in range(NAME + SECRET))
    return EnrolmentCode(drawn[:NAME], drawn[NAME:], spelled(ca_fingerprint))


def read(typed: str) -> EnrolmentCode:
    """The code that somebody typed: any case, any grouping, O for 0 and I or L for 1. Raises CodeError."""
    plain = "".join(letter for letter in typed.upper() if letter not in "- \t\r\n.").translate(_MISREAD)
    if len(plain) != LENGTH:
        raise CodeError(f"the code has {LENGTH} letters and figures in groups of four; this has {len(plain)}")
    wrong = next((letter for letter in plain if letter not in LETTERS), None)
    if wrong is not None:
        raise CodeError(f"{wrong!r} is in no code: look again at what the clinic shows")
    body = plain[:-CHECK]
    if plain[-CHECK:] != _check(body):
        raise CodeError("the code is mistyped somewhere: compare it with what the clinic shows; no try was used")
    at = NAME + SECRET
    return EnrolmentCode(body[:NAME], body[NAME:at], body[at:])


def spelled(digest: bytes) -> str:
    """The first 100 bits of a digest in our letters."""
    number = int.from_bytes(digest, "big") >> (8 * len(digest) - 5 * FINGERPRINT)
    return "".join(LETTERS[number >> shift & 31] for shift in range(5 * (FINGERPRINT - 1), -1, -5))


def _check(body: str) -> str:
    first = int.from_bytes(hashlib.sha256(b"chevet/enrolment-code\0" + body.encode()).digest()[:2], "big")
    return LETTERS[first >> 11] + LETTERS[first >> 6 & 31]
