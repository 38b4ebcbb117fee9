"""French text as it is written, into French text as it is said: no digit, no sign, no abbreviation is left.

A sign without a rule is refused: a voice that skips what it does not know would change what a patient hears.
"""

import re
import unicodedata
from collections.abc import Callable

from audio.voice.errors import VoiceError
from audio.voice.numbers import by_pairs, cardinal, ordinal

VERSION = 1  # part of each recording's key: add one when a rule changes

SIGNS = {
    "\u00a0": " ",
    "\u202f": " ",
    "\u2009": " ",
    "\n": " ",
    "’": "'",
    "‘": "'",
    "«": "",
    "»": "",
    "“": "",
    "”": "",
    '"': "",
    "·": ",",
    "–": ",",
    "—": ",",
    "(": ",",
    ")": ",",
    "…": ".",
    "&": " et ",
    "+": " plus ",
    "=": " égale ",
}
ABBREVIATIONS = {
    r"\bM\. (?=[A-ZÀ-Ü])": "monsieur ",
    r"\bMme\b": "madame",
    r"\bMlle\b": "mademoiselle",
    r"\bMM\. ": "messieurs ",
    r"\bDr\b\.?": "docteur",
    r"\bDre\b\.?": "docteure",
    r"\bPr\b\.?": "professeur",
    r"\bp\. ex\.": "par exemple",
    r"\betc\.": "et cetera.",
    r"\bn° ?": "numéro ",
    r"\btél\.": "téléphone",
    r"\bRDV\b": "rendez-vous",
    r"\bs\.v\.p\.": "s'il vous plaît",
}
UNITS = {  # written: said for one, said for more, feminine
    "min": ("minute", "minutes", True),
    "s": ("seconde", "secondes", True),
    "mg": ("milligramme", "milligrammes", False),
    "g": ("gramme", "grammes", False),
    "kg": ("kilo", "kilos", False),
    "ml": ("millilitre", "millilitres", False),
    "l": ("litre", "litres", False),
    "mm": ("millimètre", "millimètres", False),
    "cm": ("centimètre", "centimètres", False),
    "m": ("mètre", "mètres", False),
    "km": ("kilomètre", "kilomètres", False),
    "dBA": ("décibel", "décibels", False),
    "dB": ("décibel", "décibels", False),
    "°C": ("degré", "degrés", False),
    "°": ("degré", "degrés", False),
    "%": ("pour cent", "pour cent", False),
    "€": ("euro", "euros", False),
}
FEMININE = "minute|heure|seconde|fois|séance|semaine|personne|question|réponse|année|journée|page|boîte|musique|tasse"
MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
NUMBER = r"\d{1,3}(?: \d{3}){1,2}|\d{1,9}"  # a longer one has no words, and is refused
SPEAKABLE = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿŒœŸ' ,.;:!?-]*")


def speakable(text: str) -> str:
    """Return `text` in words. Raises VoiceError (not-speakable) naming the sign that has no rule."""
    said = unicodedata.normalize("NFC", text)
    for sign, word in SIGNS.items():
        said = said.replace(sign, word)
    said = re.sub(r"\s+", " ", said)
    for written, words in ABBREVIATIONS.items():
        said = re.sub(written, words, said)
    for pattern, rule in RULES:
        said = pattern.sub(rule, said)
    return _known(_tidy(said), text)


def _tidy(text: str) -> str:
    text = re.sub(r"\s+([,.;:!?])", r"\1", re.sub(r"\s+", " ", text))
    text = re.sub(r",+(?=[,.;:!?])|(?<=[.;:!?]),", "", text)
    text = re.sub(r"([,;:])(?=\w)", r"\1 ", text)
    return re.sub(r"\.{2,}", ".", text).strip(" ,")


def _known(said: str, text: str) -> str:
    strange = sorted(set(SPEAKABLE.sub("", said)))
    if strange or not re.search(r"\w", said):
        raise VoiceError(
            "not-speakable",
            "A text cannot be spoken",
            value=f"{text!r}: {' '.join(map(repr, strange)) or 'no word'}",
            allowed="French words, numbers and the signs of audio/voice/french.py",
            remedy="Write it in words, or give the sign a rule.",
        )
    return said


def _whole(digits: str) -> int:
    return int(digits.replace(" ", ""))


def _time(match: re.Match[str]) -> str:
    hours, minutes = int(match[1]), int(match[2] or 0)
    said = f"{cardinal(hours, feminine=True)} heure{'s' if hours > 1 else ''}"
    return f"{said} {cardinal(minutes)}" if minutes else said


def _date(match: re.Match[str]) -> str:
    day, month, year = (int(part) for part in match.groups())
    if not 1 <= month <= 12:
        return match[0]
    return f"{'premier' if day == 1 else cardinal(day)} {MONTHS[month - 1]} {cardinal(year)}"


def _decimals(digits: str) -> str:
    zeros = len(digits) - len(digits.lstrip("0"))
    rest = [cardinal(int(digits))] if digits.strip("0") else []
    return " ".join([*["zéro"] * zeros, *rest])


def _decimal(match: re.Match[str]) -> str:
    return f"{cardinal(_whole(match[1]))} virgule {_decimals(match[2])}{_unit(match[3], plural=_whole(match[1]) > 1)}"


def _measured(match: re.Match[str]) -> str:
    number, (_, _, feminine) = _whole(match[1]), UNITS[match[2]]
    return cardinal(number, feminine=feminine) + _unit(match[2], plural=number > 1)


def _unit(written: str | None, *, plural: bool) -> str:
    return f" {UNITS[written][plural]}" if written else ""


Rule = Callable[[re.Match[str]], str]
_UNIT = "|".join(re.escape(unit) for unit in UNITS)
RULES: tuple[tuple[re.Pattern[str], Rule], ...] = (
    (re.compile(r"\b116 ?117\b"), lambda _: "cent seize, cent dix-sept"),
    (re.compile(r"\b0\d(?:[ .]?\d\d){4}\b"), lambda found: by_pairs(re.sub(r"\D", "", found[0]))),
    # France's short numbers, 3114 among them; a quantity of this size is written with its space: 3 114
    (re.compile(rf"(?<![\d,] )(?<!,)\b3\d{{3}}\b(?!,\d| ?(?:{_UNIT})\b)"), lambda found: by_pairs(found[0])),
    (re.compile(r"\b(\d{1,2})/(\d{1,2})/(\d{4})\b"), _date),
    (re.compile(r"(?<=\d) ?- ?(?=\d)"), lambda _: " à "),
    (re.compile(r"\b(\d{1,2}) ?h(?: ?(\d{2}))?\b"), _time),
    (re.compile(r"\b(\d+)(er|re|ère|e|ème)\b"), lambda found: ordinal(int(found[1]), found[2])),
    (re.compile(rf"\b({NUMBER}),(\d+)(?: ?({_UNIT})(?!\w))?"), _decimal),
    (re.compile(rf"\b({NUMBER}) ?({_UNIT})(?!\w)"), _measured),
    (re.compile(rf"\b({NUMBER})(?= (?:{FEMININE}))"), lambda found: cardinal(_whole(found[1]), feminine=True)),
    (re.compile(rf"\b({NUMBER})\b"), lambda found: cardinal(_whole(found[1]))),
)
