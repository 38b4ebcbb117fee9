"""Every address of the console as every role and as nobody; and nothing of a patient on the pages of others."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from pytest_django import Settings

from clinic.audit.models import AuditEvent
from clinic.coordination.models import Handover, Task
from clinic.correspondence.models import Delivery, HelpRequest, MessageToPatient
from clinic.people import emergency
from clinic.people.models import (
    AccessRequest,
    CareTeamParticipant,
    EmergencyAccess,
    Erasure,
    Passkey,
    Provenance,
    RecordMerge,
    RelatedPerson,
    Role,
    SharingConsent,
    Standing,
)
from clinic.plans.models import CarePlan, Draft
from clinic.results.models import Session
from clinic.suitability.models import HomeChecklist
from tests.clinic.box import evaluation
from tests.clinic.cast import SECRETS, Cast, cast_of, signed_in
from tests.clinic.conftest import Clinic

pytestmark = pytest.mark.django_db(databases=["default", "audit"])

ALL = {role.value for role in Role}
CARE = {"physician", "therapist", "nurse", "coordinating-nurse", "advanced-practice-nurse"}
SOCIAL = CARE | {"social-worker"}
CAN_REFER = {"physician", "therapist", "nurse"}
LIBRARIANS = CAN_REFER | {"advanced-practice-nurse"}
MAY_SEE = {
    "patients": SOCIAL,
    "find-patient": SOCIAL,
    "record": SOCIAL,
    "silence": CARE,
    "export-record": {"nurse"},
    "duplicates": {"nurse"},
    "erase-record": {"nurse"},
    "edit-identity": CARE,
    "edit-social": SOCIAL,
    "edit-precautions": CARE,
    "new-related": SOCIAL,
    "related": SOCIAL,
    "sessions": CARE,
    "results": CARE,
    "session-list": CARE,
    "session-table": {"nurse"},
    "comments": CARE,
    "session": CARE,
    "results-chart": CARE,
    "to-readjust": CARE,
    "to-check": CARE | {"technician"},
    "boxes": CARE | {"technician"},
    "box-silences": CARE | {"technician"},
    "held-row": CARE | {"technician"},
    "aside": CARE | {"technician"},
    "box": CARE | {"technician"},
    "lend": CARE,
    "security": ALL,
    "second-factor": ALL,
    "add-passkey": ALL,
    "remove-passkey": {"nurse"},
    "password": ALL,
    "people": {"administrator"},
    "new-person": {"administrator"},
    "person": {"administrator"},
    "teams": {"administrator"},
    "requests": SOCIAL,
    "new-request": SOCIAL,
    "request-for": SOCIAL,
    "request": {"nurse"},
    "care-team": SOCIAL,
    "readers": {"nurse"},
    "emergency": CARE,
    "follow-up": CARE,
    "messages": CARE,
    "standing": CARE,
    "help": CARE,
    "one-help": CARE,
    "deliveries": CARE,
    "delivery": CARE,
    "plan": CARE,
    "plan-version": CARE,
    "plan-picture": CARE,
    "draft-picture": CARE,
    "stop-plan": {"nurse"},
    "begin-draft": CARE,
    "draft": CARE,
    "draft-part": CARE,
    "add-care": CARE,
    "draft-care": CARE,
    "sign-draft": {"nurse"},
    "save-protocol": LIBRARIANS,
    "forms": CARE,
    "form-shown": CARE,
    "form-picture": CARE,
    "form-fhir": CARE,
    "form-draft": LIBRARIANS,
    "form-item": LIBRARIANS,
    "lessons": CARE,
    "lesson-shown": CARE,
    "lesson-picture": CARE,
    "lesson-draft": LIBRARIANS,
    "protocols": CARE,
    "protocol": CARE,
    "protocol-fhir": CARE,
    "day": SOCIAL,
    "task": SOCIAL,
    "tasks": SOCIAL,
    "threads": CARE,
    "handovers": CARE,
    "handover": {"nurse"},
    "write-handover": {"nurse"},
    "suitability": CARE,
    "one-checklist": CARE,
    "new-checklist": CARE,
}
"""Who gets a page; of Madame Martin, whose référent is the nurse."""
MAY_DO = {
    "set-prompt-aside": CARE,
    "renew-second-factor": ALL,
    "sign-out-elsewhere": ALL,
    "account": {"administrator"},
    "end-related": SOCIAL,
    "undo-merge": {"nurse"},
    "add-to-team": {"nurse"},
    "leave-team": {"nurse"},
    "withdraw-consent": {"nurse"},
    "close-emergency": CARE,
    "discard-draft": CARE,
    "move-care": CARE,
    "retire-protocol": LIBRARIANS,
    "copy-form": LIBRARIANS,
    "retire-form": LIBRARIANS,
    "copy-lesson": LIBRARIANS,
    "retire-lesson": LIBRARIANS,
    "retry-held": CARE | {"technician"},
    "take-task": SOCIAL,
    "take-thread": CARE,
    "end-loan": CARE | {"technician"},
    "cancel-code": CARE,
    "line-task": CARE,
    "logout": ALL,
}
"""Addresses that only take a POST."""
OF_A_PATIENT = {"patient_id", "request_id", "help_id", "delivery_id", "task_id", "handover_id", "team_id", "related_id"}
OPEN = {"login", "code", "language", "health"}
"""For whoever is not signed in."""
SENT_ELSEWHERE = {"patients": {"technician": "/boites", "administrator": "/personnel"}}


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures of plans are the same for every role: drawn once."""
    return tmp_path_factory.mktemp("previews")


@pytest.fixture
def cast(clinic: Clinic, console: Client, settings: Settings, drawn: Path) -> Cast:
    settings.HOME.previews.symlink_to(drawn)
    return cast_of(clinic)


def patterns() -> dict[str, URLPattern]:
    return {str(p.name): p for p in get_resolver().url_patterns if isinstance(p, URLPattern)}


def values_of(name: str, cast: Cast, *, other: bool = False) -> dict[str, Any]:
    """What stands in the address of this page: of Madame Martin, or of the patient whom nobody here follows."""
    mine = CareTeamParticipant.objects.filter(patient="martin").order_by("pk").last()
    values = {
        "patient_id": "autre" if other else "martin",
        "person_id": cast.people["technician"].pk,
        "session_id": _session("autre" if other else "martin") if name == "session" else 0,
        "passkey_id": _passkey(cast) if name == "remove-passkey" else 0,
        "request_id": cast.other_request.pk if other else cast.open_request.pk,
        "participant_id": cast.other_participant.pk if other or mine is None else mine.pk,
        "consent_id": cast.other_consent.pk,
        "help_id": (cast.other_help if other else cast.help).pk,
        "merge_id": cast.other_merge.pk,
        "related_id": (cast.other_related if other else cast.related).pk,
        "box_id": "box-12",
        "code_id": 1,
        "delivery_id": (cast.other_delivery if other else cast.delivery).pk,
        "kind": "seances",
        "task_id": (cast.other_task if other else cast.task).pk,
        "handover_id": (cast.other_handover if other else cast.handover).pk,
        "number": (cast.other_version if other else cast.version).pk,
        "care_id": "riviere",
        "name": "cadre",
        "screen": "home",
        "position": 0,
        "pk": (cast.lesson if "lesson" in name else cast.form).pk,
        "item": "nouvelle",
        "row_id": cast.held.pk,
        "aside_id": cast.aside.pk,
        "checklist_id": (cast.other_checklist if other else cast.checklist).pk,
        "line_id": (cast.other_checklist if other else cast.checklist).answers.get(item="table").pk,
        "team_id": (cast.other_handover if other else cast.handover).team_id,
    }
    keys = list(patterns()[name].pattern.converters)
    missing = [key for key in keys if key not in values]
    assert not missing, f"tell in values_of what stands for {missing} in the address of {name}"
    return {key: values[key] for key in keys}


def _passkey(cast: Cast) -> int:
    """The nurse's own."""
    told = {"name": "clé bleue", "attested": b"", "counter": 0, "made_ms": 1}
    kept, _ = Passkey.objects.get_or_create(practitioner=cast.people["nurse"], credential="AAAA", defaults=told)
    return kept.pk


def _session(patient: str) -> int:
    """One care of theirs, heard of and no more."""
    told = {"request": "riviere", "care": "Relaxation", "started_ms": 1, "error_ms": 0, "time_source": "clinic"}
    made = {**told, "patient_id": patient, "first_received_ms": 1}
    kept, _ = Session.objects.get_or_create(device_id="box-12", session=f"s-of-{patient}", defaults=made)
    return kept.pk


def address(name: str, cast: Cast, *, other: bool = False) -> str:
    return reverse(name, kwargs=values_of(name, cast, other=other))


def test_every_address_stands_in_the_table() -> None:
    assert set(patterns()) == set(MAY_SEE) | set(MAY_DO) | OPEN, "tell here who may see the new page"


@pytest.mark.parametrize("role", sorted(ALL))
def test_who_gets_which_page(cast: Cast, role: str) -> None:
    client = signed_in(cast.people[role])
    for name, roles in MAY_SEE.items():
        answer = client.get(address(name, cast))
        sent = SENT_ELSEWHERE.get(name, {}).get(role)
        assert (answer.status_code == 200) == (role in roles), (name, answer.status_code)
        assert answer.status_code in (200, 403, 404) or answer.headers["Location"] == sent, name
        silent_of_the_other(answer)


@pytest.mark.parametrize("role", sorted(ALL))
def test_who_does_what(cast: Cast, role: str) -> None:
    """Refused to whom it is not for, whatever is sent."""
    client = signed_in(cast.people[role])
    for name, roles in MAY_DO.items():
        if role not in roles:
            assert client.post(address(name, cast)).status_code in (403, 404), name
        assert client.get(address(name, cast)).status_code in ((405, 404) if role in roles else (403, 404, 405)), name


def test_nobody_gets_the_sign_in_page(cast: Cast) -> None:
    for name in {**MAY_SEE, **MAY_DO}:
        for answer in (Client().get(address(name, cast)), Client().post(address(name, cast))):
            silent_of_the_other(answer)
            assert answer.status_code == 302, name
            assert answer.headers["Location"].split("?")[0] == "/connexion", name


@pytest.mark.parametrize("role", ["nurse", "physician", "social-worker", "administrator"])
def test_another_teams_patient_is_nowhere(cast: Cast, role: str) -> None:
    """By every address and every id: pages, errors and acts tell nothing, and change nothing."""
    client = signed_in(cast.people[role])
    of_patients = [name for name, p in patterns().items() if OF_A_PATIENT & set(p.pattern.converters)]
    for name in of_patients:
        for answer in (client.get(address(name, cast, other=True)), client.post(address(name, cast, other=True), {})):
            assert answer.status_code in (403, 404, 405), (name, answer.status_code)
            silent_of_the_other(answer)
    unchanged(cast)


def test_an_id_of_another_patient_is_not_taken_under_ones_own(cast: Cast) -> None:
    client = signed_in(cast.people["nurse"])
    for path in (
        f"/patients/martin/equipe/{cast.other_participant.pk}/sortir",
        f"/patients/martin/accords/{cast.other_consent.pk}/retirer",
    ):
        assert client.post(path).status_code == 404
    for told in (str(cast.other_emergency.pk), "1" * 30, "²", "-1", "", "x"):
        assert client.post("/patients/martin/lectures", {"emergency": told}).status_code == 404
    assert client.post(f"/demandes/{cast.other_request.pk}", {"answer": "yes", "reason": "moi"}).status_code == 404
    unchanged(cast)


def unchanged(cast: Cast) -> None:
    assert CareTeamParticipant.objects.get(pk=cast.other_participant.pk).until_ms is None
    assert SharingConsent.objects.get(pk=cast.other_consent.pk).withdrawn_ms is None
    assert EmergencyAccess.objects.get(pk=cast.other_emergency.pk).seen_ms is None
    assert AccessRequest.objects.get(pk=cast.other_request.pk).decided_ms is None
    assert CareTeamParticipant.objects.filter(patient="autre").count() == 1
    assert HelpRequest.objects.get(pk=cast.other_help.pk).owner is None
    assert Delivery.objects.get(pk=cast.other_delivery.pk).state == "asked"
    assert not MessageToPatient.objects.filter(patient="autre").exists()
    assert not Standing.objects.filter(patient="autre").exists()
    assert CarePlan.objects.filter(patient="autre").count() == 1
    [draft] = Draft.objects.filter(patient="autre")
    assert (draft.revision, draft.closed_ms) == (1, None)
    assert Task.objects.get(pk=cast.other_task.pk).owner is None
    assert Handover.objects.filter(team=cast.other_handover.team).count() == 1
    assert RecordMerge.objects.get(pk=cast.other_merge.pk).undone_ms is None
    assert not Erasure.objects.exists()
    assert not Provenance.objects.filter(patient="autre").exists()
    assert RelatedPerson.objects.get(pk=cast.other_related.pk).until_ms is None
    assert HomeChecklist.objects.get(patient="autre") == cast.other_checklist
    assert Task.objects.filter(patient="autre").count() == 1


def silent_of_the_other(answer: Any) -> None:
    told = answer.content.decode(errors="replace") if not answer.streaming else ""
    assert not [word for word in SECRETS if word in told], answer.get("Location")


def test_a_refusal_is_in_the_trail(cast: Cast) -> None:
    signed_in(cast.people["technician"]).get("/patients/martin/seances")
    signed_in(cast.people["nurse"]).get("/patients/autre/seances")
    refused = AuditEvent.objects.filter(action="refused").values_list("agent", "patient")
    assert set(refused) == {("technician", "martin"), ("claire", "autre")}


def test_every_page_of_a_record_is_in_the_trail(cast: Cast) -> None:
    client = signed_in(cast.people["nurse"])
    of_patients = [name for name in MAY_SEE if "patient_id" in patterns()[name].pattern.converters]
    assert of_patients
    for name in of_patients:
        before = AuditEvent.objects.filter(patient="martin", agent="claire").count()
        client.get(address(name, cast))
        assert AuditEvent.objects.filter(patient="martin", agent="claire").count() > before, name


def test_who_reads_no_record_any_more_reads_none_at_once(cast: Cast) -> None:
    physician = cast.people["physician"]
    client = signed_in(physician)
    assert client.get("/patients/martin/seances").status_code == 200
    physician.role = "technician"
    physician.save()
    assert client.get("/patients/martin/seances").status_code == 403
    physician.is_active = False
    physician.save()
    assert client.get("/").status_code == 302


def test_a_social_worker_sees_no_health_data(cast: Cast, clinic: Clinic) -> None:
    client = signed_in(cast.people["social-worker"])
    told = client.get("/").content.decode()
    assert "Jeanne Martin" in told
    assert "seances" not in told
    assert "séance" not in told
    assert client.get("/patients/martin/equipe").status_code == 200


def test_a_technician_sees_that_an_answer_is_wrong_and_not_the_answer(cast: Cast, clinic: Clinic) -> None:
    clinic.receive(clinic.box.report(evaluation("before", (14, 0, 0, 0, 0))))
    told = signed_in(cast.people["technician"]).get("/a-verifier").content.decode()
    assert "Une réponse sort de l’échelle" in told
    assert "is answered 14" not in told


def test_an_emergency_opens_for_a_time_and_is_loud(cast: Cast, clinic: Clinic) -> None:
    physician = cast.people["physician"]
    client, claire = signed_in(physician), signed_in(clinic.claire)
    clinic.patient.participants.filter(practitioner=physician).update(until_ms=1)
    assert client.get("/patients/martin/seances").status_code == 404
    answer = client.post("/urgence", {"family": "martin", "given": "JEANNE", "reason": "malaise dans la chambre"})
    assert answer.headers["Location"] == "/patients/martin/seances"
    assert "Accès en urgence" in client.get("/patients/martin/seances").content.decode()
    assert client.get("/patients/martin/lectures").status_code == 404
    assert "a été ouvert en urgence" in claire.get("/boites").content.decode()
    told = claire.get("/patients/martin/lectures").content.decode()
    assert "malaise dans la chambre" in told
    assert "Refermer" not in told, "the band is for who opened it"
    assert "Refermer" in client.get("/boites").content.decode()
    assert "ouvert en urgence" in told
    [opened] = EmergencyAccess.objects.filter(patient="martin")
    claire.post("/patients/martin/lectures", {"emergency": str(opened.pk)})
    assert "a été ouvert en urgence" not in claire.get("/boites").content.decode()
    EmergencyAccess.objects.filter(pk=opened.pk).update(until_ms=opened.since_ms)
    assert client.get("/patients/martin/seances").status_code == 404


def test_an_emergency_is_closed_by_hand(cast: Cast, clinic: Clinic) -> None:
    client = signed_in(cast.people["physician"])
    emergency.open_record(cast.other, cast.people["physician"], "malaise dans la chambre")
    assert client.get("/patients/autre/seances").status_code == 200
    client.post("/urgence/fermer")
    assert client.get("/patients/autre/seances").status_code == 404


def test_an_emergency_lists_nobody_and_tires(cast: Cast) -> None:
    client = signed_in(cast.people["physician"])
    words = {"family": "Inconn", "given": "Z", "reason": "malaise dans la chambre"}
    told = [client.post("/urgence", words).content.decode() for _ in range(6)]
    assert "Aucun dossier" in told[0]
    assert "Trop d’essais" in told[5]
    right = {**words, "family": "Inconnu", "given": "Zebulon"}
    assert client.post("/urgence", right).status_code == 200
    assert not emergency.in_force(cast.people["physician"]).exists()


def test_a_short_reason_opens_nothing(cast: Cast) -> None:
    client = signed_in(cast.people["physician"])
    answer = client.post("/urgence", {"identifier": "autre", "reason": "vite"})
    assert "dix lettres" in answer.content.decode()
    assert not emergency.in_force(cast.people["physician"]).exists()
