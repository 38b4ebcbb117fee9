"""Which picture stands beside a paragraph on settling in: the first thing that it speaks of."""

import re

SAID = (
    ("headphones", r"\b(casque|écouteurs?|headphones?)"),
    ("quiet", r"\b(bruits?|silence|téléphone|porte|noise|quiet|door)\b"),
    ("light", r"\b(lumière|lampe|rideaux?|volets?|light|lamp|curtains?)\b"),
    ("bed", r"\b(lit|allong\w*|couch\w*|oreillers?|bed|lie|pillows?)\b"),
    ("chair", r"\b(fauteuil|chaise|ass(is|ise|eyez|oir)\w*|install\w*|chair|sit|settle)\b"),
)
"""Words of both languages, as a clinician writes them in a plan."""


def picture_of(paragraph: str) -> str:
    """Its name, or an empty string where the words speak of none."""
    found = [(hit.start(), name) for name, words in SAID if (hit := re.search(words, paragraph, re.IGNORECASE))]
    return min(found, default=(0, ""))[1]
