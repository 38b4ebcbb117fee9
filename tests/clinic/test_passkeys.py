"""Passkeys: added, used at sign-in, removed, reset; and what a hostile browser sends."""

import html
import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from clinic.audit.models import AuditEvent
from clinic.console.models import LoginFailure
from clinic.doctor import signing_in
from clinic.errors import HomeError
from clinic.home import Configuration, Console, Home
from clinic.people import passkeys, second_factor
from clinic.people.models import Passkey, Practitioner
from clinic.public_url import public_url
from tests.clinic.authenticator import ORIGIN, Authenticator, b64
from tests.clinic.cast import practitioner, signed_in
from tests.clinic.conftest import Clinic
from tests.clinic.parts import PASSWORD
from tests.clinic.test_people_sign_in import code_of, set_up

pytestmark = pytest.mark.django_db(databases=["default", "audit"])

RIGHT = {"username": "claire", "password": PASSWORD}
NAMED = {"name": "clé bleue", "password": PASSWORD}
REFUSED = "n’a pas été reconnue"


@pytest.fixture
def real(console: Client, settings: Settings) -> None:
    """A clinic that is no demonstration, whose address browsers take passkeys at."""
    settings.SECOND_FACTOR_REQUIRED, settings.PUBLIC_URL = True, ORIGIN


def asked(page: str) -> dict[str, Any]:
    """What the page asks the browser."""
    [options] = re.findall(r'data-options="([^"]+)"', page)
    told: dict[str, Any] = json.loads(html.unescape(options))
    return told


def added(client: Client, key: Authenticator, *, name: str = "clé bleue") -> str:
    """Registered through the pages; what the last one says, empty when it sent elsewhere."""
    page = client.post("/securite/cles/ajouter", {**NAMED, "name": name}).content.decode()
    answer = client.post("/securite/cles/ajouter", {"credential": key.make(asked(page))})
    return answer.content.decode()


def half(name: str = "claire") -> Client:
    """The password was right; the second step is on the screen."""
    client = Client()
    client.post("/connexion", {"username": name, "password": PASSWORD})
    return client


def question(client: Client) -> dict[str, Any]:
    return asked(client.get("/connexion/code").content.decode())


def entered(client: Client, answer: str) -> bool:
    return client.post("/connexion/code", {"credential": answer}).status_code == 302


@pytest.fixture
def key(real: None, clinic: Clinic) -> Authenticator:
    """Claire's passkey, beside the codes of her telephone."""
    set_up(clinic.claire)
    made = Authenticator()
    client = half()
    client.post("/connexion/code", {"code": code_of(clinic.claire)})
    assert added(client, made) == ""
    return made


def test_a_passkey_is_enough_and_its_first_one_tells_recovery_codes(real: None, clinic: Clinic) -> None:
    client, key = half(), Authenticator()
    assert client.get("/").headers["Location"] == "/securite/second-facteur"
    assert "/securite/cles/ajouter" in client.get("/securite/second-facteur").content.decode()
    told = added(client, key)
    assert len(re.findall(r"<code>\w{5}-\w{5}</code>", told)) == second_factor.RECOVERY_CODES
    assert client.get("/patients/martin/seances").status_code == 200
    again = half()
    assert again.get("/").headers["Location"].startswith("/connexion?")
    assert entered(again, key.answer(question(again)))
    assert again.get("/patients/martin/seances").status_code == 200
    page = again.get("/securite").content.decode()
    assert "clé bleue" in page
    assert Passkey.objects.get().used_ms is not None
    words = list(AuditEvent.objects.filter(agent="claire").order_by("pk").values_list("detail", flat=True))
    assert f"passkey {Passkey.objects.get().pk} added: clé bleue" in words
    assert words[-1] != "from 127.0.0.1, password alone"
    assert "from 127.0.0.1, two factors, passkey" in words


def test_what_the_browser_is_asked(key: Authenticator, clinic: Clinic) -> None:
    client = half()
    told = question(client)
    assert told["rpId"] == "chevet.maison.example"
    assert [one["id"] for one in told["allowCredentials"]] == [b64(key.credential)]
    assert entered(client, key.answer(told))
    made = asked(client.post("/securite/cles/ajouter", {**NAMED, "name": "autre"}).content.decode())
    assert [one["id"] for one in made["excludeCredentials"]] == [b64(key.credential)]
    assert "claire" not in str(made["user"]["id"])
    assert made["challenge"] != told["challenge"]


LIES: dict[str, Callable[[Authenticator, dict[str, Any]], str]] = {
    "another origin": lambda key, told: key.answer(told, origin="https://chevet.maison.example.evil.example"),
    "a name under ours": lambda key, told: key.answer(told, origin="https://bad.chevet.maison.example"),
    "ours without TLS": lambda key, told: key.answer(told, origin="http://chevet.maison.example"),
    "another relying party": lambda key, told: key.answer(told, host="maison.example"),
    "a challenge of its own": lambda key, told: key.answer(told, challenge=b64(bytes(32))),
    "an empty challenge": lambda key, told: key.answer(told, challenge=""),
    "nobody touched it": lambda key, told: key.answer(told, present=False),
    "within another's page": lambda key, told: key.answer(told, cross_origin=True),
    "an answer of another kind": lambda key, told: key.answer(told, kind="webauthn.create"),
    "signed by nobody": lambda key, told: key.answer(told, other_signature=True),
    "another credential's id": lambda key, told: key.answer(told, credential=b"x" * 32),
    "a counter that went back": lambda key, told: key.answer(told, counter=1),
    "a counter that stands still": lambda key, told: key.answer(told, counter=5),
    "a counter of nothing": lambda key, told: key.answer(told, counter=0),
    "another key": lambda _key, told: Authenticator().answer(told),
    "another key under the same id": lambda key, told: Authenticator(credential=key.credential).answer(told),
    "a registration": lambda key, told: key.make(told),
    "nothing": lambda _key, _told: "",
    "no object": lambda _key, _told: "[]",
    "an object of nothing": lambda _key, _told: "{}",
    "deep": lambda _key, _told: "[" * 10_000,
    "long": lambda _key, _told: json.dumps({"id": "x" * 20_000}),
    "no base64": lambda key, told: key.answer(told).replace('"signature": "', '"signature": "é'),
    "a null": lambda key, told: json.dumps({**json.loads(key.answer(told)), "response": None}),
    "numbers": lambda _key, _told: json.dumps({"id": 1, "rawId": 1, "response": {"clientDataJSON": 3}}),
}


def test_no_lie_enters_and_the_truth_still_does(key: Authenticator) -> None:
    client = half()
    for lie, tell in LIES.items():
        Passkey.objects.update(counter=5)
        key.counter = 9
        told = client.post("/connexion/code", {"credential": tell(key, question(client))})
        assert told.status_code == 200, lie
        assert REFUSED in told.content.decode(), lie
        assert client.get("/").status_code == 302, lie
        failure = LoginFailure.objects.get()  # each counts
        failure.delete()
    refused = AuditEvent.objects.filter(action="sign-in-refused", agent="claire", detail__startswith="passkey, from")
    assert refused.count() == len(LIES)
    assert entered(client, key.answer(question(client)))


def test_a_challenge_is_spent_by_its_answer_right_or_wrong(key: Authenticator) -> None:
    client = half()
    answer = key.answer(told := question(client))
    assert entered(client, answer)
    replayed = half()
    question(replayed)
    assert not entered(replayed, answer)
    wrong = half()
    told = question(wrong)
    assert not entered(wrong, key.answer(told, origin="https://evil.example"))
    assert not entered(wrong, key.answer(told)), "the former challenge is gone; a new one is on the page"


def test_a_challenge_is_of_its_own_session_and_of_its_last_page(key: Authenticator) -> None:
    one, other = half(), half()
    theirs = question(one)
    question(other)
    assert not entered(other, key.answer(theirs))
    first = question(one)
    second = question(one)
    assert not entered(one, key.answer(first)), "a page that was opened again asks anew"
    assert second["challenge"] != first["challenge"]
    fresh = half()
    assert not entered(fresh, key.answer(theirs)), "nothing was asked in this session"


def test_a_challenge_to_make_a_passkey_signs_nobody_in(key: Authenticator, clinic: Clinic) -> None:
    client = half()
    assert entered(client, key.answer(question(client)))
    to_make = asked(client.post("/securite/cles/ajouter", {**NAMED, "name": "autre"}).content.decode())
    client.post("/deconnexion")
    client.post("/connexion", RIGHT)
    assert not entered(client, key.answer(to_make))
    to_answer = question(client)
    client.post("/connexion/code", {"code": code_of(clinic.claire, steps=1)})
    refused = client.post("/securite/cles/ajouter", {"credential": Authenticator().make(to_answer)})
    assert "a trop attendu" in refused.content.decode()
    assert Passkey.objects.count() == 1


def test_a_question_has_five_minutes(key: Authenticator) -> None:
    client = half()
    told = question(client)
    session = client.session
    session["passkey_asked"] = {**session["passkey_asked"], "at_s": time.time() - 301}
    session.save()
    late = client.post("/connexion/code", {"credential": key.answer(told)}).content.decode()
    assert "a trop attendu" in late
    assert entered(client, key.answer(asked(late)))


def test_another_persons_passkey_opens_nothing_here(key: Authenticator, clinic: Clinic) -> None:
    paul = practitioner("paul", "physician")
    paul.set_password(PASSWORD)
    paul.save()
    his = Authenticator()
    assert "clé" in added(signed_in_whole(paul), his)
    client = half()
    assert not entered(client, his.answer(question(client)))
    theirs = half("paul")
    assert entered(theirs, his.answer(question(theirs)))
    taken = added(signed_in_whole(paul), key)
    assert "déjà enregistrée" in taken
    assert passkeys.of(clinic.claire)[0].practitioner == clinic.claire


def signed_in_whole(who: Practitioner) -> Client:
    client = signed_in(who)
    session = client.session
    session["second_factor"] = True
    session.save()
    return client


def test_a_question_that_was_put_to_another_is_not_ones_own(key: Authenticator, clinic: Clinic) -> None:
    """In one browser Paul gives his password, then Claire hers: his question is spent."""
    paul = practitioner("paul", "physician")
    paul.set_password(PASSWORD)
    paul.save()
    added(signed_in_whole(paul), Authenticator())
    client = half("paul")
    told = question(client)
    client.post("/connexion", RIGHT)
    assert not entered(client, key.answer(told))


def test_guessing_is_locked_as_with_codes(key: Authenticator) -> None:
    client = half()
    for _ in range(5):
        assert not entered(client, Authenticator().answer(question(client)))
    locked = client.post("/connexion/code", {"credential": key.answer(question(client))})
    assert locked.status_code == 429


def test_a_key_that_does_not_count_is_taken_each_time(real: None, clinic: Clinic) -> None:
    key = Authenticator(counter=0)
    added(half(), key)
    for _ in range(2):
        client = half()
        assert entered(client, key.answer(question(client)))


MADE_LIES: tuple[dict[str, Any], ...] = (
    {"origin": "https://evil.example"},
    {"host": "evil.example"},
    {"challenge": b64(bytes(32))},
    {"kind": "webauthn.get"},
    {"present": False},
    {"cross_origin": True},
    {"credential": b"y" * 32},
)


def test_no_lie_adds_a_passkey(real: None, clinic: Clinic) -> None:
    client = half()
    for lie in MADE_LIES:
        page = client.post("/securite/cles/ajouter", NAMED).content.decode()
        told = client.post("/securite/cles/ajouter", {"credential": Authenticator().make(asked(page), **lie)})
        assert "Réessayez" in told.content.decode(), lie
    assert not Passkey.objects.exists()
    assert not second_factor.is_set_up(clinic.claire)


def test_adding_and_removing_ask_for_the_password(key: Authenticator, clinic: Clinic) -> None:
    client = half()
    assert entered(client, key.answer(question(client)))
    assert (
        "n’est pas celui-là" in client.post("/securite/cles/ajouter", {"name": "x", "password": "y"}).content.decode()
    )
    assert (
        "Donnez un nom" in client.post("/securite/cles/ajouter", {"name": " ", "password": PASSWORD}).content.decode()
    )
    mine = Passkey.objects.get()
    assert "n’est pas celui-là" in client.post(f"/securite/cles/{mine.pk}", {"password": "y"}).content.decode()
    assert client.post(f"/securite/cles/{mine.pk}", {"password": PASSWORD}).headers["Location"] == "/securite"
    assert not Passkey.objects.exists()
    assert AuditEvent.objects.filter(detail=f"passkey {mine.pk} removed: clé bleue").exists()


def test_nobody_removes_anothers_nor_their_last_factor(real: None, clinic: Clinic) -> None:
    key = Authenticator()
    client = half()
    added(client, key)
    mine = Passkey.objects.get()
    paul = practitioner("paul", "physician")
    set_up(paul)
    assert signed_in_whole(paul).get(f"/securite/cles/{mine.pk}").status_code == 404
    assert "seul deuxième facteur" in client.post(f"/securite/cles/{mine.pk}", {"password": PASSWORD}).content.decode()
    assert Passkey.objects.count() == 1


def test_ten_at_most_each_by_its_name(real: None, clinic: Clinic) -> None:
    client = half()
    for number in range(passkeys.PASSKEYS_MAX):
        added(client, Authenticator(), name=f"<b>clé {number}</b>")
    assert Passkey.objects.count() == passkeys.PASSKEYS_MAX
    assert "déjà dix" in added(client, Authenticator())
    page = client.get("/securite").content.decode()
    assert "&lt;b&gt;clé 3&lt;/b&gt;" in page


def test_codes_and_passkeys_stand_beside_each_other(real: None, clinic: Clinic) -> None:
    """The telephone's codes are added beside a passkey with the password, and taken away again."""
    client, key = half(), Authenticator()
    added(client, key)
    client.get("/securite/second-facteur")
    assert "n’est pas celui-là" in client.post("/securite/second-facteur", {"code": "0"}).content.decode()
    client.post("/securite/second-facteur", {"code": code_of(clinic.claire), "password": PASSWORD})
    assert second_factor.has_application(clinic.claire)
    client.post("/securite/renouveler", {"code": code_of(clinic.claire, steps=1), "what": "telephone"})
    assert not second_factor.has_application(clinic.claire)
    assert client.get("/patients/martin/seances").status_code == 200, "the passkey is still a second factor"
    assert "n’est pas celui-là" in client.post("/securite/renouveler", {"what": "codes"}).content.decode()
    renewed = client.post("/securite/renouveler", {"what": "codes", "password": PASSWORD}).content.decode()
    [code, *_] = re.findall(r"<code>(\w{5}-\w{5})</code>", renewed)
    assert half().post("/connexion/code", {"code": code}).status_code == 302


def test_an_administrator_forgets_them_for_a_lost_key(key: Authenticator, clinic: Clinic) -> None:
    anna = practitioner("anna", "administrator")
    set_up(anna)
    admin, hers = signed_in_whole(anna), half()
    assert entered(hers, key.answer(question(hers)))
    assert "clé bleue" in admin.get(f"/personnel/{clinic.claire.pk}").content.decode()
    assert admin.post(f"/personnel/{clinic.claire.pk}/compte", {"act": "second-factor"}).status_code == 302
    assert not second_factor.is_set_up(clinic.claire)
    assert hers.get("/").status_code == 302, "whoever is signed in is out"
    assert AuditEvent.objects.filter(agent="anna", detail="account claire: second-factor").exists()
    again = half()
    assert again.get("/").headers["Location"] == "/securite/second-facteur"


def test_without_a_public_address_the_pages_say_so_and_codes_go_on(key: Authenticator, settings: Settings) -> None:
    settings.PUBLIC_URL = ""
    client = half()
    page = client.get("/connexion/code").content.decode()
    assert "data-options" not in page
    assert "ne marchent pas ici" in page
    assert not entered(client, key.answer({"challenge": b64(bytes(32))}))
    settings.PUBLIC_URL = ORIGIN
    assert entered(client, key.answer(question(client)))
    settings.PUBLIC_URL = "http://chevet.maison.example"
    assert "chevet-clinic doctor" in client.get("/securite/cles/ajouter").content.decode()
    assert Passkey.objects.count() == 1


@pytest.mark.parametrize(
    ("told", "origin", "host"),
    [
        ("https://chevet.maison.example", "https://chevet.maison.example", "chevet.maison.example"),
        ("https://Chevet.Maison.example:443/", "https://chevet.maison.example", "chevet.maison.example"),
        ("https://chevet.maison.example:8443", "https://chevet.maison.example:8443", "chevet.maison.example"),
        ("http://localhost:8000", "http://localhost:8000", "localhost"),
    ],
)
def test_the_address_as_browsers_say_it(told: str, origin: str, host: str) -> None:
    found = public_url(told)
    assert (found.origin, found.host) == (origin, host)


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ("", "not set"),
        ("http://chevet.maison.example", "not https"),
        ("chevet.maison.example", "not https"),
        ("https://192.0.2.1", "no IP address"),
        ("https://[2001:db8::1]", "no IP address"),
        ("https://", "needs a name"),
        ("https://clinique-é.example", "a to z"),
        ("https://chevet.example/console", "more than"),
        ("https://anna@chevet.example", "more than"),
        ("https://chevet.example:port", "no address"),
        ("https://chevet.example?x", "more than"),
    ],
)
def test_an_address_at_which_no_passkey_holds(told: str, why: str) -> None:
    with pytest.raises(HomeError, match=why) as refused:
        public_url(told)
    assert "clinic.toml" in str(refused.value)


@pytest.mark.parametrize(
    ("console", "registered", "state", "told"),
    [
        (Console(), 0, "warn", "is not set"),
        (Console(), 1, "fail", "is not set"),
        (Console(url="http://chevet.maison.example"), 0, "fail", "not https"),
        (Console(url=ORIGIN), 0, "fail", "does not hold"),
        (Console(url=ORIGIN, names=("chevet.maison.example",)), 1, "ok", "1 registered"),
        (Console(url="http://localhost:8000"), 0, "ok", "http://localhost:8000"),
    ],
)
def test_the_doctor_says_whether_they_can_be_used(
    clinic: Clinic, tmp_path: Path, console: Console, registered: int, state: str, told: str
) -> None:
    for number in range(registered):
        more = {"name": "x", "attested": b"", "counter": 0, "made_ms": 1}
        Passkey.objects.create(practitioner=clinic.claire, credential=f"A{number}", **more)
    [found] = signing_in.passkeys(Home(tmp_path), Configuration(clinic="maison", console=console))
    assert (found.about, found.state) == ("passkeys", state)
    assert told in found.told
    assert bool(found.remedy) == (state != "ok")
    assert "clinic.toml" not in found.told
