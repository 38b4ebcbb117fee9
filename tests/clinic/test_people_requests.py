"""Requests for the care, the care team and its consents; and what people type is only ever words."""

import pytest
from django.test import Client
from django.urls import reverse

from clinic.people.access import NotInCareTeam, patient_of, patients_of
from clinic.people.admission import check_may_prescribe, decide, is_validated, request_access
from clinic.people.may import What
from clinic.people.models import AccessRequest, Asker, Establishment, Patient, Practitioner, SharingConsent, Team
from clinic.people.refusals import Refusal
from clinic.people.team import is_outside, join, leave, record_consent, withdraw_consent
from tests.clinic.cast import Cast, cast_of, practitioner, signed_in
from tests.clinic.conftest import Clinic
from tests.clinic.test_access import MAY_DO, MAY_SEE, address, patterns
from tests.clinic.test_console import Words

pytestmark = pytest.mark.django_db(databases=["default", "audit"])

NEW = {
    "given": "Rose", "family": "Neuve", "address_as": "Rose", "asker": "relative", "asker_name": "Anne, sa fille",
    "words": "dort mal",
}  # fmt: skip


def refused(code: str, act: object, *given: object, **named: object) -> None:
    with pytest.raises(Refusal) as caught:
        act(*given, **named)  # type: ignore[operator]
    assert caught.value.code == code


def test_from_the_request_to_the_right_to_prescribe(console: Client, clinic: Clinic) -> None:
    social, doctor = practitioner("sonia", "social-worker"), practitioner("paul", "physician")
    answer = signed_in(social).post("/demandes/nouvelle", {**NEW, "asked_of": str(doctor.pk)})
    assert answer.headers["Location"] == "/demandes"
    asked = AccessRequest.objects.get(patient__family="Neuve")
    assert asked.patient not in patients_of(doctor)
    assert asked.patient not in patients_of(social, What.READ_SOCIAL)
    refused("not-validated", check_may_prescribe, asked.patient, doctor)
    client = signed_in(doctor)
    assert "Rose Neuve" in client.get("/demandes").content.decode()
    assert "sa fille" in client.get(f"/demandes/{asked.pk}").content.decode()
    told = client.post(f"/demandes/{asked.pk}", {"answer": "yes", "reason": " "}).content.decode()
    assert "Écrivez la raison" in told
    client.post(f"/demandes/{asked.pk}", {"answer": "yes", "reason": "relaxation du soir"})
    check_may_prescribe(asked.patient, doctor)
    assert client.get(f"/patients/{asked.patient_id}/equipe").status_code == 200
    assert signed_in(social).get(f"/patients/{asked.patient_id}/equipe").status_code == 404
    assert "relaxation du soir" in signed_in(social).get(f"/demandes/{asked.pk}").content.decode()


def test_a_no_opens_nothing_and_may_be_asked_again(clinic: Clinic) -> None:
    rose = Patient.objects.create(id="rose", given="Rose", family="N", address_as="Rose")
    asked = request_access(rose, clinic.claire, Asker.PATIENT, "", "dort mal", None)
    refused("waiting-already", request_access, rose, clinic.claire, Asker.PATIENT, "", "dort mal", None)
    refused("not-asked", decide, asked, practitioner("paul", "physician"), accepted=True, reason="oui")
    decide(asked, clinic.claire, accepted=False, reason="épilepsie musicogène")
    refused("decided-already", decide, asked, clinic.claire, accepted=True, reason="oui")
    assert not is_validated(rose)
    assert rose not in patients_of(clinic.claire)
    refused("not-validated", check_may_prescribe, rose, clinic.claire)
    again = request_access(rose, clinic.claire, Asker.PATIENT, "", "va mieux", None)
    decide(again, clinic.claire, accepted=True, reason="contre-indication levée")
    check_may_prescribe(rose, clinic.claire)


@pytest.mark.parametrize("role", ["social-worker", "technician", "administrator", "coordinating-nurse"])
def test_who_decides_no_access_is_not_asked(clinic: Clinic, role: str) -> None:
    rose = Patient.objects.create(id="rose", given="Rose", family="N", address_as="Rose")
    other = practitioner("autre", role)
    refused("decides-nothing", request_access, rose, other, Asker.PATIENT, "", "dort mal", None)
    answer = signed_in(clinic.claire).post("/demandes/nouvelle", {**NEW, "asked_of": str(other.pk)})
    assert answer.status_code == 200
    assert not AccessRequest.objects.filter(patient__family="Neuve").exists()


def test_only_the_referent_signs(clinic: Clinic) -> None:
    paul = practitioner("paul", "physician")
    join(clinic.patient, paul)
    refused("not-their-referent", check_may_prescribe, clinic.patient, paul)
    join(clinic.patient, paul, referring=True)
    check_may_prescribe(clinic.patient, paul)


def elsewhere() -> tuple[Practitioner, Establishment]:
    place = Establishment.objects.create(name="Service social du canton")
    sonia = practitioner("sonia", "social-worker")
    sonia.teams.add(Team.objects.create(establishment=place, name="Accompagnement"))
    return sonia, place


def test_outside_the_equipe_de_soins_only_with_consent(console: Client, clinic: Clinic) -> None:
    sonia, _ = elsewhere()
    assert is_outside(clinic.patient, sonia)
    refused("consent-needed", join, clinic.patient, sonia)
    client = signed_in(clinic.claire)
    words = {"practitioner": str(sonia.pk), "how": " "}
    assert "notez d’abord l’accord" in client.post("/patients/martin/equipe/entrer", words).content.decode()
    words["how"] = "Madame Martin, de vive voix, le 3 novembre"
    assert client.post("/patients/martin/equipe/entrer", words).status_code == 302
    assert patient_of(sonia, "martin", What.READ_SOCIAL) == clinic.patient
    with pytest.raises(NotInCareTeam):
        patient_of(sonia, "martin")
    consent = SharingConsent.objects.get()
    client.post(f"/patients/martin/accords/{consent.pk}/retirer")
    with pytest.raises(NotInCareTeam):
        patient_of(sonia, "martin", What.READ_SOCIAL)
    refused("consent-needed", join, clinic.patient, sonia)


def moved(client: Client, place: Establishment, how: str = "") -> str:
    patient = Patient.objects.get(pk="martin")
    told = {"version": str(patient.version), "establishment": str(place.pk), "room": "7", "consent_how": how}
    answer = client.post("/patients/martin/dossier/vie", told)
    return "" if answer.status_code == 302 else answer.content.decode()


def test_who_moves_to_another_establishment_says_whether_their_team_goes_on(console: Client, clinic: Clinic) -> None:
    sonia, place = elsewhere()
    paul = practitioner("paul", "physician")
    join(clinic.patient, paul)
    own = Establishment.objects.create(name="Maison de la colline")
    night = Team.objects.create(establishment=own, name="Nuit")
    night.members.add(clinic.claire, paul)
    assert moved(console, own) == ""
    assert "rien n’est enregistré" in moved(console, place)
    assert Patient.objects.get(pk="martin").establishment == own
    assert moved(console, place, "Madame Martin, de vive voix") == ""
    join(Patient.objects.get(pk="martin"), sonia)
    consents = {one.practitioner_id: one for one in SharingConsent.objects.all()}
    assert set(consents) == {clinic.claire.pk, paul.pk}
    console.post(f"/patients/martin/accords/{consents[paul.pk].pk}/retirer")
    with pytest.raises(NotInCareTeam):
        patient_of(paul, "martin")
    assert moved(console, own, "") != "", "now the social worker would be outside"


def test_a_referent_alone_notes_that_the_patient_consents(console: Client, clinic: Clinic) -> None:
    _, place = elsewhere()
    paul = practitioner("paul", "physician")
    join(clinic.patient, paul)
    own = Establishment.objects.create(name="Maison de la colline")
    paul.teams.add(Team.objects.create(establishment=own, name="Nuit"))
    assert "référent du patient qui note" in moved(signed_in(paul), place, "de vive voix")
    assert not SharingConsent.objects.exists()


def test_within_one_establishment_no_consent_is_asked(clinic: Clinic) -> None:
    sonia, place = elsewhere()
    clinic.patient.establishment = place
    clinic.patient.save()
    assert join(clinic.patient, sonia).consent is None
    assert is_outside(clinic.patient, clinic.claire)


def test_a_withdrawn_consent_ends_only_what_it_opened(clinic: Clinic) -> None:
    sonia, _ = elsewhere()
    consent = record_consent(clinic.patient, sonia, "par écrit", clinic.claire)
    join(clinic.patient, sonia)
    withdraw_consent(consent)
    assert clinic.patient in patients_of(clinic.claire)
    assert not clinic.patient.participants.filter(practitioner=sonia, until_ms=None).exists()


def test_a_record_keeps_a_referent(clinic: Clinic) -> None:
    mine = clinic.patient.participants.get(practitioner=clinic.claire)
    refused("last-referent", leave, mine)
    join(clinic.patient, practitioner("paul", "physician"), referring=True)
    leave(mine)
    assert clinic.patient not in patients_of(clinic.claire)


@pytest.mark.parametrize("role", ["technician", "administrator"])
def test_who_reads_nothing_joins_no_team(clinic: Clinic, role: str) -> None:
    refused("reads-nothing", join, clinic.patient, practitioner("autre", role))
    clinic.patient.participants.create(practitioner=practitioner("forced", role), since_ms=1)
    assert not patients_of(Practitioner.objects.get(username="forced"), What.READ_SOCIAL).exists()


def test_the_last_administrator_stays(console: Client) -> None:
    anna = practitioner("anna", "administrator")
    client = signed_in(anna)
    told = client.post(f"/personnel/{anna.pk}/compte", {"act": "close"}).content.decode()
    assert "dernier administrateur" in told
    fields = {"given": "Anna", "family": "N", "role": "nurse", "role_shown": "infirmière"}
    assert "dernier administrateur" in client.post(f"/personnel/{anna.pk}", fields).content.decode()
    anna.refresh_from_db()
    assert (anna.role, anna.is_active) == ("administrator", True)


def test_an_administrator_makes_an_account_and_closes_it(console: Client) -> None:
    client = signed_in(practitioner("anna", "administrator"))
    fields = {"given": "Léa", "family": "Roy", "username": "Lea", "role": "nurse", "role_shown": "infirmière"}
    told = client.post("/personnel/nouveau", fields).content.decode()
    assert "pris" in client.post("/personnel/nouveau", fields).content.decode()
    password = told.split("<code>")[1].split("</code>")[0]
    lea = Practitioner.objects.get(username="lea")
    hers = Client()
    assert hers.post("/connexion", {"username": "lea", "password": password}).status_code == 302
    assert client.post(f"/personnel/{lea.pk}/compte", {"act": "first-password"}).status_code == 200
    assert hers.get("/").headers["Location"].startswith("/connexion?")
    client.post(f"/personnel/{lea.pk}/compte", {"act": "close"})
    lea.refresh_from_db()
    assert not lea.is_active
    assert client.post(f"/personnel/{lea.pk}/compte", {"act": "whatever"}).status_code == 404


SCRIPT = "<script>alert(1)</script>\"'><img src=x>{{ 7 }}"


@pytest.fixture
def cast(clinic: Clinic, console: Client) -> Cast:
    return cast_of(clinic)


def test_html_in_every_field_stays_words(cast: Cast, clinic: Clinic) -> None:
    nurse, admin = signed_in(clinic.claire), signed_in(cast.people["administrator"])
    person = {"given": SCRIPT, "family": SCRIPT, "role": "nurse", "role_shown": SCRIPT}
    admin.post(f"/personnel/{cast.people['physician'].pk}", {**person, "role": "physician"})
    admin.post("/personnel/nouveau", {**person, "username": "pirate"})
    admin.post("/equipes", {"which": "establishment", "e-name": SCRIPT})
    place = Establishment.objects.get(name=SCRIPT)
    admin.post("/equipes", {"which": "team", "t-name": SCRIPT, "t-establishment": str(place.pk)})
    outsider = Practitioner.objects.get(username="pirate")
    outsider.teams.add(Team.objects.get(name=SCRIPT))
    nurse.post("/patients/martin/equipe/entrer", {"practitioner": str(outsider.pk), "how": SCRIPT})
    Patient.objects.filter(id="martin").update(given=SCRIPT, family=SCRIPT, address_as=SCRIPT, room=SCRIPT)
    asked = {**dict.fromkeys(("given", "family", "address_as", "room", "asker_name", "words"), SCRIPT)}
    nurse.post("/demandes/nouvelle", {**asked, "asker": "relative", "asked_of": str(clinic.claire.pk)})
    mine = AccessRequest.objects.get(patient__family=SCRIPT, decided_ms=None)
    nurse.post(f"/demandes/{mine.pk}", {"answer": "no", "reason": SCRIPT})
    outside = signed_in(cast.people["coordinating-nurse"])
    outside.post("/urgence", {"identifier": "martin", "reason": SCRIPT})
    assert SharingConsent.objects.filter(how=SCRIPT).exists()
    for client in (nurse, admin, outside):
        for name in MAY_SEE:
            answer = client.get(address(name, cast))
            if answer.get("Content-Type") != "image/png":  # a plan drawn by the box
                quiet(answer.content.decode())
        quiet(client.get(f"/demandes/{mine.pk}").content.decode())
    for path in ("/personnel/nouveau", "/demandes/nouvelle", "/urgence", "/equipes"):
        quiet(
            (admin if "personnel" in path else nurse)
            .post(path, dict.fromkeys((*NEW, *person), SCRIPT))
            .content.decode()
        )


def quiet(page: str) -> None:
    words = Words()
    words.feed(page)
    assert "x" not in words.sources


def test_no_post_without_its_token(cast: Cast, clinic: Clinic) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(clinic.claire)
    posts = [*MAY_DO, "new-request", "request", "request-for", "emergency", "readers", "second-factor", "password"]
    posts += ["add-passkey", "remove-passkey"]
    for name in posts:
        assert client.post(address(name, cast), {"answer": "yes", "reason": "x"}).status_code == 403, name
    for name in ("login", "language"):
        assert Client(enforce_csrf_checks=True).post(reverse(name)).status_code == 403, name
    assert {name for name in patterns() if name in posts} == set(posts)


@pytest.mark.parametrize("size", [1_001, 200_000])
def test_long_words_are_refused_and_not_cut(console: Client, clinic: Clinic, size: int) -> None:
    answer = signed_in(clinic.claire).post(
        "/demandes/nouvelle", {**NEW, "words": "a" * size, "asked_of": str(clinic.claire.pk)}
    )
    assert answer.status_code == 200
    assert not AccessRequest.objects.filter(patient__family="Neuve").exists()


@pytest.mark.parametrize("odd", ["\0", "\N{REPLACEMENT CHARACTER}", "\U0001d54f" * 90, "\N{RIGHT-TO-LEFT OVERRIDE}"])
def test_odd_letters_are_no_error(console: Client, clinic: Clinic, odd: str) -> None:
    client = signed_in(clinic.claire)
    for path, words in (
        ("/urgence", {"identifier": odd, "reason": odd * 12}),
        ("/demandes/nouvelle", {**NEW, "given": odd, "asked_of": odd}),
        ("/securite/renouveler", {"code": odd, "what": odd}),
        ("/connexion", {"username": odd, "password": odd}),
    ):
        assert client.post(path, words).status_code in (200, 302), path
        assert Client().post("/connexion", {"username": odd, "password": odd}).status_code in (200, 429)
    assert client.get("/patients/%00/equipe").status_code == 404


@pytest.mark.parametrize("address", ["x" * 91, "\u200b", "Rose\u2028Neuve"])
def test_how_somebody_is_addressed_is_what_a_box_can_show(console: Client, clinic: Clinic, address: str) -> None:
    """Or the first plan could not be signed, weeks later, and nobody would know why."""
    words = {**NEW, "asked_of": str(clinic.claire.pk), "address_as": address}
    assert console.post("/demandes/nouvelle", words).status_code == 200
    assert not Patient.objects.filter(family="Neuve").exists()


@pytest.mark.parametrize("field", ["given", "role_shown"])
def test_what_patients_read_of_staff_is_what_a_box_can_show(console: Client, clinic: Clinic, field: str) -> None:
    """A box refuses the receipt of a reader, and the plan of a référent, whose name it cannot show."""
    client = signed_in(practitioner("ada", "administrator"))
    words = {"given": "Luc", "family": "Roi", "role": "nurse", "role_shown": "infirmier", "username": "luc"}
    assert client.post("/personnel/nouveau", {**words, field: "\u200b"}).status_code == 200
    assert not Practitioner.objects.filter(username="luc").exists()
