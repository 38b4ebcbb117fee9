"""What the record makes of the bedside's words: each kind of report, in any order, with answers of every kind."""

import subprocess
import sys
from pathlib import Path

import pytest

from clinic.console.answers_told import said
from clinic.console.told import tell_session
from clinic.correspondence.models import Delivery, HelpRequest, MessageFromPatient, MessageOpened, MessageToPatient
from clinic.fleet.models import BootClock, Device
from clinic.ingest.held import retry_held
from clinic.people.models import Patient, Standing
from clinic.plans.models import CarePlan, Order
from clinic.results.answers import questions_of
from clinic.results.models import (
    Answer,
    Evaluation,
    FormAnswer,
    FormResponse,
    LedgerRow,
    LessonReading,
    Need,
    Quarantine,
    SelfTest,
    StopReason,
)
from clinic.results.problems import Code
from clinic.results.sessions import as_json, records, sessions
from mqtt_bridge.contract import correspondence, wire
from mqtt_bridge.contract import report as told
from mqtt_bridge.contract.codec import encode
from mqtt_bridge.contract.forms import (
    ORDINAL,
    Coding,
    Extension,
    QuestionnaireResponse,
    Reference,
    ResponseItem,
    absent,
    answered,
)
from mqtt_bridge.contract.report import Content
from tests.clinic.box import T0_MS, Box, evaluation, stamp
from tests.clinic.conftest import Clinic
from tests.support.words_of_care import plan

pytestmark = pytest.mark.django_db(databases=["default", "audit"])

CODE = Coding(system="urn:chevet:questionnaire:sommeil", code="bien", display="Bien")
EVERY_KIND = (
    answered("douleur", 4),
    answered("reveils", 37),
    answered("repos", True),  # a yes is an answer
    answered("sommeil", CODE),
    answered("mot", "J’ai\0 dormi."),
    absent("fievre", "asked-declined"),
    absent("nausee", "not-asked"),
    ResponseItem(link_id="silence"),
)


def response(*items: ResponseItem) -> QuestionnaireResponse:
    who = Reference(reference="Patient/martin")
    return QuestionnaireResponse(
        questionnaire="urn:elsewhere|1", status="completed", subject=who, source=who, item=items or EVERY_KIND
    )


def form_answered(**more: object) -> told.FormAnswered:
    fields: dict[str, object] = {
        "occasion": "o-1", "request": "semaine", "response": response(), "asked": stamp(), "answered_by": "relative",
    }  # fmt: skip
    return told.FormAnswered(**{**fields, **more})  # type: ignore[arg-type]


WORDS: list[Content] = [
    form_answered(),
    told.NeedTold(session="s-1", rule="strong-pain", offered="help", chosen="kept"),
    told.HelpAsked(help="h-1", asked=stamp(), rule="strong-pain", session="s-1"),
    told.StopExplained(session="s-1", reason="pain"),
    told.MessageFromPatient(message="m-1", text="Bonjour\nClaire", written=stamp(), reply_to="m-0"),
    told.LessonRead(lesson="douleur", version=1, pages_read=3, pages=7, duration_s=95.5, opened=stamp()),
    told.DeliveryAsked(delivery="d-1", asked=stamp(), note="Avant vendredi"),
    told.DeliveryReceived(delivery="d-2", received=stamp()),
    told.DeathTold(told=stamp()),
    told.SelfTested(made=stamp(), findings=(told.Finding(check="sound", fine=False, told="aucun son"),)),
    told.Evaluation(
        session="s-1", request="riviere", moment="before", response=response(), asked=stamp(), answered_by="carer"
    ),
]


@pytest.mark.parametrize("content", WORDS, ids=lambda content: type(content).__name__)
def test_nothing_new_is_held_or_set_aside(clinic: Clinic, content: Content) -> None:
    answer = clinic.receive(clinic.box.report(content))
    assert clinic.box.ack(answer[0].payload).has(1)
    row = LedgerRow.objects.get()
    assert (row.state, row.problem) == ("stored", "")
    assert bytes(row.payload)
    assert not Quarantine.objects.exists()


def test_every_word_of_the_contract_is_tried_here() -> None:
    elsewhere = {"Listening", "OrderReceived", "PackageState", "MessageOpened", "BoxWiped"}
    kinds = {kind.__name__ for kind in Content.__args__}
    assert kinds == {type(content).__name__ for content in WORDS} | elsewhere


def test_an_answer_of_each_kind_is_kept_as_what_it_is(clinic: Clinic) -> None:
    clinic.receive(clinic.box.report(form_answered()))
    kept = {one.item: one for one in FormAnswer.objects.all()}
    assert (kept["douleur"].score, kept["reveils"].score, kept["repos"].yes) == (4, 37, True)
    assert (kept["sommeil"].code, kept["sommeil"].choice) == ("urn:chevet:questionnaire:sommeil|bien", "Bien")
    assert kept["mot"].words == "J’ai\N{REPLACEMENT CHARACTER} dormi."
    silent = {name: (one.value, one.absent_reason) for name, one in kept.items() if one.absent_reason}
    assert silent == {
        "fievre": (None, "asked-declined"),
        "nausee": (None, "not-asked"),
        "silence": (None, "unknown"),
    }
    form = FormResponse.objects.get()
    assert (form.answered_by, form.title, form.purpose, form.at_ms) == ("relative", "semaine", "", T0_MS)


def test_an_evaluation_takes_answers_of_every_kind_too(clinic: Clinic) -> None:
    clinic.receive(clinic.box.report(WORDS[-1]))
    assert Evaluation.objects.get().answered_by == "carer"
    assert [one.value for one in Answer.objects.all()][:4] == [4, 37, True, "urn:chevet:questionnaire:sommeil|bien"]


def test_answers_that_count_before_another_care_say_where_they_were_given(clinic: Clinic) -> None:
    first = told.Evaluation(session="s-1", request="riviere", moment="before", response=response(), asked=stamp())
    again = told.Evaluation(
        session="s-2", request="ancre", moment="before", response=response(), asked=stamp(), given_in="s-1"
    )
    for content in (again, first):  # in whatever order they come
        clinic.receive(clinic.box.report(content))
    kept = {one.session.session: one for one in records(sessions("martin"))}
    assert [as_json(kept[name])["before_given_in"] for name in ("s-1", "s-2")] == ["", "s-1"]
    pages = {name: tell_session(one, {}, {}, ()).given_elsewhere for name, one in kept.items()}
    assert pages["s-1"] == ""
    assert "mêmes réponses" in pages["s-2"]


@pytest.mark.parametrize(("value", "score"), [(8.0, 8), (0.0, 0), (None, None), (-2.0, None), (1e300, None)])
def test_the_step_of_a_scale_is_its_score_and_what_was_chosen_its_word(
    clinic: Clinic, value: float | None, score: int | None
) -> None:
    step = Coding(
        system="urn:x", code="fort", display="Très fort", extension=(Extension(url=ORDINAL, value_decimal=value),)
    )
    clinic.receive(clinic.box.report(form_answered(response=response(answered("visages", step)))))
    kept = FormAnswer.objects.get()
    assert (kept.score, kept.code, kept.absent_reason) == (score, "urn:x|fort", "")
    assert said(kept) == "Très fort"


def test_a_number_beyond_its_cone_is_told_as_it_is() -> None:
    """Of a form that was not known when it came: the page of the person must not break on it."""
    cone = questions_of(plan().questionnaires[0])["angoisse"]
    assert [said(FormAnswer(item="angoisse", score=score), cone) for score in (37, 10)] == [
        "37",
        "10 sur 10 (le plus fort)",
    ]


@pytest.mark.parametrize("score", [-1, 10_000, 2**40])
def test_a_number_that_no_form_allows_is_held(clinic: Clinic, score: int) -> None:
    clinic.receive(clinic.box.report(form_answered(response=response(answered("reveils", score)))))
    assert LedgerRow.objects.get().code == Code.BAD_ANSWER
    assert not FormResponse.objects.exists()


def test_the_plans_own_form_bounds_its_cones(clinic: Clinic) -> None:
    """A plan that is known here says that 11 is no height; of an unknown form nobody can say so."""
    care = plan()
    CarePlan.objects.create(
        plan="plan-martin", version=1, patient=clinic.patient, device=clinic.device, document=encode(care),
        requester=clinic.claire, signed_ms=0,
    )  # fmt: skip
    canonical = care.questionnaires[0].canonical
    who = Reference(reference="Patient/martin")
    eleven = QuestionnaireResponse(
        questionnaire=canonical, status="completed", subject=who, source=who, item=(answered("douleur", 11),)
    )
    clinic.receive(clinic.box.report(form_answered(response=eleven)))
    assert LedgerRow.objects.get().code == Code.BAD_ANSWER


def test_help_is_never_held_for_want_of_a_name(clinic: Clinic) -> None:
    for patient in (None, "nobody", "martin"):
        clinic.receive(clinic.box.report(told.HelpAsked(help="h", asked=stamp()), patient=patient))
    assert [one.patient_id for one in HelpRequest.objects.order_by("pk")] == [None, None, "martin"]
    assert not LedgerRow.objects.filter(state="held").exists()


def test_a_message_of_the_team_is_opened_when_it_is_known(clinic: Clinic) -> None:
    opened = told.MessageOpened(message="t-1", opened=stamp())
    clinic.receive(clinic.box.report(opened))
    assert LedgerRow.objects.get().code == Code.UNKNOWN_MESSAGE
    MessageToPatient.objects.create(
        message="t-1", patient=clinic.patient, sender=clinic.claire, sent_ms=1, text=["Bonjour."]
    )
    assert retry_held(clinic.keys) == (1, 0)
    assert MessageOpened.objects.get().message.message == "t-1"


def test_what_is_said_of_one_delivery_comes_in_any_order(clinic: Clinic) -> None:
    there = clinic.box.report(told.DeliveryReceived(delivery="d-1", received=stamp()))
    asked = clinic.box.report(told.DeliveryAsked(delivery="d-1", asked=stamp(), note="vite"))
    for letter in (there, asked, asked):
        clinic.receive(letter)
    delivery = Delivery.objects.get()
    assert [(word.kind, word.note) for word in delivery.words.order_by("pk")] == [("there", ""), ("asked", "vite")]
    assert delivery.state == "asked"


def test_a_delivery_of_one_is_not_another_persons(clinic: Clinic) -> None:
    Patient.objects.create(id="leroy", given="S", family="Le Roy", address_as="Suzanne")
    clinic.device.associations.create(patient_id="leroy", since_ms=0)
    clinic.receive(clinic.box.report(told.DeliveryAsked(delivery="d-1", asked=stamp())))
    clinic.receive(clinic.box.report(told.DeliveryAsked(delivery="d-1", asked=stamp()), patient="leroy"))
    assert LedgerRow.objects.get(seq=2).code == Code.OTHER_DELIVERY


def test_a_death_told_at_the_bedside_is_told_to_every_box_of_the_person(clinic: Clinic) -> None:
    other = Box(clinic.keys.public, "box-13")
    keys = other.keys.public
    second = Device.objects.create(id="box-13", verify_key=keys.verify, seal_key=keys.seal, enrolled_ms=0)
    second.associations.create(patient=clinic.patient, since_ms=0)
    clinic.receive(clinic.box.report(told.DeathTold(told=stamp())))
    clinic.receive(clinic.box.report(told.DeathTold(told=stamp())))
    noted = Standing.objects.get()
    assert (noted.state, noted.box, noted.told_by) == ("deceased", "box-12", None)
    orders = Order.objects.filter(kind="standing").order_by("device_id")
    assert [order.device_id for order in orders] == ["box-12", "box-13"]
    word = other.order(bytes(orders[1].letter)).content
    assert isinstance(word, correspondence.Standing)
    assert (word.patient, word.state) == ("martin", "deceased")


def test_needs_reasons_lessons_and_tests_are_kept(clinic: Clinic) -> None:
    for content in WORDS:
        clinic.receive(clinic.box.report(content))
    assert (Need.objects.get().chosen, StopReason.objects.get().reason) == ("kept", "pain")
    lesson = LessonReading.objects.get()
    assert (lesson.lesson, lesson.pages_read, lesson.pages, lesson.duration_s) == ("douleur", 3, 7, 95.5)
    assert SelfTest.objects.get().findings == [{"check": "sound", "fine": False, "told": "aucun son"}]
    assert MessageFromPatient.objects.get().text == "Bonjour\nClaire"


def test_a_better_clock_corrects_what_stands_alone(clinic: Clinic) -> None:
    lost = stamp(1_000, trusted=False, boot="boot-9", monotonic_ms=90_000)
    clinic.receive(clinic.box.report(told.HelpAsked(help="h-1", asked=lost)))
    clinic.receive(clinic.box.report(form_answered(asked=lost)))
    assert HelpRequest.objects.get().error_ms is None
    former = wire.Exchange(boot="boot-9", sent_monotonic_ms=100_000, received_monotonic_ms=100_100, server_ms=T0_MS)
    clinic.receive(clinic.box.hello(former=former, sent=stamp(boot="boot-9", monotonic_ms=200_000)))
    assert BootClock.objects.exists()
    for kept in (HelpRequest.objects.get(), FormResponse.objects.get()):
        assert kept.at_ms == T0_MS - 10_050
        assert kept.error_ms is not None


@pytest.mark.parametrize(
    "content",
    [
        form_answered(delay_s=1e300),
        form_answered(asked=stamp(2**70)),
        told.LessonRead(lesson="x", version=2**60, pages_read=0, pages=1, duration_s=0.0, opened=stamp()),
        told.HelpAsked(help="h", asked=stamp(boot="b" * 65)),
    ],
)
def test_an_impossible_number_is_held_and_breaks_nothing(clinic: Clinic, content: Content) -> None:
    clinic.receive(clinic.box.report(content))
    assert LedgerRow.objects.get().code == Code.IMPOSSIBLE


BACK = """
import django
django.setup()
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def migrate(**targets):
    executor = MigrationExecutor(connection)
    executor.migrate(list(targets.items()))
    return executor.loader.project_state([("results", targets["results"])]).apps.get_model


call_command("migrate", verbosity=0)
from clinic.fleet.models import Device
from clinic.people.models import Patient
from clinic.results.models import Answer, Evaluation, LedgerRow, Session
whose = Patient.objects.create(id="martin")
box = Device.objects.create(id="box-12", verify_key=b"", seal_key=b"", enrolled_ms=0)
session = Session.objects.create(device=box, session="s", patient=whose, started_ms=0, first_received_ms=0)
row = LedgerRow.objects.create(device=box, seq=1, received_ms=0, payload=b"")
told = Evaluation.objects.create(row=row, session=session, wall_ms=0, trusted=True, monotonic_ms=0, delay_s=0)
for n, fields in enumerate(({"score": 7}, {"score": 37}, {"yes": True}, {"choice": "Bien", "code": "x|b"})):
    Answer.objects.create(evaluation=told, position=n, item=str(n), **fields)
plans, people = "0002_orders_about_packages", "0003_care_under_way_goes_on"
old = migrate(results="0004_hearing", correspondence=None, plans=plans, people=people)
print([(one.score, one.words) for one in old("results", "Answer").objects.order_by("position")])
call_command("migrate", verbosity=0)
print([(one.score, one.words, one.yes) for one in Answer.objects.order_by("position")])
"""


def test_the_migrations_go_back_and_forth_and_lose_no_answer(tmp_path: Path, clean_environment: dict[str, str]) -> None:
    (tmp_path / "clinic.toml").write_text('clinic = "maison"')
    (tmp_path / "secret-key").write_text("x" * 50)
    environment = {
        **clean_environment,
        "CHEVET_CLINIC_HOME": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "clinic.settings",
    }
    ran = subprocess.run([sys.executable, "-c", BACK], env=environment, capture_output=True, text=True, check=False)
    assert ran.stdout.splitlines() == [
        "[(7, ''), (None, '37'), (None, 'oui'), (None, 'Bien')]",
        "[(7, '', None), (None, '37', None), (None, 'oui', None), (None, 'Bien', None)]",
    ], ran.stderr
    assert evaluation("before", (1, 2, 3, 4, 5)).answered_by is None
