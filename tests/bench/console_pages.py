"""Every page of the console, asked for in this process as its server would: how long, how many queries, how large.

    CHEVET_CLINIC_HOME=home python -m tests.bench.console_pages [--samples 30] [--only name,name]   JSON on stdout

One core: the process is tied to it. The pages are those of the console's own addresses, so that a new one is measured
without a word here; one that cannot be asked for is named.
"""

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

SIGNED_IN = ("camille", "noe", "tom", "alix")
"""Of the invented clinic: a référent, a physician, a technician, an administrator. The first who gets the page."""
SEED = 20_251_129


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


class Pages(msgspec.Struct, frozen=True):
    pages: tuple[Page, ...]
    broken: tuple[str, ...]
    """Pages that were not made at all: the server's own error."""
    not_measured: tuple[str, ...]
    """Addresses that only take a POST, or that the invented clinic has nothing for."""
    rows: dict[str, int]
    database: str
    size_mib: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=30)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    os.environ["DJANGO_SETTINGS_MODULE"] = "clinic.settings"
    import django

    django.setup()
    found = measure(options.samples, set(filter(None, options.only.split(","))), random.Random(SEED))  # noqa: S311
    sys.stdout.write(json.dumps(msgspec.to_builtins(found)))
    return 0


def measure(samples: int, only: set[str], chance: random.Random) -> Pages:
    from django.urls import URLPattern, get_resolver

    clients = _clients()
    ways: dict[str, Callable[[random.Random], Any]] = _values()
    pages, broken, missed = [], [], []
    for pattern in get_resolver().url_patterns:
        if not isinstance(pattern, URLPattern) or (only and pattern.name not in only):
            continue
        name, wanted = str(pattern.name), pattern.pattern.converters
        unknown = [key for key in wanted if key not in ways]
        looked = None if unknown else _page(name, list(wanted), ways, clients, samples, chance)
        if looked is None:
            missed.append(name)
        elif isinstance(looked, str):
            broken.append(name)
        else:
            pages.append(looked)
            print(f"bench: {name}: {sorted(looked.wall_ms)[len(looked.wall_ms) * 95 // 100]:.0f} ms", file=sys.stderr)
    return Pages(tuple(pages), tuple(broken), tuple(missed), _rows(), *_database())


def _page(
    name: str,
    wanted: list[str],
    ways: dict[str, Callable[[random.Random], Any]],
    clients: dict[str, Any],
    samples: int,
    chance: random.Random,
) -> Page | str | None:
    """None for an address that answers nobody with a page; a word for one that fails."""
    from django.db import connections
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    def address() -> str:
        return reverse(name, kwargs={key: ways[key](chance) for key in wanted})

    answers = {who: clients[who].get(address()).status_code for who in SIGNED_IN}
    if 500 in answers.values():
        return "broken"
    reader = next((who for who, status in answers.items() if status == 200), None)
    if reader is None:
        return None
    client, queries, size, kind = clients[reader], 0, 0, ""
    for _ in range(3):
        place = address()
        client.get(place)  # who reads it for the first time also writes that it was read
        with CaptureQueriesContext(connections["default"]) as one, CaptureQueriesContext(connections["audit"]) as two:
            client.get(place)
        queries = max(queries, len(one) + len(two))
    wall_ms, cpu_ms = [], []
    for _ in range(samples):
        place = address()
        wall_s, cpu_s = time.perf_counter(), time.process_time()
        answer = client.get(place)
        body = answer.content
        wall_ms.append((time.perf_counter() - wall_s) * 1000)
        cpu_ms.append((time.process_time() - cpu_s) * 1000)
        size, kind = max(size, len(body)), answer.headers["Content-Type"]
    picture = kind.startswith("image/")
    return Page(name, reader, tuple(wall_ms), tuple(cpu_ms), queries, size, "patient_id" in wanted, picture)


def _clients() -> dict[str, Any]:
    from django.test import Client

    from clinic.people.models import Practitioner

    made = {}
    for username in SIGNED_IN:
        made[username] = Client(SERVER_NAME="127.0.0.1", raise_request_exception=False)
        made[username].force_login(Practitioner.objects.get(username=username))
    return made


def _values() -> dict[str, Callable[[random.Random], Any]]:
    """What an address may be asked with: keys of rows that are there, by the name that the address gives them."""
    from django.apps import apps

    from clinic.people.models import CareTeamParticipant

    mine = CareTeamParticipant.objects.filter(practitioner__username=SIGNED_IN[0], until_ms=None)
    known: dict[str, list[Any]] = {
        "patient_id": list(mine.values_list("patient_id", flat=True)),
        "kind": ["seances", "jours"],
    }
    of = {
        "help_id": "HelpRequest", "delivery_id": "Delivery", "request_id": "AccessRequest", "person_id": "Practitioner",
        "task_id": "Task", "handover_id": "Handover", "team_id": "Team",
    }  # fmt: skip
    models = {model.__name__: model for model in apps.get_models()}
    for name, model in of.items():
        if model in models:
            found = models[model]._default_manager.order_by("-pk").values_list("pk", flat=True)[:50]
            known[name] = list(found)
    return {name: _one_of(keys) for name, keys in known.items() if keys}


def _one_of(keys: list[Any]) -> Callable[[random.Random], Any]:
    return lambda chance: chance.choice(keys)


def _rows() -> dict[str, int]:
    from clinic.people.models import Patient
    from clinic.results.models import Answer, LedgerRow, Session

    models = (Patient, Session, Answer, LedgerRow)
    return {model._meta.verbose_name_plural.title(): model._default_manager.count() for model in models}  # type: ignore[union-attr]


def _database() -> Iterator[Any]:
    from django.conf import settings

    from clinic.databases import told

    database = settings.DATABASES["default"]
    file = Path(database["NAME"])
    yield told(database).split(" at ")[0]
    yield round(file.stat().st_size / 2**20, 1) if file.exists() else 0.0


if __name__ == "__main__":
    sys.exit(main())
