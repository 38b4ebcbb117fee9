"""A prescribed session, from the button to the clinic's table, and what forces may do to it."""

import pytest

from audio.sound_file import SoundReader
from tests.house.conftest import OpenHouse
from tests.support.house import House
from tests.support.visit import Visit

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


def test_a_session_with_answers_reaches_the_table(house: House, visit: Visit) -> None:
    patient = visit.patient
    visit.choose()
    for height in (6, 7, 5, 4, 2):
        patient.answer(height)
    patient.write("mal")
    patient.touch("continue")
    visit.read_explanation()
    patient.see(lambda shown: bool(shown["view"].get("armed")))
    patient.press_space()  # the keyboard's stand-in drives the same mock pin
    visit.finish()
    visit.see_in_record()
    (session,) = house.sessions()
    assert session["before"] == {"angoisse": 6, "anxiete": 7, "douleur": 5, "agitation": 4, "plaisir": 2}
    assert session["comment_before"] == "mal"
    assert set(session["after"].values()) == {None}  # declined: not zero
    assert set(session["after_absent"].values()) == {"asked-declined"}
    assert session["outcome"] == "heard_whole"
    assert len(session["gaps"]) == underruns(house)


def underruns(house: House) -> int:
    """Of the device: at this speed its buffer lasts a quarter of a second, and a busy machine makes gaps."""
    assert house.paced is not None
    return len(house.paced.events("underrun"))


def test_an_underrun_is_counted_in_the_clinics_table(house: House, visit: Visit) -> None:
    visit.to_playing()
    assert house.paced is not None
    house.paced.stall()
    visit.finish()
    visit.see_in_record()
    (session,) = house.sessions()
    assert session["outcome"] == "heard_whole"
    assert len(session["gaps"]) == underruns(house) >= 1


def test_a_stopped_session_is_told_as_stopped(slow_house: House, slow_visit: Visit) -> None:
    slow_visit.to_playing()
    slow_visit.stop()
    slow_visit.finish()
    slow_visit.see_in_record()
    (session,) = slow_house.sessions()
    assert session["outcome"] == "stopped"
    assert 0 < session["listened_s"] < 12


def test_a_hundred_presses_are_one_care(house: House, visit: Visit) -> None:
    visit.to_ready()
    for _ in range(100):
        visit.patient.press_button()
    visit.patient.see_screen("PlayingView")
    visit.finish()
    visit.see_in_record()
    assert [session["outcome"] for session in house.sessions()] == ["heard_whole"]


def test_a_held_button_asks_whether_to_stop(slow_visit: Visit) -> None:
    slow_visit.to_playing()
    slow_visit.patient.hold_button(2.0)
    slow_visit.patient.see_screen("ConfirmStopView")
    slow_visit.patient.touch("no")
    slow_visit.patient.see_screen("PlayingView")
    slow_visit.finish()


def test_the_broker_away_for_the_whole_session_brings_the_report_in_once(house: House, visit: Visit) -> None:
    house.kill("broker")
    visit.to_playing()
    thanks = visit.finish()
    assert not thanks["view"]["in_record"]
    assert "pas encore parties" in thanks["view"]["record"]
    assert house.sessions() == []
    house.start("broker")
    visit.see_in_record(120)
    assert len(house.sessions()) == 1
    assert house.link_status()["pending"] == 0


def test_a_kiosk_killed_while_it_plays_finds_the_sound_where_it_is(slow_house: House, slow_visit: Visit) -> None:
    house, visit = slow_house, slow_visit
    visit.to_playing()
    house.kill("kiosk")
    house.start("kiosk")
    visit.patient.sit_down()
    visit.patient.see_screen("PlayingView")
    visit.finish()
    visit.see_in_record()
    (session,) = house.sessions()
    assert (session["outcome"], len(session["gaps"])) == ("heard_whole", underruns(house))
    assert house.paced is not None
    with SoundReader(house.packages / "riviere" / "part0.flac") as sound:
        assert len(house.paced.played()) == sound.frames * 8  # stereo, S32_LE: every frame went out, once


@pytest.mark.parametrize("step", ["cone", "explanation", "ready"])
def test_a_kiosk_killed_before_the_care_goes_on_where_it_was(house: House, visit: Visit, step: str) -> None:
    patient = visit.patient
    visit.choose()
    if step == "cone":
        patient.answer(6)
    else:
        visit.decline_all()
        patient.see_screen("TextView")
    if step == "ready":
        visit.read_explanation()
        patient.see(lambda shown: bool(shown["view"].get("armed")))
    before, question = patient.shown["screen"], patient.shown["view"].get("question")
    house.kill("kiosk")
    house.start("kiosk")
    patient.sit_down()
    patient.see_screen(before)
    if step == "cone":
        assert patient.shown["view"]["question"] == question
        assert patient.shown["view"]["step"] == 3  # who answers, the first cone, and now the second
        visit.decline_all()
    visit.read_explanation()
    patient.see(lambda shown: bool(shown["view"].get("armed")))
    patient.press_button()
    visit.finish()
    visit.see_in_record()
    (session,) = house.sessions()
    assert session["outcome"] == "heard_whole"
    assert session["before"]["angoisse"] == (6 if step == "cone" else None)


def test_a_player_killed_while_it_plays_is_an_interruption(house: House, visit: Visit) -> None:
    visit.to_playing()
    house.kill("player")
    notice = visit.patient.see_screen("NoticeView")["view"]
    assert notice["title"] == "Le soin s’est arrêté."
    assert notice["code"] == "player-lost"
    house.start("player")
    visit.patient.touch("done")
    visit.to_playing()  # and it can be started again from the beginning
    visit.finish()
    visit.see_in_record()
    assert sorted(s["outcome"] for s in house.sessions()) == ["heard_whole", "interrupted"]


@pytest.mark.parametrize("name", ["link", "ingest", "broker"])
def test_a_messenger_killed_at_the_end_loses_nothing_and_repeats_nothing(house: House, visit: Visit, name: str) -> None:
    visit.to_playing()
    house.kill(name)
    visit.finish()
    house.start(name)
    visit.see_in_record(120)
    (session,) = house.sessions()
    assert session["outcome"] == "heard_whole"
    assert set(session["after_absent"].values()) == {"asked-declined"}


def test_a_card_that_is_pulled_out_while_playing_is_told_and_recorded(house: House, visit: Visit) -> None:
    visit.to_playing()
    assert house.paced is not None
    house.paced.vanish()
    notice = visit.patient.see_screen("NoticeView")["view"]
    assert notice["code"] == "device-lost"
    house.paced.come_back()
    visit.patient.touch("done")
    visit.see_in_record()
    (session,) = house.sessions()
    assert (session["outcome"], session["cause"]) == ("failed", "device-lost")


def test_a_player_killed_when_all_is_ready_is_told_again(house: House, visit: Visit) -> None:
    visit.to_ready()
    house.kill("player")
    visit.patient.see(lambda shown: shown["view"].get("armed") is False)
    house.start("player")
    visit.patient.see(lambda shown: bool(shown["view"].get("armed")))
    visit.patient.press_button()
    visit.finish()
    visit.see_in_record()
    assert [session["outcome"] for session in house.sessions()] == ["heard_whole"]


@pytest.mark.parametrize("step", ["questions", "thanks"])
def test_a_kiosk_killed_after_the_care_keeps_what_was_answered(house: House, visit: Visit, step: str) -> None:
    patient = visit.patient
    visit.to_playing()
    patient.see_screen("ConeView", 90)
    patient.answer(3)
    if step == "thanks":
        visit.decline_all()
        patient.see_screen("ThanksView")
    house.kill("kiosk")
    house.start("kiosk")
    patient.sit_down()
    if step == "questions":
        assert patient.shown["view"]["step"] == 2
        visit.finish()
    visit.see_in_record()
    (session,) = house.sessions()
    assert session["after"]["angoisse"] == 3
    assert set(session["after_absent"].values()) == {"asked-declined"}


def test_without_a_broker_from_the_start(open_house: OpenHouse) -> None:
    house = open_house()
    house.start("broker", "ingest", "link")  # the plan comes in, then the network goes
    house.wait_for_orders(1)
    house.kill("broker")
    house.stop("link")
    house.start("link", "player", "kiosk")
    visit = Visit(house.patient())
    visit.to_playing()
    visit.finish()
    assert house.sessions() == []
    house.start("broker")
    visit.see_in_record(120)
    assert [session["outcome"] for session in house.sessions()] == ["heard_whole"]


def test_a_broker_that_speaks_only_mqtt_3(open_house: OpenHouse) -> None:
    house = open_house(protocol=4)
    house.start("broker", "ingest", "player", "link", "kiosk")
    visit = Visit(house.patient())
    visit.to_playing()
    house.kill("broker")
    visit.finish()
    house.start("broker")
    visit.see_in_record(120)
    assert [session["outcome"] for session in house.sessions()] == ["heard_whole"]
