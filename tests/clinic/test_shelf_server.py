"""`chevet-clinic shelf` as a box meets it, and as somebody else does: real processes, real TLS."""

import http.client
import json
import os
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from audio.package import read
from clinic.shelf.worker import OF_A_BOX_MAX
from mqtt_bridge import authority
from mqtt_bridge.enrolment import load
from mqtt_bridge.tls import client_context
from tests.clinic.parts import PLAN, Commands, furnished, running
from tests.support.brokers import wait_until
from tests.support.paced.package import make_package, write_manifest

BEYOND_BUFFERS = 64 * 1024 * 1024


@dataclass
class Open:
    """A clinic whose shelf is open, and one package on it, offered to box-12."""

    commands: Commands
    port: int
    archive: str
    content: bytes

    @property
    def path(self) -> str:
        return f"/packages/{self.archive}.chevet"

    def pair(self, name: str) -> tuple[Path, Path]:
        return self.commands.home / f"{name}.crt", self.commands.home / f"{name}.key"

    def context(self, certificate: Path, key: Path) -> ssl.SSLContext:
        return client_context(self.commands.home / "authority" / "ca.pem", certificate, key)

    def box_context(self) -> ssl.SSLContext:
        box = self.commands.home.parent / "box"
        return self.context(box / "box.crt", box / "box.key")

    def ask(
        self,
        path: str,
        headers: dict[str, str] | None = None,
        *,
        method: str = "GET",
        as_: ssl.SSLContext | None = None,
    ) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=30, context=as_ or self.box_context())
        with closing(connection):
            connection.request(method, path, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CHEVET_", "DJANGO_"))}
    package = make_package(tmp_path_factory.mktemp("studio") / "riviere", 2.0)
    write_manifest(package, msgspec.structs.replace(read(package).manifest, id="riviere"))
    with furnished({**kept, "PYTHONWARNINGS": "error"}) as commands:
        commands.run("package", "add", str(package))
        (row,) = json.loads(commands.run("package", "list", "--json"))
        plan = commands.home.parent / "plan.toml"
        plan.write_text(PLAN.replace('"manifest.toml"', f'"{package}/manifest.toml"'))
        commands.run("prescribe", str(plan), "--patient", "martin", "--by", "claire", "--box", "box-12")
        port = load(commands.home.parent / "box").place.shelf_port
        content = (commands.home / "shelf" / "packages" / f"{row['archive']}.chevet").read_bytes()
        with running(commands, "shelf") as process:
            assert process.line().startswith(f"shelf: ready https://127.0.0.1:{port}/")
            yield Open(commands, port, row["archive"], content)


def test_a_box_gets_what_its_plan_brought_whole_and_in_ranges(shelf: Open) -> None:
    status, headers, body = shelf.ask(shelf.path)
    assert (status, body) == (200, shelf.content)
    assert headers["ETag"] == f'"{shelf.archive}"'
    same = {"Range": "bytes=1000-", "If-Range": f'"{shelf.archive}"'}
    status, headers, body = shelf.ask(shelf.path, same)
    assert (status, body) == (206, shelf.content[1000:])
    assert headers["Content-Range"] == f"bytes 1000-{len(shelf.content) - 1}/{len(shelf.content)}"
    other = {"Range": "bytes=1000-", "If-Range": '"another"'}
    assert shelf.ask(shelf.path, other)[0::2] == (200, shelf.content)
    assert shelf.ask(shelf.path, {"Range": f"bytes={len(shelf.content)}-"})[0] == 416
    assert shelf.ask(shelf.path, {"If-None-Match": f'"{shelf.archive}"'})[0] == 304


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/packages/",
        "/packages",
        "/packages/../shelf.key",
        "/packages/%2e%2e/shelf.key",
        "/packages//../../clinic.toml",
        f"/packages/{'0' * 64}.chevet",
        f"/packages/{'0' * 64}.chevet/../../shelf.key",
        "/static/console/console.css",
    ],
)
def test_nothing_but_archives_can_be_read(shelf: Open, path: str) -> None:
    status, _, body = shelf.ask(path)
    assert (status, body) == (404, b"")


def test_nothing_can_be_written(shelf: Open) -> None:
    for method in ("POST", "PUT", "DELETE"):
        assert shelf.ask(shelf.path, method=method)[0] == 405


def test_no_certificate_no_connection(shelf: Open) -> None:
    nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    nobody.load_verify_locations(shelf.commands.home / "authority" / "ca.pem")
    with pytest.raises((ssl.SSLError, ConnectionError)):
        shelf.ask(shelf.path, as_=nobody)


def test_a_certificate_of_another_authority_is_refused(shelf: Open, tmp_path: Path) -> None:
    authority.make_authority(tmp_path / "other", "maison")
    authority.issue(tmp_path / "other", "box-12", tmp_path / "false")
    with pytest.raises((ssl.SSLError, ConnectionError)):
        shelf.ask(shelf.path, as_=shelf.context(tmp_path / "false.crt", tmp_path / "false.key"))


def test_an_older_tls_is_refused(shelf: Open) -> None:
    older = shelf.box_context()
    older.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(ssl.SSLError):
        shelf.ask(shelf.path, as_=older)


def test_another_of_our_own_has_nothing_to_fetch(shelf: Open) -> None:
    ingest = shelf.commands.home / "ingest"
    assert shelf.ask(shelf.path, as_=shelf.context(ingest / "ingest.crt", ingest / "ingest.key"))[0] == 404


def test_a_box_that_was_offered_nothing_or_is_revoked_gets_nothing(shelf: Open, tmp_path: Path) -> None:
    shelf.commands.run("enrol", "box-13", "--patient", "martin", "--out", str(tmp_path / "box-13"))
    theirs = shelf.context(tmp_path / "box-13" / "box.crt", tmp_path / "box-13" / "box.key")
    assert shelf.ask(shelf.path, as_=theirs)[0] == 404
    shelf.commands.run("package", "offer", "riviere", "--box", "box-13")
    assert shelf.ask(shelf.path, as_=theirs)[0] == 200
    shelf.commands.run("package", "withdraw", "riviere", "--box", "box-13")
    assert shelf.ask(shelf.path, as_=theirs)[0] == 404
    shelf.commands.run("package", "offer", "riviere", "--box", "box-13")
    shelf.commands.run("revoke", "box-13")
    with pytest.raises((ssl.SSLError, ConnectionError)):  # its certificate is on the list
        shelf.ask(shelf.path, as_=theirs)


def test_wrong_words_are_told_in_one_line(shelf: Open, tmp_path: Path) -> None:
    assert "package add" in shelf.commands.run("package", "offer", "nothing", "--box", "box-12", fails=True)
    assert "no box" in shelf.commands.run("package", "offer", "riviere", "--box", "box-99", fails=True)
    (tmp_path / "false.chevet").write_bytes(b"PK" * 100)
    assert "archive-unreadable" in shelf.commands.run("package", "add", str(tmp_path / "false.chevet"), fails=True)


def test_a_box_has_its_share_and_no_more(shelf: Open) -> None:
    """One that was taken over asks for everything at once, and reads nothing: its archive is larger than any buffer."""
    archive = shelf.commands.home / "shelf" / "packages" / f"{shelf.archive}.chevet"
    context = shelf.box_context()
    os.truncate(archive, BEYOND_BUFFERS)
    try:
        with ExitStack() as under_way:
            for _ in range(OF_A_BOX_MAX):
                held = http.client.HTTPSConnection("127.0.0.1", shelf.port, timeout=30, context=context)
                under_way.enter_context(closing(held))
                held.request("GET", shelf.path)
                assert under_way.enter_context(held.getresponse()).status == 200
            status, _, words = shelf.ask(shelf.path)
            assert (status, b"ask again" in words) == (429, True)
        wait_until(lambda: shelf.ask(shelf.path, {"Range": "bytes=0-9"})[0] == 206)
    finally:
        os.truncate(archive, len(shelf.content))
