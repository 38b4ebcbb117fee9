"""Whether the place for a box suits (B6): a checklist in versions, whose outcome somebody chooses and signs."""

import datetime as dt
import json
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext

from clinic.audit.models import AuditEvent
from clinic.cli import parser
from clinic.console import suitability_form
from clinic.coordination import tasks
from clinic.coordination.models import Task
from clinic.errors import RecordError
from clinic.home import HOME_VARIABLE, Home
from clinic.people import emergency
from clinic.people.models import Patient
from clinic.record.fhir import bundle
from clinic.record.merging import merge
from clinic.suitability.assessing import Answered, Assessment, ask_for, checklists_of, newest_of, sign, wants_reason
from clinic.suitability.checklist import NETWORK, checklist_of, checklists, current
from clinic.suitability.models import HomeChecklist
from mqtt_bridge.contract.codec import decode, encode
from mqtt_bridge.contract.form_rules import check_form
from mqtt_bridge.contract.forms import Questionnaire
from tests.clinic.cast import practitioner, signed_in
from tests.clinic.conftest import Clinic
from tests.clinic.loans.conftest import home

pytestmark = pytest.mark.django_db(databases=["default", "audit"])
__all__ = ["home"]
DAY = dt.date(2025, 11, 20)
HERE, NEW = "/patients/martin/lieu", "/patients/martin/lieu/nouvelle"


def assessed(outcome: str = "not-now", reason: str = "à revoir", **answers: Answered) -> Assessment:
    return Assessment(DAY, "home", "visit", outcome, answers, "sa fille", reason)


def filled(**changed: str) -> dict[str, str]:
    """The form as a nurse sends it who has seen one thing."""
    asked = {f"{line.id}-answer": "not-seen" for line in current().line}
    visit = {"place": "home", "method": "visit", "made_on": timezone.localdate().isoformat(), "outcome": "suitable"}
    return {**asked, **visit, "table-answer": "yes", **changed}


def test_the_questions_are_a_questionnaire_of_our_own_that_the_house_can_read() -> None:
    form = current().questionnaire
    check_form(form)
    assert decode(encode(form), Questionnaire) == form
    assert 10 <= len(current().line) <= 14
    assert [line.id for line in current().line if not line.remedy] == [NETWORK], "each no has its remedy"
    assert len({line.id for line in current().line}) == len(current().line)


def test_every_line_of_every_version_is_in_english() -> None:
    said = {
        words
        for one in checklists().values()
        for line in one.line
        for words in (line.heading, line.title, line.question, line.help, line.remedy, *line.options.values())
        if words
    }
    with translation.override("en"):
        same = {words for words in said if gettext(words) == words}
    assert same == {"Mobile", "Table"}


def test_no_answer_leads_to_an_outcome_and_none_forbids_the_loan(clinic: Clinic, home: Home, console: Client) -> None:
    every_no = {f"{line.id}-answer": "no" if line.remedy else "none" for line in current().line}
    refused = console.post(NEW, filled(**every_no, outcome="suitable")).content.decode()
    assert "Dites pourquoi" in refused
    assert not HomeChecklist.objects.exists()
    answer = console.post(NEW, filled(**every_no, outcome="suitable", reason="Sa fille est toujours là."))
    assert answer.headers["Location"] == HERE
    assert HomeChecklist.objects.get().outcome == "suitable"
    lent = console.post("/boites/preter", {"patient": "martin", "box": "box-40"}).content.decode()
    assert "chevet-enrol.toml" in lent


@pytest.mark.parametrize(
    ("outcome", "answers", "wanted"),
    [
        ("suitable", ["yes", "not-seen"], False),
        ("suitable", ["none"], False),
        ("suitable", ["yes", "no"], True),
        ("suitable", ["not-seen"], True),
        ("suitable", [], True),
        ("with-arrangements", ["yes"], True),
        ("not-now", ["yes"], True),
    ],
)
def test_when_it_has_to_be_said_why(outcome: str, answers: list[str], wanted: bool) -> None:  # noqa: FBT001
    assert wants_reason(outcome, answers) is wanted


def test_nothing_seen_is_no_no_and_nothing_is_said_of_it_but_that(console: Client, clinic: Clinic) -> None:
    assert console.post(NEW, filled()).status_code == 302
    kept = HomeChecklist.objects.get()
    answers = dict(kept.answers.values_list("item", "answer"))
    assert answers.pop("table") == "yes"
    assert set(answers.values()) == {"not-seen"}
    told = console.get(HERE).content.decode()
    assert "À arranger" not in told
    assert "Pas vu" in told
    assert "Signé par Claire Moreau, infirmière" in told


def test_none_is_a_right_answer_and_staff_are_told_what_it_means(console: Client, clinic: Clinic) -> None:
    sign(clinic.patient, clinic.claire, assessed(reseau=Answered("none"), appel=Answered("yes")))
    told = console.get(HERE).content.decode()
    assert "n’atteint personne sur le moment" in told
    assert "15 ou le 112" in told
    assert "À arranger" not in told
    assert "à arranger d’abord" not in told
    sign(clinic.patient, clinic.claire, assessed(reseau=Answered("none")))
    assert "à arranger d’abord" in console.get(HERE).content.decode(), "nobody has seen another way to call"
    sign(clinic.patient, clinic.claire, assessed(reseau=Answered("wired")))
    assert "n’atteint personne" not in console.get(HERE).content.decode()


def test_the_former_ones_stay_readable(console: Client, clinic: Clinic) -> None:
    first = sign(clinic.patient, clinic.claire, assessed(reason="premier regard", table=Answered("no", "bancale")))
    sign(clinic.patient, clinic.claire, assessed("suitable", reason="second regard", table=Answered("yes")))
    now = console.get(HERE).content.decode()
    assert "second regard" in now
    assert "premier regard" not in now
    before = console.get(f"{HERE}/{first.pk}").content.decode()
    assert "premier regard" in before
    assert "bancale" in before
    assert "Une liste plus récente existe" in before
    form = console.get(NEW).content.decode()
    assert "La dernière fois" in form
    assert form.count("checked") == len(current().line) + 2, (
        "what was answered before is shown, and carried over to nothing"
    )


def test_two_who_sign_at_once_lose_nothing(console: Client, clinic: Clinic) -> None:
    paul = practitioner("paul", "physician")
    clinic.patient.participants.create(practitioner=paul, since_ms=1)
    for who in (console, signed_in(paul)):
        assert who.post(NEW, filled(reason=f"{who}")).status_code == 302
    assert {one.author.username for one in checklists_of(clinic.patient)} == {"claire", "paul"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"outcome": "yes"},
        {"outcome": ""},
        {"table-answer": "none"},
        {"table-answer": ""},
        {"place": "moon"},
        {"made_on": "2019-02-30"},
        {"made_on": "1999-01-01"},
        {"made_on": (dt.date.today() + dt.timedelta(days=3)).isoformat()},  # noqa: DTZ011  # of any zone
        {"table-remark": "x" * 301},
        {"reason": "x" * 1001},
        {"informant": "nul\0"},
    ],
)
def test_what_makes_no_sense_is_refused_and_what_was_typed_stays(
    console: Client, clinic: Clinic, wrong: dict[str, str]
) -> None:
    answer = console.post(NEW, filled(**{"calme-remark": "la cour est bruyante", **wrong}))
    told = answer.content.decode()
    assert answer.status_code == 200
    assert "Rien n’est enregistré" in told
    assert "la cour est bruyante" in told
    assert not HomeChecklist.objects.exists()


def test_yesterday_is_a_day_and_how_far_back_has_an_end(console: Client, clinic: Clinic) -> None:
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    assert console.post(NEW, filled(made_on=yesterday.isoformat())).status_code == 302
    assert HomeChecklist.objects.get().made_on == yesterday
    assert suitability_form.DAYS_BACK_MAX >= 365


def test_what_is_missing_becomes_one_task(console: Client, clinic: Clinic) -> None:
    kept = sign(clinic.patient, clinic.claire, assessed(prise=Answered("no", "une seule prise, prise par le lit")))
    line = kept.answers.get(item="prise")
    for _ in range(2):
        answer = console.post(f"{HERE}/lignes/{line.pk}/tache")
        assert answer.headers["Location"] == f"{HERE}/{kept.pk}"
    task = Task.objects.get()
    assert task.reason.startswith("Prise\u00a0: Changer la boîte de place")
    assert task.note == "une seule prise, prise par le lit"
    assert reverse("task", args=[task.pk]) in console.get(HERE).content.decode()
    assert task.reason in console.get("/patients/martin/taches").content.decode()
    tasks.end(task, clinic.claire, "rallonge posée")
    assert "Tâche terminée" in console.get(HERE).content.decode()


def test_only_a_no_becomes_a_task(console: Client, clinic: Clinic) -> None:
    kept = sign(clinic.patient, clinic.claire, assessed(prise=Answered("yes"), reseau=Answered("none")))
    for line in kept.answers.all():
        console.post(f"{HERE}/lignes/{line.pk}/tache")
        with pytest.raises(RecordError):
            ask_for(line, clinic.claire)
    assert not Task.objects.exists()


def test_what_a_line_does_not_know_is_refused(clinic: Clinic) -> None:
    for wrong in ({"table": Answered("none")}, {"reseau": Answered("yes")}, {"jardin": Answered("yes")}):
        with pytest.raises(RecordError):
            sign(clinic.patient, clinic.claire, Assessment(DAY, "home", "visit", "not-now", wrong, reason="non"))
    with pytest.raises(RecordError, match="say why"):
        sign(clinic.patient, clinic.claire, assessed(reason="  "))
    with pytest.raises(RecordError, match="is none of"):
        sign(clinic.patient, clinic.claire, assessed("computed"))
    with pytest.raises(RecordError, match="this version knows"):
        checklist_of("urn:chevet:questionnaire:lieu|0")
    assert not HomeChecklist.objects.exists()


def test_a_checklist_of_other_words_stays_readable(clinic: Clinic, console: Client) -> None:
    """Of a newer version, whose update was taken back: by the names of its lines."""
    kept = sign(clinic.patient, clinic.claire, assessed())
    HomeChecklist.objects.update(questionnaire="urn:chevet:questionnaire:lieu|9")
    kept.refresh_from_db()
    page = console.get("/patients/martin/lieu")
    assert page.status_code == HTTPStatus.OK
    line = kept.answers.earliest("pk")
    assert line.item in page.content.decode()
    with pytest.raises(RecordError, match="this version knows"):
        ask_for(line, clinic.claire)


def test_it_is_shown_where_a_box_is_lent_and_where_a_plan_begins(clinic: Clinic, home: Home, console: Client) -> None:
    pages = ("/patients/martin/dossier", "/boites/preter", "/boites/box-12", "/patients/martin/plan/nouveau")
    for page in pages:
        assert "pas encore regardé" in console.get(page).content.decode(), page
    sign(clinic.patient, clinic.claire, assessed("with-arrangements"))
    for page in pages:
        assert "convient avec des aménagements, 20 novembre 2025" in console.get(page).content.decode(), page
    code = console.post("/boites/preter", {"patient": "martin", "box": "box-40"}).content.decode()
    assert "convient avec des aménagements, 20 novembre 2025" in code
    assert "convient avec des aménagements" in console.get("/boites").content.decode(), "beside the code that waits"


def test_who_sees_boxes_alone_is_told_nothing_of_a_place(console: Client, clinic: Clinic) -> None:
    sign(clinic.patient, clinic.claire, assessed("with-arrangements"))
    told = signed_in(practitioner("tom", "technician")).get("/boites/box-12").content.decode()
    assert "aménagements" not in told


def test_an_emergency_reads_it_and_signs_nothing(console: Client, clinic: Clinic) -> None:
    paul = practitioner("paul", "physician")
    kept = sign(clinic.patient, clinic.claire, assessed(prise=Answered("no", "loin")))
    emergency.open_record(clinic.patient, paul, "malaise dans la chambre")
    client = signed_in(paul)
    told = client.get(HERE).content.decode()
    assert "loin" in told
    assert "Refaire la liste" not in told
    assert "En faire une tâche" not in told
    assert client.post(NEW, filled()).status_code == 404
    assert client.post(f"{HERE}/lignes/{kept.answers.get(item='prise').pk}/tache").status_code == 404
    assert HomeChecklist.objects.count() == 1


def test_it_stands_in_the_trail_and_on_the_timeline(console: Client, clinic: Clinic) -> None:
    console.post(NEW, filled(outcome="not-now", reason="trop bruyant"))
    console.get(HERE)
    found = AuditEvent.objects.filter(agent="claire", patient="martin", detail__startswith="place of the box")
    assert set(found.values_list("action", flat=True)) == {"write", "read"}
    told = console.get("/patients/martin/dossier").content.decode()
    assert "pas maintenant" in told
    assert "trop bruyant" in told


def test_a_record_that_goes_elsewhere_takes_it_along_as_a_questionnaire_response(clinic: Clinic) -> None:
    kept = sign(
        clinic.patient,
        clinic.claire,
        assessed("with-arrangements", table=Answered("no", "basse"), reseau=Answered("none")),
    )
    told = bundle(clinic.patient, 1)
    entries = {entry["fullUrl"]: entry["resource"] for entry in told["entry"]}
    one = entries[f"urn:chevet:QuestionnaireResponse:checklist-{kept.pk}"]
    assert one["questionnaire"] == current().canonical
    assert one["author"]["reference"] in entries
    assert one["subject"]["reference"] in entries
    items = {item["linkId"]: item for item in one["item"]}
    assert items["table"]["answer"] == [{"valueBoolean": False}]
    assert items["table.remarque"]["answer"] == [{"valueString": "basse"}]
    assert items["reseau"]["answer"][0]["valueCoding"]["code"] == "reseau.none"
    assert items["calme"]["extension"][0]["valueCode"] == "not-asked"
    assert "answer" not in items["calme"]
    asked = [item.link_id for item in current().questionnaire.item]
    assert [name for name in asked if name in items] == list(items), "in the order of the questions, and no other"
    codes = {option.value_coding.code for item in current().questionnaire.item for option in item.answer_option}
    assert {answer["valueCoding"]["code"] for answer in _codings(items)} <= codes


def _codings(items: dict[str, Any]) -> list[dict[str, Any]]:
    return [given for item in items.values() for given in item.get("answer", []) if "valueCoding" in given]


def test_a_merged_record_has_both(clinic: Clinic) -> None:
    twin = Patient.objects.create(id="martin-2", given="Jeanne", family="Martin", address_as="Madame Martin")
    twin.participants.create(practitioner=clinic.claire, since_ms=1, referring=True)
    for patient in (clinic.patient, twin):
        sign(patient, clinic.claire, assessed(reason=f"de {patient.id}"))
    merge(clinic.patient, twin, clinic.claire, "même adresse et même naissance")
    assert {one.reason for one in checklists_of(clinic.patient)} == {"de martin", "de martin-2"}
    assert set(newest_of(["martin", "martin-2"])) == {"martin"}


def test_machines_read_it(
    clinic: Clinic, home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(home.folder))

    def said(*words: str) -> str:
        arguments = parser().parse_args(["home-checklists", *words])
        assert arguments.run(arguments) == 0
        return capsys.readouterr().out

    assert json.loads(said("--patient", "martin", "--json")) == []
    assert "nobody has looked" in said("--patient", "martin")
    sign(clinic.patient, clinic.claire, assessed(table=Answered("no", "basse")))
    [told] = json.loads(said("--patient", "martin", "--json"))
    assert (told["author"], told["outcome"], told["made_on"]) == ("claire", "not-now", "2025-11-20")
    answers = {one["item"]: one["answer"] for one in told["answers"]}
    assert (answers["table"], answers["calme"]) == ("no", None), "what was not seen is no no"
    assert "2025-11-20" in said("--patient", "martin")
    assert json.loads(said("--questionnaire"))["resourceType"] == "Questionnaire"
    with pytest.raises(RecordError, match="of whom"):
        said()
