"""« Résultats » and « À réajuster » over HTTP, in a clinic of invented people."""

import re
from pathlib import Path

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from clinic.clock import now_ms
from clinic.console.chart import Point, Spot, colours, course_chart, days_chart
from clinic.demo.fill import Size, fill
from clinic.fleet.models import Device
from clinic.home import Home
from clinic.people.models import Patient, Practitioner
from clinic.plans.models import CarePlan
from clinic.plans.orders import Pen
from clinic.results.course import course
from clinic.results.models import Evaluation, Listening, Progress, PromptSetAside, Session
from clinic.results.progress import (
    YEAR_MS,
    keep,
    kept_now,
    last_plan,
    mark,
    mark_arrived,
    marks_of,
    nothing_arrived,
    ramps_of_plan,
    reckon,
    stale_among,
)
from mqtt_bridge import seal
from tests.clinic.box import CLINIC
from tests.clinic.cast import signed_in
from tests.clinic.test_console import Words, read

pytestmark = pytest.mark.django_db(databases=["default", "audit"])

SIZE = Size(patients=6, records=7, sessions=420, seed=3)


@pytest.fixture
def user(settings: Settings, tmp_path: Path) -> Practitioner:
    """The invented référent, in the invented clinic."""
    keys, home = seal.make_keys(), Home(tmp_path)
    home.clinic_keys.parent.mkdir()
    seal.save_secret(keys, home.clinic_keys)
    settings.HOME, settings.CLINIC_ID = home, CLINIC
    return fill(SIZE, "une-longue-nuit-calme", Pen(CLINIC, keys), now_ms(), lambda _done, _whole: None).user


def page(client: Client, path: str) -> Words:
    return read(client, path)


def busiest() -> str:
    return "p-00001"


def test_the_results_of_a_patient(user: Practitioner) -> None:
    told = page(signed_in(user), f"/patients/{busiest()}/resultats?jours=365")
    patient = Patient.objects.get(pk=busiest())
    assert f"{patient.given} {patient.family}" in told.text
    for care in {session.care for session in Session.objects.filter(patient=patient)}:
        assert care.replace(" :", "\N{NO-BREAK SPACE}:").replace("\N{NO-BREAK SPACE}", " ") in told.text.replace(
            "\N{NO-BREAK SPACE}", " "
        )
    assert "retour à la moyenne" in told.text
    assert "rien n’est promis" in told.text
    assert "img" in told.tags


def test_every_chart_has_its_table_and_its_sentence(user: Practitioner) -> None:
    client = signed_in(user)
    answer = client.get(f"/patients/{busiest()}/resultats?jours=365").content.decode()
    pictures = re.findall(r'<img src="([^"]*\.svg\?[^"]*)" alt="([^"]+)"', answer)
    assert pictures
    assert all("Écart" in said or "Courbes" in said for _, said in pictures)
    assert answer.count("Les chiffres de cette courbe</summary>") == 1
    for address, _ in pictures:
        drawn = client.get(address.replace("&amp;", "&"))
        assert drawn.headers["Content-Type"] == "image/svg+xml"
        assert drawn.content.startswith(b"<svg")
        assert b"<script" not in drawn.content
    assert client.get(f"/patients/{busiest()}/resultats/autre.svg").status_code == 404


def test_what_is_asked_for_wrongly_is_the_usual(user: Practitioner) -> None:
    client = signed_in(user)
    for query in ("jours=9", "jours=x", "soin=<script>", "jours=90&soin=%00", "page=²"):
        assert client.get(f"/patients/{busiest()}/resultats?{query}").status_code == 200
        assert client.get(f"/a-reajuster?{query}").status_code == 200


def test_a_name_from_a_form_stays_a_name() -> None:
    """A linkId is whatever a form from elsewhere says."""
    hostile = '<script>alert(1)</script>"&amp;'
    points = [Point(hostile, f"2026-01-0{day}T10:00", day, None, pleasant=False) for day in range(1, 5)]
    drawn = course_chart(points, [hostile], "fr")
    assert "<script" not in drawn
    assert "alert(1)" in drawn
    assert "<script" not in days_chart([Spot(hostile, "après", -1, -2, 0)], [hostile], ["après"], hostile, "en")


def test_the_colours_are_the_cones() -> None:
    told = colours()
    assert [len(ramp) for ramp in told.values()] == [11, 11]
    drawn = course_chart([Point("Douleur", "2026-01-01T10:00", 3, 10, pleasant=False)], ["Douleur"], "fr")
    assert told["intense"][10] in drawn
    assert "var(--ink)" in drawn
    assert "prefers-color-scheme:dark" in drawn
    assert not re.search(r"<(?!style)[^>]* style=", drawn), "the console's policy refuses it"


def make_useless(patient: str) -> None:
    """Every answer after is the answer before: nothing helps."""
    for after in Evaluation.objects.filter(session__patient=patient, moment="after"):
        before = Evaluation.objects.filter(session=after.session, moment="before").first()
        if before is not None:
            scores = dict(before.answers.exclude(score=None).values_list("item", "score"))
            for item, score in scores.items():
                after.answers.filter(item=item).update(score=score, absent_reason="")
    Listening.objects.filter(session__patient=patient).update(outcome="heard_whole")
    Progress.objects.filter(pk=patient).update(stale=True)


def test_a_prompt_is_set_aside_with_a_reason_until_the_plan_changes(user: Practitioner) -> None:
    client, patient = signed_in(user), busiest()
    make_useless(patient)
    told = client.get(f"/patients/{patient}/resultats").content.decode()
    assert "Pas de mieux après les séances" in told
    care = re.findall(r'name="request" value="([^"]+)"><input type="hidden" name="kind" value="no-benefit"', told)[0]
    words = {"request": care, "kind": "no-benefit", "reason": " "}
    answer = client.post(f"/patients/{patient}/resultats/mettre-de-cote", words)
    assert "raison=1" in answer.headers["Location"]
    assert "Dites pourquoi" in client.get(answer.headers["Location"]).content.decode()
    assert not PromptSetAside.objects.exists()
    client.post(f"/patients/{patient}/resultats/mettre-de-cote", {**words, "reason": "Elle y tient."})
    [kept] = PromptSetAside.objects.all()
    assert (kept.patient_id, kept.kind, kept.by, kept.reason) == (patient, "no-benefit", user, "Elle y tient.")
    assert "Elle y tient." in client.get(f"/patients/{patient}/resultats").content.decode()
    client.post(f"/patients/{patient}/resultats/mettre-de-cote", {**words, "reason": "Encore."})
    assert PromptSetAside.objects.count() == 1, "it was aside already"
    plan = CarePlan.objects.get(patient=patient)
    plan.pk, plan.version, plan.signed_ms = None, 2, plan.signed_ms + 1
    plan.save()
    told = client.get(f"/patients/{patient}/resultats").content.decode()
    assert f'value="{care}"><input type="hidden" name="kind" value="no-benefit"' in told


def test_a_box_that_is_not_heard_says_nothing_of_the_person(user: Practitioner) -> None:
    """X4: whether nobody listened, or nobody knows."""
    patient = busiest()
    Session.objects.filter(patient=patient).update(started_ms=now_ms() - 20 * 86_400_000)
    client, box = signed_in(user), Device.objects.get(associations__patient=patient)
    Device.objects.filter(pk=box.pk).update(last_seen_ms=now_ms())
    assert "elle, répond" in client.get(f"/patients/{patient}/resultats").content.decode()
    Device.objects.filter(pk=box.pk).update(last_seen_ms=now_ms() - 10 * 86_400_000)
    assert "on ne sait pas ce qui a été écouté" in client.get(f"/patients/{patient}/resultats").content.decode()


def test_the_list_has_what_each_page_has(user: Practitioner) -> None:
    client, patient = signed_in(user), busiest()
    make_useless(patient)
    for _ in range(len(user.patients.all())):
        told = client.get("/a-reajuster").content.decode()
        if "la liste se complète" not in told:
            break
        assert 'id="listed" hx-get="?page=1"' in told, "the page asks again by itself"
    assert f"/patients/{patient}/resultats" in told
    assert "Pas de mieux après les séances" in told
    kept, _ = kept_now([patient])
    assert kept[patient] == reckon(patient)


def one_more_answer(patient: str) -> None:
    last = Evaluation.objects.filter(session__patient=patient).order_by("-pk")[0]
    row = last.row
    row.pk, row.seq = None, 999_999
    row.save()
    last.pk, last.row = None, row
    last.save()


def test_what_arrives_is_reckoned_again(user: Practitioner) -> None:
    everybody = [patient.pk for patient in user.patients.all()]
    while mark_arrived():
        pass
    for patient in everybody:
        reckon(patient)
    assert nothing_arrived()
    assert stale_among(everybody) == []
    one_more_answer(busiest())
    assert not nothing_arrived()
    mark_arrived()
    assert stale_among(everybody) == [busiest()]
    CarePlan.objects.filter(patient=everybody[1]).update(stopped_ms=1)
    assert stale_among(everybody) == sorted([busiest(), everybody[1]])
    assert Progress.objects.get(pk=busiest()).stale


@pytest.mark.parametrize("known", [True, False])
def test_what_arrives_while_it_is_reckoned_stays_marked(user: Practitioner, *, known: bool) -> None:
    """Read the record, an answer comes and is marked, then what was read is kept: the mark must outlast that."""
    patient = busiest()
    while mark_arrived():
        pass
    if known:
        reckon(patient)
    else:
        Progress.objects.filter(pk=patient).delete()
    marks, plan = marks_of(patient), last_plan(patient)
    lived = course(patient, now_ms() - YEAR_MS)
    one_more_answer(patient)
    mark_arrived()
    keep(patient, lived, plan, ramps_of_plan(plan), marks)
    assert stale_among([patient]) == [patient]
    now = reckon(patient)
    assert stale_among([patient]) == []
    keep(patient, lived, plan, ramps_of_plan(plan), marks)  # the slower of two, with less of the record
    assert kept_now([patient])[0][patient] == now


def test_a_record_that_is_merged_while_it_is_reckoned_stays_marked(user: Practitioner) -> None:
    patient = busiest()
    marks, plan = marks_of(patient), last_plan(patient)
    lived = course(patient, now_ms() - YEAR_MS)
    mark([Patient.objects.get(pk=patient)])
    keep(patient, lived, plan, ramps_of_plan(plan), marks)
    assert stale_among([patient]) == [patient]
    reckon(patient)
    assert stale_among([patient]) == []


def test_a_patient_without_any_session(user: Practitioner) -> None:
    patient = Patient.objects.create(id="neuve", given="Rose", family="Neuve", address_as="Rose")
    patient.participants.create(practitioner=user, since_ms=1, referring=True)
    assert "Aucune séance" in page(signed_in(user), "/patients/neuve/resultats").text


def test_progress_is_made_into_json_in_no_transaction(user: Practitioner) -> None:
    """SQLite's only write lock is taken by the one statement that writes, once its words are made."""
    patient = busiest()
    Progress.objects.filter(patient=patient).delete()
    for known in (False, True):
        with CaptureQueriesContext(connections["default"]) as made:
            kept = reckon(patient)
        told = [query["sql"] for query in made.captured_queries]
        last = max(at for at, sql in enumerate(told) if sql.startswith('UPDATE "results_progress"'))
        assert kept.facts[0].request in told[last]
        assert [sql for sql in told if sql.startswith("UPDATE")] == [told[last]]
        begun = [at for at, sql in enumerate(told) if sql.startswith(("BEGIN", "SAVEPOINT"))]
        ended = [at for at, sql in enumerate(told) if sql.startswith(("COMMIT", "RELEASE"))]
        assert len(begun) == len(ended) == (0 if known else 1), "for the empty row of who is new alone"
        assert all(at < last for at in ended)
        Progress.objects.filter(patient=patient).update(facts=[])
