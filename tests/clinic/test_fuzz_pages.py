"""Hostile values in every field of every form, in every part of every address; longer by `make fuzz`.

No answer is a fault, no word becomes a script, nothing of another team is told or changed. The forms are found in the
pages themselves, so a new page is thrown at as soon as it stands.
"""

import itertools
import os

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from pytest_django import Settings

from clinic.fleet import codes
from clinic.home import Home
from clinic.people import emergency
from mqtt_bridge import authority
from mqtt_bridge.contract.report import MessageFromPatient
from tests.clinic import hostile_values
from tests.clinic.box import stamp
from tests.clinic.cast import cast_of
from tests.clinic.conftest import Clinic
from tests.clinic.hostile_pages import PICTURES, QUERIES, Ground
from tests.clinic.test_access import patterns

pytestmark = pytest.mark.django_db(databases=["default", "audit"])

EXAMPLES = int(os.environ.get("CHEVET_FUZZ_EXAMPLES", "60"))
SEED = int(os.environ.get("CHEVET_FUZZ_SEED", "20261129"))
HOSTILE = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=False,  # a campaign has its own seed
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
VALUES = st.one_of(st.sampled_from(hostile_values.ALL), st.text(max_size=40), st.integers().map(str))
IN_AN_ADDRESS = st.one_of(st.sampled_from(hostile_values.ALL), st.text(min_size=1, max_size=20))
LEAVE_OUT, TWICE = "leave out", "twice"


@pytest.fixture
def ground(clinic: Clinic, console: Client, settings: Settings) -> Ground:
    """A clinic with its authority and its settings, as the pages that lend boxes need them, and what is rare."""
    home: Home = settings.HOME
    authority.make_authority(home.authority, "maison")
    home.configuration_file.write_text('clinic = "maison"\n[broker]\nhost = "boites.example"\n')
    cast = cast_of(clinic)
    emergency.open_record(clinic.patient, cast.other_participant.practitioner, "malaise dans la chambre")
    codes.make_code(clinic.patient, "", (home.authority / "ca.pem").read_bytes(), "claire")
    clinic.receive(clinic.box.report(MessageFromPatient(message="m-1", text="Bonjour", written=stamp())))
    return Ground(cast)


@seed(SEED)
@HOSTILE
@given(data=st.data())
def test_hostile_words_in_forms(ground: Ground, data: st.DataObject) -> None:
    """One to three fields are hostile and the others as somebody fills them in, so that more than the first is read."""
    target = data.draw(st.sampled_from(ground.targets))
    told = target.form.filled(data.draw(st.integers(0, 5)))
    names = [name for name in told if name != "csrfmiddlewaretoken"]
    for name in data.draw(st.lists(st.sampled_from(names), max_size=3)) if names else ():
        match data.draw(st.one_of(VALUES, st.sampled_from([LEAVE_OUT, TWICE]))):
            case "leave out":
                told.pop(name, None)
            case "twice":
                told[name] = [*told.get(name, [""]), data.draw(VALUES)]
            case value:
                told[name] = [value]
    ground.throw(target, told)


@seed(SEED)
@HOSTILE
@given(data=st.data())
def test_hostile_words_in_addresses(ground: Ground, data: st.DataObject) -> None:
    """Ids, parts and queries; whole pages and htmx's parts of them."""
    role, name = data.draw(st.sampled_from(ground.pages))
    keys = list(patterns()[name].pattern.converters)
    chosen = data.draw(st.lists(st.sampled_from(keys), max_size=2, unique=True)) if keys else []
    address = ground.address(name, {key: data.draw(IN_AN_ADDRESS) for key in chosen})
    query = {field: data.draw(VALUES) for field in data.draw(st.lists(st.sampled_from(QUERIES), max_size=3))}
    ground.look(role, address, query, part=data.draw(st.booleans()))


METHODS = ("HEAD", "PUT", "DELETE", "OPTIONS")
"""GET and POST are in every other test."""


def test_every_address_by_every_method(ground: Ground) -> None:
    """What no page takes is refused and changes nothing; HEAD has no body."""
    for name in patterns():
        if name in PICTURES:
            continue
        address = ground.address(name)
        for method in METHODS:
            with ground.undone():
                answer = ground.client("nurse").generic(method, address, b"x=1", "application/x-www-form-urlencoded")
                ground.is_quiet(answer, f"{method} {address}")
                assert method == "HEAD" or answer.status_code in (200, 302, 403, 404, 405), (name, method)


FORM, PARTS = "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"
PART = b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n--b--\r\n'
IN_BASE64 = b"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
BODIES: dict[str, tuple[str, bytes]] = {
    "broken escapes": (FORM, b"reason=%ff%fe%zz&%00=%00"),
    "many fields": (FORM, b"&".join(b"f%d=1" % n for n in range(1_500))),
    "three mebibytes": (FORM, b"reason=" + b"y" * 3 * 1024 * 1024),
    "another charset": (f"{FORM}; charset=utf-16", "reason=x".encode("utf-16")),
    "a charset that is none": (f"{PARTS}; charset=nonsense", PART % (b"reason", b"x")),
    "a lone surrogate": (f"{PARTS}; charset=utf-7", PART % (b"reason", b"+2AA-")),
    "no boundary": ("multipart/form-data", PART % (b"reason", b"x")),
    "no end": (PARTS, b'--b\r\nContent-Disposition: form-data; name="rea'),
    "a file for words": (PARTS, PART.replace(b'"%s"', b'"%s"; filename="x"') % (b"reason", b"x")),
    "not in base64": (
        PARTS,
        PART.replace(b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: base64\r\n\r\n") % (b"reason", b"*"),
    ),
    "JSON": ("application/json", b'{"reason": "x"}'),
    "nothing": ("", b""),
}


ADDRESSES = ("/patients/martin/taches", "/aide/1", "/taches/1", "/questionnaires", "/urgence", "/connexion")


def test_odd_bodies(ground: Ground) -> None:
    """The page's token goes in its header, so that the body itself is what is read."""
    for (odd, (kind, body)), address in itertools.product(BODIES.items(), ADDRESSES):
        with ground.undone():
            client = ground.client("nurse")
            token = client.cookies["csrftoken"].value
            answer = client.generic("POST", address, body, kind, headers={"X-CSRFToken": token})
            ground.holds(answer, f"POST {address}, {odd}")


COOKIES = ("sessionid", "csrftoken", "known-browser", "django_language")


STALE = ("", "x", "é", "a:b:c", "' OR 1=1", "x" * 4_000, "..%2f")


def test_odd_cookies(ground: Ground) -> None:
    for name, value in itertools.product(COOKIES, STALE):
        with ground.undone():
            client = ground.client("nurse")
            client.cookies[name] = value
            for answer in (client.get("/"), client.post("/connexion", {"username": "claire", "password": "x"})):
                ground.holds(answer, f"cookie {name}={value[:40]!r}")
