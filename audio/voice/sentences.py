"""Cuts a speakable text where a person breathes, with the length of each silence."""

import re

import msgspec

PAUSE_S = {".": 0.65, "!": 0.65, "?": 0.65, ";": 0.4, ":": 0.4}


class Sentence(msgspec.Struct, frozen=True):
    """What is said in one breath, with its own mark at the end, and the silence that follows."""

    text: str
    pause_s: float


def sentences(text: str) -> list[Sentence]:
    """Cut after . ! ? ; and : - the last silence is nought, what follows it belongs to who plays it."""
    pieces = [piece.strip() for piece in re.findall(r"[^.!?;:]+[.!?;:]*", text) if re.search(r"\w", piece)]
    return [
        Sentence(piece if piece[-1] in PAUSE_S else f"{piece}.", 0.0 if last else PAUSE_S.get(piece[-1], 0.0))
        for piece, last in zip(pieces, [*[False] * (len(pieces) - 1), True], strict=True)
    ]
