"""Messages, lessons and medicines over the wire: told once, kept through kills, each with its true state."""

from pathlib import Path

import pytest
from msgspec import structs

from kiosk.journey.views import DeliveryView, HomeView, LettersView, WritingView
from mqtt_bridge.contract.care import CarePlan, Pharmacy
from mqtt_bridge.contract.correspondence import DeliveryTold, MessageToPatient
from mqtt_bridge.contract.identity import Practitioner
from mqtt_bridge.contract.order import PlanOrder, ReadReceipt, ReportReference
from mqtt_bridge.contract.report import DeliveryAsked, MessageFromPatient
from mqtt_bridge.contract.teaching import Education, Page
from tests.kiosk_shell.test_people import send
from tests.support.shell import Bedside
from tests.support.words_of_care import plan

CLAIRE = Practitioner(given="Claire", role="infirmière")


def full_plan() -> CarePlan:
    page = Page(heading="Le soir", text="Éteignez la lumière.")
    lesson = Education(id="sommeil", version=1, title="Mieux dormir", pages=(page,))
    return structs.replace(
        plan(), version=2, messages=True, pharmacy=Pharmacy(name="Pharmacie du Port"), education=(lesson,)
    )


def prescribe(bedside: Bedside) -> None:
    send(bedside, 2, PlanOrder(plan=full_plan()))


def write(bedside: Bedside, text: str) -> None:
    bedside.touch("letters")
    bedside.touch("write")
    for key in text:
        bedside.touch(f"key:{key}")


def kinds(bedside: Bedside) -> list[str]:
    return [tile.kind for tile in bedside.view.tiles] if isinstance(bedside.view, HomeView) else []


def test_a_message_comes_is_read_once_and_stays_read_after_a_kill(bedside: Bedside) -> None:
    prescribe(bedside)
    send(bedside, 3, MessageToPatient(message="m1", patient="martin", sender=CLAIRE, sent_ms=1, text=("Bonjour.",)))
    assert "message" in kinds(bedside)
    bedside.touch("letters:m1")
    bedside.touch("back")
    bedside.touch("back")
    assert "message" not in kinds(bedside)
    bedside.restart()
    assert "message" not in kinds(bedside)


def test_anothers_message_is_shown_to_nobody(bedside: Bedside) -> None:
    prescribe(bedside)
    send(bedside, 3, MessageToPatient(message="m1", patient="autre", sender=CLAIRE, sent_ms=1, text=("Secret.",)))
    bedside.touch("letters")
    assert isinstance(bedside.view, LettersView)
    assert bedside.view.letters == ()


def test_what_is_being_written_survives_a_kill_and_is_nowhere_in_clear(bedside: Bedside, tmp_path: Path) -> None:
    prescribe(bedside)
    write(bedside, "zorglub")
    bedside.clock.pass_ms(1_500)
    bedside.turn()
    bedside.restart()
    bedside.touch("letters")
    bedside.touch("write")
    assert isinstance(bedside.view, WritingView)
    assert bedside.view.text == "zorglub"
    bedside.touch("send")
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"zorglub" not in kept


@pytest.mark.parametrize("text", ["ici", "zorglub"])  # the last letter is on the disk, or waits to be, when it is sent
def test_a_kill_after_sending_leaves_one_message_and_nothing_under_way(bedside: Bedside, text: str) -> None:
    prescribe(bedside)
    write(bedside, text)
    bedside.touch("send")
    bedside.restart()
    bedside.clinic_hears()
    sent = [one for one in contents(bedside) if isinstance(one, MessageFromPatient)]
    assert [one.text for one in sent] == [text]
    bedside.touch("letters")
    assert isinstance(bedside.view, LettersView)
    assert [(line.mine, line.excerpt) for line in bedside.view.letters] == [(True, text)]
    bedside.touch("write")
    assert isinstance(bedside.view, WritingView)
    assert bedside.view.text == ""


def test_the_three_truths_of_a_message(bedside: Bedside) -> None:
    prescribe(bedside)
    write(bedside, "ici")
    bedside.touch("send")
    bedside.touch("done")
    assert state(bedside) == "Pas encore parti"
    bedside.clinic_hears()
    assert state(bedside) == "Arrivé, pas encore lu"
    (told,) = bedside.store.told_of("martin", MessageFromPatient)
    epoch, seq = told.report
    receipt = ReadReceipt(
        reports=(ReportReference(epoch=epoch, seq=seq),), reader=CLAIRE, reader_id="claire", read_ms=1
    )
    send(bedside, 3, receipt)
    assert state(bedside) == "Lu par Claire, infirmière"


def state(bedside: Bedside) -> str:
    assert isinstance(bedside.view, LettersView)
    return bedside.view.letters[0].state


def test_a_lesson_that_was_read_is_due_no_more_after_a_kill(bedside: Bedside) -> None:
    prescribe(bedside)
    assert "lesson" in kinds(bedside)
    bedside.touch("lessons:sommeil")
    bedside.touch("continue")
    bedside.restart()
    assert "lesson" not in kinds(bedside)


def test_medicines_are_followed_through_kills(bedside: Bedside) -> None:
    prescribe(bedside)
    bedside.touch("delivery")
    bedside.touch("ask")
    bedside.touch("send")
    bedside.restart()
    bedside.touch("delivery")
    assert isinstance(bedside.view, DeliveryView)
    assert bedside.view.ask == ""
    bedside.clinic_hears()
    (asked,) = [one for one in contents(bedside) if isinstance(one, DeliveryAsked)]
    send(
        bedside,
        3,
        DeliveryTold(delivery=asked.delivery, patient="martin", state="on-the-way", told_ms=1, note="Demain matin"),
    )
    assert isinstance(bedside.view, DeliveryView)
    assert bedside.view.note == "Demain matin"
    bedside.touch("received")
    bedside.restart()
    bedside.touch("delivery")
    assert isinstance(bedside.view, DeliveryView)
    assert bedside.view.ask


def test_an_earlier_word_about_a_delivery_that_comes_late_unsays_nothing(bedside: Bedside) -> None:
    prescribe(bedside)
    bedside.touch("delivery")
    bedside.touch("ask")
    bedside.touch("send")
    bedside.clinic_hears()
    (asked,) = [one for one in contents(bedside) if isinstance(one, DeliveryAsked)]
    words = {
        3: DeliveryTold(delivery=asked.delivery, patient="martin", state="prepared", told_ms=3, note="prepared"),
        4: DeliveryTold(delivery=asked.delivery, patient="martin", state="on-the-way", told_ms=4, note="on-the-way"),
    }
    for serial in (4, 3):
        send(bedside, serial, words[serial])
        assert isinstance(bedside.view, DeliveryView)
        assert bedside.view.note == "on-the-way"


def test_what_was_written_to_the_pharmacy_goes_with_its_request(bedside: Bedside) -> None:
    """Not with the next one too: a note of last month asks for what is no longer taken."""
    prescribe(bedside)
    bedside.touch("delivery")
    bedside.touch("ask")
    for key in "soir":
        bedside.touch(f"key:{key}")
    bedside.clock.pass_ms(1_500)  # letters are on the disk within a second
    bedside.turn()
    bedside.restart()
    assert [one.text for one in bedside.store.written("martin")[0]] == ["soir"]
    bedside.touch("delivery")
    bedside.touch("ask")
    bedside.touch("send")
    bedside.restart()
    assert bedside.store.written("martin")[0] == ()
    bedside.clinic_hears()
    assert [one.note for one in contents(bedside) if isinstance(one, DeliveryAsked)] == ["soir"]


@pytest.mark.parametrize("note", ["soir", "le soir"])  # the last letter is on the disk, or waits to be, when it is sent
def test_a_note_to_the_pharmacy_that_was_sent_at_once_is_not_begun_anew(bedside: Bedside, note: str) -> None:
    prescribe(bedside)
    bedside.touch("delivery")
    bedside.touch("ask")
    for key in note:
        bedside.touch(f"key:{key}")
    bedside.touch("send")
    assert bedside.store.written("martin")[0] == ()
    bedside.clinic_hears()
    assert [one.note for one in contents(bedside) if isinstance(one, DeliveryAsked)] == [note]


def contents(bedside: Bedside) -> list[object]:
    """What the clinic's record has of the kiosk's reports."""
    reports = bedside.wire.store.contents.reports.values()
    return [arrival.report.content for arrival in reports if arrival.report]
