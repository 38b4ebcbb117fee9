"""Plain letters: what somebody types in a hurry finds « Éléonore L’Hôte »."""

import re
import unicodedata


def plain(words: str) -> str:
    """Small letters without accents, every other sign a space: « Éléonore L’Hôte » is « eleonore l hote »."""
    flat = unicodedata.normalize("NFKD", words.casefold())
    kept = "".join(sign for sign in flat if not unicodedata.combining(sign))
    return re.sub(r"[^0-9a-z]+", " ", kept.replace("œ", "oe").replace("æ", "ae")).strip()
