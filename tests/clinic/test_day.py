"""« Ma journée », tasks and handovers: one list with owner, deadline, escalation and a recorded end."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic import worklist
from clinic.clock import now_ms
from clinic.coordination import handing_over, tasks
from clinic.coordination.models import Handover, Task
from clinic.correspondence.models import HelpRequest
from clinic.errors import RecordError
from clinic.people.models import Establishment, Patient, Team
from clinic.people.team import join
from clinic.plans.plan_file import ActivityDraft, PackageDraft, PeriodDraft, PlanDraft
from clinic.plans.prescribe import prescribe
from mqtt_bridge.contract import report as told
from tests.clinic.box import evaluation, listening, stamp
from tests.clinic.cast import practitioner, signed_in
from tests.clinic.conftest import Clinic
from tests.clinic.test_bedside_pages import ASKED, orders, page
from tests.clinic.test_bedside_store import form_answered

pytestmark = pytest.mark.django_db(databases=["default", "audit"])

CALM, STRONG = (1, 2, 3, 0, 5), (1, 2, 8, 0, 5)
SESSIONS, MESSAGES = "/patients/martin/seances", "/patients/martin/messages"


def kinds() -> list[str]:
    return list(Task.objects.filter(ended_ms=None).order_by("pk").values_list("kind", flat=True))


def test_what_a_report_brings_is_noticed_once(clinic: Clinic) -> None:
    reports = [
        clinic.box.report(evaluation("before", CALM)),
        clinic.box.report(evaluation("before", CALM, "J’ai froid.", "s-2")),
        clinic.box.report(evaluation("after", STRONG, "J’ai mal.", "s-2")),
        clinic.box.report(told.MessageFromPatient(message="m-1", text="Bonjour", written=stamp())),
        clinic.box.report(told.MessageFromPatient(message="m-2", text="Vous êtes là ?", written=stamp())),
        clinic.box.report(listening("s-2")),
    ]
    for report in (*reports, *reports):
        clinic.receive(report)
    assert kinds() == ["comment", "strong-pain", "message"], "one thread waits once, a report sent twice is one"
    pain = Task.objects.get(kind="strong-pain")
    assert (pain.score, pain.reason, pain.owner) == (8, "J’ai mal.", None)


def test_answers_given_once_are_noticed_once(clinic: Clinic) -> None:
    import msgspec

    clinic.receive(clinic.box.report(evaluation("before", STRONG, None, "s-1")))
    again = msgspec.structs.replace(evaluation("before", STRONG, None, "s-2"), given_in="s-1")
    clinic.receive(clinic.box.report(again))
    assert kinds() == ["strong-pain"]


def test_the_list_puts_help_first_and_tells_who_and_why(clinic: Clinic, console: Client) -> None:
    clinic.receive(clinic.box.report(evaluation("after", STRONG, "J’ai mal.", "s-2")), at_ms=now_ms())
    clinic.receive(clinic.box.report(ASKED), at_ms=now_ms())
    shown = page(console, "/journee")
    assert shown.index("Demande d’aide") < shown.index("Douleur forte")
    assert "douleur 8 sur 10" in shown
    assert "personne ne s’en occupe" in shown
    assert "n’appelle personne" in shown
    assert shown.count("Jeanne Martin") >= 2


def test_seen_is_the_end_and_it_is_recorded_by_whom(clinic: Clinic, console: Client) -> None:
    clinic.receive(clinic.box.report(evaluation("after", STRONG, "J’ai mal.", "s-2")))
    console.head(SESSIONS)
    assert kinds() == ["strong-pain"], "only a human being sees"
    page(console, SESSIONS)
    assert kinds() == []
    ended = Task.objects.get()
    assert (ended.ended_by, ended.status, ended.done) == (clinic.claire, "completed", "")
    assert "Rien n’attend" in page(console, "/journee")


def test_what_somebody_has_taken_stays_until_they_say_what_was_done(clinic: Clinic, console: Client) -> None:
    clinic.receive(clinic.box.report(evaluation("after", STRONG, "J’ai mal.", "s-2")))
    task = Task.objects.get()
    console.post(f"/taches/{task.pk}/prendre", {"next": "/journee?voir=moi"})
    page(console, SESSIONS)
    assert kinds() == ["strong-pain"]
    assert "Terminer" in page(console, "/journee?voir=moi")
    refused = console.post(f"/taches/{task.pk}", {"act": "end", "done": " "})
    assert "Écrivez ce qui a été fait" in refused.content.decode()
    assert (
        console.post(f"/taches/{task.pk}", {"act": "end", "done": "Antalgique donné."}).headers["Location"]
        == "/journee"
    )
    assert kinds() == []
    assert "déjà terminée" in console.post(f"/taches/{task.pk}", {"act": "take"}).content.decode()
    assert "Antalgique donné." in page(console, "/patients/martin/taches")
    with pytest.raises(RecordError, match="ended"):
        tasks.end(Task.objects.get(), clinic.claire, "encore")


def test_a_message_waits_until_the_team_has_written(clinic: Clinic, console: Client) -> None:
    clinic.receive(clinic.box.report(told.MessageFromPatient(message="m-1", text="Bonjour", written=stamp())))
    assert "attend une réponse" in page(console, "/messages")
    page(console, MESSAGES)
    assert kinds() == ["message"], "read is not answered"
    console.post(f"{MESSAGES}/attente", {"act": "take"})
    assert "Claire Moreau" in page(console, "/messages?voir=moi").split("<main")[1]
    console.post(MESSAGES, {"ready": "Nous passons vous voir aujourd’hui.", "text": "Vers 15 h."})
    assert kinds() == []
    shown = page(console, "/messages")
    assert "attend une réponse" not in shown
    assert "pas encore parti" in shown
    assert "Jeanne Martin" not in page(console, "/messages?voir=attend")
    sent = page(console, MESSAGES)
    assert sent.index("Nous passons vous voir") < sent.index("Vers 15 h.")


def test_a_message_may_need_no_answer_and_an_answer_of_the_person_is_read(clinic: Clinic, console: Client) -> None:
    clinic.receive(clinic.box.report(told.MessageFromPatient(message="m-1", text="Merci !", written=stamp())))
    console.post(f"{MESSAGES}/attente", {"act": "close"})
    assert kinds() == []
    console.post(MESSAGES, {"text": "Je passe demain ?", "replies": "Oui"})
    [sent] = clinic.patient.messages_to.all()
    clinic.receive(
        clinic.box.report(told.MessageFromPatient(message="m-2", text="Oui", written=stamp(), reply_to=sent.message))
    )
    assert kinds() == ["answers"]
    page(console, MESSAGES)
    assert kinds() == []
    assert console.post(MESSAGES, {"ready": "", "text": ""}).status_code == 200
    assert clinic.patient.messages_to.count() == 1


def test_forms_wait_to_be_read(clinic: Clinic, console: Client) -> None:
    clinic.receive(clinic.box.report(form_answered()))
    assert len(kinds()) == 1
    page(console, "/patients/martin/suivi")
    assert kinds() == []


def test_a_task_has_an_owner_of_the_team_and_a_time_that_is_to_come(clinic: Clinic, console: Client) -> None:
    doctor, stranger = practitioner("doc", "physician", "Nadia"), practitioner("stranger", "nurse")
    join(clinic.patient, doctor)
    path = "/patients/martin/taches"
    for owner, due in ((stranger.pk, ""), (doctor.pk, "2001-01-01T10:00"), (doctor.pk, "demain")):
        refused = console.post(path, {"reason": "Appeler la fille", "owner": owner, "due": due})
        assert refused.status_code == 200
    assert not Task.objects.exists()
    due = f"{dt.datetime.now(dt.UTC) + dt.timedelta(days=30):%Y-%m-%dT%H:%M}"
    console.post(path, {"reason": "Appeler la fille", "owner": doctor.pk, "due": due, "urgent": "on"})
    task = Task.objects.get()
    assert (task.owner, task.asked_by, task.status, task.taken_ms) == (doctor, clinic.claire, "requested", None)
    other = signed_in(doctor)
    assert "Appeler la fille" in page(other, "/journee?voir=moi")
    other.post(f"/taches/{task.pk}", {"act": "take"})
    other.post(f"/taches/{task.pk}", {"act": "hand", "to": stranger.pk})
    assert Task.objects.get().owner == doctor
    other.post(f"/taches/{task.pk}", {"act": "hand", "to": clinic.claire.pk})
    other.post(f"/taches/{task.pk}", {"act": "cancel", "done": "La fille est venue."})
    ended = Task.objects.get()
    assert (ended.owner, ended.taken_ms, ended.status, ended.ended_by) == (clinic.claire, None, "cancelled", doctor)
    waiting = page(console, "/journee").partition("<main")[2]
    assert "Ma journée" in waiting
    assert "Appeler la fille" not in waiting


def test_a_social_worker_sees_the_social_part_alone(clinic: Clinic, console: Client) -> None:
    social = practitioner("social", "social-worker")
    join(clinic.patient, social)
    clinic.receive(clinic.box.report(evaluation("after", STRONG, "J’ai mal.", "s-2")))
    clinic.receive(clinic.box.report(ASKED))
    health = tasks.give(clinic.patient, clinic.claire, "Surveiller la douleur")
    house = tasks.give(clinic.patient, clinic.claire, "Dossier d’aide à domicile", social=True, owner=social)
    client = signed_in(social)
    for path in ("/journee", "/patients/martin/taches"):
        shown = page(client, path)
        assert "aide à domicile" in shown
        assert not [word for word in ("douleur", "Douleur", "J’ai mal", "Demande d’aide") if word in shown], path
    assert client.get(f"/taches/{health.pk}").status_code == 404
    assert client.post(f"/taches/{house.pk}", {"act": "end", "done": "Envoyé."}).status_code == 302
    client.post("/patients/martin/taches", {"reason": "Rappeler la mairie"})
    assert Task.objects.get(reason="Rappeler la mairie").social
    with pytest.raises(RecordError, match="may not do"):
        tasks.give(clinic.patient, clinic.claire, "Surveiller", owner=social)


def test_many_of_one_kind_are_one_line_and_the_oldest_counts(clinic: Clinic, console: Client) -> None:
    for n in range(3):
        clinic.receive(clinic.box.report(evaluation("after", STRONG, None, f"s-{n}")), at_ms=now_ms())
        Task.objects.filter(row__seq=n + 1).update(authored_ms=now_ms() - (3 - n) * 3_600_000)
    clinic.receive(clinic.box.report(ASKED), at_ms=now_ms())
    shown = page(console, "/journee").split("<main")[1]
    assert shown.count("Douleur forte") == 2, "its line, and the words for who does not see"
    assert "et 2 autres" in shown
    assert "il y a 1 h" in shown
    assert "échéance passée" in shown
    assert shown.index("Demande d’aide") < shown.index("Douleur forte"), "help first, however late the others are"
    page(console, SESSIONS)
    assert "Douleur forte" not in page(console, "/journee")


def test_what_waits_too_long_is_passed_on_to_a_named_person(clinic: Clinic, console: Client) -> None:
    nadia = practitioner("nadia", "coordinating-nurse", "Nadia")
    join(clinic.patient, nadia)
    clinic.receive(clinic.box.report(ASKED), at_ms=now_ms() - 12 * 60_000)
    HelpRequest.objects.update(at_ms=now_ms() - 12 * 60_000)
    shown = page(console, "/journee")
    assert "échéance passée" in shown
    assert "Nadia Nadia (infirmier de coordination)" in shown
    assert "Claire Moreau (référent)" in shown, "who comes next is told too"
    assert "Demande d’aide" in page(signed_in(nadia), "/journee?voir=moi")
    HelpRequest.objects.update(owner=clinic.claire, taken_ms=now_ms())
    assert "échéance passée" not in page(console, "/journee")


def test_a_handover_fills_itself_and_tells_each_reader_of_their_patients_alone(clinic: Clinic, console: Client) -> None:
    house = Establishment.objects.create(name="Les Tilleuls")
    team = Team.objects.create(establishment=house, name="Nuit")
    ada = practitioner("ada", "nurse")
    other = Patient.objects.create(id="roy", given="Suzanne", family="Le Roy", address_as="Suzanne")
    join(other, clinic.claire, referring=True)
    join(other, ada)
    team.members.set([clinic.claire, ada])
    tasks.give(other, clinic.claire, "Changer le pansement")
    clinic.receive(clinic.box.report(evaluation("after", STRONG, "J’ai mal.", "s-2")), at_ms=now_ms())
    Task.objects.filter(kind="strong-pain").update(authored_ms=now_ms())
    path = f"/equipes/{team.pk}/releve"
    shown = page(console, path)
    assert shown.count("nouveau") >= 2
    assert "Changer le pansement" in shown
    answer = console.post(path, {"words": "Nuit calme.", "line-roy": "A bien dormi.", "line-nobody": "x"})
    note = Handover.objects.get()
    assert answer.headers["Location"] == f"/releves/{note.pk}"
    whole = page(console, f"/releves/{note.pk}")
    assert all(word in whole for word in ("Nuit calme.", "A bien dormi.", "J’ai mal.", "douleur 8 sur 10", "Lue par"))
    part = page(signed_in(ada), f"/releves/{note.pk}")
    assert "A bien dormi." in part
    assert not [word for word in ("Jeanne", "Martin", "J’ai mal") if word in part]
    assert signed_in(practitioner("outside", "nurse")).get(f"/releves/{note.pk}").status_code == 404
    assert signed_in(practitioner("outside2", "nurse")).get(path).status_code == 404
    done = Task.objects.get(reason="Changer le pansement")
    tasks.end(done, ada, "Pansement refait.")
    again = page(console, path)
    assert "Pansement refait." in again
    assert "nouveau" not in again.split("<main")[1].split("rien de nouveau")[0].replace("Rien de nouveau", "")
    assert note.readings.count() == 2


def test_an_empty_handover_is_refused(clinic: Clinic, console: Client) -> None:
    house = Establishment.objects.create(name="Les Tilleuls")
    team = Team.objects.create(establishment=house, name="Jour")
    team.members.set([clinic.claire])
    assert "écrivez au moins un mot" in console.post(f"/equipes/{team.pk}/releve", {}).content.decode()
    with pytest.raises(RecordError, match="at least a word"):
        handing_over.write(team, clinic.claire, " ", {})


@pytest.fixture
def another_source() -> Iterator[None]:
    def many(who: object, at_ms: int) -> Iterator[worklist.Entry]:
        patient = Patient.objects.get(pk="martin")
        for n in range(worklist.OF_A_SOURCE_MAX + 50):
            yield worklist.Entry("readjust", at_ms - n, "sessions", ("martin",), patient=patient)

    before = worklist.sources()
    worklist.register("many", many)
    yield
    worklist._sources.clear()
    worklist._sources.update(before)


def test_an_app_contributes_a_source_and_a_long_list_is_told(
    clinic: Clinic, console: Client, another_source: None
) -> None:
    shown = page(console, "/journee")
    assert "<b>À réajuster</b>" in shown
    assert "il y en a d’autres" in shown
    assert "1 / 4" in shown
    assert "Rien n’est à vous" in page(console, "/journee?voir=moi")


def test_few_queries_however_much_waits(clinic: Clinic, console: Client) -> None:
    house = Establishment.objects.create(name="Les Tilleuls")
    team = Team.objects.create(establishment=house, name="Jour")
    for n in range(8):
        patient = Patient.objects.create(id=f"p-{n}", given="Ida", family=f"Roux {n}", address_as="Ida")
        join(patient, clinic.claire, referring=True)
        tasks.give(patient, clinic.claire, f"Appeler {n}", owner=clinic.claire)
        Task.objects.create(patient=patient, kind="message", reason="Bonjour", authored_ms=n)
    clinic.receive(clinic.box.report(told.MessageFromPatient(message="m-1", text="Bonjour", written=stamp())))
    clinic.receive(clinic.box.report(ASKED))
    team.members.set([clinic.claire])
    handing_over.write(team, clinic.claire, "x", {})
    [note] = Handover.objects.all()
    task = Task.objects.filter(kind="task").first()
    assert task is not None
    for path in (
        "/journee",
        "/messages",
        "/releves",
        f"/releves/{note.pk}",
        f"/taches/{task.pk}",
        "/patients/p-1/taches",
    ):
        page(console, path)
        with CaptureQueriesContext(connections["default"]) as made:
            page(console, path)
        assert len(made) <= 12, (path, len(made), [one["sql"][:90] for one in made.captured_queries])


def test_after_a_death_everything_says_so_and_nothing_more_is_sent(clinic: Clinic, console: Client) -> None:
    """One gesture on « Situation » (asked twice): each box is told; no message, no plan; what waits is still shown."""
    clinic.receive(clinic.box.report(told.MessageFromPatient(message="m-1", text="Bonjour", written=stamp())))
    tasks.give(clinic.patient, clinic.claire, "Rendre la boîte")
    path = "/patients/martin/situation"
    assert "Est-ce certain" in console.post(path, {"state": "deceased"}).content.decode()
    assert not orders(clinic, "standing")
    console.post(path, {"state": "deceased", "sure": "deceased"})
    [word] = orders(clinic, "standing")
    assert getattr(word, "state", "") == "deceased"
    assert "On ne lui écrit plus" in page_of(console.post(MESSAGES, {"text": "Bonjour"}))
    assert not orders(clinic, "message")
    with pytest.raises(RecordError, match="deceased"):
        prescribe(PlanDraft(PERIOD, (CARE_OF_WATER,)), clinic.patient, clinic.claire, clinic.device, clinic.pen)
    shown = page(console, "/journee")
    assert shown.count("Décès") == 2
    assert "Rendre la boîte" in shown


PERIOD = PeriodDraft(dt.date(2025, 1, 1), dt.date(2099, 1, 1))
CARE_OF_WATER = ActivityDraft(
    "riviere", "La rivière", "relaxation", 60, PackageDraft("riviere", "0" * 64), ("Écoutez.",)
)


def page_of(answer: Any) -> str:
    told: str = answer.content.decode()
    return told.replace("\u00a0", " ").replace("\u202f", " ")
