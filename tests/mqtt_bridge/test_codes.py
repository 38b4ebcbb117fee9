"""Codes of persons and of staff: kept as argon2id digests, tried at a price that a Pi 3 bears."""

import pytest

from mqtt_bridge.contract.care import AccessCode
from mqtt_bridge.contract.codec import decode, encode
from mqtt_bridge.seal import code_digest, code_matches


@pytest.mark.parametrize("code", ["1234", "soleil chat arbre", ""])
def test_a_code_matches_its_digest_and_no_other(code: str) -> None:
    digest = code_digest(code)
    assert code_matches(digest, code)
    assert not code_matches(digest, code + "0")
    assert digest != code_digest(code)  # salted


def test_a_digest_travels_in_a_plan() -> None:
    word = AccessCode(kind="pin", digest=code_digest("1234"))
    assert code_matches(decode(encode(word), AccessCode).digest, "1234")


@pytest.mark.parametrize(
    "digest",
    [
        "",
        "1234",
        "$argon2id$v=19$m=16384,t=3,p=1$",
        "$argon2id$v=19$m=16384,t=3,p=1$c2FsdA$é",
        "$argon2id$v=19$m=4194304,t=3,p=1$YUFhQWFBYUFhQWFBYUFhQQ$MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI",
        "$argon2id$v=19$m=16384,t=400000,p=1$YUFhQWFBYUFhQWFBYUFhQQ$MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI",
    ],
)
def test_what_is_no_digest_or_costs_too_much_matches_nothing(digest: str) -> None:
    assert not code_matches(digest, "1234")
