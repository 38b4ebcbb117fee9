"""Passkeys in a real Chromium with an authenticator of its own (CDP, WebAuthn.addVirtualAuthenticator).

The page stands at http://localhost whatever port the console took: the browser is told where that is.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import CDPSession

from tests.clinic.driven import Person, driven
from tests.clinic.parts import PASSWORD, Commands, furnished, running

pytestmark = pytest.mark.timeout(400)
"""The first of them makes a clinic, and starts a console and a browser."""

HERE = "http://localhost/"
BUTTON = "form[data-passkey] button"


@pytest.fixture(scope="module")
def console() -> Iterator[tuple[Commands, str]]:
    """A clinic whose address is set, and where its console listens."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CHEVET_", "DJANGO_"))}
    with furnished(kept) as commands:
        settings = commands.home / "clinic.toml"
        settings.write_text(settings.read_text().replace('\nurl = ""\n', '\nurl = "http://localhost"\n'))
        with running(commands, "console", "--port", "0") as process:
            yield commands, process.line().removeprefix("console: ready http://").strip().rstrip("/")


@pytest.fixture
def claire(console: tuple[Commands, str]) -> Iterator[Person]:
    commands, place = console
    commands.run("reset-second-factor", "claire")  # each test is a person without one
    with driven(HERE, f"--host-resolver-rules=MAP localhost {place}") as person:
        person.sign_in("claire", PASSWORD)
        yield person


class Key:
    """A security key at the browser that is touched as soon as it is asked."""

    def __init__(self, person: Person) -> None:
        self._cdp: CDPSession = person.page.context.new_cdp_session(person.page)
        self._cdp.send("WebAuthn.enable")
        told = {"protocol": "ctap2", "transport": "usb", "automaticPresenceSimulation": True}
        self.id = self._cdp.send("WebAuthn.addVirtualAuthenticator", {"options": told})["authenticatorId"]

    def credentials(self) -> list[dict[str, Any]]:
        told = self._cdp.send("WebAuthn.getCredentials", {"authenticatorId": self.id})
        found: list[dict[str, Any]] = told["credentials"]
        return found

    def forget(self) -> None:
        self._cdp.send("WebAuthn.clearCredentials", {"authenticatorId": self.id})

    def take(self, credential: dict[str, Any]) -> None:
        self._cdp.send("WebAuthn.addCredential", {"authenticatorId": self.id, "credential": credential})


def _name(person: Person, name: str) -> None:
    person.open("securite/cles/ajouter")
    person.page.fill("#name", name)
    if person.page.is_visible("#password"):
        person.page.fill("#password", PASSWORD)
    with person.page.expect_navigation():
        person.page.press("#name", "Enter")


def _touch(person: Person) -> None:
    with person.page.expect_navigation():
        person.page.click(BUTTON)


def _sign_out(person: Person) -> None:
    with person.page.expect_navigation():
        person.page.click(".who button")


@pytest.mark.slow
def test_a_key_is_added_and_opens_with_one_touch(claire: Person, tmp_path: Path) -> None:
    key = Key(claire)
    _name(claire, "clé bleue")
    claire.check()
    claire.picture(tmp_path / "toucher.png")
    _touch(claire)
    assert claire.page.locator(".codes code").count() == 10
    claire.check_at_every_size("securite", tmp_path)
    claire.check_at_every_size("securite/cles/ajouter", tmp_path)
    [kept] = key.credentials()
    assert kept["rpId"] == "localhost"
    _sign_out(claire)
    claire.sign_in("claire", PASSWORD)
    assert claire.page.evaluate("document.activeElement.matches('form[data-passkey] button')"), "one key opens"
    claire.check()
    claire.picture(tmp_path / "connexion.png")
    with claire.page.expect_navigation():
        claire.page.keyboard.press("Enter")
    assert claire.page.url == HERE
    assert key.credentials()[0]["signCount"] > kept["signCount"]
    claire.open("securite")
    with claire.page.expect_navigation():
        claire.page.click(".plain a.quiet")
    claire.check()
    claire.picture(tmp_path / "retirer.png")
    _same_key_again(claire)
    _sign_out(claire)
    key.forget()
    key.take({**kept, "signCount": 0})
    claire.sign_in("claire", PASSWORD)
    _touch(claire)
    assert "n’a pas été reconnue" in claire.page.inner_text("main"), "a copy is found by its counter"


def _same_key_again(claire: Person) -> None:
    """It is not added twice, and the page says why."""
    _name(claire, "la même")
    claire.page.click(BUTTON)
    claire.page.wait_for_selector("[data-when=InvalidStateError]:visible")
    claire.check()


def test_at_another_address_the_browser_itself_refuses(console: tuple[Commands, str], claire: Person) -> None:
    Key(claire)
    _name(claire, "clé bleue")
    _touch(claire)
    _commands, place = console
    claire.address = f"http://{place}/"
    claire.sign_in("claire", PASSWORD)
    claire.page.click(BUTTON)
    claire.page.wait_for_selector("[data-when=SecurityError]:visible")
    claire.check()
