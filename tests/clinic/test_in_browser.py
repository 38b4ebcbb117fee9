"""The console in a real browser, on a month of real-looking sessions; its pictures stay in pytest's folder."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.clinic.driven import Person, driven
from tests.clinic.parts import PASSWORD, Commands, furnished, running

SESSIONS = "patients/martin/seances"
PAGES = {
    "patients": "", "seances": SESSIONS, "a-verifier": "a-verifier", "boites": "boites",
    "equipe": "patients/martin/equipe", "lectures": "patients/martin/lectures", "demandes": "demandes/nouvelle",
    "suivi": "patients/martin/suivi", "messages": "patients/martin/messages",
    "situation": "patients/martin/situation", "aide": "aide", "une-aide": "aide/1", "livraisons": "livraisons",
    "livraison": "livraisons/1", "urgence": "urgence", "securite": "securite", "facteur": "securite/second-facteur",
}  # fmt: skip
WIDER_THAN_WINDOW = "document.documentElement.scrollWidth > window.innerWidth"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The console of a clinic that has lived a month."""
    import os

    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CHEVET_", "DJANGO_"))}
    with furnished(kept) as commands:
        live_a_month(commands)
        with running(commands, "console", "--port", "0") as console:
            yield console.line().removeprefix("console: ready ").strip()


def live_a_month(commands: Commands) -> None:
    folder = commands.home.parent
    words = ("--patient", "martin", "--by", "claire", "--box", "box-12")
    commands.run("prescribe", str(folder / "plan.toml"), *words)
    environment = {**commands.environment, "DJANGO_SETTINGS_MODULE": "clinic.settings"}
    month = [sys.executable, "-m", "tests.clinic.month", str(folder / "box")]
    subprocess.run(month, env=environment, check=True, cwd=Path(__file__).parents[2])


@pytest.fixture
def claire(address: str) -> Iterator[Person]:
    with driven(address) as person:
        person.sign_in("claire", PASSWORD)
        yield person


@pytest.mark.slow
def test_pages_are_whole_quiet_and_ask_nobody_else(address: str, tmp_path: Path) -> None:
    """By night, on a small screen; by day and at 400 % test_every_page_in_browser.py looks at all of them."""
    with driven(address) as person:
        person.look(800, 480, dark=True)
        person.open("")
        person.picture(tmp_path / "connexion.png")
        person.sign_in("claire", PASSWORD)
        for name, path in PAGES.items():
            person.open(path)
            assert person.page.inner_text("h1")
            assert not person.page.evaluate(WIDER_THAN_WINDOW), f"{name} is wider than its window"
            person.picture(tmp_path / f"{name}.png")
        assert person.complaints == []
        assert {urlsplit(asked).netloc for asked in person.asked} == {urlsplit(address).netloc}
        assert person.page.evaluate("document.fonts.check('17px Atkinson')")


def test_the_sessions_page_is_printed(claire: Person, tmp_path: Path) -> None:
    claire.open(SESSIONS)
    claire.page.pdf(path=tmp_path / "seances.pdf", format="A4")
    assert (tmp_path / "seances.pdf").read_bytes().startswith(b"%PDF")
    assert claire.complaints == []
