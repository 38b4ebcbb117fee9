"""What the files of a used box tell whoever copies its card: no word of its people. docs/threats.md lists the rest."""

import base64
from collections.abc import Callable
from pathlib import Path

import pytest

from mqtt_bridge.contract.correspondence import MessageToPatient
from tests.kiosk_shell.test_correspondence import CLAIRE, prescribe, write
from tests.kiosk_shell.test_people import send
from tests.support.card import told_by
from tests.support.shell import Bedside

BEFORE, AFTER, MESSAGE = "kumquat", "bergamote", "zorglub"
FROM_THE_TEAM, NAME, PHARMACY, READER = "Courage à Madeleine", "Madame Martin", "Pharmacie du Port", "Claire"
WORDS = (BEFORE, AFTER, MESSAGE, FROM_THE_TEAM, NAME, PHARMACY, READER)


def comment(bedside: Bedside, word: str) -> None:
    """Every question declined, then a word of one's own, letter by letter."""
    while bedside.screen == "ConeView":
        bedside.touch("decline")
    for letter in word:
        bedside.touch(f"key:{letter}")
        bedside.clock.pass_ms(1_500)  # each of them comes to the disk
        bedside.turn()
    assert bedside.view.text == word
    bedside.touch("continue")


def to_playing(bedside: Bedside) -> None:
    bedside.touch("care:riviere")
    comment(bedside, BEFORE)
    while bedside.screen == "TextView":
        bedside.touch("continue")
    bedside.turn()
    bedside.push()
    bedside.turn()


def use(bedside: Bedside) -> None:
    """A message each way, and a whole care with a word before and after it."""
    prescribe(bedside)
    words = (f"{FROM_THE_TEAM}.",)
    send(bedside, 3, MessageToPatient(message="m1", patient="martin", sender=CLAIRE, sent_ms=1, text=words))
    bedside.touch("letters:m1")
    bedside.touch("back")
    bedside.touch("back")
    write(bedside, MESSAGE)
    bedside.touch("send")
    while bedside.screen != "HomeView":
        bedside.touch("back" if "back" in [t.name for t in bedside.window.targets()] else "done")
    to_playing(bedside)
    bedside.player.play_whole()
    bedside.turn()
    comment(bedside, AFTER)
    bedside.touch("done")
    bedside.clinic_hears()


def test_a_used_box_holds_no_word_of_its_people(bedside: Bedside, tmp_path: Path) -> None:
    use(bedside)
    assert told_by(tmp_path, WORDS) == []  # copied while it runs
    bedside.restart()
    assert told_by(tmp_path, WORDS) == []


def test_what_is_confirmed_is_gone_while_the_care_still_plays(bedside: Bedside, tmp_path: Path) -> None:
    to_playing(bedside)
    bedside.clinic_hears()
    assert told_by(tmp_path, [BEFORE]) == []


def test_the_words_under_way_are_what_a_copied_card_tells(bedside: Bedside, tmp_path: Path) -> None:
    """It is in the list; and so the search finds what is there."""
    bedside.touch("care:riviere")
    while bedside.screen == "ConeView":
        bedside.touch("decline")
    for letter in BEFORE:
        bedside.touch(f"key:{letter}")
    bedside.clock.pass_ms(1_500)
    bedside.turn()
    assert {file for file, _ in told_by(tmp_path, [BEFORE])} <= {"bedside.db", "bedside.db-wal"}
    assert told_by(tmp_path, [BEFORE]) != []


def coded(word: str) -> bytes:
    return base64.b64encode(b"x" + word.encode())


@pytest.mark.parametrize("written", [str.encode, coded])
def test_the_search_finds_a_word_however_it_is_written(tmp_path: Path, written: Callable[[str], bytes]) -> None:
    (tmp_path / "file").write_bytes(b"..." + written("à la rivière, doucement") + b"...")
    assert told_by(tmp_path, ["à la rivière, doucement"]) == [("file", "à la rivière, doucement")]
