"""French that everybody reads (FALC), by rules of our own: docs/falc.md tells them, and why each."""

import re

import pytest

from kiosk.words import tables
from kiosk.words.catalogue import SOURCE
from kiosk.words.tree import leaves

WORDS_MAX = 12
"""In a sentence; what an apostrophe or a hyphen joins is one word."""
SENTENCES_MAX = 3
LETTERS_MAX = 10
"""In a word, unless it stands among LONG_ONES."""
STAFF = "service."
"""Read by staff alone, but for what begins so and is said to the person."""

LONG_ONES = {
    "maintenant": "everybody's word; « à présent » is rarer",
    "médicament": "everybody's word; a remedy is something else",
    "médicaments": "everybody's word; a remedy is something else",
    "recommencer": "from the beginning, not to go on: the short words mean both",
    "suicidaires": "the public line's own word, that must be found again",
}
HARD = {
    r"\b(dont|lequel|laquelle|auquel|duquel|afin que|bien que|quoique|tandis que|ainsi que)\b": "two sentences",
    r"\b(veuillez|merci de|il convient de|le cas échéant|concernant|effectuer|procéder|valider)\b": "an office's word",
    r"\b(etc|ex|cf|svp|n°)\b": "an abbreviation",
    r"%|&|\+": "a sign instead of a word",
    r"[a-zà-ÿ]\(|\([a-zà-ÿ]{1,3}\)": "two words in one",
}
OTHER_NAMES = {
    "soin": r"séances?|sessions?|traitements?",
    "boîte": r"appareils?|dispositifs?|bornes?|machines?",
    "casque": r"écouteurs?",
    "message": r"courriels?|mails?|courriers?|lettres?",
    "douleur": r"algies?",
    "médicament": r"remèdes?|comprimés?",
    "prénom ou nom": r"identifiants?|utilisateurs?|usagers?",
    "code": r"mots? de passe|PIN",
}
"""One word for one thing: what is said instead of the others."""
WORD = re.compile(r"[A-Za-zÀ-ÿœŒ’'-]+")


def said() -> list[tuple[str, str]]:
    """Every sentence of the box for the person: (name, words), holes filled with a short word."""
    every = ((name, re.sub(r"\{\w+\}", "mot", words)) for name, words in leaves(tables(SOURCE)))
    return [
        (name, words) for name, words in every if not name.startswith(STAFF) or ".banner" in name or "no_plan" in name
    ]


def sentences(words: str) -> list[str]:
    return [one for one in re.split(r"(?<=[.!?:])\s+", words) if one]


def too_long(words: str) -> str:
    """Why these words are hard to read; empty when they are not."""
    every = sentences(words)
    for sentence in every:
        count = len(WORD.findall(sentence))
        if count > WORDS_MAX:
            return f"{count} words in a sentence, {WORDS_MAX} at most: make two of it"
    if len(every) > SENTENCES_MAX:
        return f"{len(every)} sentences at once, {SENTENCES_MAX} at most: give them a line each"
    return ""


def hard_word(words: str) -> str:
    for word in re.findall(r"[A-Za-zÀ-ÿœŒ]+", words):
        if len(word) > LETTERS_MAX and word.lower() not in LONG_ONES:
            return f"{word!r} is long: a shorter word, or a reason in LONG_ONES"
    for form, why in HARD.items():
        if found := re.search(form, words, re.IGNORECASE):
            return f"{found[0]!r}: {why}"
    for ours, others in OTHER_NAMES.items():
        if found := re.search(rf"\b({others})\b", words, re.IGNORECASE):
            return f"{found[0]!r}: the box says « {ours} », one word for one thing"
    return ""


@pytest.mark.parametrize(("name", "words"), said(), ids=[name for name, _ in said()])
def test_everybody_reads_it(name: str, words: str) -> None:
    assert too_long(words) == ""
    assert hard_word(words) == ""


def test_every_reason_is_still_needed() -> None:
    used = {word.lower() for _, words in said() for word in re.findall(r"[A-Za-zÀ-ÿœŒ]+", words)}
    assert {word for word in LONG_ONES if word not in used} <= {"médicament"}


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("Le soin dont vous avez parlé est fini.", "two sentences"),
        ("Veuillez patienter.", "office"),
        ("Votre séance est finie.", "soin"),
        ("Vérification de l’authentification.", "long"),
    ],
)
def test_hard_words_are_found(words: str, why: str) -> None:
    assert why in hard_word(words)


def test_long_sentences_are_found() -> None:
    assert "12 at most" in too_long("Si vous voulez écouter un soin ce soir avant de dormir il faut me le dire.")
    assert "3 at most" in too_long("Un. Deux. Trois. Quatre.")
