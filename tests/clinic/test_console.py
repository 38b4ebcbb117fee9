"""The console over HTTP, as Claire and as others."""

import re
from html.parser import HTMLParser

import pytest
from django.test import Client
from pytest_django import Settings

from clinic.audit.models import AuditEvent
from clinic.clock import now_ms
from clinic.console.models import LoginFailure
from clinic.fleet.boxes import revoke
from clinic.people.models import Patient, Practitioner
from clinic.people.team import join
from clinic.plans.models import Order
from clinic.results.models import Reading, Session
from clinic.results.reading import mark_read
from clinic.results.sessions import as_json, records, rows_of, sessions
from mqtt_bridge.contract.order import ReadReceipt
from mqtt_bridge.contract.report import Gap
from tests.clinic.box import EPOCH, T0_MS, evaluation, listening, stamp
from tests.clinic.conftest import Clinic
from tests.clinic.parts import PASSWORD

pytestmark = pytest.mark.django_db(databases=["default", "audit"])

SESSIONS = "/patients/martin/seances"
PAGES = ("/", SESSIONS, "/a-verifier", "/boites", "/connexion", "/nulle-part")


class Words(HTMLParser):
    """What a person reads, and where a page's links and parts come from."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []
        self.sources: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.sources += [value or "" for name, value in attrs if name in {"src", "href", "action", "srcset"}]
        self.told += [value or "" for name, value in attrs if name == "aria-label"]
        assert not [name for name, _ in attrs if name == "style" or name.startswith("on")], "refused by our own CSP"
        assert tag != "script" or str(dict(attrs).get("src")).startswith("/static/"), "not one of our own scripts"

    def handle_data(self, data: str) -> None:
        self.told.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.told))


def read(client: Client, path: str = SESSIONS, status: int = 200) -> Words:
    answer = client.get(path)
    assert answer.status_code == status
    words = Words()
    words.feed(answer.content.decode())
    return words


@pytest.fixture
def heard(clinic: Clinic) -> Clinic:
    for content in (
        evaluation("before", (6, 7, "declined", None, 2), "J’ai mal <b>dormi</b>."),
        listening(gaps=(Gap(at_frame=48_000 * 65, duration_ms=420.0),), total_s=1200, played_s=1200),
        evaluation("after", (3, 0, 3, 2, 5)),
    ):
        clinic.receive(clinic.box.report(content))
    return clinic


def test_nothing_is_shown_to_nobody(clinic: Clinic) -> None:
    for path in ("/", SESSIONS, "/a-verifier", "/boites"):
        answer = Client().get(path)
        assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, "/connexion")


def test_signing_in_by_password(console: Client) -> None:
    fresh = Client()
    assert fresh.post("/connexion", {"username": "claire", "password": "wrong"}).status_code == 200
    answer = fresh.post("/connexion", {"username": "claire", "password": PASSWORD})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert "Jeanne Martin" in read(fresh, "/").text
    assert not LoginFailure.objects.exists()
    assert list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))[:2] == [
        "sign-in-refused",
        "sign-in",
    ]


def test_passwords_are_kept_under_argon2(claire: Practitioner) -> None:
    assert claire.password.startswith("argon2$argon2id")


@pytest.mark.parametrize("name", ["claire", "nobody-of-this-name"])
def test_a_name_waits_after_five_failures(console: Client, name: str) -> None:
    fresh = Client()
    for _ in range(5):
        assert fresh.post("/connexion", {"username": name, "password": "wrong"}).status_code == 200
    answer = fresh.post("/connexion", {"username": name, "password": PASSWORD})
    assert answer.status_code == 429
    assert "quart d’heure" in answer.content.decode()


def test_the_lock_out_ends(console: Client, settings: Settings) -> None:
    for _ in range(5):
        Client().post("/connexion", {"username": "claire", "password": "wrong"})
    LoginFailure.objects.update(failed_ms=0)
    assert Client().post("/connexion", {"username": "claire", "password": PASSWORD}).status_code == 302


def test_an_idle_session_ends(console: Client, settings: Settings) -> None:
    read(console, "/")
    settings.SESSION_IDLE_S_MAX = -1
    assert console.get("/").status_code == 302


def test_a_session_is_shown_whole(console: Client, heard: Clinic) -> None:
    told = read(console).text
    assert "Angoisse : 6 avant, 3 après" in told
    assert "Anxiété : 7 avant, 0 après" in told
    assert "Douleur : décliné avant, 3 après" in told
    assert "Agitation : non demandé avant, 2 après" in told
    assert "entendue en entier" in told
    assert "1 coupure, 0,4 s" in told
    assert "à 1 min 5 s : 0,4 s" in told
    assert "J’ai mal <b>dormi</b>." in told
    assert "la personne elle-même" in told


def test_declined_is_never_0(console: Client, clinic: Clinic) -> None:
    clinic.receive(clinic.box.report(evaluation("before", ("declined",) * 5)))
    told = read(console)
    assert not re.search(r"\b0 avant", told.text)
    assert told.tags.count("circle") == 3  # the legend's two and the outcome's: no mark stands on any track


def test_a_box_that_believes_in_another_year_hides_nothing(console: Client, clinic: Clinic) -> None:
    for year in range(1, 25):
        told = evaluation("before", (1, 1, 1, 1, 1), session=f"s-{year}", asked=stamp(T0_MS - year * 86_400_000))
        clinic.receive(clinic.box.report(told), at_ms=T0_MS - year * 86_400_000)
    lost = stamp(1_000, trusted=False, boot="lost")
    clinic.receive(clinic.box.report(evaluation("before", (9, 9, 9, 9, 9), "Enfin.", "s-0", asked=lost)))
    early = stamp(T0_MS + 10 * 86_400_000, boot="early")
    clinic.receive(clinic.box.report(evaluation("before", (9, 9, 9, 9, 9), "Demain.", "s-99", asked=early)))
    told_first = re.split("Enfin|Demain", read(console).text)
    assert len(told_first) == 3
    assert told_first[0].count("heure incertaine") + told_first[1].count("heure incertaine") == 2


def test_an_uncertain_time_is_shown_as_uncertain(console: Client, clinic: Clinic) -> None:
    clinic.receive(clinic.box.report(listening(started=stamp(5_000, trusted=False))))
    assert "heure incertaine" in read(console).text


def test_opening_the_page_reads_once_and_tells_the_box(console: Client, heard: Clinic) -> None:
    console.head(SESSIONS)
    console.get(SESSIONS, headers={"Sec-Purpose": "prefetch;prerender"})
    assert not Reading.objects.exists()
    first = read(console)
    assert "nouveau" in first.text
    assert "Claire, infirmière" in first.text
    assert "nouveau" not in read(console).text
    assert set(Reading.objects.values_list("reader__username", flat=True)) == {"claire"}
    [receipt] = receipts(heard)
    assert [(report.epoch, report.seq) for report in receipt.reports] == [(EPOCH, 1), (EPOCH, 2), (EPOCH, 3)]
    assert (receipt.reader.given, receipt.reader.role) == ("Claire", "infirmière")


def receipts(clinic: Clinic) -> list[ReadReceipt]:
    told = [clinic.box.order(bytes(order.letter)).content for order in Order.objects.order_by("serial")]
    return [content for content in told if isinstance(content, ReadReceipt)]


def read_by(clinic: Clinic) -> object:
    [kept] = records(sessions("martin"))
    return as_json(kept)["read_by"]


def test_what_comes_after_the_page_was_read_has_not_been_read(console: Client, clinic: Clinic) -> None:
    clinic.receive(clinic.box.report(evaluation("before", (6, 7, 5, 4, 2))), at_ms=now_ms())
    assert "nouveau" in read(console).text
    assert read_by(clinic) == ["claire"]
    clinic.receive(clinic.box.report(listening()))
    clinic.receive(clinic.box.report(evaluation("after", (3, 0, 3, 2, 5))))
    assert read_by(clinic) == []
    assert "1 à lire" in read(console, "/").text
    again = read(console).text
    assert "complété" in again
    assert "Lu en partie" not in again
    assert read_by(clinic) == ["claire"]
    assert [[report.seq for report in receipt.reports] for receipt in receipts(clinic)] == [[1], [2, 3]]
    assert "complété" not in read(console).text
    assert len(receipts(clinic)) == 2


def test_a_report_that_arrives_while_the_page_is_made_is_neither_shown_nor_read(clinic: Clinic) -> None:
    clinic.receive(clinic.box.report(evaluation("before", (6, 7, 5, 4, 2))))
    fetched = list(sessions("martin"))
    clinic.receive(clinic.box.report(evaluation("after", (3, 0, 3, 2, 5))))
    mark_read(clinic.claire, rows_of(fetched), clinic.pen)
    [kept] = records(fetched)
    assert kept.after is None
    assert [[report.seq for report in receipt.reports] for receipt in receipts(clinic)] == [[1]]


def test_who_has_read_a_part_is_told_so(console: Client, clinic: Clinic) -> None:
    paul = colleague(clinic)
    clinic.receive(clinic.box.report(evaluation("before", (6, 7, 5, 4, 2))))
    read(paul)
    clinic.receive(clinic.box.report(listening()))
    told = read(console).text
    assert re.search(r"Lu par Claire, infirmière .* Lu en partie par Paul, médecin", told)


def test_a_report_that_another_replaced_is_shown_too(console: Client, heard: Clinic) -> None:
    heard.receive(heard.box.report(listening(outcome="stopped", played_s=30)))
    told = read(console).text
    assert "Reçu auparavant : écoute entendue en entier, 20 min sur 20 min" in told
    assert [len(receipt.reports) for receipt in receipts(heard)] == [4]


def test_a_revoked_box_is_told_nothing_and_the_reading_stands(console: Client, heard: Clinic) -> None:
    revoke(heard.device)
    read(console)
    assert Reading.objects.count() == 3
    assert not Order.objects.exists()


def colleague(clinic: Clinic) -> Client:
    paul = Practitioner.objects.create(
        username="paul", given="Paul", family="N", role="physician", role_shown="médecin"
    )
    join(clinic.patient, paul)
    client = Client()
    client.force_login(paul)
    return client


def test_each_reader_reads_for_themselves(console: Client, heard: Clinic) -> None:
    paul = colleague(heard)
    read(console)
    assert "Claire, infirmière" in read(paul).text
    assert Order.objects.count() == 2
    assert Reading.objects.count() == 6


def test_only_the_care_team_reads(console: Client, heard: Clinic) -> None:
    stranger = Practitioner.objects.create(
        username="eve", given="Eve", family="N", role="nurse", role_shown="infirmière"
    )
    other = Client()
    other.force_login(stranger)
    assert read(other, SESSIONS, 404).text == read(other, "/patients/nobody/seances", 404).text
    assert "Martin" not in read(other, "/").text
    assert "Martin" not in read(other, "/boites").text
    assert not Reading.objects.exists()
    refused = AuditEvent.objects.filter(agent="eve", action="refused", patient="martin")
    assert refused.count() == 1


def test_leaving_the_team_closes_the_record(console: Client, heard: Clinic) -> None:
    heard.patient.participants.update(until_ms=1)
    read(console, SESSIONS, 404)


def test_reading_is_audited(console: Client, heard: Clinic) -> None:
    read(console)
    assert AuditEvent.objects.filter(agent="claire", action="read", patient="martin").count() == 1


@pytest.mark.parametrize("path", PAGES)
def test_no_page_asks_anyone_else_for_anything(console: Client, heard: Clinic, path: str) -> None:
    answer = console.get(path, follow=True)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    words = Words()
    words.feed(answer.content.decode())
    assert "script-src 'self'" in policy
    assert [source for source in words.sources if not source.startswith(("/", "#", "?"))] == []
    assert answer.headers["Cache-Control"].count("no-store") == 1


def test_a_quarantined_letter_and_a_held_one_are_shown(console: Client, heard: Clinic) -> None:
    heard.receive(b"<script>alert(1)</script>")
    heard.receive(heard.box.report(listening("s-9"), patient="nobody"))
    heard.receive(heard.box.report(listening("s-9"), seq=1))
    told = read(console, "/a-verifier")
    assert "Contradictions" in told.text
    assert "Arrivés, pas encore lisibles" in told.text
    assert "Refusés" in told.text
    assert "L’envoi n’a pas la forme attendue" in told.text
    assert "La boîte n’a jamais été enregistrée pour cette personne." in told.text
    assert "Le même envoi est revenu avec un autre contenu." in told.text
    assert "Chevet ne sait pas dire pourquoi" not in told.text


def test_boxes_tell_what_they_still_keep(console: Client, heard: Clinic) -> None:
    from mqtt_bridge.contract import wire

    heard.receive(heard.box.hello((wire.Held(stream="kiosk", epoch=EPOCH, last=5),)))
    assert "2 envois" in read(console, "/boites").text


def test_english_is_chosen_by_hand_and_never_by_the_browser(console: Client, heard: Clinic) -> None:
    assert "Séances" in console.get(SESSIONS, headers={"Accept-Language": "en"}).content.decode()
    back = console.post("/langue", {"language": "en", "next": "https://elsewhere.example/"})
    assert back.headers["Location"] == "/"
    told = read(console).text
    assert "Sessions" in told
    assert "heard whole" in told
    assert "Pain: declined before, 3 after" in told


def test_a_page_costs_few_queries(console: Client, clinic: Clinic, django_assert_max_num_queries: object) -> None:
    for n in range(12):
        clinic.receive(clinic.box.report(evaluation("before", (1, 2, 3, 4, 5), session=f"s-{n}")))
        clinic.receive(clinic.box.report(listening(f"s-{n}")))
    read(console)
    with django_assert_max_num_queries(30):  # type: ignore[operator]  # seven to tell the silences apart
        read(console)


def test_patients_show_how_many_sessions_are_unread(console: Client, heard: Clinic) -> None:
    Session.objects.update(first_received_ms=now_ms())
    assert "1 à lire" in read(console, "/").text
    read(console)
    assert "à lire" not in read(console, "/").text
    assert Patient.objects.count() == 1


def test_what_is_new_is_of_the_last_days_and_what_is_older_stays_unread_on_its_page(
    console: Client, heard: Clinic
) -> None:
    a_month_ms = 30 * 86_400_000
    Session.objects.update(first_received_ms=now_ms() - a_month_ms - 60_000)
    assert "à lire" not in read(console, "/").text
    assert "Aucun de vos patients" in read(console, "/?only=new").text
    Session.objects.update(first_received_ms=now_ms() - a_month_ms + 3_600_000)
    assert "1 à lire" in read(console, "/").text
    assert "Martin" in read(console, "/?only=new").text
    Session.objects.update(first_received_ms=now_ms() - 2 * a_month_ms)
    assert "nouveau" in read(console).text
