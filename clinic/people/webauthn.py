"""WebAuthn (W3C, level 2): what a browser is asked for a passkey, and whether its answer holds. The only door to fido2.

No attestation is asked for: whose make a key is decides nothing here. A touch is enough (user verification is not
required), because a password was given before. The counter is the caller's to judge, since it alone keeps the last one.
"""

import json
import secrets
import struct
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    CollectedClientData,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialParameters,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from clinic.errors import ClinicError
from clinic.public_url import PublicUrl

ANSWER_MAX = 16_384
"""Characters of a browser's answer; one with a TPM's certificates has about 8,000."""
_CREDENTIAL_MAX = 1023
_ALGORITHMS = (-8, -7, -257)
"""Ed25519, ECDSA with P-256, RSA with SHA-256: what W3C recommends, and every authenticator has one of them."""
_MALFORMED = (
    ValueError, KeyError, TypeError, AttributeError, IndexError, AssertionError, RecursionError, OverflowError,
    NotImplementedError, struct.error, UnsupportedAlgorithm,
)  # fmt: skip
"""What fido2 raises on bytes that are no answer."""


class NotAnAnswer(ClinicError):
    """No answer to this question, from this address, by one of these passkeys; the message is for the trail."""


@dataclass(frozen=True)
class Registered:
    """`credential`: its id, base64url. `attested`: id and public key, for `answered`."""

    credential: str
    attested: bytes
    counter: int


@dataclass(frozen=True)
class Answered:
    credential: str
    counter: int


def new_challenge() -> str:
    """256 bits, base64url."""
    return str(websafe_encode(secrets.token_bytes(32)))


def creation_options(
    place: PublicUrl, handle: bytes, names: tuple[str, str], known: Collection[str], challenge: str
) -> str:
    """JSON for `navigator.credentials.create`. handle: the account, telling nothing; names: the account's, a person's.

    known: the ids of those that they have already, which the browser will not make again.
    """
    user = PublicKeyCredentialUserEntity(id=handle, name=names[0], display_name=names[1])
    options, _ = _server(place).register_begin(
        user,
        [_descriptor(one) for one in known],
        resident_key_requirement=ResidentKeyRequirement.DISCOURAGED,
        user_verification=UserVerificationRequirement.DISCOURAGED,
        challenge=bytes(websafe_decode(challenge)),
    )
    return _json(options.public_key)


def request_options(place: PublicUrl, known: Collection[str], challenge: str) -> str:
    """JSON for `navigator.credentials.get`, of these passkeys."""
    options, _ = _server(place).authenticate_begin(
        [_descriptor(one) for one in known],
        user_verification=UserVerificationRequirement.DISCOURAGED,
        challenge=bytes(websafe_decode(challenge)),
    )
    return _json(options.public_key)


def registered(place: PublicUrl, challenge: str, answer: str) -> Registered:
    """The new passkey of an answer to `creation_options`. Raises NotAnAnswer."""
    try:
        told = RegistrationResponse.from_dict(_read(answer))
        _check_frame(told.response.client_data)
        data = _server(place).register_complete(_state(challenge), told)
        made = data.credential_data
        if made is None or not 0 < len(made.credential_id) <= _CREDENTIAL_MAX or made.credential_id != told.raw_id:
            raise ValueError("no credential, or another one than it names")
        if made.public_key.get(3) not in _ALGORITHMS:
            raise ValueError(f"algorithm {made.public_key.get(3)} was not offered")
        return Registered(str(websafe_encode(made.credential_id)), bytes(made), data.counter)
    except _MALFORMED as error:
        raise NotAnAnswer(_why(error)) from error


def answered(place: PublicUrl, challenge: str, known: Collection[bytes], answer: str) -> Answered:
    """Which of these passkeys (`Registered.attested`) signed the challenge here. Raises NotAnAnswer."""
    try:
        told = AuthenticationResponse.from_dict(_read(answer))
        _check_frame(told.response.client_data)
        mine = [AttestedCredentialData(one) for one in known]
        found = _server(place).authenticate_complete(_state(challenge), mine, told)
        return Answered(str(websafe_encode(found.credential_id)), told.response.authenticator_data.counter)
    except _MALFORMED as error:
        raise NotAnAnswer(_why(error)) from error


def _server(place: PublicUrl) -> Fido2Server:
    """It is told the exact origin; its own rule would let every name under ours speak for us."""
    entity = PublicKeyCredentialRpEntity(id=place.host, name="Chevet")
    server = Fido2Server(entity, attestation=None, verify_origin=lambda told: told == place.origin)
    public_key = PublicKeyCredentialType.PUBLIC_KEY
    server.allowed_algorithms = [PublicKeyCredentialParameters(type=public_key, alg=one) for one in _ALGORITHMS]
    return server


def _state(challenge: str) -> dict[str, Any]:
    return {"challenge": challenge, "user_verification": None}


def _descriptor(credential: str) -> PublicKeyCredentialDescriptor:
    return PublicKeyCredentialDescriptor(type=PublicKeyCredentialType.PUBLIC_KEY, id=websafe_decode(credential))


def _read(answer: str) -> dict[str, Any]:
    if len(answer) > ANSWER_MAX:
        raise ValueError(f"{len(answer)} characters, at most {ANSWER_MAX}")
    told = json.loads(answer)
    if not isinstance(told, dict):
        raise TypeError("not an object")
    return told


def _check_frame(told: CollectedClientData) -> None:
    if told.cross_origin:
        raise ValueError("it was given within a page of somebody else")


def _json(options: Any) -> str:
    return json.dumps(_plain(options))


def _plain(told: Any) -> Any:
    """fido2's mappings as JSON has them."""
    if hasattr(told, "items"):
        return {str(name): _plain(value) for name, value in told.items()}
    if isinstance(told, (list, tuple)):
        return [_plain(one) for one in told]
    return told


def _why(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:200]
