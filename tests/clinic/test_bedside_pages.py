"""The pages of the bedside: help first, messages whose marks are true, deliveries, follow-up, standing."""

import pytest
from django.test import Client

from clinic.audit.models import AuditEvent
from clinic.console.follow_up_views import OPEN_MAX, SHOWN_MAX
from clinic.correspondence.models import Delivery, HelpRequest, MessageToPatient
from clinic.people.models import Standing
from clinic.plans.models import CarePlan, Order
from mqtt_bridge.contract import correspondence
from mqtt_bridge.contract import report as told
from mqtt_bridge.contract.codec import encode
from mqtt_bridge.contract.forms import QuestionnaireResponse, Reference, absent, answered
from mqtt_bridge.contract.order import ReadReceipt
from tests.clinic.box import T0_MS, evaluation, listening, stamp
from tests.clinic.cast import practitioner, signed_in
from tests.clinic.conftest import Clinic
from tests.clinic.test_bedside_store import CODE, form_answered
from tests.support.words_of_care import plan

pytestmark = pytest.mark.django_db(databases=["default", "audit"])

ASKED = told.HelpAsked(help="h-1", asked=stamp(), rule="strong-pain")


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.content.decode().replace("\u00a0", " ").replace("\u202f", " ")


def orders(clinic: Clinic, kind: str) -> list[object]:
    found = Order.objects.filter(kind=kind).order_by("serial")
    return [clinic.box.order(bytes(order.letter)).content for order in found]


def test_help_stands_first_and_opening_it_is_told_to_the_box(clinic: Clinic, console: Client) -> None:
    clinic.receive(clinic.box.report(ASKED))
    first = page(console, "/")
    assert first.index("Demandes d’aide") < first.index("Mes patients")
    assert "pas encore lu" in first
    assert not orders(clinic, "read"), "a list is not an opened request"
    asked = HelpRequest.objects.get()
    assert "douleur de 7 ou plus" in page(console, f"/aide/{asked.pk}")
    [receipt] = orders(clinic, "read")
    assert isinstance(receipt, ReadReceipt)
    assert (receipt.reader.given, receipt.reader.role) == ("Claire", "infirmière")
    assert "pas encore lu" not in page(console, "/")


def test_help_is_taken_then_closed_with_what_was_done(clinic: Clinic, console: Client) -> None:
    clinic.receive(clinic.box.report(ASKED))
    path = f"/aide/{HelpRequest.objects.get().pk}"
    console.post(path, {"act": "take"})
    assert "s’en occupe" in page(console, "/aide")
    assert "Écrivez ce qui a été fait" in console.post(path, {"act": "close", "done": " "}).content.decode()
    assert HelpRequest.objects.get().closed_ms is None
    assert console.post(path, {"act": "close", "done": "Vue, calmée."}).headers["Location"] == "/aide"
    closed = HelpRequest.objects.get()
    assert (closed.owner, closed.closed_by, closed.done) == (clinic.claire, clinic.claire, "Vue, calmée.")
    assert "déjà close" in console.post(path, {"act": "take"}).content.decode()
    assert "Demandes d’aide" not in page(console, "/").split("<h1>")[1].split("<footer")[0]


def test_help_without_a_name_is_shown_to_everyone_who_gives_care(clinic: Clinic, console: Client) -> None:
    clinic.receive(clinic.box.report(ASKED, patient="nobody"))
    stranger = signed_in(practitioner("stranger", "physician"))
    assert "Une personne de la boîte box-12" in page(stranger, "/aide")
    assert stranger.post(f"/aide/{HelpRequest.objects.get().pk}", {"act": "take"}).status_code == 302
    technician = signed_in(practitioner("tech", "technician"))
    assert technician.get("/aide").status_code == 403


def test_a_message_goes_to_the_box_and_its_marks_are_true(clinic: Clinic, console: Client) -> None:
    path = "/patients/martin/messages"
    assert "pas pour les urgences" in page(console, path)
    console.post(path, {"text": "Bonjour.\n\nJe passe demain.", "replies": "Oui\nNon\n"})
    [word] = orders(clinic, "message")
    assert isinstance(word, correspondence.MessageToPatient)
    assert (word.text, word.replies) == (("Bonjour.", "Je passe demain."), ("Oui", "Non"))
    assert "pas encore parti" in page(console, path)
    order = Order.objects.get(kind="message")
    Order.objects.filter(pk=order.pk).update(sent_ms=T0_MS)
    assert "pas encore reçu par la boîte" in page(console, path)
    clinic.receive(clinic.box.report(told.OrderReceived(order=order.order, accepted=True)))
    shown = page(console, path)
    assert "reçu par la boîte" in shown
    assert "pas encore ouvert" in shown
    clinic.receive(clinic.box.report(told.MessageOpened(message=word.message, opened=stamp())))
    assert "ouvert par la personne" in page(console, path)


def test_what_the_person_writes_is_told_as_read_once_opened(clinic: Clinic, console: Client) -> None:
    answer = told.MessageFromPatient(message="m-1", text="J’ai froid <b>ici</b>", written=stamp())
    clinic.receive(clinic.box.report(answer))
    assert "1 message" in page(console, "/")
    shown = page(console, "/patients/martin/messages")
    assert "J’ai froid &lt;b&gt;ici&lt;/b&gt;" in shown
    assert len(orders(clinic, "read")) == 1
    assert "1 message" not in page(console, "/")


@pytest.mark.parametrize("text", ["", "   ", "x" * 501, "\n".join("abcdefghijk")])
def test_a_message_that_the_box_cannot_show_does_not_go(clinic: Clinic, console: Client, text: str) -> None:
    assert console.post("/patients/martin/messages", {"text": text}).status_code == 200
    assert not MessageToPatient.objects.exists()


def test_a_reply_that_is_too_long_for_its_button_is_named(clinic: Clinic, console: Client) -> None:
    told = {"text": "Bonjour", "replies": f"Oui\n{'x' * 36}"}
    refused = console.post("/patients/martin/messages", told).content.decode()
    assert "un bouton de la boîte en tient 35" in refused
    assert "x" * 36 in refused


def test_nobody_is_written_to_without_a_box(clinic: Clinic, console: Client) -> None:
    clinic.device.associations.update(until_ms=1)
    shown = page(console, "/patients/martin/messages")
    assert "n’a pas de boîte" in shown
    assert 'id="id_text"' not in shown
    refused = console.post("/patients/martin/messages", {"text": "Bonjour"}).content.decode()
    assert "n’a pas de boîte" in refused
    assert "Bonjour</textarea>" in refused, "what was typed before the box went is kept"
    assert not MessageToPatient.objects.exists()


def test_each_step_of_a_delivery_is_told_to_the_box(clinic: Clinic, console: Client) -> None:
    clinic.receive(clinic.box.report(told.DeliveryAsked(delivery="d-1", asked=stamp(), note="avant vendredi")))
    assert "pas encore traité" in page(console, "/livraisons")
    path = f"/livraisons/{Delivery.objects.get().pk}"
    assert "avant vendredi" in page(console, path)
    console.post(path, {"state": "on-the-way", "note": "Passage  demain matin"})
    [word] = orders(clinic, "delivery")
    assert isinstance(word, correspondence.DeliveryTold)
    assert (word.delivery, word.state, word.note) == ("d-1", "on-the-way", "Passage demain matin")
    assert console.post(path, {"state": "asked"}).status_code == 200
    assert console.post(path, {"state": "sent", "note": "x" * 91}).status_code == 200
    assert len(orders(clinic, "delivery")) == 1
    clinic.receive(clinic.box.report(told.DeliveryReceived(delivery="d-1", received=stamp())))
    assert "Terminées" in page(console, "/livraisons")
    assert "le colis est là" in page(console, path)


@pytest.mark.parametrize(
    ("note", "line"),
    [("Demain\x07\x1b[0m ma\x85tin\x9f\x7f", "Demain [0m ma tin"), ("\u200b \u200b", None), ("\u2028Oui\u2029", "Oui")],
)
def test_a_note_that_was_pasted_can_be_read_by_the_box(
    clinic: Clinic, console: Client, note: str, line: str | None
) -> None:
    clinic.receive(clinic.box.report(told.DeliveryAsked(delivery="d-1", asked=stamp())))
    path = f"/livraisons/{Delivery.objects.get().pk}"
    console.post(path, {"state": "sent", "note": note})
    [word] = orders(clinic, "delivery")
    assert isinstance(word, correspondence.DeliveryTold)
    assert word.note == line


def test_forms_are_read_with_their_questions_and_relatives_apart(clinic: Clinic, console: Client) -> None:
    week = "urn:chevet:questionnaire:suivi-semaine|1"
    who = Reference(reference="Patient/martin")
    items = (answered("douleur", 8), answered("vomi", False), absent("fievre", "asked-declined"))
    own = QuestionnaireResponse(questionnaire=week, status="completed", subject=who, source=who, item=items)
    for occasion, by in (("o-1", "self"), ("o-2", "relative")):
        report = told.FormAnswered(
            occasion=occasion,
            request="semaine",
            response=own,
            asked=stamp(),
            answered_by=by,  # type: ignore[arg-type]
        )
        clinic.receive(clinic.box.report(report))
    assert "2 questionnaires" in page(console, "/")
    shown = page(console, "/patients/martin/suivi")
    assert "questionnaires</b>" not in page(console, "/")
    assert "Cette semaine, avez-vous eu mal ?" in shown
    assert "8 sur 10 (douleur forte)" in shown
    assert "décliné" in shown
    persons, relatives = shown.split("Réponses d’un proche ou d’un soignant")
    assert persons.count("<article") == relatives.count("<article") == 1
    assert len(orders(clinic, "read")) == 1


def test_forms_beyond_a_page_are_shown_once_before_they_count_as_old(clinic: Clinic, console: Client) -> None:
    """A box that was away for a season: what nobody has seen must not hide below the page's end, unread for ever."""
    for number in range(SHOWN_MAX + 3):
        clinic.receive(clinic.box.report(form_answered(occasion=f"o-{number}")))
    assert f"{SHOWN_MAX + 3} questionnaires" in page(console, "/")
    assert page(console, "/patients/martin/suivi").count("<article") == SHOWN_MAX + 3
    assert "questionnaires</b>" not in page(console, "/")
    again = page(console, "/patients/martin/suivi")
    assert (again.count("<article"), again.count("<details")) == (OPEN_MAX, SHOWN_MAX - OPEN_MAX)
    older = page(console, "/patients/martin/suivi?page=2")
    assert older.count("<article") == 3
    assert "?page=3" not in older


def test_lessons_and_self_tests_are_shown(clinic: Clinic, console: Client) -> None:
    read = told.LessonRead(lesson="douleur", version=1, pages_read=3, pages=8, duration_s=95.0, opened=stamp())
    test = told.SelfTested(made=stamp(), findings=(told.Finding(check="sound", fine=False, told="aucun son"),))
    for content in (read, test):
        clinic.receive(clinic.box.report(content))
    shown = page(console, "/patients/martin/suivi")
    assert "3 pages sur 8" in shown
    assert "aucun son" in shown


def test_a_session_tells_its_needs_its_reason_and_answers_of_every_kind(clinic: Clinic, console: Client) -> None:
    who = Reference(reference="Patient/martin")
    items = (answered("douleur", 8), answered("repos", True), answered("sommeil", CODE))
    given = QuestionnaireResponse(questionnaire="urn:x|1", status="completed", subject=who, source=who, item=items)
    before = told.Evaluation(
        session="s-1", request="riviere", moment="before", response=given, asked=stamp(), answered_by="with-relative"
    )
    need = told.NeedTold(session="s-1", rule="strong-pain", offered="help", chosen="kept")
    reason = told.StopExplained(session="s-1", reason="pain")
    for content in (before, need, listening(outcome="stopped", cause="patient"), reason):
        clinic.receive(clinic.box.report(content))
    shown = page(console, "/patients/martin/seances")
    for words in ("la personne, avec un proche", "a gardé son choix", "raison donnée : douleur", "Bien", "oui"):
        assert words in shown, words
    [receipt] = orders(clinic, "read")
    assert isinstance(receipt, ReadReceipt)
    assert len(receipt.reports) == 4


def test_a_number_of_a_known_form_is_no_cone(clinic: Clinic, console: Client) -> None:
    """The plan's form says which numbers are heights; 37 is not drawn on a track from 0 to 10."""
    care = plan()
    CarePlan.objects.create(
        plan="plan-martin", version=1, patient=clinic.patient, device=clinic.device, document=encode(care),
        requester=clinic.claire, signed_ms=0,
    )  # fmt: skip
    clinic.receive(clinic.box.report(evaluation("before", (6, 7, 5, 4, 2), "mot")))
    assert page(console, "/patients/martin/seances").count("<tr") >= 6


def test_a_standing_is_asked_twice_then_told(clinic: Clinic, console: Client) -> None:
    path = "/patients/martin/situation"
    asked = console.post(path, {"state": "deceased", "words": "Dr Bel"}).content.decode()
    assert "Est-ce certain" in asked
    assert not Standing.objects.exists()
    console.post(path, {"state": "deceased", "words": "Dr Bel", "sure": "access-withdrawn"})
    assert not Standing.objects.exists(), "sure of another thing is not sure"
    console.post(path, {"state": "deceased", "words": "Dr Bel", "sure": "deceased"})
    [word] = orders(clinic, "standing")
    assert isinstance(word, correspondence.Standing)
    assert word.state == "deceased"
    shown = page(console, path)
    assert "Dr Bel" in shown
    assert "décès" in shown
    assert console.post(path, {"state": "deceased", "sure": "deceased"}).status_code == 404
    console.post(path, {"state": "active", "sure": "active"})
    assert Standing.objects.order_by("-pk")[0].state == "active"


def test_a_death_told_at_the_bedside_says_so(clinic: Clinic, console: Client) -> None:
    clinic.receive(clinic.box.report(told.DeathTold(told=stamp())))
    shown = page(console, "/patients/martin/situation")
    assert "dit au chevet, sur la boîte box-12" in shown
    assert "Décès" in page(console, "/")


def test_an_emergency_access_reads_and_answers_nothing(clinic: Clinic, console: Client) -> None:
    from clinic.people import emergency

    clinic.receive(clinic.box.report(ASKED))
    physician = practitioner("urgentiste", "physician")
    emergency.open_record(clinic.patient, physician, "malaise dans la chambre")
    client, path = signed_in(physician), f"/aide/{HelpRequest.objects.get().pk}"
    assert "Je m’en occupe" not in page(client, path)
    assert client.post(path, {"act": "take"}).status_code == 404
    assert client.post("/patients/martin/messages", {"text": "x"}).status_code == 404
    assert client.post("/patients/martin/situation", {"state": "deceased", "sure": "deceased"}).status_code == 404


def test_each_page_is_in_the_trail(clinic: Clinic, console: Client) -> None:
    clinic.receive(clinic.box.report(ASKED))
    paths = ("suivi", "messages", "situation")
    before = AuditEvent.objects.filter(patient="martin").count()
    for path in paths:
        page(console, f"/patients/martin/{path}")
    page(console, f"/aide/{HelpRequest.objects.get().pk}")
    assert AuditEvent.objects.filter(patient="martin").count() >= before + 4


def test_a_page_costs_few_queries_however_much_is_on_it(
    clinic: Clinic, console: Client, django_assert_max_num_queries: object
) -> None:
    for number in range(30):
        answer = told.MessageFromPatient(message=f"m-{number}", text="Bonjour", written=stamp())
        clinic.receive(clinic.box.report(answer))
    page(console, "/patients/martin/messages")
    with django_assert_max_num_queries(24):  # type: ignore[operator]
        page(console, "/patients/martin/messages")
