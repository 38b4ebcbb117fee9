"""What is written and what is said: numbers, signs, abbreviations; and nothing skipped in silence."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.voice.errors import VoiceError
from audio.voice.french import speakable
from audio.voice.numbers import LARGEST, cardinal
from audio.voice.sentences import sentences


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "zéro"),
        (16, "seize"),
        (21, "vingt et un"),
        (70, "soixante-dix"),
        (71, "soixante et onze"),
        (77, "soixante-dix-sept"),
        (80, "quatre-vingts"),
        (81, "quatre-vingt-un"),
        (91, "quatre-vingt-onze"),
        (99, "quatre-vingt-dix-neuf"),
        (100, "cent"),
        (200, "deux cents"),
        (201, "deux cent un"),
        (1000, "mille"),
        (80_000, "quatre-vingt mille"),
        (200_000, "deux cent mille"),
        (1_999, "mille neuf cent quatre-vingt-dix-neuf"),
        (2_000_001, "deux millions un"),
    ],
)
def test_numbers_as_people_say_them(number: int, words: str) -> None:
    assert cardinal(number) == words


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Urgence\u00a0: appelez le 15 ou le 112.", "Urgence: appelez le quinze ou le cent douze."),
        ("Idées suicidaires\u00a0: appelez le 3114.", "Idées suicidaires: appelez le trente et un, quatorze."),
        ("3\u202f114\u00a0pas", "trois mille cent quatorze pas"),
        ("3114\u00a0mg", "trois mille cent quatorze milligrammes"),
        ("01 23 45 67 89", "zéro un, vingt-trois, quarante-cinq, soixante-sept, quatre-vingt-neuf"),
        ("Appelez le 116\u202f117.", "Appelez le cent seize, cent dix-sept."),
        ("20 minutes · avec le casque", "vingt minutes, avec le casque"),
        ("1 minute", "une minute"),
        ("21 séances", "vingt et une séances"),
        ("71 séances", "soixante et onze séances"),
        ("21 soins", "vingt et un soins"),
        ("À 14\u00a0h\u00a030, M. Martin", "À quatorze heures trente, monsieur Martin"),
        ("à 1 h", "à une heure"),
        ("Mme Petit et le Dr Roux", "madame Petit et le docteur Roux"),
        ("2,5\u00a0mg et 0,05\u00a0ml", "deux virgule cinq milligrammes et zéro virgule zéro cinq millilitre"),
        ("37,5\u202f°C, 75\u202f%", "trente-sept virgule cinq degrés, soixante-quinze pour cent"),
        ("5-10 min", "cinq à dix minutes"),
        ("le 12/05/2026", "le douze mai deux mille vingt-six"),
        ("le 1er, la 1re, le 9e, le 5e", "le premier, la première, le neuvième, le cinquième"),
        ("«\u00a0D’accord\u00a0» (oui)…", "D'accord, oui."),
        ("Voulez-vous arrêter le soin\u202f?", "Voulez-vous arrêter le soin?"),
    ],
)
def test_what_is_written_as_it_is_said(written: str, said: str) -> None:
    assert speakable(written) == said


@pytest.mark.parametrize("text", ["2 × 3", "α", "☎ 15", "", "…", "12345678901"])
def test_a_sign_without_a_rule_is_refused(text: str) -> None:
    with pytest.raises(VoiceError) as refused:
        speakable(text)
    assert refused.value.code == "not-speakable"


@given(st.integers(0, LARGEST))
def test_no_digit_is_left(number: int) -> None:
    assert re.fullmatch(r"[a-zé -]+(, [a-zé -]+)*", speakable(str(number)))


@given(st.integers(1, LARGEST))
def test_two_numbers_are_never_said_alike(number: int) -> None:
    assert cardinal(number) != cardinal(number - 1)


def test_silences_stand_where_people_breathe() -> None:
    cut = sentences(speakable("Urgence\u00a0: appelez le 15. Restez là, au calme"))
    assert [sentence.text for sentence in cut] == ["Urgence:", "appelez le quinze.", "Restez là, au calme."]
    assert [sentence.pause_s for sentence in cut] == [0.4, 0.65, 0.0]
