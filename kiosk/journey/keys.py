"""What a key of the on-screen keyboard does to words under way."""

from kiosk.journey.views import Layer

LAYERS: dict[str, Layer] = {"shift": "capitals", "symbols": "symbols", "letters": "letters"}


def typed(text: str, layer: Layer, key: str, length_max: int) -> tuple[str, Layer]:
    """(text, layer) after the key. A capital is one letter long, as on every telephone."""
    if key == "backspace":
        return text[:-1], layer
    if key in LAYERS:
        return text, "letters" if layer == LAYERS[key] else LAYERS[key]
    return (text + key)[:length_max], "letters" if layer == "capitals" else layer
