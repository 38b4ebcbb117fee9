"""A person's code (A3): checked as it is chosen, and kept as its digest alone."""

from typing import get_args

from clinic.plans.plan_draft import CodeDraft
from mqtt_bridge import seal
from mqtt_bridge.contract.care import AccessCode, CodePicture
from mqtt_bridge.contract.codec import ContractError

PICTURES: tuple[str, ...] = get_args(CodePicture)
FRENCH = (
    "soleil", "bateau", "chat", "maison", "arbre", "clé", "fleur", "oiseau", "étoile", "poisson", "tasse", "parapluie",
)  # fmt: skip
PICTURES_MIN, PICTURES_MAX = 3, 4
DIGITS_MIN, DIGITS_MAX = 4, 6


def access_code(code: CodeDraft) -> AccessCode:
    """Raises ContractError: not a code that the box can ask for."""
    if bool(code.secret) == bool(code.digest):
        raise ContractError("code: give the code itself as `secret`, or the `digest` of one")
    if code.digest:
        return AccessCode(kind=code.kind, digest=code.digest, length=code.length)
    if code.kind == "pictures":
        names = _pictures(code.secret)
        return AccessCode(kind=code.kind, digest=seal.code_digest(" ".join(names)), length=len(names))
    return AccessCode(kind=code.kind, digest=seal.code_digest(_digits(code.secret)), length=len(code.secret))


def _pictures(secret: str) -> list[str]:
    known = {**dict(zip(FRENCH, PICTURES, strict=True)), **{name: name for name in PICTURES}}
    names = secret.lower().split()
    if not PICTURES_MIN <= len(names) <= PICTURES_MAX or any(name not in known for name in names):
        raise ContractError(
            f"code: {PICTURES_MIN} or {PICTURES_MAX} pictures with spaces between them, of {', '.join(FRENCH)}"
        )
    return [known[name] for name in names]


def _digits(secret: str) -> str:
    if not (secret.isascii() and secret.isdecimal() and DIGITS_MIN <= len(secret) <= DIGITS_MAX):
        raise ContractError(f"code: a PIN is {DIGITS_MIN} to {DIGITS_MAX} digits")
    return secret
