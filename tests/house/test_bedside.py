"""The bedside and its clinic in the whole house: help that is read, a message that is opened, a death that is told."""

import json
import time
from typing import Any

import pytest

from tests.house.conftest import OpenHouse
from tests.support.house import CLINICIAN, PATIENT, House
from tests.support.patient import Patient
from tests.support.staff import Staff

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

SEEN_S_MAX = 60.0
CODE = "2580"
"""Of the demonstration's plan, which locks the messages."""


def test_help_a_message_and_a_death_go_between_the_box_and_the_clinic(open_house: OpenHouse) -> None:
    house = open_house(everything=True)
    house.start("broker", "ingest", "console", "player", "link", "kiosk")
    patient = house.patient()
    patient.see(lambda shown: bool(shown["view"].get("tiles")))
    help_is_asked_and_read(house, patient)
    a_message_is_written_and_opened(house, patient)
    house.clinic("standing", PATIENT, "--state", "deceased", "--by", CLINICIAN, "--sure")
    patient.see_screen("RestView", SEEN_S_MAX)
    assert "nothing to check" in house.clinic("quarantine")


def help_is_asked_and_read(house: House, patient: Patient) -> None:
    patient.touch("help")
    patient.see_screen("HelpView")
    patient.touch("ask")
    patient.see(lambda shown: shown["view"].get("sent") == "arrived", SEEN_S_MAX)
    patient.touch("done")
    patient.see_screen("HomeView")
    [asked] = json.loads(house.clinic("help", "list", "--json"))
    assert (asked["patient"], asked["closed_ms"]) == (PATIENT, None)
    assert "Jeanne Martin" in Staff(house).open(f"/aide/{asked['number']}")
    patient.see(lambda shown: "lu par Claire, infirmière" in shown["view"].get("record", ""), SEEN_S_MAX)


def a_message_is_written_and_opened(house: House, patient: Patient) -> None:
    words = ("--by", CLINICIAN, "--text", "Bonjour.\nJe passe demain.", "--reply", "Oui")
    house.clinic("message", "send", PATIENT, *words)
    until_s = time.monotonic() + SEEN_S_MAX
    while not _thread(house)[0]["received_ms"]:  # its tile may stand behind « Autre chose », by the day's other forms
        assert time.monotonic() < until_s, "the message did not reach the box"
    patient.touch("letters")
    patient.see_screen("CodeView")
    for digit in CODE:
        patient.touch(f"key:{digit}")
    patient.see_screen("LettersView")
    letters = patient.see(lambda shown: bool(shown["view"].get("letters")), SEEN_S_MAX)
    patient.touch(letters["view"]["letters"][0]["target"])
    shown = patient.see_screen("LetterView")
    assert shown["view"]["paragraph"] == "Bonjour."
    patient.touch("continue")
    patient.see(lambda shown: shown["view"].get("paragraph") == "Je passe demain.")
    patient.touch("continue")
    patient.see(lambda shown: bool(shown["view"].get("replies")))
    patient.touch("reply:0")
    patient.touch("send")
    told = _told(house, patient)
    assert all(told[0][mark] for mark in ("sent_ms", "received_ms", "opened_ms"))
    assert told[1]["text"] == "Oui"


def _told(house: House, patient: Patient) -> list[dict[str, Any]]:
    """The thread at the clinic, once the box has seen that its answer is there."""
    patient.see(lambda shown: "Arrivé" in str(shown["view"].get("lines")), SEEN_S_MAX)
    return _thread(house)


def _thread(house: House) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(house.clinic("message", "list", PATIENT, "--by", CLINICIAN, "--json"))
    return found
