"""What went wrong with an arrival, as a stable code: the pages and the machines say the code in their own words.

The wire tells its refusals in words only, so that the code is found from them; a test makes every refusal for real.
"""

import re
from enum import StrEnum


class Code(StrEnum):
    # what is set aside
    NOT_ENROLLED = "not-enrolled"
    BAD_SIGNATURE = "bad-signature"
    MISDIRECTED = "misdirected"
    UNREADABLE = "unreadable"
    IMPOSSIBLE = "impossible"
    CONFLICT = "conflict"
    FAULT = "fault"
    # what is held
    OTHER_KEY = "other-key"
    DAMAGED = "damaged"
    MOVED = "moved"
    NO_PATIENT = "no-patient"
    OTHER_PATIENT = "other-patient"
    OTHER_SESSION = "other-session"
    UNKNOWN_ORDER = "unknown-order"
    UNKNOWN_MESSAGE = "unknown-message"
    OTHER_DELIVERY = "other-delivery"
    BAD_ANSWER = "bad-answer"
    OTHER = "other"


_WORDS = (
    (Code.FAULT, r"^a fault of Chevet"),
    (Code.CONFLICT, r"came again with another content"),
    (Code.NOT_ENROLLED, r"is not enrolled here, or is revoked"),
    (Code.BAD_SIGNATURE, r"signature is not its sender's|^the letter names the key"),
    (Code.MISDIRECTED, r"^a letter of |^topic "),
    (Code.OTHER_KEY, r"^the letter is sealed to the key"),
    (Code.DAMAGED, r"^the sealed body is damaged"),
    (Code.MOVED, r"^the sealed report names"),
    (Code.UNREADABLE, r"^not a readable |^message of \d+ bytes|^a body packed |^a packed body |^a letter in JSON "),
    (
        Code.IMPOSSIBLE,
        r"^a report numbered|carries its stream, epoch and seq|^a number of \d+ bits|^a measure of|^a boot id of",
    ),
    (Code.NO_PATIENT, r"does not say whose it is"),
    (Code.OTHER_PATIENT, r"^its patient is not one that the box"),
    (Code.OTHER_SESSION, r"^the session .* is known as another"),
    (Code.UNKNOWN_ORDER, r"^it speaks of the order"),
    (Code.UNKNOWN_MESSAGE, r"^it speaks of the message"),
    (Code.OTHER_DELIVERY, r"^the delivery .* is known as another"),
    (Code.BAD_ANSWER, r"^the item .* is answered"),
)


def code_of(problem: str) -> str:
    """The code of a problem told in words; empty when there is none."""
    if not problem:
        return ""
    return next((code for code, words in _WORDS if re.search(words, problem, re.DOTALL)), Code.OTHER).value
