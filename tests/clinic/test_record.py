"""The first page of a record and its timeline: what stands there, for whom, in how many queries, who changes it."""

import datetime as dt
import json

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from clinic.audit.models import AuditEvent
from clinic.clock import now_ms
from clinic.console.events_told import GROUPS, WORDS, tell_event
from clinic.events import Event, Span
from clinic.people import ins
from clinic.people.contraindications import contraindications_of, note, present_among, unasked_among
from clinic.people.models import Flag, Patient, Practitioner, Provenance, RelatedPerson
from clinic.people.searching import plain
from clinic.record.newest import kinds_told, newest
from clinic.record.timeline import page, told_of
from clinic.results.models import Session
from mqtt_bridge.contract.report import Gap
from tests.clinic.box import evaluation, listening
from tests.clinic.cast import Cast, cast_of, signed_in
from tests.clinic.conftest import Clinic

pytestmark = pytest.mark.django_db(databases=["default", "audit"])

RECORD = "/patients/martin/dossier"
QUERIES_MAX = 12
GOOD_INS = "269054958815780"
"""The specimen that every French leaflet shows."""


@pytest.fixture
def cast(clinic: Clinic, console: Client) -> Cast:
    return cast_of(clinic)


def told(client: Client, path: str = RECORD, **query: str) -> str:
    answer = client.get(path, query)
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def queries(client: Client, path: str) -> int:
    """How many queries the page takes, on both databases."""
    client.get(path)  # the session is written once a minute, the trail's chain begins once a process
    with CaptureQueriesContext(connections["default"]) as record, CaptureQueriesContext(connections["audit"]) as trail:
        assert client.get(path).status_code == 200
    return len(record) + len(trail)


def lived(clinic: Clinic, sessions: int) -> None:
    for number in range(sessions):
        for content in (
            evaluation("before", (6, 7, "declined", None, 2), "mal dormi", session=f"s-{number}"),
            listening(f"s-{number}", gaps=(Gap(at_frame=48_000, duration_ms=420.0),)),
        ):
            clinic.receive(clinic.box.report(content))


def test_the_pages_of_a_record_take_few_queries(cast: Cast, clinic: Clinic, console: Client) -> None:
    lived(clinic, 3)
    RelatedPerson.objects.create(patient=clinic.patient, name="Anne Martin", relationship="child", since_ms=1)
    for path in (
        RECORD,
        "/",
        f"{RECORD}/identite",
        f"{RECORD}/vie",
        f"{RECORD}/precautions",
        "/patients/recherche?q=mar",
    ):
        assert queries(console, path) <= QUERIES_MAX, path


def test_who_is_who_on_the_first_page(cast: Cast, clinic: Clinic, console: Client) -> None:
    Patient.objects.filter(pk="martin").update(
        ins=GOOD_INS, ins_oid=ins.NIR, identity_status="qualified", birth_date=dt.date(1941, 5, 3),
        pathway="palliative", legal_protection="tutelle", hearing_aids="both",
    )  # fmt: skip
    RelatedPerson.objects.create(
        patient=clinic.patient, name="Anne Martin", relationship="child", phone="01 02", main_caregiver=True, since_ms=1
    )
    note(clinic.patient, Flag.Code.HYPERACUSIS, present=True, words="à gauche", by=clinic.claire)
    page_told = told(console)
    for words in (
        "identité qualifiée",
        "3 mai 1941",
        "soins palliatifs",
        "tutelle",
        "les deux oreilles",
        "Anne Martin",
        "aidant principal",
        "01 02",
        "Hyperacousie",
        "à gauche",
        "pas encore demandé",
        "Claire Moreau",
    ):
        assert words.lower() in page_told.lower(), words
    assert ins.grouped(GOOD_INS) in page_told


def test_a_social_worker_reads_the_social_part_alone(cast: Cast, clinic: Clinic) -> None:
    lived(clinic, 1)
    Patient.objects.filter(pk="martin").update(ins=GOOD_INS, ins_oid=ins.NIR, pathway="palliative", lives="home")
    note(clinic.patient, Flag.Code.HYPERACUSIS, present=True, words="à gauche", by=clinic.claire)
    client = signed_in(cast.people["social-worker"])
    for page_told in (told(client), client.get(RECORD, headers={"HX-Request": "true"}).content.decode()):
        for words in (
            "palliatif",
            "acousie",
            "confidence",
            "gauche",
            "Séance",
            "2 69",
            "mal dormi",
            "Médicaments",
            "Aide demandée",
        ):
            assert words not in page_told, words
        assert "Accès validé" in page_told
    assert "à son domicile" in told(client).lower()
    assert client.get(f"{RECORD}/identite").status_code == 403
    assert client.get(f"{RECORD}/precautions").status_code == 403


def test_every_kind_of_event_has_words_and_a_group(clinic: Clinic) -> None:
    kinds = [rows.kind for rows in told_of(clinic.patient, health=True)]
    assert len(kinds) == len(set(kinds))
    assert set(kinds) == set(WORDS) == {kind for _, kinds in GROUPS.values() for kind in kinds}


def test_each_teller_copes_with_the_poorest_row(clinic: Clinic) -> None:
    for kind, tell in WORDS.items():
        event = Event(
            1, kind, 1, uncertain=False, code="", what="", said="{}" if "changed" in kind else "", by="", ref="1"
        )
        assert tell(event, clinic.patient).words, kind


def every(patient: Patient, size: int) -> list[Event]:
    """The timeline, page by page."""
    found: list[Event] = []
    after = None
    while True:
        one = page(told_of(patient, health=True), Span(after=after), size=size)
        found += one.events
        after = one.following
        if after is None:
            return found


def test_the_timeline_is_paged_without_loss_or_repetition(cast: Cast, clinic: Clinic) -> None:
    lived(clinic, 4)
    Flag.objects.bulk_create(
        Flag(patient=clinic.patient, code="dissociation", present=n % 2 == 0, recorded_ms=5_000) for n in range(9)
    )  # all in one millisecond
    whole = every(clinic.patient, 1000)
    assert len({(one.kind, one.key) for one in whole}) == len(whole) > 20
    assert [one.at_ms for one in whole] == sorted((one.at_ms for one in whole), reverse=True)
    for size in (1, 2, 3, 7):
        assert every(clinic.patient, size) == whole, size


def test_a_page_of_the_timeline_is_one_query_however_long_it_is(cast: Cast, clinic: Clinic) -> None:
    lived(clinic, 3)
    with CaptureQueriesContext(connections["default"]) as asked:
        assert len(page(told_of(clinic.patient, health=True), Span(), size=2).events) == 2
    assert len(asked) == 1


def test_the_newest_page_is_what_the_timeline_says_of_each_patient(cast: Cast, clinic: Clinic) -> None:
    """Its query is made once and asked of each: nobody's events are another's, whoever was asked about first."""
    lived(clinic, 4)
    asked = [clinic.patient, cast.other, clinic.patient]
    for patient in asked:
        for health in (True, False):
            every = page(told_of(patient, health=health), Span(), size=7)
            assert newest(patient, health=health, size=7) == every
            assert kinds_told(health=health) == {rows.kind for rows in told_of(patient, health=health)}
        some = frozenset({"team-joined", "access-asked"})
        assert newest(patient, health=True, kinds=some) == page(told_of(patient, health=True), Span(kinds=some))
    assert newest(clinic.patient, health=True).events != newest(cast.other, health=True).events
    assert newest(clinic.patient, health=True, kinds=frozenset({"nothing"})).events == []


def test_the_timeline_is_narrowed_and_searched(cast: Cast, clinic: Clinic, console: Client) -> None:
    lived(clinic, 2)
    note(clinic.patient, Flag.Code.HYPERACUSIS, present=True, words="depuis l’été", by=clinic.claire)
    assert "mal dormi" in told(console, kind="care")
    assert "Hyperacousie".lower() not in told_part(console, kind="care").lower()
    assert "depuis l’été" in told_part(console, words="ete HYPER")
    assert "mal dormi" not in told_part(console, words="ete HYPER")
    assert "Rien ne correspond" in told_part(console, words="zzz")
    assert "mal dormi" not in told_part(console, days="7"), "the sessions are years old"
    assert "mal dormi" in told_part(console, days="x", kind="'\"<script>", after="~~")


def told_part(client: Client, **query: str) -> str:
    answer = client.get(RECORD, query, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "<html" not in answer.content.decode()
    return str(answer.content.decode())


def test_a_part_asked_for_after_the_session_ended_sends_to_the_sign_in(cast: Cast) -> None:
    answer = Client().get(RECORD, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/connexion")


def fields(client: Client, path: str) -> dict[str, str]:
    """What the form of a page holds, as a browser would send it."""
    form = client.get(path).context["form"]
    found = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    return {name: getattr(value, "pk", value) for name, value in found.items() if value not in (None, False, "")}


def test_who_edits_a_page_that_changed_is_told_and_loses_nothing(cast: Cast, clinic: Clinic, console: Client) -> None:
    path = f"{RECORD}/vie"
    first, second = fields(console, path), fields(signed_in(cast.people["physician"]), path)
    assert console.post(path, {**first, "room": "chambre 14"}).status_code == 302
    answer = signed_in(cast.people["physician"]).post(path, {**second, "room": "chambre 15", "phone": "06"})
    page_told = answer.content.decode()
    assert answer.status_code == 409
    assert "chambre 12 → chambre 14" in page_told
    assert "Claire Moreau" in page_told
    assert 'value="chambre 15"' in page_told
    patient = Patient.objects.get(pk="martin")
    assert (patient.room, patient.phone, patient.version) == ("chambre 14", "", 2)
    again = {name: answer.context["form"].data[name] for name in answer.context["form"].data}
    assert signed_in(cast.people["physician"]).post(path, again).status_code == 302
    patient.refresh_from_db()
    assert (patient.room, patient.phone, patient.version) == ("chambre 15", "06", 3)
    changes = [one.changes for one in Provenance.objects.order_by("version")]
    assert [change["room"] for change in changes] == [["chambre 12", "chambre 14"], ["chambre 14", "chambre 15"]]
    assert "chambre 14 → chambre 15" in told(console)


def test_saving_what_nobody_changed_writes_nothing(cast: Cast, console: Client) -> None:
    path = f"{RECORD}/vie"
    assert console.post(path, fields(console, path)).status_code == 302
    assert Patient.objects.get(pk="martin").version == 1
    assert not Provenance.objects.exists()


@pytest.mark.parametrize(
    ("typed", "oid", "status", "error"),
    [
        ("2 69 05 49 588 157 80", ins.NIR, "qualified", ""),
        ("269054958815781", ins.NIR, "qualified", "La clé ne va pas"),
        ("26905495881578", ins.NIR, "qualified", "treize caractères"),
        ("²69054958815780", ins.NIR, "qualified", "treize caractères"),
        (GOOD_INS, "", "qualified", "registre"),
        (GOOD_INS, ins.TEST, "qualified", "registre"),
        (GOOD_INS, ins.NIR, "provisional", "récupérée ou qualifiée"),
        ("", "", "qualified", "porte son INS"),
        ("", "", "pseudonym", "laissez le prénom vide"),
    ],
)
def test_an_ins_is_checked(cast: Cast, console: Client, typed: str, oid: str, status: str, error: str) -> None:
    path = f"{RECORD}/identite"
    answer = console.post(path, {**fields(console, path), "ins": typed, "ins_oid": oid, "identity_status": status})
    assert (answer.status_code == 302) == (error == "")
    if error:
        assert error in answer.content.decode()
        assert Patient.objects.get(pk="martin").version == 1
    else:
        assert Patient.objects.get(pk="martin").ins == GOOD_INS


@pytest.mark.parametrize(("body", "key"), [("1800160101021", 64), ("1991175990001", 39)])
def test_keys_of_the_ins(body: str, key: int) -> None:
    assert ins.key_of(body) == 97 - int(body) % 97
    assert (int(body) + ins.key_of(body)) % 97 == 0


def test_corsican_keys() -> None:
    assert ins.key_of("190012A004012") == 97 - 1_900_119_004_012 % 97
    assert ins.key_of("190012B004012") == 97 - 1_900_118_004_012 % 97
    assert ins.fault_of("190012A004012" + f"{ins.key_of('190012A004012'):02}", ins.NIR, invented_people=False) is None
    assert ins.fault_of(GOOD_INS, ins.TEST, invented_people=True) is None
    assert ins.fault_of(GOOD_INS, ins.NIR, invented_people=True) == "invented"


def test_contraindications_are_asked_one_by_one(cast: Cast, clinic: Clinic, console: Client) -> None:
    assert set(contraindications_of(clinic.patient).values()) == {None}
    path = f"{RECORD}/precautions"
    answer = console.post(
        path, {"last": "0", "hyperacusis": "yes", "hyperacusis-note": "à gauche", "dissociation": "no"}
    )
    assert answer.status_code == 302
    known = contraindications_of(clinic.patient)
    assert {code: flag and flag.present for code, flag in known.items()} == {
        "musicogenic-epilepsy": None, "hyperacusis": True, "dissociation": False, "shortness-of-breath": None,
    }  # fmt: skip
    named = ("hyperacusis", "dissociation", "shortness-of-breath")
    assert (present_among(known, named), unasked_among(known, named)) == (["hyperacusis"], ["shortness-of-breath"])
    late = console.post(path, {"last": "0", "hyperacusis": "no"})
    assert "entre-temps" in late.content.decode()
    assert contraindications_of(clinic.patient)["hyperacusis"] == known["hyperacusis"]
    again = dict(late.context["form"].data.items())
    assert console.post(path, again).status_code == 302
    last = contraindications_of(clinic.patient)["hyperacusis"]
    assert last is not None
    assert not last.present
    assert Flag.objects.filter(code="hyperacusis").count() == 2, "nothing is written over"


def test_a_related_person_is_added_changed_and_ended(cast: Cast, clinic: Clinic, console: Client) -> None:
    worker = signed_in(cast.people["social-worker"])
    path = f"{RECORD}/proches/nouveau"
    anne = {"version": "1", "name": "Anne Martin", "relationship": "child", "main_caregiver": "on"}
    assert worker.post(path, anne).status_code == 302
    other = worker.post(path, {**anne, "name": "Paul Martin"})
    assert "aidant principal" in other.content.decode()
    [person] = RelatedPerson.objects.filter(patient="martin").exclude(name="Louise")
    trusted = {**fields(worker, f"{RECORD}/proches/{person.pk}"), "trusted_person": "on"}
    assert "l’écrit" in worker.post(f"{RECORD}/proches/{person.pk}", trusted).content.decode()
    trusted["trusted_how"] = "écrit du 3 mai, dans le dossier papier"
    assert worker.post(f"{RECORD}/proches/{person.pk}", trusted).status_code == 302
    assert "personne de confiance" in told(console)
    assert worker.post(f"{RECORD}/proches/{person.pk}/fin").status_code == 302
    person.refresh_from_db()
    assert person.until_ms is not None
    assert "n’est plus joint" in told(console)
    assert worker.get(f"{RECORD}/proches/{person.pk}").status_code == 404
    written = AuditEvent.objects.filter(agent="social-worker", action="write", patient="martin")
    assert written.count() == 5


def test_another_patients_related_person_is_not_taken_under_ones_own(cast: Cast, console: Client) -> None:
    theirs = RelatedPerson.objects.create(patient=cast.other, name="Secret", relationship="child", since_ms=1)
    for path in (f"{RECORD}/proches/{theirs.pk}", f"{RECORD}/proches/{theirs.pk}/fin"):
        assert console.post(path, {"version": "1", "name": "x", "relationship": "child"}).status_code == 404
    theirs.refresh_from_db()
    assert (theirs.name, theirs.until_ms) == ("Secret", None)


def test_hostile_words_are_words(cast: Cast, clinic: Clinic, console: Client) -> None:
    bad = "<script>alert(1)</script> {{ 7|add:7 }} \u202e =cmd()"
    path = f"{RECORD}/vie"
    assert console.post(path, {**fields(console, path), "room": bad[:100], "social_note": bad}).status_code == 302
    for page_told in (told(console), told(console, "/"), told(console, "/patients/recherche", q="alert")):
        assert "<script>alert" not in page_told
    assert "&lt;script&gt;alert" in told(console)


def test_patients_are_found_as_one_types(cast: Cast, clinic: Clinic, console: Client) -> None:
    Patient.objects.create(id="hote", given="Éléonore", family="L’Hôte", address_as="Éléonore").participants.create(
        practitioner=clinic.claire, since_ms=1
    )
    for typed, found in (
        ("mar", "Jeanne Martin"), ("jeanne martin", "Jeanne Martin"), ("12", "Jeanne Martin"), ("hote", "Éléonore"),
        ("ELEONORE l'h", "Éléonore"), ("inconnu", ""), ("zebulon", ""), ("%", ""), ("_", ""), (" ", ""),
    ):  # fmt: skip
        page_told = told(console, "/patients/recherche", q=typed)
        assert (found in page_told) if found else ("<li>" not in page_told), typed
        assert "Zebulon" not in page_told
    assert "Éléonore" not in told(console, "/", q="martin")


def test_a_list_is_narrowed_to_a_place_and_to_what_is_new(cast: Cast, clinic: Clinic, console: Client) -> None:
    lived(clinic, 1)
    quiet = Patient.objects.create(id="calme", given="Rose", family="Calme", address_as="Rose", establishment_id=None)
    quiet.participants.create(practitioner=clinic.claire, since_ms=1)
    Session.objects.update(first_received_ms=now_ms())
    assert "Rose Calme" not in told_list(console, only="new")
    assert "Jeanne Martin" in told_list(console, only="new")
    assert "Jeanne Martin" in told_list(console, only="due"), "help is asked for"
    assert "Rose Calme" not in told_list(console, only="due")
    place = cast.other.establishment_id
    assert "Jeanne Martin" not in told_list(console, place=str(place))
    assert "Rose Calme" in told_list(console, place="0")
    assert "Rose Calme" in told_list(console, place="99999999999", only="zzz", page="-1")


def test_a_long_list_has_pages(cast: Cast, clinic: Clinic, console: Client) -> None:
    many = Patient.objects.bulk_create(
        Patient(id=f"p-{n:03}", given="P", family=f"Famille{n:03}", address_as="P") for n in range(60)
    )
    for one in many:
        one.participants.create(practitioner=clinic.claire, since_ms=1)
    first, second = told(console, "/"), told(console, "/", page="2")
    assert "Famille049" in first
    assert "Famille059" not in first
    assert "Famille059" in second
    assert "Famille010" not in second
    assert "Famille033" in told(console, "/patients/recherche", q="famille033"), "bulk_create fills the key too"


@pytest.mark.parametrize("words", ["Éléonore  L’HÔTE-Bœuf", "  ", "’"])
def test_plain_letters(words: str) -> None:
    assert plain(words) == {"É": "eleonore l hote boeuf"}.get(words[0], "")


def test_english_is_whole_on_the_record(cast: Cast, clinic: Clinic, console: Client) -> None:
    with translation.override("en"):
        event = Event(1, "session", 1, uncertain=False, code="stopped", what="La rivière", said="", by="", ref="")
        assert tell_event(event, clinic.patient).words.startswith("Session stopped")
        assert json.dumps([WORDS[kind].__name__ for kind in WORDS])


def test_an_emergency_reads_the_record_and_changes_nothing(cast: Cast, clinic: Clinic) -> None:
    physician: Practitioner = cast.people["physician"]
    clinic.patient.participants.filter(practitioner=physician).update(until_ms=1)
    client = signed_in(physician)
    assert client.get(RECORD).status_code == 404
    client.post("/urgence", {"identifier": "martin", "reason": "malaise dans la chambre"})
    assert "Modifier" not in told(client)
    for path in ("identite", "vie", "precautions", "proches/nouveau"):
        assert client.get(f"{RECORD}/{path}").status_code == 404


def told_list(client: Client, **query: str) -> str:
    """The list alone, as htmx asks for it."""
    answer = client.get("/", query, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return str(answer.content.decode())
