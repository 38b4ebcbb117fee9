"""Somebody with an account who wants more than it opens; each of these opened it once."""

import pytest
from django.test import Client

from clinic.coordination.models import Task
from clinic.people import emergency
from clinic.people.access import is_referring, patients_of
from clinic.people.admission import decide, request_access
from clinic.people.models import AccessRequest, Asker, EmergencyAccess, Patient, Practitioner, RecordMerge
from clinic.people.team import join
from tests.clinic.box import evaluation
from tests.clinic.cast import practitioner, signed_in
from tests.clinic.conftest import Clinic
from tests.clinic.test_people_requests import refused

pytestmark = pytest.mark.django_db(databases=["default", "audit"])


def ask(who: Practitioner, of: Practitioner) -> int:
    words = {"asker": "staff", "asker_name": "moi", "words": "dort mal", "asked_of": str(of.pk)}
    return signed_in(who).post("/patients/martin/demande", words).status_code


def test_nobody_makes_themselves_the_referent_of_a_patient_who_has_one(console: Client, clinic: Clinic) -> None:
    """One of the team asked themselves, and said yes: plans, export, erasure and the trail were theirs."""
    paul = practitioner("paul", "physician")
    join(clinic.patient, paul)
    assert ask(paul, paul) == 200, "the form again, with the reason"
    assert not AccessRequest.objects.filter(asked_of=paul).exists()
    assert ask(paul, clinic.claire) == 302, "of the référent, who may name another"
    assert not is_referring(paul, clinic.patient)


def test_a_request_that_waited_makes_no_second_referent(clinic: Clinic) -> None:
    rose, paul = Patient.objects.create(id="rose", family="N", address_as="Rose"), practitioner("paul", "physician")
    asked = request_access(rose, paul, Asker.PATIENT, "", "dort mal", clinic.claire)
    join(rose, clinic.claire, referring=True)
    refused("others-referent", decide, asked, paul, accepted=True, reason="oui")
    assert not is_referring(paul, rose)


@pytest.mark.parametrize("gone", [{"is_active": False}, {"role": "technician"}])
def test_where_no_referent_can_answer_another_is_asked(clinic: Clinic, gone: dict[str, object]) -> None:
    Practitioner.objects.filter(pk=clinic.claire.pk).update(**gone)
    paul = practitioner("paul", "physician")
    decide(
        request_access(clinic.patient, paul, Asker.PATIENT, "", "encore", None),
        paul,
        accepted=True,
        reason="je suis là",
    )
    assert is_referring(paul, clinic.patient)


def test_an_hour_of_emergency_is_no_way_into_the_team(console: Client, clinic: Clinic) -> None:
    paul = practitioner("paul", "physician")
    emergency.open_record(clinic.patient, paul, "malaise dans la chambre")
    assert signed_in(paul).get("/patients/martin/demande").status_code == 200
    assert ask(paul, clinic.claire) == 404
    assert not AccessRequest.objects.filter(decided_ms=None).exists()


def test_who_reads_in_an_emergency_takes_nothing_off_the_teams_list(console: Client, clinic: Clinic) -> None:
    clinic.receive(clinic.box.report(evaluation("before", (0, 0, 9, 0, 0), "Venez.")))
    paul = practitioner("paul", "physician")
    emergency.open_record(clinic.patient, paul, "malaise dans la chambre")
    assert "Venez." in signed_in(paul).get("/patients/martin/seances").content.decode()
    assert Task.objects.get(kind=Task.Kind.STRONG_PAIN).ended_ms is None
    console.get("/patients/martin/seances")
    assert Task.objects.get(kind=Task.Kind.STRONG_PAIN).ended_by == clinic.claire


def test_a_short_reason_does_not_tell_who_is_in_the_record(console: Client, clinic: Clinic) -> None:
    client = signed_in(practitioner("paul", "physician"))
    here = client.post("/urgence", {"identifier": "martin", "reason": "vite"}).content.decode()
    nowhere = client.post("/urgence", {"identifier": "martim", "reason": "vite"}).content.decode()
    assert "dix lettres" in nowhere
    assert here.replace("martin", "martim").count("dix lettres") == nowhere.count("dix lettres")
    assert "Aucun dossier" not in here + nowhere
    assert not EmergencyAccess.objects.exists()


@pytest.mark.parametrize(
    "words", [{"identifier": "martin-2"}, {"given": "jeanne", "family": "MARTIN"}, {"identifier": "martin"}]
)
def test_a_merged_record_opens_in_an_emergency(console: Client, clinic: Clinic, words: dict[str, str]) -> None:
    """By the names, of which there were two; by the duplicate's identifier, which is still on some paper."""
    twin = Patient.objects.create(id="martin-2", given="Jeanne", family="Martin", address_as="J")
    RecordMerge.objects.create(
        kept=clinic.patient, duplicate=twin, reason="x", agent=clinic.claire, merged_ms=1, moved={}
    )
    Patient.objects.filter(pk=twin.pk).update(merged_into=clinic.patient)
    paul = practitioner("paul", "physician")
    answer = signed_in(paul).post("/urgence", {**words, "reason": "malaise dans la chambre"})
    assert answer.headers["Location"] == "/patients/martin/seances"
    assert clinic.patient in patients_of(paul)
