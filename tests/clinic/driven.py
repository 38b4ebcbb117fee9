"""A real browser driven by Playwright (Debian's Chromium, nothing downloaded), with axe-core: what people can use.

    with driven(address) as person:
        person.sign_in("claire", PASSWORD)
        person.open("patients/martin/dossier")
        person.check()          # axe-core, and no line wider than the window
        person.picture(tmp_path / "dossier.png")

No Django here: Playwright's own loop forbids it. Serve the console as a process (`tests.clinic.parts.running`).
"""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Request, Response, sync_playwright

SIZES = ((360, 740), (768, 1024), (1280, 800), (1920, 1080))
ZOOMED = (320, 256)
"""1280x1024 at 400 %: the narrowest page that must still be read without scrolling to the side (WCAG 1.4.10)."""
ANSWER_MS_MAX = 30_000
OVERTAKEN = {"htmx:afterRequest", "htmx:sendAbort"}
"""What htmx writes on the console of a search that the next letter overtakes; of one that fails it writes more."""
_WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
_AT_REST = "() => !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')"
_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


class Person:
    """Somebody at a browser. `complaints`: what its console said; `asked`: every address that it fetched."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.complaints: list[str] = []
        self.asked: list[str] = []
        page.set_default_timeout(ANSWER_MS_MAX)
        page.on("console", lambda word: self._hear(word.type, word.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("requestfailed", self._failed)
        page.on("request", lambda request: self.asked.append(request.url))

    def look(self, width: int, height: int, *, dark: bool = False) -> None:
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.emulate_media(color_scheme="dark" if dark else "light")

    def open(self, path: str) -> Response:
        """A page of the console, by its path without the first slash."""
        answer = self.page.goto(f"{self.address}{path}")
        assert answer is not None, path
        assert answer.status < 400, f"{path}: {answer.status}"
        self.settle()
        return answer

    def settle(self) -> None:
        """Until htmx has put in its place all that it is fetching: a page asks for its parts before it is loaded."""
        self.page.wait_for_function(_AT_REST)

    def search(self, selector: str, words: str) -> None:
        """Typed there, and answered whole: on a busy machine its first letters have an answer of their own."""
        self.page.focus(selector)
        field = self.page.get_attribute(selector, "name")
        with self.page.expect_response(lambda one: parse_qs(urlsplit(one.url).query).get(field or "") == [words]):
            self.page.keyboard.type(words)
        self.settle()

    def sign_in(self, name: str, password: str) -> None:
        self.open("connexion")
        self.page.fill("#id_username", name)
        self.page.fill("#id_password", password)
        with self.page.expect_navigation():
            self.page.press("#id_password", "Enter")

    def check(self) -> None:
        """No violation that axe-core knows, nothing wider than the window, no complaint of the browser."""
        found = self.found()
        assert found == [], "\n".join(found)

    def found(self) -> list[str]:
        """What is wrong with the page as it stands there, in words."""
        self.settle()
        told = Axe().run(self.page, options=_RULES)
        wrong = [f"{self.page.url}\n{told.generate_report()}"] if told.violations_count else []
        if self.page.evaluate(_WIDER) > 0:
            wrong.append(f"{self.page.url} is wider than {self.page.viewport_size}")
        wrong += [f"{self.page.url}: {word}" for word in self.complaints]
        self.complaints.clear()
        return wrong

    def check_at_every_size(self, path: str, pictures: Path | None = None) -> None:
        """The page at each size and at 400 %, light and dark; with `pictures`, what it looks like."""
        self.open(path)
        for width, height in (*SIZES, ZOOMED):
            self.look(width, height)
            assert self.page.evaluate(_WIDER) <= 0, f"{path} is wider than {width}"
            self._keep(pictures, path, f"{width}")
        for dark in (False, True):
            self.look(1280, 800, dark=dark)
            self.check()
        self._keep(pictures, path, "1280-dark")

    def tab_to(self, selector: str, *, steps_max: int = 80) -> None:
        """By the keyboard alone, from where the focus is."""
        self.settle()  # a part that comes takes the focus with what it replaces
        for _ in range(steps_max):
            if self.page.evaluate("s => document.activeElement.matches(s)", selector):
                return
            self.page.keyboard.press("Tab")
        pytest.fail(f"no Tab leads to {selector}")

    def picture(self, path: Path) -> None:
        self.settle()
        self.page.evaluate("document.fonts.ready.then(() => true)")
        self.page.screenshot(path=path, full_page=True)

    def _keep(self, pictures: Path | None, path: str, name: str) -> None:
        if pictures is not None:
            page = urlsplit(path).path.strip("/").replace("/", "-") or "home"
            self.picture(pictures / f"{page}-{name}.png")

    def _hear(self, kind: str, words: str) -> None:
        if kind in {"error", "warning", "assert"} and words.split(",", maxsplit=1)[0] not in OVERTAKEN:
            self.complaints.append(words)

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # a search that the next letter overtakes
            self.complaints.append(f"not loaded: {request.url} {request.failure}")


@contextlib.contextmanager
def driven(address: str, *more: str) -> Iterator[Person]:
    """A browser of its own at the console's address, which ends with a slash. Skips where there is no Chromium.

    more: flags for it.
    """
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("no chromium here: apt-get install chromium")
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*flags, "--disable-dev-shm-usage", *more])
        try:
            with browser.new_context(locale="fr-FR", reduced_motion="reduce") as context:
                yield Person(context.new_page(), address)
        finally:
            browser.close()
