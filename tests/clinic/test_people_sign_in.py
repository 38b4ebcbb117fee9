"""Signing in: the second factor, recovery codes, lock-out, sessions, first passwords."""

import re
import time
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.test import Client
from pytest_django import Settings

from clinic.console import lockout
from clinic.console.models import LoginFailure, SignedInSession
from clinic.people import one_time_code, second_factor
from clinic.people.accounts import give_first_password
from clinic.people.models import Practitioner, RecoveryCode, SecondFactor
from tests.clinic.cast import practitioner
from tests.clinic.conftest import Clinic
from tests.clinic.parts import PASSWORD, Commands

pytestmark = pytest.mark.django_db(databases=["default", "audit"])

RIGHT = {"username": "claire", "password": PASSWORD}
WRONG = {"username": "claire", "password": "wrong"}


@pytest.fixture
def real(console: Client, settings: Settings) -> None:
    """A clinic that is no demonstration."""
    settings.SECOND_FACTOR_REQUIRED = True


def secret_of(who: Practitioner) -> bytes:
    sealed = bytes(SecondFactor.objects.get(practitioner=who).sealed_secret)
    return one_time_code.unseal(sealed, django_settings.SECRET_KEY)


def code_of(who: Practitioner, *, steps: int = 0) -> str:
    return one_time_code.code_at(secret_of(who), int(time.time() // one_time_code.STEP_S) + steps)


def set_up(who: Practitioner) -> list[str]:
    """As on the page, with a code of a moment ago, so that the present one is still good."""
    second_factor.begin(who)
    codes = second_factor.confirm(who, code_of(who, steps=-1))
    assert len(codes) == second_factor.RECOVERY_CODES
    return codes


@pytest.mark.parametrize(
    ("at_s", "code"), [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")]
)
def test_the_codes_are_those_of_rfc_6238(at_s: int, code: str) -> None:
    secret = b"12345678901234567890"
    step = at_s // 30
    assert one_time_code.code_at(secret, step) == code
    assert one_time_code.step_of(secret, f"{code[:3]} {code[3:]}", at_s) == step
    assert one_time_code.step_of(secret, code, at_s + 30) == step
    assert one_time_code.step_of(secret, code, at_s + 90) is None
    assert one_time_code.step_of(secret, "", at_s) is None
    assert one_time_code.step_of(secret, "٠٠٠٠٠٠", at_s) is None


def test_a_secret_is_not_in_the_database_in_clear(claire: Practitioner) -> None:
    secret = second_factor.begin(claire)
    assert secret not in bytes(SecondFactor.objects.get().sealed_secret)
    with pytest.raises(one_time_code.SecretUnreadable, match="reset-second-factor"):
        one_time_code.unseal(bytes(SecondFactor.objects.get().sealed_secret), "another key")


def test_without_a_second_factor_only_its_page_opens(real: None, clinic: Clinic) -> None:
    client = Client()
    assert client.post("/connexion", RIGHT).status_code == 302
    for path in ("/", "/patients/martin/seances", "/securite", "/demandes", "/nulle-part"):
        assert client.get(path).headers["Location"] == "/securite/second-facteur", path
    page = client.get("/securite/second-facteur").content.decode()
    assert "<svg" in page
    assert one_time_code.typed_by_hand(secret_of(clinic.claire)) in page
    assert "Ce code n’est pas le bon" in client.post("/securite/second-facteur", {"code": "0"}).content.decode()
    told = client.post("/securite/second-facteur", {"code": code_of(clinic.claire)}).content.decode()
    assert len(re.findall(r"<code>\w{5}-\w{5}</code>", told)) == second_factor.RECOVERY_CODES
    assert client.get("/patients/martin/seances").status_code == 200


def test_two_steps_and_no_code_is_taken_twice(real: None, clinic: Clinic) -> None:
    set_up(clinic.claire)
    client = Client()
    assert client.post("/connexion", RIGHT).headers["Location"] == "/connexion/code"
    assert client.get("/").headers["Location"].startswith("/connexion?")
    code = code_of(clinic.claire)
    assert client.post("/connexion/code", {"code": code}).headers["Location"] == "/"
    assert client.get("/").status_code == 200
    again = Client()
    again.post("/connexion", RIGHT)
    assert "déjà servi" in again.post("/connexion/code", {"code": code}).content.decode()
    assert again.get("/").status_code == 302


def test_the_second_step_needs_the_first(real: None, clinic: Clinic) -> None:
    set_up(clinic.claire)
    client = Client()
    assert client.get("/connexion/code").headers["Location"] == "/connexion"
    assert client.post("/connexion/code", {"code": code_of(clinic.claire)}).headers["Location"] == "/connexion"
    client.post("/connexion", RIGHT)
    session = client.session
    session["half_signed_in"] = {**session["half_signed_in"], "at_s": time.time() - 301}
    session.save()
    assert client.post("/connexion/code", {"code": code_of(clinic.claire)}).headers["Location"] == "/connexion"


def test_half_a_sign_in_ends_with_its_password(real: None, clinic: Clinic) -> None:
    """Who has stolen a password and stands before the code is out when its owner changes it."""
    set_up(clinic.claire)
    thief = Client()
    thief.post("/connexion", RIGHT)
    assert thief.get("/connexion/code").status_code == 200
    clinic.claire.set_password("une autre longue nuit")
    clinic.claire.save()
    answer = thief.post("/connexion/code", {"code": code_of(clinic.claire)})
    assert answer.headers["Location"] == "/connexion"
    assert thief.get("/").status_code == 302


def test_another_secret_key_is_told_and_is_no_fault(real: None, clinic: Clinic, settings: Settings) -> None:
    set_up(clinic.claire)
    settings.SECRET_KEY = "x" * 50
    client = Client()
    client.post("/connexion", RIGHT)
    told = client.post("/connexion/code", {"code": "123456"})
    assert (told.status_code, "ne peut plus être lu" in told.content.decode()) == (200, True)
    give_first_password(clinic.claire)
    second_factor.remove(clinic.claire)
    begun = second_factor.begin(clinic.claire)
    settings.SECRET_KEY = "y" * 50
    assert second_factor.begin(clinic.claire) != begun, "nobody had confirmed it: another is drawn"


def test_guessing_codes_is_locked(real: None, clinic: Clinic) -> None:
    set_up(clinic.claire)
    client = Client()
    client.post("/connexion", RIGHT)
    for _ in range(5):
        assert client.post("/connexion/code", {"code": "0"}).status_code == 200
    assert client.post("/connexion/code", {"code": code_of(clinic.claire)}).status_code == 429


def test_a_recovery_code_opens_once(real: None, clinic: Clinic) -> None:
    codes = set_up(clinic.claire)
    assert codes[0] not in set(RecoveryCode.objects.values_list("digest", flat=True))
    first, second = Client(), Client()
    for client in (first, second):
        client.post("/connexion", RIGHT)
    assert first.post("/connexion/code", {"code": codes[0].upper()}).headers["Location"] == "/"
    assert second.post("/connexion/code", {"code": codes[0]}).status_code == 200
    assert second_factor.recovery_codes_left(clinic.claire) == 9
    other = practitioner("paul", "physician")
    set_up(other)
    assert not second_factor.accepts(other, codes[1])


def test_a_session_from_before_the_second_factor_ends(real: None, clinic: Clinic) -> None:
    before = Client()
    before.post("/connexion", RIGHT)
    set_up(clinic.claire)
    assert before.get("/").headers["Location"] == "/connexion"
    assert before.get("/").headers["Location"].startswith("/connexion?")


def test_a_password_alone_is_enough_in_a_demonstration(console: Client) -> None:
    client = Client()
    client.post("/connexion", RIGHT)
    assert client.get("/").status_code == 200


def test_changing_the_telephone_asks_for_a_code(real: None, clinic: Clinic) -> None:
    codes = set_up(clinic.claire)
    client = Client()
    client.post("/connexion", RIGHT)
    client.post("/connexion/code", {"code": codes[0]})
    assert client.post("/securite/renouveler", {"code": "0", "what": "telephone"}).status_code == 200
    assert second_factor.is_set_up(clinic.claire)
    renewed = client.post("/securite/renouveler", {"code": codes[1], "what": "codes"}).content.decode()
    assert codes[2] not in renewed
    assert not second_factor.accepts(clinic.claire, codes[2])
    answer = client.post("/securite/renouveler", {"code": code_of(clinic.claire), "what": "telephone"})
    assert answer.headers["Location"] == "/securite/second-facteur"
    assert not second_factor.is_set_up(clinic.claire)


def test_signing_in_changes_the_session_key(console: Client) -> None:
    client = Client()
    client.get("/connexion")
    session = client.session
    session["planted"] = "x"
    session.save()
    client.cookies[django_settings.SESSION_COOKIE_NAME] = planted = str(session.session_key)
    client.post("/connexion", RIGHT)
    assert client.session.session_key != planted
    assert not SignedInSession.objects.filter(session_key=planted).exists()
    thief = Client()
    thief.cookies[django_settings.SESSION_COOKIE_NAME] = planted
    assert thief.get("/").status_code == 302


def test_signed_out_everywhere_else(console: Client, clinic: Clinic) -> None:
    here, there = Client(headers={"User-Agent": "<script>ici</script>"}), Client()
    for client in (here, there):
        client.post("/connexion", RIGHT)
    SignedInSession.objects.create(
        session_key="old", practitioner=clinic.claire, expire_date="2020-01-01T00:00:00Z", address="127.0.0.1"
    )
    told = here.get("/securite").content.decode()
    assert told.count("127.0.0.1") == 2
    Client().post("/connexion", RIGHT)
    assert not SignedInSession.objects.filter(session_key="old").exists()
    assert "<script>" not in told
    here.post("/securite/ailleurs")
    assert (here.get("/").status_code, there.get("/").status_code, console.get("/").status_code) == (200, 302, 302)


def test_a_session_has_an_end_however_busy(console: Client, settings: Settings) -> None:
    client = Client()
    client.post("/connexion", RIGHT)
    assert client.get("/").status_code == 200
    settings.SESSION_S_MAX = -1
    assert client.get("/").status_code == 302


def test_a_changed_password_ends_the_other_sessions(console: Client, clinic: Clinic) -> None:
    here, there = Client(), Client()
    for client in (here, there):
        client.post("/connexion", RIGHT)
    new = {"new": "un-autre-jour-calme", "again": "un-autre-jour-calme"}
    assert "n’est pas celui-là" in here.post("/securite/mot-de-passe", {"present": "x", **new}).content.decode()
    short = {"present": PASSWORD, "new": "court", "again": "court"}
    assert here.post("/securite/mot-de-passe", short).status_code == 200
    assert Client().post("/connexion", RIGHT).status_code == 302
    assert here.post("/securite/mot-de-passe", {"present": PASSWORD, **new}).headers["Location"] == "/securite"
    assert (here.get("/").status_code, there.get("/").status_code) == (200, 302)
    assert Client().post("/connexion", RIGHT).status_code == 200


def test_a_first_password_opens_only_the_page_that_changes_it(console: Client) -> None:
    paul = practitioner("paul", "physician")
    first = give_first_password(paul)
    client = Client()
    assert client.post("/connexion", {"username": "paul", "password": first}).status_code == 302
    assert client.get("/").headers["Location"] == "/securite/mot-de-passe"
    assert client.get("/securite").headers["Location"] == "/securite/mot-de-passe"
    new = {"present": first, "new": "un-autre-jour-calme", "again": "un-autre-jour-calme"}
    client.post("/securite/mot-de-passe", new)
    assert client.get("/").status_code == 200


def test_a_first_password_does_not_last(console: Client) -> None:
    paul = practitioner("paul", "physician")
    first = give_first_password(paul)
    Practitioner.objects.filter(pk=paul.pk).update(password_until_ms=1)
    assert Client().post("/connexion", {"username": "paul", "password": first}).status_code == 200


def test_a_stranger_does_not_lock_her_out_of_her_own_machine(console: Client) -> None:
    hers = Client()
    hers.post("/connexion", RIGHT)
    hers.post("/deconnexion")
    Client(REMOTE_ADDR="198.51.100.0").post("/connexion", WRONG)
    assert LoginFailure.objects.get().place == "198.51.100.0"
    for number in range(1, lockout.OF_NAME_MAX):
        LoginFailure.objects.create(username="claire", place=f"198.51.100.{number}", failed_ms=2**52)
    assert Client(REMOTE_ADDR="198.51.100.250").post("/connexion", RIGHT).status_code == 429
    assert hers.post("/connexion", RIGHT).status_code == 302


def test_her_own_machine_is_no_way_round(console: Client) -> None:
    """Whoever sits at it has five tries; and a cookie for one name is none for another, nor one that was made up."""
    hers = Client()
    hers.post("/connexion", RIGHT)
    hers.post("/deconnexion")
    for _ in range(5):
        assert hers.post("/connexion", WRONG).status_code == 200
    assert hers.post("/connexion", RIGHT).status_code == 429
    made_up = Client()
    made_up.cookies[lockout.COOKIE] = "eyJjbGFpcmUiOiJ4In0:1:x"
    assert lockout.attempt(made_up.get("/connexion").wsgi_request, "claire").place == "127.0.0.1"
    assert lockout.attempt(hers.get("/connexion").wsgi_request, "paul").place == "127.0.0.1"
    assert lockout.attempt(hers.get("/connexion").wsgi_request, "CLAIRE").place.startswith("browser:")


def test_an_address_that_tries_many_names_waits(console: Client) -> None:
    for number in range(lockout.OF_ADDRESS_MAX):
        LoginFailure.objects.create(username=f"n{number}", place="198.51.100.1", failed_ms=2**52)
    assert Client(REMOTE_ADDR="198.51.100.1").post("/connexion", RIGHT).status_code == 429
    assert Client(REMOTE_ADDR="198.51.100.2").post("/connexion", RIGHT).status_code == 302


@pytest.mark.parametrize(
    ("proxied", "peer", "told", "believed"),
    [
        (False, "127.0.0.1", "203.0.113.9", "127.0.0.1"),
        (True, "127.0.0.1", "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        (True, "198.51.100.1", "203.0.113.9", "198.51.100.1"),
        (True, "127.0.0.1", "<b>", "127.0.0.1"),
        (True, "::1", "2001:db8::1", "2001:db8::1"),
    ],
)
def test_whose_word_is_believed(
    console: Client,
    settings: Settings,
    proxied: bool,  # noqa: FBT001
    peer: str,
    told: str,
    believed: str,
) -> None:
    settings.PROXIED = proxied
    request = Client(REMOTE_ADDR=peer, headers={"X-Forwarded-For": told}).get("/connexion").wsgi_request
    assert lockout.attempt(request, "claire").address == believed


@pytest.mark.parametrize("more", ['names = ["chevet.example"]', 'host = "0.0.0.0"'])
def test_a_demonstration_is_served_to_nobody_else(tmp_path: Path, clean_environment: dict[str, str], more: str) -> None:
    (tmp_path / "clinic.toml").write_text(f'clinic = "maison"\ndemonstration = true\n[console]\n{more}\n')
    (tmp_path / "secret-key").write_text("x" * 50)
    commands = Commands(tmp_path, clean_environment)
    assert "127.0.0.1" in commands.run("console", "--port", "0", fails=True)


def test_nor_by_the_command_line(tmp_path: Path, clean_environment: dict[str, str]) -> None:
    (tmp_path / "clinic.toml").write_text('clinic = "maison"\ndemonstration = true\n')
    (tmp_path / "secret-key").write_text("x" * 50)
    commands = Commands(tmp_path, clean_environment)
    assert "127.0.0.1 only" in commands.run("console", "--port", "0", "--host", "192.0.2.1", fails=True)


def test_tries_at_once_are_counted_before_any_of_them_is_compared(claire: Practitioner) -> None:
    tried = lockout.Attempt("claire", "192.0.2.7", "192.0.2.7")
    assert [lockout.may_try(tried) for _ in range(7)] == [True] * 5 + [False] * 2
    lockout.right(tried)
    assert lockout.may_try(tried)
    assert not lockout.may_try(tried)
    assert LoginFailure.objects.count() == 5, "who is locked out makes it no longer by trying"


def test_a_right_password_at_the_first_step_counts_as_no_failure(real: None, claire: Practitioner) -> None:
    set_up(claire)
    assert Client().post("/connexion", RIGHT).headers["Location"].startswith("/connexion/code")
    assert not LoginFailure.objects.exists()
