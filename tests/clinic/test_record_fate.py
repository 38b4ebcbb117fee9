"""Whole records: two that are one person's, one that is exported, one that is erased as far as the law lets it."""

import csv
import datetime as dt
import io
import json
import zipfile
from typing import Any

import pytest
from django.apps import apps
from django.core import serializers
from django.db import models
from django.test import Client

from clinic.clock import now_ms
from clinic.coordination.models import Handover, Task
from clinic.correspondence.models import DeliveryWord, HelpRequest
from clinic.fleet.boxes import assign, boxes_of
from clinic.people.contraindications import contraindications_of, note
from clinic.people.models import (
    AccessRequest,
    CareTeamParticipant,
    Erasure,
    Flag,
    Patient,
    Provenance,
    RecordMerge,
    RelatedPerson,
    Standing,
)
from clinic.plans.models import CarePlan, Order
from clinic.record.erasing import kept_until, prospect
from clinic.record.merging import UNDO_DAYS, merge, undo
from clinic.results.models import LedgerRow, Session
from clinic.spreadsheet import table
from clinic.suitability.models import HomeChecklist
from tests.clinic.box import evaluation, listening
from tests.clinic.cast import Cast, cast_of, signed_in
from tests.clinic.conftest import Clinic

pytestmark = pytest.mark.django_db(databases=["default", "audit"])

RECORD = "/patients/martin/dossier"
REASON = "mêmes papiers, même chambre"


@pytest.fixture
def cast(clinic: Clinic, console: Client) -> Cast:
    return cast_of(clinic)


@pytest.fixture
def twin(cast: Cast, clinic: Clinic) -> Patient:
    """Madame Martin entered twice: her own box, sessions, team, relative and precaution; Claire is référent of both."""
    made = Patient.objects.create(
        id="martin-2", given="Jeanne", family="MARTIN", address_as="Madame Martin", phone="06 07", pathway="palliative"
    )
    for who, referring in ((clinic.claire, True), (cast.people["physician"], False)):
        CareTeamParticipant.objects.create(patient=made, practitioner=who, since_ms=1, referring=referring)
    assign(clinic.device, made)
    RelatedPerson.objects.create(patient=made, name="Anne", relationship="child", main_caregiver=True, since_ms=1)
    note(made, Flag.Code.HYPERACUSIS, present=True, words="à gauche", by=clinic.claire)
    note(clinic.patient, Flag.Code.HYPERACUSIS, present=False, words="", by=clinic.claire)
    for content in (evaluation("before", (6, 7, 1, 3, 2), "mal dormi", session="s-2"), listening("s-2")):
        clinic.receive(clinic.box.report(content, patient="martin-2"))
    return made


def kept_of_everybody() -> dict[str, list[Any]]:
    """Every row of the record, but what the merge itself writes."""
    own = {"people.RecordMerge", "people.Provenance", "people.Flag", "results.Progress"}
    found = [model for model in apps.get_models() if model._meta.app_label not in {"audit", "console", "contenttypes"}]
    return {
        model._meta.label: json.loads(serializers.serialize("json", model._default_manager.order_by("pk")))
        for model in found
        if model._meta.label not in own
    }


def merges() -> models.QuerySet[RecordMerge]:
    return RecordMerge.objects.filter(duplicate="martin-2")


def merged_by(client: Client, *, sure: str = "martin-2", reason: str = REASON) -> Any:
    return client.post(f"{RECORD}/doublons", {"other": "martin-2", "sure": sure, "reason": reason})


def test_a_duplicate_gives_all_it_has_and_the_ledger_stays(
    twin: Patient, cast: Cast, clinic: Clinic, console: Client
) -> None:
    ledger = list(LedgerRow.objects.order_by("pk").values())
    assert "martin-2" in console.get(f"{RECORD}/doublons").content.decode()
    assert "Est-ce bien" in merged_by(console, sure="").content.decode()
    assert "dix lettres" in merged_by(console, reason="oui").content.decode()
    assert not merges().exists()
    assert merged_by(console).status_code == 302
    assert list(LedgerRow.objects.order_by("pk").values()) == ledger
    for model in apps.get_models():
        for field in model._meta.get_fields():
            left = isinstance(field, models.ForeignKey) and field.related_model is Patient and not field.unique
            if left and model is not RecordMerge:
                assert not model._default_manager.filter(**{field.name: "martin-2"}).exists(), model
    assert Session.objects.get(session="s-2").patient_id == "martin"
    assert boxes_of(clinic.patient) == [clinic.device]
    assert RelatedPerson.objects.get(name="Anne").main_caregiver
    clinic.patient.refresh_from_db()
    assert (clinic.patient.phone, clinic.patient.pathway, clinic.patient.room) == ("06 07", "palliative", "chambre 12")
    hyperacusis = contraindications_of(clinic.patient)["hyperacusis"]
    assert hyperacusis is not None
    assert hyperacusis.present, "what either record knew is not unsaid by the other"
    assert console.get("/patients/martin-2/dossier").status_code == 404
    assert "s-2" in {one.session for one in Session.objects.filter(patient="martin")}
    assert console.get("/patients/martin/seances").content.decode().count("mal dormi") == 1
    assert "Dossiers réunis" in console.get(RECORD).content.decode()
    console.get("/patients/martin/lectures")
    assert "martin-2" not in console.get("/").content.decode()


def test_what_still_comes_under_the_duplicates_name_is_the_kept_records(
    twin: Patient, cast: Cast, clinic: Clinic, console: Client
) -> None:
    merge(clinic.patient, twin, clinic.claire, REASON)
    clinic.receive(clinic.box.report(listening("s-3"), patient="martin-2"))
    assert Session.objects.get(session="s-3").patient_id == "martin"
    [merged] = merges()
    assert merged.late_reports == 1
    answer = console.post(f"{RECORD}/doublons/{merged.pk}/separer")
    assert answer.status_code == 409
    assert "rien ne les distingue" in answer.content.decode()


def test_a_merge_is_undone_row_by_row(twin: Patient, cast: Cast, clinic: Clinic, console: Client) -> None:
    before = kept_of_everybody()
    merged = merge(clinic.patient, twin, clinic.claire, REASON)
    assert kept_of_everybody() != before
    assert console.post(f"{RECORD}/doublons/{merged.pk}/separer").status_code == 302
    after = kept_of_everybody()
    for rows in (before, after):
        for patient in rows["people.Patient"]:
            patient["fields"].pop("version")
    assert after == before
    assert console.get("/patients/martin-2/dossier").status_code == 200


def test_an_old_merge_stays(twin: Patient, cast: Cast, clinic: Clinic, console: Client) -> None:
    merged = merge(clinic.patient, twin, clinic.claire, REASON)
    RecordMerge.objects.update(merged_ms=now_ms() - (UNDO_DAYS + 1) * 86_400_000)
    assert console.post(f"{RECORD}/doublons/{merged.pk}/separer").status_code == 409
    assert "Séparer de nouveau" not in console.get(f"{RECORD}/doublons").content.decode()


def test_a_duplicate_with_a_plan_in_force_is_not_merged(
    twin: Patient, cast: Cast, clinic: Clinic, console: Client
) -> None:
    CarePlan.objects.create(
        plan="p",
        version=1,
        patient=twin,
        device=clinic.device,
        document=b"",
        requester=clinic.claire,
        signed_ms=now_ms(),
    )
    assert "Arrêtez d’abord" in merged_by(console).content.decode()
    assert not merges().exists()
    assert Session.objects.get(session="s-2").patient_id == "martin-2"


def test_only_a_referent_of_both_merges(twin: Patient, cast: Cast, clinic: Clinic, console: Client) -> None:
    twin.participants.filter(practitioner=clinic.claire).update(referring=False)
    assert merged_by(console).status_code == 200
    assert merged_by(signed_in(cast.people["physician"])).status_code == 404
    other = console.post(f"{RECORD}/doublons", {"other": "autre", "sure": "autre", "reason": REASON})
    assert "Aucun dossier à cet identifiant" in other.content.decode()
    assert "Zebulon" not in other.content.decode()
    assert not merges().exists()


def exported(client: Client) -> dict[str, str]:
    answer = client.post(f"{RECORD}/export")
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.content)) as made:
        assert made.testzip() is None
        return {name: made.read(name).decode("utf-8-sig") for name in made.namelist()}


def test_a_record_is_exported_whole(twin: Patient, cast: Cast, clinic: Clinic, console: Client) -> None:
    for content in (evaluation("before", (6, 7, "declined", None, 2), "=cmd|' /C calc'!A0"), listening()):
        clinic.receive(clinic.box.report(content))
    files = exported(console)
    told = json.loads(files["dossier.fhir.json"])
    entries = {one["fullUrl"]: one["resource"] for one in told["entry"]}
    assert len(entries) == len(told["entry"])
    references = [one.split('"')[0] for one in files["dossier.fhir.json"].split('"reference": "')[1:]]
    assert set(references) <= set(entries), "every reference is to what is in the file"
    kinds = {one["resourceType"] for one in entries.values()}
    assert {
        "Patient",
        "RelatedPerson",
        "CareTeam",
        "Procedure",
        "QuestionnaireResponse",
        "Task",
        "Practitioner",
    } <= kinds
    items = {
        i["linkId"]: i
        for one in entries.values()
        if one["resourceType"] == "QuestionnaireResponse"
        for i in one["item"]
    }
    assert [one for one in items.values() if "answer" in one]
    silent = [one for one in items.values() if "answer" not in one]
    assert {one["extension"][0]["valueCode"] for one in silent} >= {"asked-declined"}
    rows = list(csv.reader(io.StringIO(files["chronologie.csv"]), delimiter=";"))
    assert {len(row) for row in rows} == {6}
    for name in ("chronologie.csv", "reponses.csv", "lectures.csv"):
        for row in csv.reader(io.StringIO(files[name]), delimiter=";"):
            assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@"))], name
    assert "'=cmd" in files["chronologie.csv"]
    assert "Séance" in files["dossier.html"]
    assert "<script" not in files["dossier.html"]
    assert "claire" in files["lectures.csv"]
    for text in files.values():
        assert "Zebulon" not in text
        assert "confidence" not in text


def test_cells_that_would_be_formulas_are_words() -> None:
    told = table(("a",), [["=1"], ["+1"], ["-1"], ["@x"], ["\t=1"], [" =1"], ["\n=1"], ["a=1"], [-3], [2.5], [None]])
    cells = [row[0] for row in csv.reader(io.StringIO(told.removeprefix("\ufeff"), newline=""), delimiter=";")]
    assert cells == ["a", "'=1", "'+1", "'-1", "'@x", "'\t=1", "' =1", "'\n=1", "a=1", "-3", "2.5", ""]


def test_a_record_with_care_keeps_what_the_law_keeps(
    twin: Patient, cast: Cast, clinic: Clinic, console: Client
) -> None:
    clinic.receive(clinic.box.report(listening()))
    all_else_long_ago()
    Patient.objects.filter(pk="martin").update(phone="06 99", social_note="vit seule")
    RelatedPerson.objects.create(
        patient=clinic.patient, name="Marie Garde", relationship="child", phone="01 55", trusted_person=True, since_ms=1
    )
    Provenance.objects.create(
        patient=clinic.patient, target="patient", target_id="martin", version=2, social=True, recorded_ms=1,
        changes={"phone": ["06 11", "06 99"], "room": ["a", "b"]},
    )  # fmt: skip
    assert "vingt ans" in console.get(f"{RECORD}/effacer").content.decode()
    assert not Erasure.objects.exists()
    answer = console.post(f"{RECORD}/effacer", {"sure": "martin", "asked": "sa fille, par lettre du 3 mai"})
    assert answer.status_code == 302
    clinic.patient.refresh_from_db()
    assert (clinic.patient.family, clinic.patient.phone, clinic.patient.social_note) == ("Martin", "", "")
    names = set(RelatedPerson.objects.filter(patient="martin").values_list("name", flat=True))
    assert names == {"Marie Garde", "effacé"}
    assert [one.changes for one in Provenance.objects.filter(patient="martin")] == [{"room": ["a", "b"]}]
    assert Session.objects.filter(patient="martin").exists()
    [done] = Erasure.objects.all()
    assert not done.whole
    assert done.kept_until is not None
    assert done.kept_until == dt.date(2045, 11, 21), "twenty years from the last care"
    page_told = console.get(RECORD).content.decode()
    assert "06 99" not in page_told
    assert "Louise" not in page_told


def test_a_record_without_care_names_nobody_any_more(cast: Cast, clinic: Clinic, console: Client) -> None:
    asked = cast.open_request
    newcomer = asked.patient
    Patient.objects.filter(pk=newcomer.pk).update(establishment=clinic.claire.teams.get().establishment_id)
    console.post(f"/demandes/{asked.pk}", {"answer": "yes", "reason": "Rose dort mal"})
    RelatedPerson.objects.create(patient=newcomer, name="Léon Neuf", relationship="child", since_ms=1)
    assert prospect(newcomer).whole
    path = f"/patients/{newcomer.id}/dossier/effacer"
    assert "dix lettres" in console.post(path, {"sure": newcomer.id, "asked": "elle"}).content.decode()
    assert console.post(path, {"sure": newcomer.id, "asked": "elle-même, de vive voix"}).status_code == 302
    kept = json.dumps(kept_of_everybody(), ensure_ascii=False)
    for words in ("Rose", "Neuve", "Léon", "dort mal"):
        assert words not in kept, words
    newcomer.refresh_from_db()
    assert newcomer.erased_ms is not None
    assert not CareTeamParticipant.objects.filter(patient=newcomer, until_ms=None).exists()
    assert console.get(f"/patients/{newcomer.id}/dossier").status_code == 404
    assert AccessRequest.objects.get(pk=asked.pk).words == "effacé"


def test_how_long_a_record_is_kept(cast: Cast, clinic: Clinic) -> None:
    clinic.receive(clinic.box.report(listening()))
    Session.objects.update(started_ms=ms(2020, 2, 29), first_received_ms=ms(2020, 2, 29))
    all_else_long_ago()
    patient = clinic.patient
    assert kept_until(patient) == dt.date(2040, 2, 29)
    patient.birth_date = dt.date(2015, 6, 1)
    assert kept_until(patient) == dt.date(2043, 6, 1)
    died = Standing.objects.create(patient=patient, state="deceased", since_ms=ms(2024, 1, 2))
    assert kept_until(patient) == dt.date(2034, 1, 2)
    Standing.objects.filter(pk=died.pk).update(since_ms=ms(2032, 1, 2))
    assert kept_until(patient) == dt.date(2043, 6, 1)


def all_else_long_ago() -> None:
    """What the cast has beside its sessions."""
    CarePlan.objects.update(signed_ms=1)
    Order.objects.update(received_ms=None)
    for told in (HelpRequest, DeliveryWord):
        told.objects.update(at_ms=1, received_ms=1)
    Task.objects.update(authored_ms=1)
    Handover.objects.update(written_ms=1)
    HomeChecklist.objects.update(authored_ms=1)


def ms(year: int, month: int, day: int) -> int:
    return round(dt.datetime(year, month, day, 12, tzinfo=dt.UTC).timestamp() * 1000)


def test_undo_of_another_record_is_not_taken(twin: Patient, cast: Cast, clinic: Clinic, console: Client) -> None:
    merged = merge(clinic.patient, twin, clinic.claire, REASON)
    assert console.post(f"/patients/neuf/dossier/doublons/{merged.pk}/separer").status_code == 404
    undo(merged, clinic.claire)
    assert console.post(f"{RECORD}/doublons/{merged.pk}/separer").status_code == 409
