"""The ground for hostile requests: a clinic with everything in it, its forms found in its own pages, what must hold.

Every throw is undone (the databases roll back), so that each stands on the same clinic whatever the others did.
"""

import contextlib
import functools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.http.cookie import SimpleCookie
from django.test import Client
from django.urls import reverse

from clinic.people.models import Patient
from tests.clinic.cast import SECRETS, Cast
from tests.clinic.found_forms import FoundForm, forms_of
from tests.clinic.planting import of_patients
from tests.clinic.test_access import MAY_SEE, patterns, values_of
from tests.clinic.test_console import Words

ROLES = ("nurse", "administrator", "social-worker", "technician")
"""Between them they are shown every form there is: the nurse is the référent."""
PICTURES = ("plan-picture", "draft-picture", "form-picture", "lesson-picture", "results-chart")
"""Drawn by another program: looked at once, and no ground for thousands of requests."""
BREAKS_THE_GLASS = "/urgence"
"""Who gives a reason and a right name reads another's record: that is what it is for."""
QUERIES = (
    "page", "q", "place", "only", "kind", "days", "words", "after", "nom", "brouillon", "jours", "soin", "voir",
    "raison", "entres", "restent", "next",
)  # fmt: skip
"""What forms and links ask for."""
FINE = {200, 204, 302, 400, 403, 404, 405, 409, 413, 415, 429}


@dataclass(frozen=True)
class Target:
    """A form as one role was shown it."""

    role: str
    form: FoundForm


class Ground:
    """`targets`: every form; `pages`: every address with its role, of what can be looked at."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self._cookies = {role: self._signed_in(role) for role in ROLES}
        self.pages = [
            (role, name)
            for role in ROLES
            for name in patterns()
            if name not in PICTURES and role in MAY_SEE.get(name, ())
        ]
        self._before = list(self._others())

    @functools.cached_property
    def targets(self) -> list[Target]:
        found = list(self._found())
        asked = {name for target in found if target.form.method == "get" for name in target.form.fields}
        assert asked <= set(QUERIES), "tell what the new form asks for in QUERIES (tests/clinic/hostile_pages.py)"
        return found

    def client(self, role: str) -> Client:
        """Signed in, in a browser of its own each time, and held to the page's token."""
        client = Client(enforce_csrf_checks=True)
        client.cookies = SimpleCookie(self._cookies[role])
        return client

    def _signed_in(self, role: str) -> dict[str, str]:
        """Before anything that is undone: its session stays."""
        client = Client()
        client.force_login(self.cast.people[role])
        client.get("/securite")  # which gives the token's cookie
        return {name: one.value for name, one in client.cookies.items()}

    @contextlib.contextmanager
    def undone(self) -> Iterator[None]:
        with transaction.atomic(), transaction.atomic(using="audit"):
            yield
            for name in ("default", "audit"):
                transaction.set_rollback(True, using=name)

    def address(self, name: str, instead: Mapping[str, Any] | None = None) -> str:
        """Of this page; `instead`: other words for some of its parts, in the shape that their converters take."""
        told = values_of(name, self.cast)
        for key, value in (instead or {}).items():
            is_number = type(patterns()[name].pattern.converters[key]).__name__ == "IntConverter"
            said = str(value).replace("/", "") or "x"
            told[key] = (int(said) if said.isascii() and said.isdecimal() else 0) if is_number else clean(said)
        return reverse(name, kwargs=told)

    def throw(self, target: Target, told: Mapping[str, Iterable[str]]) -> int:
        """Send it, look at what comes and at where it leads. The status."""
        with self.undone():
            client = self.client(target.role)
            sent = {name: [clean(value) for value in values] for name, values in told.items()}
            if target.form.method == "get":
                answer = client.get(target.form.action, sent)
            else:
                answer = client.post(target.form.action, sent)
            where = f"{target.role} {target.form.method} {target.form.action} {shortly(sent)}"
            aloud = urlsplit(target.form.action).path == BREAKS_THE_GLASS
            self.holds(answer, where, aloud=aloud)
            if answer.status_code == 302:
                place = answer.headers["Location"]
                assert urlsplit(place).netloc == "", f"{where} leads elsewhere: {place}"
                self.holds(client.get(place), f"{where} -> {place}", aloud=aloud)
            return int(answer.status_code)

    def look(self, role: str, address: str, query: Mapping[str, str], *, part: bool = False) -> int:
        """As a person asks, or as the page's own script does. The status."""
        with self.undone():
            headers = {"HX-Request": "true"} if part else {}
            asked = {name: clean(value) for name, value in query.items()}
            answer = self.client(role).get(address, asked, headers=headers)
            self.holds(answer, f"{role} GET {address} {shortly(query)}")
            return int(answer.status_code)

    def holds(self, answer: Any, where: str, *, aloud: bool = False) -> None:
        """No fault, no script of others, nothing of another team, and nothing of it changed."""
        self.is_quiet(answer, where, aloud=aloud)
        now = list(self._others())
        assert now == self._before or aloud, f"{where} changed something of another team's patient"

    def is_quiet(self, answer: Any, where: str, *, aloud: bool = False) -> None:
        assert answer.status_code in FINE, f"{where}: {answer.status_code}"
        told = "" if answer.streaming else answer.content.decode(errors="replace")
        if not aloud:
            found = [word for word in SECRETS if word in told]
            assert not found, f"{where} tells of another team's patient: {found}"
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            Words().feed(told)  # which refuses a script, a style and a handler that are not our own

    def _others(self) -> Iterator[list[Any]]:
        """What there is of the patient whom nobody of the cast follows."""
        yield list(Patient.objects.filter(pk="autre").values())
        for model in of_patients():
            keys = [f.name for f in model._meta.concrete_fields if f.related_model is Patient]
            if keys:
                yield list(model._default_manager.filter(**{keys[0]: "autre"}).order_by("pk").values())

    def _found(self) -> Iterator[Target]:
        """The forms of each page as each role is shown it, and those of the pages that ask twice."""
        seen: set[tuple[object, ...]] = set()
        for role, name in self.pages:
            with self.undone():
                address = self.address(name)
                for form in self._new(self.client(role).get(address), address, seen):
                    yield Target(role, form)
                    yield from (Target(role, again) for again in self._asked_again(role, form, seen))

    def _asked_again(self, role: str, form: FoundForm, seen: set[tuple[object, ...]]) -> Iterator[FoundForm]:
        if form.method != "post":
            return
        for press in range(max(1, len(form.buttons))):
            with self.undone():
                answer = self.client(role).post(form.action, form.filled(press))
                yield from list(self._new(answer, form.action, seen))

    @staticmethod
    def _new(answer: Any, address: str, seen: set[tuple[object, ...]]) -> Iterator[FoundForm]:
        if answer.status_code != 200 or not answer.headers.get("Content-Type", "").startswith("text/html"):
            return
        for form in forms_of(address, answer.content.decode()):
            if form.key not in seen:
                seen.add(form.key)
                yield form


def clean(value: str) -> str:
    """As a browser can send it: a lone surrogate is no UTF-8."""
    return str(value).encode("utf-8", "replace").decode()


def shortly(sent: Mapping[str, Any]) -> str:
    return str({name: value for name, value in sent.items() if name != "csrfmiddlewaretoken"})[:600]
