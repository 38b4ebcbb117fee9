"""A box enrols itself with a one-time code: the clinic's registrar and the box's command, real processes, real TLS."""

import datetime as dt
import http.client
import json
import os
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from msgspec import structs

from mqtt_bridge import authority, enrolling, enrolment_code, seal
from mqtt_bridge.contract.codec import encode
from mqtt_bridge.contract.enrolling import CA_PATH, ENROL_PATH, RENEW_PATH, Enrolled, EnrolmentAsked, RenewalAsked
from mqtt_bridge.enrolment import load
from mqtt_bridge.tls import client_context, nameless_context
from tests.clinic.parts import Commands, furnished, running


@dataclass
class Open:
    """A clinic whose registrar is there."""

    commands: Commands
    url: str

    def code(self, box: str, *words: str) -> str:
        """The code's text of a new code for Madame Martin."""
        said = self.commands.run("enrolment-code", "--patient", "martin", "--box", box, *words)
        return next(line.split('"')[1] for line in said.splitlines() if line.startswith("code = "))

    def enrol(self, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
        command = [str(Path(sys.executable).with_name("chevet-link")), "enrol", "--enrolment", str(folder), *words]
        return subprocess.run(command, capture_output=True, text=True, check=False, env=self.commands.environment)

    def typed(self, folder: Path, code: str) -> subprocess.CompletedProcess[str]:
        return self.enrol(folder, "--clinic-url", self.url, "--code", code)

    def ca(self) -> str:
        return (self.commands.home / "authority" / "ca.pem").read_text()

    def ask(self, path: str, body: bytes, context: ssl.SSLContext | None = None) -> tuple[int, bytes]:
        port = int(self.url.rsplit(":", 1)[1])
        used = context or nameless_context(self.ca())
        with closing(http.client.HTTPSConnection("127.0.0.1", port, timeout=30, context=used)) as connection:
            connection.request("POST" if body else "GET", path, body or None)
            answer = connection.getresponse()
            return answer.status, answer.read()


@pytest.fixture(scope="module")
def clinic() -> Iterator[Open]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CHEVET_", "DJANGO_"))}
    environment = {**kept, "PYTHONWARNINGS": "error"}
    with furnished(environment) as commands, running(commands, "registrar") as process:
        line = process.line()
        assert line.startswith("registrar: ready https://127.0.0.1:")
        yield Open(commands, line.split()[2].rstrip("/"))


def test_a_box_makes_its_own_keys_and_is_one_of_the_clinics(clinic: Open, tmp_path: Path) -> None:
    folder = tmp_path / "enrolment"
    done = clinic.typed(folder, clinic.code("box-20").lower().replace("-", " "))
    assert done.returncode == 0, done.stderr
    assert "enrolled: box-20 of the clinic maison" in done.stdout
    found = load(folder)
    assert (found.place.box, found.place.clinic) == ("box-20", "maison")
    assert found.clinic == seal.load_secret(clinic.commands.home / "keys" / "clinic.secret").public
    told = authority.check_issued((folder / "box.crt").read_bytes(), folder / "box.key", clinic.ca().encode())
    assert told.common_name == "box-20"
    assert not folder.with_name("enrolment.new").exists()
    assert all(path.stat().st_mode & 0o007 == 0 for path in (folder / "box.secret", folder / "box.key", folder))
    # Its secrets never left it: the clinic knows the public halves alone.
    home = b"".join(path.read_bytes() for path in clinic.commands.home.rglob("*") if path.is_file())
    assert found.keys.sign not in home
    assert found.keys.unseal not in home
    again = clinic.typed(folder, clinic.code("box-21"))
    assert again.returncode == 1
    assert "enrolled already" in again.stderr


def test_a_code_is_good_once(clinic: Open, tmp_path: Path) -> None:
    code = clinic.code("box-22")
    assert clinic.typed(tmp_path / "first", code).returncode == 0
    second = clinic.typed(tmp_path / "second", code)
    assert second.returncode == 1
    assert "does not take this code" in second.stderr
    assert not (tmp_path / "second").exists()


def test_a_lost_answer_comes_again_to_the_same_keys(clinic: Open, tmp_path: Path) -> None:
    """The clinic has registered the box; the power goes before the box has read it."""
    code, folder = clinic.code("box-23"), tmp_path / "enrolment"
    told = enrolling.paper(clinic.url, code)
    draft = folder.with_name("enrolment.new")
    keys = enrolling.own_keys(draft)
    lost = enrolling.ask(told, keys, draft, clinic.ca())
    assert lost.box == "box-23"
    assert clinic.typed(tmp_path / "thief", code).returncode == 1
    done = clinic.typed(folder, code)
    assert done.returncode == 0, done.stderr
    assert load(folder).keys == keys
    assert (folder / "box.crt").read_text() == lost.certificate


def test_the_two_lines_of_a_file_do_as_well(clinic: Open, tmp_path: Path) -> None:
    paper = tmp_path / "chevet-enrol.toml"
    clinic.commands.run("enrolment-code", "--patient", "martin", "--box", "box-24", "--out", str(paper))
    assert clinic.enrol(tmp_path / "enrolment", "--from", str(paper)).returncode == 0
    paper.write_text('code = "x"')
    assert "two lines" in clinic.enrol(tmp_path / "other", "--from", str(paper)).stderr
    assert "no enrolment file" in clinic.enrol(tmp_path / "other", "--from", str(tmp_path / "nothing")).stderr


def test_a_mistyped_code_costs_no_try(clinic: Open, tmp_path: Path) -> None:
    code = clinic.code("box-25")
    wrong = ("A" if code[6] != "A" else "B").join((code[:6], code[7:]))
    for _ in range(2):
        done = clinic.typed(tmp_path / "enrolment", wrong)
        assert done.returncode == 1
        assert "mistyped" in done.stderr
    assert clinic.typed(tmp_path / "enrolment", code).returncode == 0


def test_after_five_wrong_secrets_the_right_one_is_worth_nothing(clinic: Open, tmp_path: Path) -> None:
    code = clinic.code("box-26")
    right = enrolment_code.read(code)
    key = tmp_path / "key.pem"
    authority.make_key(key)
    public = seal.make_keys().public
    asked = EnrolmentAsked(
        name=right.name, secret="0" * 10, verify=public.verify, seal=public.seal,
        request=authority.make_request(key, "box").decode(),
    )  # fmt: skip
    assert [clinic.ask(ENROL_PATH, encode(asked))[0] for _ in range(6)] == [403] * 6
    assert clinic.typed(tmp_path / "enrolment", code).returncode == 1


def test_somebody_in_between_learns_nothing(clinic: Open, tmp_path: Path) -> None:
    """Another server answers at the address: its authority is not the one that the code names, so nothing is sent."""
    other = tmp_path / "other"
    authority.make_authority(other, "maison")
    mistaken = enrolment_code.make(authority.fingerprint((other / "ca.pem").read_bytes()))
    done = clinic.typed(tmp_path / "enrolment", mistaken.text)
    assert done.returncode == 1
    assert "nothing was sent" in done.stderr


def test_a_new_code_for_a_box_ends_the_former_one(clinic: Open, tmp_path: Path) -> None:
    former, latter = clinic.code("box-27"), clinic.code("box-27")
    assert clinic.typed(tmp_path / "enrolment", former).returncode == 1
    assert clinic.typed(tmp_path / "enrolment", latter).returncode == 0
    assert "enrolled already" in clinic.commands.run(
        "enrolment-code", "--patient", "martin", "--box", "box-27", fails=True
    )


def test_a_stranger_gets_the_authoritys_certificate_and_nothing_else(clinic: Open, tmp_path: Path) -> None:
    assert clinic.ask(CA_PATH, b"") == (200, clinic.ca().encode())
    key = tmp_path / "key.pem"
    authority.make_key(key)
    renewal = encode(RenewalAsked(request=authority.make_request(key, "box-12").decode()))
    assert clinic.ask(RENEW_PATH, renewal)[0] == 401
    for path in ("/", "/v1/", "/v1/enrol/../ca", "/packages/", "/v1/codes"):
        assert clinic.ask(path, b"")[0] == 404
    for body in (b"{", b"[" * 10_000, b'{"name":"' + b"A" * 9_000 + b'"}', b"\xff\xfe"):
        assert clinic.ask(ENROL_PATH, body)[0] == 400
    assert clinic.ask(ENROL_PATH, b"x" * 20_000)[0] == 413


def test_a_box_renews_its_own_certificate_and_a_revoked_one_does_not(clinic: Open, tmp_path: Path) -> None:
    folder = tmp_path / "enrolment"
    assert clinic.typed(folder, clinic.code("box-28")).returncode == 0
    context = client_context(folder / "ca.pem", folder / "box.crt", folder / "box.key")
    key = tmp_path / "key.pem"
    authority.make_key(key)
    body = encode(RenewalAsked(request=authority.make_request(key, "box-12").decode()))
    status, said = clinic.ask(RENEW_PATH, body, context)
    assert status == 200
    renewed = authority.check_issued(json.loads(said)["certificate"].encode(), key, clinic.ca().encode())
    assert renewed.common_name == "box-28", "the name is the certificate's own, whatever the request asks for"
    clinic.commands.run("revoke", "box-28", "--reason", "essai")
    assert clinic.ask(RENEW_PATH, body, context)[0] == 403


def test_an_ended_certificate_still_renews(clinic: Open, tmp_path: Path) -> None:
    """A box that lay in a drawer for two years."""
    folder = tmp_path / "enrolment"
    assert clinic.typed(folder, clinic.code("box-29")).returncode == 0
    long_ago = dt.datetime.now(dt.UTC) - dt.timedelta(days=800)
    authority.issue(clinic.commands.home / "authority", "box-29", tmp_path / "old", now=long_ago)
    context = client_context(folder / "ca.pem", tmp_path / "old.crt", tmp_path / "old.key")
    body = encode(RenewalAsked(request=authority.make_request(folder / "box.key", "box").decode()))
    assert clinic.ask(RENEW_PATH, body, context)[0] == 200


def test_the_answer_is_read_strictly(clinic: Open, tmp_path: Path) -> None:
    """An answer for another box, or of another authority, makes no enrolment."""
    code, folder = clinic.code("box-30"), tmp_path / "enrolment"
    told, draft = enrolling.paper(clinic.url, code), folder.with_name("enrolment.new")
    answer = enrolling.ask(told, enrolling.own_keys(draft), draft, clinic.ca())
    other = tmp_path / "other"
    authority.make_authority(other, "maison")
    forged = authority.sign_request(other, authority.make_request(draft / "box.key", "box"), "box-30").decode()
    for change in ({"box": "box-31"}, {"ca": (other / "ca.pem").read_text()}, {"certificate": forged}):
        with pytest.raises(enrolling.EnrolError):
            enrolling.check(structs.replace(answer, **change), draft, clinic.ca())
    assert isinstance(answer, Enrolled)
