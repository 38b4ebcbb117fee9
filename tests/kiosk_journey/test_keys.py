"""The on-screen keyboard: what a key does to the words under way."""

import pytest

from kiosk.journey.keys import typed
from kiosk.journey.views import Layer


@pytest.mark.parametrize(
    ("text", "layer", "key", "after"),
    [
        ("", "letters", "a", ("a", "letters")),
        ("a", "letters", "shift", ("a", "capitals")),
        ("a", "capitals", "shift", ("a", "letters")),
        ("a", "capitals", "É", ("aÉ", "letters")),
        ("a", "letters", "symbols", ("a", "symbols")),
        ("a", "symbols", "symbols", ("a", "letters")),
        ("a", "symbols", "7", ("a7", "symbols")),
        ("a", "symbols", "letters", ("a", "letters")),
        ("ab", "capitals", "backspace", ("a", "capitals")),
        ("", "letters", "backspace", ("", "letters")),
        ("x" * 10, "letters", "y", ("x" * 10, "letters")),
    ],
)
def test_a_key(text: str, layer: Layer, key: str, after: tuple[str, Layer]) -> None:
    assert typed(text, layer, key, 10) == after
