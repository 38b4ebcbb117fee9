"""The whole session by the round button and spoken words alone (X3), on the real parts; the words are in the sound."""

import shutil
import time
from pathlib import Path

import pytest

from audio.player.gain import factor_of, scale, to_stereo, widen
from audio.player.protocol import Recorded, Say
from audio.player.words import ThreadFetch
from audio.voice.building import build
from audio.voice.espeak import EspeakVoice
from audio.voice.recordings import SpokenWords
from audio.voice.spoken import box_texts
from kiosk.journey.aloud import SPEECH_DBA, SPEECH_LUFS
from tests.house.conftest import OpenHouse
from tests.support.house import BOX, CLINICIAN, PATIENT, House
from tests.support.patient import Patient, Shown

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

SPEED = 12.0
"""Sound runs twelve times faster than a clock: words and care together take less than a minute."""
TOGETHER_S = 0.3
HALF_SECOND = 48_000
"""Bytes, S16 at 48 kHz."""
OF_THE_PLAN = ("plan.toml", "demonstration.fr.toml")
WANTED = (
    "Bonjour {name}", "Bonsoir {name}", "Vous avez choisi\u00a0:", "Continuer", "Retour", "0", "Tout est prêt",
    "Appuyez sur le bouton",
    "Le soin commence et va jusqu’au bout.", "Merci {name}", "Relaxation\u00a0: la rivière",
)  # fmt: skip
ABOUT_DBA_AT_0_LUFS = 105.0
"""Of the house's invented headphones: 79 dBA for -23 LUFS, and the margin."""


@pytest.fixture
def spoken_house(open_house: OpenHouse, tmp_path: Path) -> House:
    if shutil.which("espeak-ng") is None:
        pytest.skip("espeak-ng is not installed (apt install espeak-ng)")
    house = open_house(speed=SPEED)
    plan = house.folder / "plan.toml"
    plan.write_text("eyes_closed = true\n" + plan.read_text())
    house.clinic("prescribe", str(plan), "--patient", PATIENT, "--by", CLINICIAN, "--box", BOX)
    wanted = [text for text in box_texts(more=[plan]) if text.source in OF_THE_PLAN or _is_wanted(text.shown)]
    build(tmp_path / "words", wanted, EspeakVoice(), "a test's", lambda _words, _done: None)
    with (house.box / "kiosk.toml").open("a") as config:
        config.write(f'\n[voice]\nwords = "{tmp_path / "words"}"\n')
    house.start("broker", "ingest", "player", "link", "kiosk")
    return house


def _is_wanted(shown: str) -> bool:
    """Some have no recording here: they are left out, and the way goes on."""
    return shown in WANTED or shown.startswith(("Ressentez-vous", "Avez-vous mal", "Aucun"))


class Hands:
    """Somebody who sees nothing: waits for the ring, which is where the voice is, and presses."""

    def __init__(self, patient: Patient) -> None:
        self.patient = patient

    def hear(self, target: str) -> Shown:
        return self.patient.see(lambda shown: shown["frame"]["focus"] == target)

    def twice(self) -> None:
        for _ in range(2):
            time.sleep(TOGETHER_S)  # a hand's pace: nearer together it would be a tremor
            self.patient.press_button()

    def choose(self, target: str) -> None:
        """Go on to this choice, and choose it."""
        for _ in range(20):
            if self.patient.see(lambda shown: shown["frame"]["focus"] is not None)["frame"]["focus"] == target:
                break
            focus = self.patient.shown["frame"]["focus"]
            self.patient.press_button()
            self.patient.see(lambda shown, focus=focus: shown["frame"]["focus"] not in (None, focus))  # type: ignore[misc]
            time.sleep(1.3)  # two presses nearer together choose
        self.twice()

    def least(self) -> None:
        """Answer a cone with its first word, and go on."""
        question = self.hear("cone")["view"]["question"]
        self.twice()
        self.patient.see(lambda shown: shown["view"].get("value") == 0 and shown["frame"]["focus"] == "continue")
        self.twice()
        self.patient.see(lambda shown: shown["view"].get("question") != question)

    def questions(self) -> None:
        shown = self.patient.see(lambda shown: shown["screen"] in ("ConeView", "ChoiceView"), 60)
        if shown["screen"] == "ChoiceView":  # who answers
            self.choose("option:0")
            self.patient.see(lambda shown: bool(shown["view"].get("chosen")) and shown["frame"]["focus"] == "continue")
            self.twice()
        for _ in range(5):
            self.least()


def test_the_whole_session_with_closed_eyes(spoken_house: House, tmp_path: Path) -> None:
    house, hands = spoken_house, Hands(spoken_house.patient())
    patient = hands.patient
    assert next(one for one in house.selftest() if one["name"] == "voice")["fine"]
    patient.see(lambda shown: bool(shown["view"].get("tiles")))
    patient.press_button()
    hands.choose("care:riviere")
    hands.questions()
    while patient.see(lambda shown: shown["screen"] in ("TextView", "ReadyView"))["screen"] == "TextView":
        page = hands.hear("continue")["view"]["page"]
        hands.twice()
        patient.see(lambda shown, page=page: shown["view"].get("page") != page)  # type: ignore[misc]
    patient.see(lambda shown: bool(shown["view"].get("armed")) and shown["frame"]["speaking"])
    patient.see(lambda shown: not shown["frame"]["speaking"])
    patient.press_button()
    patient.see(lambda shown: shown["screen"] == "PlayingView" and shown["view"]["fraction"] > 0)
    hands.questions()
    patient.see_screen("ThanksView")
    patient.see(lambda shown: bool(shown["view"].get("in_record")), 60)
    (session,) = house.sessions()
    assert session["before"] == session["after"] == dict.fromkeys(session["before"], 0)
    assert set(session["before"]) == {"angoisse", "anxiete", "douleur", "agitation", "plaisir"}
    assert session["outcome"] == "heard_whole"
    assert house.paced is not None
    # At this speed the buffer lasts 80 ms: a busy machine makes gaps, in the words too, and the device knows of each.
    assert len(session["gaps"]) <= len(house.paced.events("underrun"))
    _were_heard(house, SpokenWords(tmp_path / "words"))


def _were_heard(house: House, words: SpokenWords) -> None:
    """Sample for sample, at the level of the words."""
    assert house.paced is not None
    played = house.paced.played()
    factor = factor_of(SPEECH_DBA - ABOUT_DBA_AT_0_LUFS - SPEECH_LUFS)
    hello = [words.find(f"{greeting} {{name}}") for greeting in ("Bonjour", "Bonsoir")]  # by the hour of the test
    assert any(file is not None and said_in(played, file, factor) for file in hello), "no greeting was heard"
    for sentence in (
        "Ressentez-vous de l’angoisse maintenant\u202f?",
        "Aucune angoisse",
        "Vous avez choisi\u00a0:",
        "Avez-vous mal maintenant\u202f?",
        "Appuyez sur le bouton",
        "Merci {name}",
    ):
        file = words.find(sentence)
        assert file is not None, sentence
        assert said_in(played, file, factor), f"{sentence!r} is not in what was heard"


def said_in(played: bytes, file: Path, factor: float) -> bool:
    return to_stereo(scale(widen(_samples(file)), factor)) in played


def _samples(file: Path) -> bytes:
    fetch = ThreadFetch(Say(id="test", pieces=(Recorded(str(file)),)), None, lambda: None)
    until_s = time.monotonic() + 30
    while (found := fetch.result()) is None and time.monotonic() < until_s:
        time.sleep(0.01)  # a thread that has no event to wait for
    assert found is not None
    return found.samples[:HALF_SECOND]  # a press may have cut the rest
