"""Every page of the console, asked for in this process as its server would: how long, how many queries, how large.

    CHEVET_CLINIC_HOME=home python -m tests.bench.console_pages [--samples 30] [--only name,name]   JSON on stdout

One core: the process is tied to it, and PostgreSQL's own processes for it too; their processor time is counted with
ours. The pages are those of the console's own addresses, so that a new one is measured without a word here: with keys
of rows that are there, or as the pages themselves lead to it. One that cannot be asked for is named.
"""

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from tests.bench.console_links import Places, places
from tests.bench.console_rows import OF, furnish

SIGNED_IN = ("camille", "noe", "tom", "alix")
"""Of the invented clinic: a référent, a physician, a technician, an administrator. The first who gets the page."""
SEED = 20_251_129
LOOKS, TRIED = 3, 12
BEGINNINGS = ("/", "/boites", "/personnel", "/securite", f"/patients/{OF}/dossier", f"/patients/{OF}/plan")
"""From where links are followed: of `OF` there is everything that a page can be about."""
PART = {"HX-Request": "true"}
Ways = Mapping[str, Callable[[random.Random], Any]]


class Page(msgspec.Struct, frozen=True):
    """wall_ms, cpu_ms: of each sample. `queries`: the most that one look made. `size`: bytes of the largest."""

    name: str
    reader: str
    wall_ms: tuple[float, ...]
    cpu_ms: tuple[float, ...]
    queries: int
    size: int
    of_a_patient: bool
    picture: bool
    typed: bool = False
    """Asked for again with every letter that is typed."""
    file: bool = False
    """To be saved, not looked at: nobody waits for it as for a page."""


class Pages(msgspec.Struct, frozen=True):
    pages: tuple[Page, ...]
    broken: tuple[str, ...]
    """Pages that were not made at all: the server's own error."""
    only_post: tuple[str, ...]
    not_measured: tuple[str, ...]
    """Addresses that the invented clinic has nothing for, or that answer nobody who is signed in with a page."""
    rows: dict[str, int]
    database: str
    size_mib: float


@dataclass(frozen=True)
class Asked:
    """A page, and how its addresses are found."""

    name: str
    reader: str
    address: Callable[[], str]
    headers: Mapping[str, str]
    of_a_patient: bool
    typed: bool = False


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=30)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    os.environ["DJANGO_SETTINGS_MODULE"] = "clinic.settings"
    import django

    django.setup()
    from clinic.console.warming import warm

    furnish()
    warm()
    found = measure(options.samples, set(filter(None, options.only.split(","))), random.Random(SEED))  # noqa: S311
    sys.stdout.write(json.dumps(msgspec.to_builtins(found)))
    return 0


def measure(samples: int, only: set[str], chance: random.Random, looks: int = LOOKS, *, of_one: bool = False) -> Pages:
    """`looks`: so often its queries are counted; `samples`: so often it is timed. `of_one`: of the same row each time,
    of `OF` where it is a patient, of whom there is everything; else of any.
    """
    from django.urls import URLPattern, get_resolver

    clients, ways = _clients(), _values(of_one=of_one)
    led_to = places(clients, BEGINNINGS)
    pages: list[Page] = []
    broken: list[str] = []
    only_post: list[str] = []
    missed: list[str] = []
    for pattern in get_resolver().url_patterns:
        if not isinstance(pattern, URLPattern) or (only and pattern.name not in only):
            continue
        name = str(pattern.name)
        found = _asked(name, pattern.pattern.converters, ways, led_to, clients, chance)
        if isinstance(found, Asked):
            pages.append(_look(found, clients[found.reader], samples, looks))
        else:
            {"broken": broken, "post": only_post, "nothing": missed}[found].append(name)
    typed = [one for one in _typed(chance) if not only or one.name in only]
    pages += [_look(one, clients[one.reader], samples, looks) for one in typed]
    return Pages(tuple(pages), tuple(broken), tuple(only_post), tuple(missed), _rows(), *_database())


def _asked(  # all that an address is found by
    name: str, wanted: Mapping[str, Any], ways: Ways, led_to: Places, clients: Mapping[str, Any], chance: random.Random
) -> Asked | str:
    """How the page is asked for; or why it is not: `broken`, `post`, `nothing`."""
    from django.urls import reverse

    def address() -> str:
        return str(reverse(name, kwargs={key: ways[key](chance) for key in wanted}))

    for who in SIGNED_IN if all(key in ways for key in wanted) else ():
        statuses = {place: clients[who].get(place).status_code for place in {address() for _ in range(TRIED)}}
        if 500 in statuses.values():
            return "broken"
        if there := sorted(place for place, status in statuses.items() if status == 200):
            return Asked(name, who, lambda: chance.choice(there), {}, "patient_id" in wanted)
    if name in led_to:
        reader, place = led_to[name]
        return Asked(name, reader, lambda: place, {}, "patient_id" in wanted)
    anything = {key: 1 if type(kind).__name__ == "IntConverter" else "x" for key, kind in wanted.items()}
    nowhere = reverse(name, kwargs=anything)
    refused = any(client.get(nowhere).status_code == 405 for client in clients.values())
    return "post" if refused else "nothing"


def _typed(chance: random.Random) -> Iterator[Asked]:
    """Searching as one types: the beginning of a name, of two letters or more."""
    from django.urls import reverse

    names = [name for name in _mine().values_list("patient__family", flat=True) if len(name) > 2]

    def typed() -> str:
        name: str = chance.choice(names)
        return quote(name[: chance.randint(2, min(6, len(name)))])

    if names:
        found, narrowed = reverse("find-patient"), reverse("patients")
        yield Asked("find-patient, as one types", SIGNED_IN[0], lambda: f"{found}?q={typed()}", PART, False, typed=True)
        yield Asked("patients, as one types", SIGNED_IN[0], lambda: f"{narrowed}?q={typed()}", PART, False, typed=True)


def _counted(client: Any, place: str, headers: Mapping[str, str]) -> tuple[Any, int]:
    """The answer, and its queries; again where this look wrote, as one does once a minute, that somebody is there."""
    from django.db import connections
    from django.test.utils import CaptureQueriesContext

    while True:
        with CaptureQueriesContext(connections["default"]) as one, CaptureQueriesContext(connections["audit"]) as two:
            answer = client.get(place, headers=headers)
        if not any(asked["sql"].startswith('UPDATE "console_signedinsession"') for asked in one.captured_queries):
            return answer, len(one) + len(two)


def _look(asked: Asked, client: Any, samples: int, looks: int) -> Page:
    queries, size, kind = 0, 0, ""
    for _ in range(looks):
        place = asked.address()
        client.get(place, headers=asked.headers)  # who reads it for the first time also writes that it was read
        answer, number = _counted(client, place, asked.headers)
        queries = max(queries, number)
        assert answer.status_code == 200, place
        size, kind = max(size, len(answer.content)), answer.headers["Content-Type"]
    wall_ms, cpu_ms, meter = [], [], Meter()
    for _ in range(samples):
        place = asked.address()
        wall_s, cpu_s = time.perf_counter(), meter.cpu_s()
        answer = client.get(place, headers=asked.headers)
        body = answer.content
        wall_ms.append((time.perf_counter() - wall_s) * 1000)
        cpu_ms.append((meter.cpu_s() - cpu_s) * 1000)
        assert answer.status_code == 200, place
        size = max(size, len(body))
    if samples:
        p95 = sorted(cpu_ms)[len(cpu_ms) * 95 // 100]
        print(f"bench: {asked.name}: {p95:.0f} ms, {queries} queries", file=sys.stderr)
    picture, file = kind.startswith("image/"), "Content-Disposition" in answer.headers
    times = (tuple(wall_ms), tuple(cpu_ms))
    return Page(asked.name, asked.reader, *times, queries, size, asked.of_a_patient, picture, asked.typed, file)


class Meter:
    """Processor time of this process, and of the servers that work for it alone."""

    def __init__(self) -> None:
        from django.db import connections

        self._own_core = os.sched_getaffinity(0)
        self._servers: list[Path] = []
        for connection in connections.all():
            if connection.vendor == "postgresql":
                connection.ensure_connection()
                pid = connection.connection.info.backend_pid
                os.sched_setaffinity(pid, self._own_core)
                self._servers.append(Path(f"/proc/{pid}/schedstat"))

    def cpu_s(self) -> float:
        """Linux tells of each process, in nanoseconds, how long it was on a processor."""
        return time.process_time() + sum(int(one.read_text().split()[0]) for one in self._servers) / 1e9


def _clients() -> dict[str, Any]:
    from django.test import Client

    from clinic.people.models import Practitioner

    made = {}
    for username in SIGNED_IN:
        made[username] = Client(SERVER_NAME="127.0.0.1", raise_request_exception=False)
        made[username].force_login(Practitioner.objects.get(username=username))
    return made


def _mine() -> Any:
    from clinic.people.models import CareTeamParticipant

    return CareTeamParticipant.objects.filter(practitioner__username=SIGNED_IN[0], until_ms=None)


def _values(*, of_one: bool) -> Ways:
    """What an address may be asked with: keys of rows that are there, by the name that the address gives them."""
    from django.apps import apps

    known: dict[str, list[Any]] = {
        "patient_id": [OF] if of_one else list(_mine().values_list("patient_id", flat=True)),
        "kind": ["seances", "jours"],
    }
    of = {
        "help_id": "HelpRequest", "delivery_id": "Delivery", "request_id": "AccessRequest", "person_id": "Practitioner",
        "task_id": "Task", "handover_id": "Handover", "team_id": "Team", "box_id": "Device",
        "checklist_id": "HomeChecklist",
    }  # fmt: skip
    models = {model.__name__: model for model in apps.get_models()}
    for name, model in of.items():
        known[name] = list(models[model]._default_manager.order_by("-pk").values_list("pk", flat=True)[:50])
    return {name: _one_of(keys[:1] if of_one and name != "kind" else keys) for name, keys in known.items() if keys}


def _one_of(keys: list[Any]) -> Callable[[random.Random], Any]:
    return lambda chance: chance.choice(keys)


def _rows() -> dict[str, int]:
    from clinic.people.models import Patient
    from clinic.results.models import Answer, LedgerRow, Session

    models = (Patient, Session, Answer, LedgerRow)
    return {model._meta.verbose_name_plural.title(): model._default_manager.count() for model in models}  # type: ignore[union-attr]


def _database() -> Iterator[Any]:
    from django.conf import settings
    from django.db import connection

    from clinic.databases import told

    database = settings.DATABASES["default"]
    if connection.vendor == "postgresql":
        yield f"PostgreSQL {connection.connection.info.server_version // 10_000}"
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            yield round(cursor.fetchone()[0] / 2**20, 1)
        return
    file = Path(database["NAME"])
    yield told(database).split(" at ")[0]
    yield round(file.stat().st_size / 2**20, 1) if file.exists() else 0.0


if __name__ == "__main__":
    sys.exit(main())
