"""« À vérifier »: what could not be read, why, tried again, and set aside with a reason and by whom."""

import pytest
from django.test import Client

from clinic.audit.models import AuditEvent
from clinic.coordination.dispositions import aside_to_check, held_to_check
from clinic.coordination.models import Disposition
from clinic.people.models import Patient
from clinic.results.models import LedgerRow, Quarantine, Session
from tests.clinic.box import T0_MS, Box, evaluation
from tests.clinic.cast import practitioner, signed_in
from tests.clinic.conftest import Clinic
from tests.clinic.test_bedside_pages import page

pytestmark = pytest.mark.django_db(databases=["default", "audit"])


def test_a_held_report_enters_once_its_cause_is_lifted(clinic: Clinic, console: Client) -> None:
    clinic.receive(clinic.box.report(evaluation("before", (1, 2, 3, 4, 5)), patient="durand"))
    row = LedgerRow.objects.get()
    path = f"/a-verifier/retenus/{row.pk}"
    shown = page(console, path)
    assert "jamais été enregistrée pour cette personne" in shown
    assert "Arrivé, pas encore lisible" in shown
    assert "Toujours pas lisible" in console.post(path, {"act": "retry"}).content.decode()
    patient = Patient.objects.create(id="durand", given="Paul", family="Durand", address_as="Paul")
    clinic.device.associations.create(patient=patient, since_ms=1)
    answer = console.post("/a-verifier/essayer")
    assert answer.headers["Location"] == "/a-verifier?entres=1&restent=0"
    assert "entrés au dossier 1, encore retenus 0" in page(console, answer.headers["Location"])
    assert Session.objects.get().patient == patient
    assert console.get(path).status_code == 404, "what is in the record is no business of this page"


def test_it_is_set_aside_with_a_reason_and_comes_back_when_it_comes_again(clinic: Clinic, console: Client) -> None:
    stranger = Box(clinic.keys.public, "box-77")
    letter = stranger.report(evaluation("before", (1, 2, 3, 4, 5)))
    clinic.receive(letter, topic=stranger.up)
    aside = Quarantine.objects.get()
    path = f"/a-verifier/refuses/{aside.pk}"
    assert "pas enregistrée ici" in page(console, path)
    assert "cinq lettres" in console.post(path, {"act": "aside", "reason": "vu"}).content.decode()
    assert console.post(path, {"act": "retry"}).status_code == 404, "what nobody may read is not tried again here"
    console.post(path, {"act": "aside", "reason": "Boîte d’un autre site, rendue."})
    assert not aside_to_check().exists()
    shown = page(console, "/a-verifier")
    assert "Tout ce qui est arrivé a été lu." in shown
    assert "Boîte d’un autre site, rendue." in shown
    assert "Claire Moreau" in shown.split("Classés")[1]
    clinic.receive(letter, topic=stranger.up, at_ms=Disposition.objects.get().at_ms + 1)
    assert aside_to_check().get().times == 2
    assert "revenu depuis" in page(console, path)
    assert Quarantine.objects.count() == 1, "nothing was thrown away"


def test_what_is_held_may_be_set_aside_and_still_enters_later(clinic: Clinic, console: Client) -> None:
    clinic.receive(clinic.box.report(evaluation("before", (1, 2, 3, 4, 5)), patient="durand"), at_ms=T0_MS)
    row = LedgerRow.objects.get()
    console.post(f"/a-verifier/retenus/{row.pk}", {"act": "aside", "reason": "Attend la famille."})
    assert not held_to_check().exists()
    assert 'class="pill">1</b>' not in page(console, "/boites")
    patient = Patient.objects.create(id="durand", given="Paul", family="Durand", address_as="Paul")
    clinic.device.associations.create(patient=patient, since_ms=1)
    console.post("/a-verifier/essayer")
    assert Session.objects.count() == 1
    assert "Entré au dossier" in page(console, f"/a-verifier/retenus/{row.pk}")


def test_a_technician_may_and_a_social_worker_may_not(clinic: Clinic, console: Client) -> None:
    clinic.receive(b"\x16\x03\x01", topic="chevet/v1/maison/box-77/up")
    path = f"/a-verifier/refuses/{Quarantine.objects.get().pk}"
    technician, social = signed_in(practitioner("tech", "technician")), signed_in(practitioner("soc", "social-worker"))
    assert social.get(path).status_code == 403
    assert social.post("/a-verifier/essayer").status_code == 403
    assert technician.post(path, {"act": "aside", "reason": "Scanner du réseau."}).status_code == 302
    assert Disposition.objects.get().by.username == "tech"
    assert AuditEvent.objects.filter(agent="tech", action="write", detail__startswith="an arrival set aside").exists()
    assert technician.get("/a-verifier?entres=²&restent=1").status_code == 200
