"""The beginning of a loan, by a code, and its end on the console’s pages."""

import tomllib
from html import escape
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from clinic.audit.models import AuditEvent
from clinic.clock import now_ms
from clinic.errors import RecordError
from clinic.fleet import codes
from clinic.fleet.loans import state_of
from clinic.fleet.models import Device, EnrolmentCode
from clinic.home import Home
from mqtt_bridge import authority, enrolment_code
from mqtt_bridge.contract.enrolling import EnrolmentAsked
from tests.clinic.cast import practitioner, signed_in
from tests.clinic.conftest import Clinic
from tests.clinic.loans.said import fresh

pytestmark = pytest.mark.django_db(databases=["default", "audit"])


def ca_of(home: Home) -> bytes:
    return (home.authority / "ca.pem").read_bytes()


def test_a_code_is_a_digest_and_ends(clinic: Clinic, home: Home) -> None:
    made = codes.make_code(clinic.patient, "", ca_of(home), "claire")
    code = enrolment_code.read(made.text)
    assert made.code.box == "box-1"
    assert code.secret not in made.code.digest
    assert code.is_of(authority.fingerprint(ca_of(home)))
    assert [one.pk for one in codes.waiting()] == [made.code.pk]
    EnrolmentCode.objects.update(expires_ms=now_ms() - 1)
    assert not codes.waiting()
    with pytest.raises(codes.CodeRefused):
        codes.use(asked(code, home.folder), lambda _request, _box: b"")
    for hours in (0, 169):
        with pytest.raises(RecordError, match="1 to 168 hours"):
            codes.make_code(clinic.patient, "", ca_of(home), "claire", hours)


def test_two_codes_at_one_instant_are_for_two_boxes(clinic: Clinic, home: Home) -> None:
    """The second nurse's would have ended the first one's, and nobody would have told her."""
    first = codes.make_code(clinic.patient, "", ca_of(home), "claire")
    with pytest.raises(IntegrityError), transaction.atomic():
        codes._make(clinic.patient, first.code.box, authority.fingerprint(ca_of(home)), "marc", 24)
    second = codes.make_code(clinic.patient, "", ca_of(home), "marc")
    assert [one.box for one in codes.waiting()] == ["box-1", "box-2"] == [first.code.box, second.code.box]


def asked(code: enrolment_code.EnrolmentCode, folder: Path, secret: str = "") -> EnrolmentAsked:
    key = folder / "key.pem"
    if not key.exists():
        authority.make_key(key)
    request = authority.make_request(key, "box").decode()
    return EnrolmentAsked(name=code.name, secret=secret or code.secret, verify=b"v" * 32, seal=b"s" * 32,
                                request=request)  # fmt: skip


def test_a_try_is_counted_before_it_is_compared(clinic: Clinic, home: Home) -> None:
    code = enrolment_code.read(codes.make_code(clinic.patient, "", ca_of(home), "claire").text)

    def sign(request: str, box: str) -> bytes:
        return authority.sign_request(home.authority, request.encode(), box)

    for number in range(1, codes.TRIES_MAX):
        with pytest.raises(codes.CodeRefused):
            codes.use(asked(code, home.folder, "0" * 10), sign)
        assert EnrolmentCode.objects.get().tries == number
    row, new = codes.use(asked(code, home.folder), sign)
    assert new
    assert EnrolmentCode.objects.get().tries == 0, "an honest box that asks again is not locked out"
    again, new = codes.use(asked(code, home.folder), sign)
    assert not new
    assert again.certificate == row.certificate
    assert Device.objects.get(id="box-1").certificates.count() == 1


def test_a_code_is_lent_on_the_console_and_shown_once(clinic: Clinic, home: Home, console: Client) -> None:
    assert "Prêter une boîte" in console.get("/boites").content.decode()
    page = console.post("/boites/preter", {"patient": "martin", "box": "box-40"}).content.decode()
    [row] = EnrolmentCode.objects.all()
    file = unquote(
        page.split('download="chevet-enrol.toml" href="data:application/toml;charset=utf-8,')[1].split('"')[0]
    )
    told = tomllib.loads(file)
    text = told["code"]
    assert enrolment_code.read(text).name == row.name
    assert told["clinic_url"] == "https://boites.example:8885"
    assert escape(file) in page, "the same two lines to be copied by hand"
    assert "<svg" in page
    assert AuditEvent.objects.filter(agent="claire", patient="martin", detail__contains=row.name).exists()
    listed = console.get("/boites").content.decode()
    assert "Codes qui attendent leur boîte" in listed
    assert text not in listed
    console.post(f"/boites/codes/{row.pk}/annuler")
    assert not codes.waiting()
    taken = console.post("/boites/preter", {"patient": "martin", "box": "box-12"}).content.decode()
    assert "porte ou a porté ce nom" in taken
    assert "Rien n’est enregistré" in console.post("/boites/preter", {"patient": "autre"}).content.decode()


def test_what_cannot_be_undone_is_asked_twice(clinic: Clinic, home: Home, console: Client) -> None:
    first = console.post("/boites/box-12/fin", {"act": "wipe", "reason": "volée au domicile"}).content.decode()
    assert "Est-ce certain" in first
    assert fresh(clinic).revoked_ms is None
    console.post("/boites/box-12/fin", {"act": "wipe", "sure": "wipe", "reason": "volée au domicile"})
    device = fresh(clinic)
    assert (state_of(device)[0], device.revoked_reason) == ("to-be-wiped", "volée au domicile")
    assert AuditEvent.objects.filter(agent="claire", detail="box box-12: wipe: volée au domicile").exists()
    page = console.get("/boites/box-12").content.decode()
    assert "Effacement ordonné" in page
    assert "volée au domicile" in page
    assert "à effacer au prochain contact" in console.get("/boites").content.decode()
    assert console.post("/boites/box-12/fin", {"act": "take-back", "sure": "take-back"}).status_code == 302
    console.post("/boites/box-12/fin", {"act": "returned"})
    console.post("/boites/box-12/fin", {"act": "disinfected"})
    assert state_of(fresh(clinic))[0] == "ready"
    for path in ("/boites/box-99", "/boites/%00"):
        assert console.get(path).status_code == 404
    assert console.post("/boites/box-12/fin", {"act": "burn"}).status_code == 404


def test_a_technician_ends_a_loan_and_sees_nobodys_name(clinic: Clinic, home: Home) -> None:
    client = signed_in(practitioner("tech", "technician"))
    page = client.get("/boites/box-12").content.decode()
    assert "Martin" not in page
    assert "Prêter" not in client.get("/boites").content.decode()
    client.post("/boites/box-12/fin", {"act": "take-back", "sure": "take-back"})
    assert state_of(fresh(clinic))[0] == "asked-back"
