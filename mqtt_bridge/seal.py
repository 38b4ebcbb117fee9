"""Sealing, signing, and the digests of codes: the only door to NaCl.

Bodies are sealed with libsodium's sealed boxes (X25519, XSalsa20-Poly1305), letters signed with Ed25519.
A key id is the first 16 hexadecimal digits of the SHA-256 of the public key. A code is kept as argon2id (RFC 9106).
"""

import hashlib
import os
import re
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import msgspec
import nacl.bindings as sodium
from msgspec.structs import replace
from nacl.exceptions import BadSignatureError, CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.pwhash import argon2id
from nacl.signing import SigningKey, VerifyKey
from nacl.utils import random

from mqtt_bridge.contract import compact
from mqtt_bridge.contract.codec import ContractError, Word, decode, encode
from mqtt_bridge.contract.packing import pack, unpack
from mqtt_bridge.contract.wire import Form, Letter, Signed

CONTEXTS: dict[Form, bytes] = {1: b"chevet/v1/letter\0", 2: b"chevet/v2/letter\0"}
"""Signed before every letter, so that a signature made for another purpose, or for the other form, never fits."""


CODE_PASSES, CODE_BYTES = 3, 16 * 1024 * 1024
"""What one try of a code costs: about 30 ms on a laptop, a third of a second on a Pi 3."""
CODE_PASSES_MAX, CODE_KIB_MAX = 4, 64 * 1024
"""A digest that asks for more is not computed: a plan must not be able to make the box stand still."""
_CODE_COST = re.compile(r"\A\$argon2id\$v=19\$m=([0-9]{1,9}),t=([0-9]{1,9}),p=1\$")
_CODE_FORM = re.compile(_CODE_COST.pattern + r"[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}\Z")
"""Salt and digest as libsodium writes them: 16 and 32 bytes, base64 without its padding."""


class SealError(ContractError):
    """A letter whose signature, sender or seal does not hold."""


class PublicKeys(Word, frozen=True):
    """The public half of a party: 32 bytes each."""

    verify: bytes
    seal: bytes

    @property
    def verify_id(self) -> str:
        return key_id(self.verify)

    @property
    def seal_id(self) -> str:
        return key_id(self.seal)


class SecretKeys(Word, frozen=True):
    """The secret half of a party. `retired`: former sealing keys, kept so that old letters can still be opened."""

    sign: bytes
    unseal: bytes
    retired: tuple[bytes, ...] = ()

    @property
    def public(self) -> PublicKeys:
        return PublicKeys(verify=bytes(_signing(self.sign).verify_key), seal=bytes(_private(self.unseal).public_key))


KEYS_KEPT = 64
"""Keys made ready once: a public half costs as much to derive as a signature, and every letter needs it."""


@lru_cache(KEYS_KEPT)
def _signing(secret: bytes) -> SigningKey:
    return SigningKey(secret)


@lru_cache(KEYS_KEPT)
def _private(secret: bytes) -> PrivateKey:
    return PrivateKey(secret)


@lru_cache(KEYS_KEPT)
def _seal_id(secret: bytes) -> str:
    return key_id(bytes(_private(secret).public_key))


def key_id(public: bytes) -> str:
    return hashlib.sha256(public).hexdigest()[:16]


def make_keys() -> SecretKeys:
    return SecretKeys(sign=bytes(SigningKey.generate()), unseal=bytes(PrivateKey.generate()))


def seal(plain: bytes, recipient: PublicKeys) -> bytes:
    return SealedBox(PublicKey(recipient.seal)).encrypt(plain)


def seal_body(plain: bytes, recipient: PublicKeys, form: Form) -> bytes:
    """The body of a report or an order, as a letter of this form carries it."""
    return seal(pack(plain, padded=True) if form == 2 else plain, recipient)


def sign(letter: Letter, keys: SecretKeys) -> bytes:
    """The bytes that travel, in the letter's form: the letter and its signature."""
    if letter.v == 1:
        return sign_bytes(encode(letter), keys, 1)
    if letter.recipient is None:
        letter = replace(letter, body=pack(letter.body, padded=False))
    return sign_bytes(compact.write(letter), keys, 2)


def sign_bytes(raw: bytes, keys: SecretKeys, form: Form) -> bytes:
    """The bytes that travel, from those of a letter."""
    signature = _signing(keys.sign).sign(CONTEXTS[form] + raw).signature
    return compact.frame(raw, signature) if form == 2 else encode(Signed(letter=raw, signature=signature))


def form_of(payload: bytes) -> Form:
    return 2 if compact.is_compact(payload) else 1


def read_letter(payload: bytes) -> Letter:
    """The letter inside, not yet verified. Raises ContractError."""
    return _letter(_parts(payload)[0], form_of(payload))


def verify(payload: bytes, sender: PublicKeys) -> Letter:
    """The letter, once its signature is `sender`'s; a clear body is unpacked. Raises SealError, ContractError."""
    form = form_of(payload)
    raw, signature = _parts(payload)
    try:
        VerifyKey(sender.verify).verify(CONTEXTS[form] + raw, signature)
    except (BadSignatureError, ValueError) as error:
        raise SealError("the letter's signature is not its sender's") from error
    letter = _letter(raw, form)
    if letter.signer != sender.verify_id:
        raise SealError(f"the letter names the key {letter.signer}, its signature is {sender.verify_id}'s")
    return letter


def _parts(payload: bytes) -> tuple[bytes, bytes]:
    """(the letter's bytes, the signature over them)."""
    if form_of(payload) == 2:
        return compact.unframe(payload)
    signed = decode(payload, Signed)
    return signed.letter, signed.signature


def _letter(raw: bytes, form: Form) -> Letter:
    if form == 2:
        letter = compact.read(raw)
        return replace(letter, body=unpack(letter.body)) if letter.recipient is None else letter
    letter = decode(raw, Letter)
    if letter.v != 1:
        raise ContractError(f"a letter in JSON is of form 1, this one says {letter.v}")
    return letter


def open_body(letter: Letter, keys: SecretKeys) -> bytes:
    """The plaintext of a sealed letter. Raises SealError (sealed to another, damaged), ContractError (badly packed)."""
    plain = _opened(letter, keys)
    return unpack(plain) if letter.v == 2 else plain


def _opened(letter: Letter, keys: SecretKeys) -> bytes:
    for secret in (keys.unseal, *keys.retired):
        if _seal_id(secret) == letter.recipient:
            try:
                return SealedBox(_private(secret)).decrypt(letter.body)
            except CryptoError as error:
                raise SealError("the sealed body is damaged") from error
    raise SealError(f"the letter is sealed to the key {letter.recipient}, which is not ours")


def unseal(sealed: bytes, keys: SecretKeys) -> bytes:
    """What `seal` sealed to these keys, present or retired. Raises SealError: to another, or damaged."""
    for secret in (keys.unseal, *keys.retired):
        try:
            return SealedBox(_private(secret)).decrypt(sealed)
        except CryptoError:
            continue
    raise SealError("sealed to other keys than ours, or damaged")


def code_digest(code: str) -> str:
    """The argon2id digest of a code, as libsodium writes it; another one each time, for the salt is random."""
    return argon2id.str(code.encode(), opslimit=CODE_PASSES, memlimit=CODE_BYTES).decode()


def is_code_digest(text: str) -> bool:
    """Whether a code can match it at all: whole, and no dearer than the box bears."""
    return _CODE_FORM.match(text) is not None and _is_borne(text)


def _is_borne(digest: str) -> bool:
    cost = _CODE_COST.match(digest)
    return cost is not None and int(cost[1]) <= CODE_KIB_MAX and int(cost[2]) <= CODE_PASSES_MAX


def code_matches(digest: str, code: str) -> bool:
    """Whether `digest` is of this code. False, too, for what is no digest or costs more than the box bears."""
    if not _is_borne(digest):
        return False
    try:
        return argon2id.verify(digest.encode(), code.encode())
    except (CryptoError, ValueError):
        return False


STREAM_PASSES, STREAM_BYTES = 3, 256 * 1024 * 1024
"""What one try of a passphrase costs: libsodium's `moderate`, half a second on a laptop."""
SALT_BYTES: int = argon2id.SALTBYTES
STREAM_HEADER_BYTES: int = sodium.crypto_secretstream_xchacha20poly1305_HEADERBYTES
STREAM_MORE_BYTES: int = sodium.crypto_secretstream_xchacha20poly1305_ABYTES
"""By so much a sealed piece is longer than what is in it."""
_LAST: int = sodium.crypto_secretstream_xchacha20poly1305_TAG_FINAL
_ANOTHER: int = sodium.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE


def new_salt() -> bytes:
    return bytes(random(SALT_BYTES))


def new_stream_key() -> bytes:
    return bytes(sodium.crypto_secretstream_xchacha20poly1305_keygen())


def key_of_passphrase(passphrase: str, salt: bytes) -> bytes:
    """A stream's key from a passphrase, by argon2id."""
    size = sodium.crypto_secretstream_xchacha20poly1305_KEYBYTES
    return bytes(argon2id.kdf(size, passphrase.encode(), salt, opslimit=STREAM_PASSES, memlimit=STREAM_BYTES))


class StreamSealer:
    """Seals a long stream piece by piece (XChaCha20-Poly1305, libsodium's secretstream).

    No piece can be altered, moved, left out or cut off at the end unseen: the last one says that it is the last.
    """

    def __init__(self, key: bytes) -> None:
        self._state = sodium.crypto_secretstream_xchacha20poly1305_state()
        self.header = bytes(sodium.crypto_secretstream_xchacha20poly1305_init_push(self._state, key))

    def push(self, piece: bytes, *, last: bool, beside: bytes = b"") -> bytes:
        """beside: what stands in clear with it, and must be the same when it is opened."""
        tag = _LAST if last else _ANOTHER
        return bytes(sodium.crypto_secretstream_xchacha20poly1305_push(self._state, piece, beside, tag))


class StreamOpener:
    def __init__(self, key: bytes, header: bytes) -> None:
        self._state = sodium.crypto_secretstream_xchacha20poly1305_state()
        try:
            sodium.crypto_secretstream_xchacha20poly1305_init_pull(self._state, header, key)
        except (CryptoError, ValueError, TypeError) as error:
            raise SealError("the beginning of the sealed stream is damaged") from error

    def pull(self, sealed: bytes, *, beside: bytes = b"") -> tuple[bytes, bool]:
        """(the piece, whether it is the last). Raises SealError: another key, or altered."""
        try:
            piece, tag = sodium.crypto_secretstream_xchacha20poly1305_pull(self._state, sealed, beside)
        except (CryptoError, ValueError, TypeError) as error:
            raise SealError("a piece of the sealed stream is damaged, or sealed under another key") from error
        return bytes(piece), tag == _LAST


def save_public(keys: PublicKeys, path: Path) -> None:
    path.write_bytes(encode(keys))


def save_secret(keys: SecretKeys, path: Path) -> None:
    """Write the keys, readable by the owner and the group (0640) from the first byte."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o640)
    with os.fdopen(descriptor, "wb") as file:
        file.write(encode(keys))


def load_secret(path: Path) -> SecretKeys:
    return _load(path, SecretKeys)


def load_public(path: Path) -> PublicKeys:
    return _load(path, PublicKeys)


T = TypeVar("T", bound=msgspec.Struct)


def _load(path: Path, kind: type[T]) -> T:
    try:
        return decode(path.read_bytes(), kind)
    except OSError as error:
        raise SealError(f"no keys at {path}: {error.strerror}; enrol the box again") from error
