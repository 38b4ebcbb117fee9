"""What whoever copies the card of a real box reads on it: databases and journals, logs, sockets, run folder.

`tests/kiosk_shell/test_card.py` tells it of the kiosk's own files, moment by moment; here everything writes that writes
on a box, as processes of their own, and is killed.
"""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.card import told_by
from tests.support.crash_log import note
from tests.support.house import PASSWORD, PATIENT, House
from tests.support.patient import Shown
from tests.support.visit import Visit

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
BEFORE, AFTER, LETTER = "kumquat", "zorglub", "Passiflore demain"
WORDS = (BEFORE, AFTER, LETTER, "Madame Martin", "Jeanne", "Claire", PASSWORD)
WITHIN_S = 90.0
"""The write-ahead log is emptied half a minute after something was confirmed, at the latest."""
ON_THE_BOX = ("player", "link", "kiosk")


def comment(visit: Visit, word: str) -> None:
    """Every question declined, then a word on the on-screen keyboard; it is not confirmed yet."""
    patient = visit.patient
    patient.see_screen("ConeView", WITHIN_S)
    while patient.see(lambda shown: shown["screen"] in ("ConeView", "CommentView"))["screen"] == "ConeView":
        step = patient.shown["view"]["step"]
        patient.touch("decline")
        patient.see(lambda shown, step=step: shown["view"].get("step") != step)  # type: ignore[misc]
    patient.write(word)


def letter_has_come(shown: Shown) -> bool:
    return any(tile["target"].startswith("letters:") for tile in shown["view"].get("tiles", ()))


def card(house: House, words: tuple[str, ...]) -> list[tuple[str, str]]:
    """What a copy tells now: the box's folder, and what its processes have logged."""
    logs = [(f"log/{file}", word) for file, word in told_by(house.folder / "log", words) if is_the_boxs(file)]
    return [*told_by(house.box, words), *logs]


def is_the_boxs(log: str) -> bool:
    return Path(log).stem in ON_THE_BOX


def tells_nothing(house: House) -> None:
    until_s = time.monotonic() + WITHIN_S
    while told := card(house, WORDS):
        assert time.monotonic() < until_s, told
        time.sleep(0.2)  # other processes' files: there is no event to wait for


def test_a_card_copied_from_a_real_box_holds_no_word_of_its_people(house: House, visit: Visit) -> None:
    house.clinic("message", "send", PATIENT, "--by", "claire", "--text", f"{LETTER}.")
    visit.patient.see(letter_has_come, WITHIN_S)  # it moves the tiles: nobody touches one before
    visit.choose()
    comment(visit, BEFORE)
    visit.patient.touch("continue")
    visit.read_explanation()
    visit.patient.see(lambda shown: bool(shown["view"].get("armed")))
    visit.patient.press_button()
    visit.patient.see_screen("PlayingView")
    tells_nothing(house)
    comment(visit, AFTER)
    assert {file.split("/")[-1] for file, _ in card(house, (AFTER,))} <= {"bedside.db", "bedside.db-wal"}
    visit.patient.touch("continue")
    visit.patient.see_screen("ThanksView")
    visit.see_in_record(WITHIN_S)
    house.wait_for_orders(2)
    tells_nothing(house)
    assert card(house, (PATIENT,)), "an identifier stands there by design: the search finds what is there"
    for name in ON_THE_BOX:
        house.kill(name)
    assert card(house, WORDS) == []
    house.start(*ON_THE_BOX)
    assert card(house, WORDS) == []
    assert told_by(house.folder / "log", (BEFORE, AFTER)) == [], "nor in any log of the clinic's"


def log_says(house: House, word: str) -> Path:
    """The kiosk's log, once it holds the word."""
    path, until_s = house.folder / "log" / "kiosk.log", time.monotonic() + WITHIN_S
    while word not in path.read_text():
        assert time.monotonic() < until_s, path.read_text()
        time.sleep(0.1)  # another process's file: there is no event to wait for
    return path


def test_what_is_kept_of_a_crash_in_the_midst_of_a_comment_holds_no_word_of_it(house: House, visit: Visit) -> None:
    """The disk refuses the words that are being typed; that is told with its traceback; then the kiosk is killed."""
    updates = house.box / "updates"
    updates.mkdir()
    house.chevet_kiosk("selftest", "--save", str(updates / "tested.json"))
    visit.choose()
    comment(visit, BEFORE)
    with closing(sqlite3.connect(house.data / "bedside.db", timeout=WITHIN_S)) as hurt:
        hurt.execute("DROP TABLE draft")
    visit.patient.write("n")
    said = log_says(house, "Traceback")
    house.kill("kiosk")
    note(updates, said)
    kept = (updates / "crashes.log").read_text()
    assert "Traceback" in kept
    assert "no such table: draft" in kept, "what a technician looks for is there"
    assert (updates / "tested.json").stat().st_size
    assert told_by(updates, (*WORDS, PATIENT)) == []
