"""The proof of access: nothing of a patient on any page of others, by any address, id, search or act.

On rows planted from the models (planting.py) and on every address there is: what is added later is walked as well.
"""

import itertools
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db.models import BinaryField
from django.test import Client
from django.urls import reverse

from clinic.console.sessions import SessionStore
from clinic.fleet.boxes import register
from clinic.people.models import Practitioner
from mqtt_bridge import seal
from tests.clinic.cast import Cast, cast_of, signed_in
from tests.clinic.conftest import Clinic
from tests.clinic.parts import PASSWORD
from tests.clinic.planting import Row, as_they_are, of_patients, plant
from tests.clinic.test_access import MAY_DO, MAY_SEE, OPEN, address, patterns, values_of

pytestmark = pytest.mark.django_db(databases=["default", "audit"])

MARK = "ZQPLANT"
SOUGHT = MARK[:-1]
"""What is searched for: a page may say it back, and must find nothing by it."""
OUTSIDERS = ["nurse", "social-worker", "technician", "administrator"]
"""One for each way to be outside; test_access.py walks all eight roles."""
WORDS = {
    "act": "take", "done": "x", "reason": "une raison assez longue", "sure": "deceased", "state": "deceased",
    "text": "x", "words": "x", "answer": "yes", "replies": "", "page": "1",
}  # fmt: skip
"""What an act could be sent with: enough of it for many acts to go through, were they allowed."""


@pytest.fixture
def cast(clinic: Clinic, console: Client) -> Cast:
    return cast_of(clinic)


@pytest.fixture
def planted(cast: Cast) -> dict[type[Row], Row]:
    """Of the patient whom none of the cast follows: a row in each table, every text marked."""
    stranger = Practitioner.objects.get(username="stranger")
    box = register("box-other", seal.make_keys().public, cast.other)
    return plant(cast.other, stranger, box, lambda n: f"{MARK}{n:03}")


def addresses(cast: Cast) -> Iterator[tuple[str, str, bool]]:
    """(name, address, whether something of the other patient is named in it): each way of mixing the ids."""
    for name in patterns():
        own, other = values_of(name, cast), values_of(name, cast, other=True)
        choices = [dict.fromkeys((own[key], other[key])) for key in own]
        for chosen in itertools.product(*choices):
            values = dict(zip(own, chosen, strict=True))
            yield name, reverse(name, kwargs=values), values != own


FIELD = re.compile(r'<(?:input|select)[^>]* name="(\w+)"')


def _asked(answer: Any) -> set[str]:
    """The fields of the page's forms that ask and do not act: a search for the mark must find nothing."""
    told = "" if answer.streaming else answer.content.decode(errors="replace")
    forms = re.findall(r"<form(?![^>]*method=.?post)[^>]*>(.*?)</form>", told, re.DOTALL)
    return {field for form in forms for field in FIELD.findall(form)}


def silent(answer: Any, where: str) -> None:
    told = answer.content.decode(errors="replace") if not answer.streaming else ""
    found = re.findall(rf"{MARK}\d*", told + str(answer.headers))
    assert not found, f"{where} tells of another team's patient: {found[:3]}"


@pytest.mark.parametrize("role", OUTSIDERS)
def test_nothing_of_another_teams_patient_is_on_any_page(cast: Cast, planted: dict[type[Row], Row], role: str) -> None:
    client = signed_in(cast.people[role])
    before = as_they_are(planted)
    for name, path, foreign in addresses(cast):
        answer = client.get(path)
        silent(answer, path)
        if foreign:
            assert answer.status_code in (403, 404, 405), (path, answer.status_code)
        for field in _asked(answer):
            silent(client.get(path, {field: SOUGHT}), f"{path}?{field}=")
        if name in OPEN or name == "logout":
            continue
        if foreign:
            for sent in ({}, WORDS):
                answer = client.post(path, sent)
                silent(answer, path)
                assert answer.status_code in (403, 404, 405), (path, answer.status_code)
    assert as_they_are(planted) == before


def test_nobody_is_told_anything(cast: Cast, planted: dict[type[Row], Row]) -> None:
    before = as_they_are(planted)
    for name, path, _foreign in addresses(cast):
        for answer in (Client().get(path), Client().post(path, WORDS)):
            silent(answer, path)
            assert name in OPEN or answer.status_code == 302, (path, answer.status_code)
    assert as_they_are(planted) == before


def test_no_act_is_done_without_the_pages_token(cast: Cast, planted: dict[type[Row], Row]) -> None:
    """CSRF: of every address, also of those that nobody needs to sign in for."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.people["nurse"])
    before = as_they_are(planted)
    for _name, path, _foreign in addresses(cast):
        answer = client.post(path, WORDS)
        assert answer.status_code == 403, (path, answer.status_code)
    assert as_they_are(planted) == before


def test_every_address_is_walked(cast: Cast, planted: dict[type[Row], Row]) -> None:
    walked = {name for name, _, _ in addresses(cast)}
    assert walked == set(patterns()) == set(MAY_SEE) | set(MAY_DO) | OPEN, (
        "tell in tests/clinic/test_access.py who may see the new page (MAY_SEE) or do the new act (MAY_DO)"
    )


HTML = "<i>ZQ{}\"'&"


def documents() -> frozenset[str]:
    """Tables of written documents (plans, drafts, orders): no row of them is made up."""
    found = [one for one in of_patients() if any(isinstance(f, BinaryField) for f in one._meta.concrete_fields)]
    return frozenset(one._meta.label for one in found)


def test_no_words_of_anybody_become_a_page(clinic: Clinic, cast: Cast) -> None:
    """HTML in every text of a patient of one's own, on every page that shows it."""
    plant(clinic.patient, clinic.claire, clinic.device, HTML.format, documents())
    client = signed_in(clinic.claire)
    shown = 0
    for name in patterns():
        answer = client.get(address(name, cast))
        page = answer.headers.get("Content-Type", "").startswith("text/html")  # a table is no page: nothing runs in it
        told = answer.content.decode(errors="replace") if page and not answer.streaming else ""
        assert "<i>ZQ" not in told, name
        shown += told.count("&lt;i&gt;ZQ")
    assert shown > 10, "the marks are really shown, escaped"


def test_a_session_that_was_given_to_somebody_is_worth_nothing_once_they_sign_in(cast: Cast) -> None:
    """Session fixation: who signs in gets another key, and who signs out leaves none."""
    store = SessionStore()
    store["x"] = "y"
    store.create()
    victim, planted_key = Client(), str(store.session_key)
    victim.cookies["sessionid"] = planted_key
    victim.post("/connexion", {"username": "claire", "password": PASSWORD})
    own_key = victim.cookies["sessionid"].value
    assert own_key != planted_key
    assert "Jeanne Martin" in victim.get("/").content.decode()
    thief = Client()
    thief.cookies["sessionid"] = planted_key
    assert thief.get("/").status_code == 302
    thief.cookies["sessionid"] = "a" * 32
    assert thief.get("/").status_code == 302
    victim.post("/deconnexion")
    thief.cookies["sessionid"] = own_key
    assert thief.get("/").status_code == 302


@pytest.mark.parametrize("told", [str(10 * 1024 * 1024), "9" * 30, "-1", "²", "x"])
def test_ten_mebibytes_are_refused_before_a_byte_is_read(cast: Cast, told: str) -> None:
    class Untouched:
        def read(self, *_: int) -> bytes:
            raise AssertionError("it was read")

        readline = read

    client = signed_in(cast.people["nurse"])
    for path in ("/patients/martin/messages", "/connexion", "/nulle-part"):
        sent: dict[str, Any] = {"CONTENT_LENGTH": told, "wsgi.input": Untouched()}
        answer = client.post(path, {}, **sent)
        assert answer.status_code == 413
        assert "trop gros" in answer.content.decode()


def test_the_balancers_page_tells_nothing(cast: Cast) -> None:
    answer = Client().get("/sante")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert "sessionid" not in answer.cookies
    assert Client().post("/sante").status_code == 405
