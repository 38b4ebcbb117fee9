"""What one member of staff does at the console, for locust, which runs this in an environment of its own (var/peers).

They sign in, look at their day, search as they type, open records, read and write, and think in between. A page that is
not the one that was asked for is an error. CHEVET_STAFF: JSON, [[user, password], ...], one for each. CHEVET_THINK_S:
JSON, the least and the most seconds between two pages.
"""

# mypy: disable-error-code="untyped-decorator"

import html
import itertools
import json
import os
import random
import re
from typing import Any

from locust import HttpUser, between, task  # type: ignore[import-not-found]  # it stands in an environment of its own

ACCOUNTS = itertools.count()
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
PATIENT = re.compile(r'href="/patients/([^"/]+)/dossier"')
PARTS = re.compile(r'hx-get="([^"]+)"')
PART = {"HX-Request": "true"}


class Staff(HttpUser):  # type: ignore[misc]  # locust has no types here
    wait_time = between(*json.loads(os.environ["CHEVET_THINK_S"]))

    def on_start(self) -> None:
        self.client.headers["Connection"] = "close"  # as a proxy asks: a kept one may end just as a page is asked for
        every = json.loads(os.environ["CHEVET_STAFF"])
        user, password = every[next(ACCOUNTS) % len(every)]
        self.chance = random.Random(user)  # noqa: S311  # the same walk each time
        page = self._read("/connexion", "sign in")
        told = {"username": user, "password": password, "csrfmiddlewaretoken": _token(page), "next": ""}
        page = self._write("/connexion", told, "sign in")
        self.patients = PATIENT.findall(page)

    @task(6)
    def day(self) -> None:
        self._read("/journee", "day")

    @task(6)
    def search(self) -> None:
        """Two letters, three, four of a name, each asked for as it is typed; then the one that was meant."""
        name = self.chance.choice(("Mésange", "Bruyère", "Roseau", "Tilleul", "Capucine", "Verveine"))
        found: list[str] = []
        for letters in range(2, 5):
            page = self._read(f"/patients/recherche?q={name[:letters]}", "search as one types", PART)
            found = PATIENT.findall(page)
        if found:
            self._record(found[0])

    @task(8)
    def record(self) -> None:
        self._record(self._somebody())

    @task(8)
    def sessions(self) -> None:
        self._with_its_parts(f"/patients/{self._somebody()}/seances", "sessions")

    @task(4)
    def results(self) -> None:
        self._read(f"/patients/{self._somebody()}/resultats", "results")

    @task(4)
    def follow_up(self) -> None:
        self._read(f"/patients/{self._somebody()}/suivi", "follow-up")

    @task(3)
    def plan(self) -> None:
        self._read(f"/patients/{self._somebody()}/plan", "plan")

    @task(3)
    def patients_list(self) -> None:
        self._read("/", "patients")

    @task(2)
    def boxes(self) -> None:
        self._with_its_parts("/boites", "boxes")

    @task(2)
    def to_readjust(self) -> None:
        self._read("/a-reajuster", "to-readjust")

    @task(2)
    def give_a_task(self) -> None:
        place = f"/patients/{self._somebody()}/taches"
        token = _token(self._read(place, "tasks"))
        told = {"reason": "Passer la voir", "csrfmiddlewaretoken": token}
        self._write(place, told, "give a task")

    @task(2)
    def write_a_message(self) -> None:
        place = f"/patients/{self._somebody()}/messages"
        page = self._read(place, "messages")
        if '<textarea id="id_text"' not in page:  # nobody reads it: no box, or the access has ended
            return
        token = _token(page)
        told = {"text": "Bonjour, nous passons demain matin.", "ready": "", "csrfmiddlewaretoken": token}
        self._write(place, told, "write a message")

    def _record(self, patient: str) -> None:
        self._with_its_parts(f"/patients/{patient}/dossier", "record")

    def _somebody(self) -> str:
        return str(self.chance.choice(self.patients))

    def _with_its_parts(self, place: str, name: str) -> None:
        """And what the page asks for once it stands, but the search."""
        page = self._read(place, name)
        for part in {html.unescape(one) for one in PARTS.findall(page)}:
            if part.startswith("/") and ("silence" in part):
                self._read(part, "silences", PART)

    def _read(self, place: str, name: str, headers: dict[str, str] | None = None) -> str:
        with self.client.get(place, name=name, headers=headers, catch_response=True, allow_redirects=False) as answer:
            return _checked(answer, place, whole=headers is None)

    def _write(self, place: str, told: dict[str, str], name: str) -> str:
        """As a browser: the answer leads to the next page."""
        sent = {"Referer": self.host}
        with self.client.post(place, told, name=f"{name} (POST)", headers=sent, catch_response=True) as answer:
            if answer.history and answer.url.endswith("/connexion"):
                answer.failure("signed out")
            elif not answer.history:
                answer.failure(f"{answer.status_code}: nothing was written")
            return str(answer.text)


def _checked(answer: Any, place: str, *, whole: bool) -> str:
    if answer.status_code != 200:
        answer.failure(f"{place}: {answer.status_code}")
    elif whole and '<main id="content">' not in answer.text:
        answer.failure(f"{place}: this is no page of the console")
    return str(answer.text)


def _token(page: str) -> str:
    found = TOKEN.search(page)
    return found.group(1) if found else ""
