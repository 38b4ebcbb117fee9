"""The newest migration of each app undone and done again, on a clinic that is full. Run as a process on an empty one.

Prints, as JSON, which were, and what is lost: a column that stands before and after, and misses what it held. A
migration may add rows: what was unread becomes tasks.
"""

import json
from collections import Counter
from collections.abc import Iterator

import django

django.setup()

from django.db import connections  # noqa: E402
from django.db.migrations.executor import MigrationExecutor  # noqa: E402

Columns = dict[str, Counter[str]]
"""By « table.column »: all that stands in it, in whatever order."""
BOOKKEEPING = ("django_migrations", "django_content_type", "sqlite_sequence")


def fill() -> None:
    from django.conf import settings
    from django.core.management import call_command

    from clinic.audit import trail
    from clinic.clock import now_ms
    from clinic.demo.fill import Size, fill
    from clinic.plans.orders import Pen
    from mqtt_bridge.seal import make_keys

    for alias in connections:
        call_command("migrate", database=alias, verbosity=0)
    pen = Pen(settings.CLINIC_ID, make_keys())
    fill(Size(patients=4, records=6, sessions=40, seed=1), "une longue nuit", pen, now_ms(), lambda _done, _all: None)
    trail.record("claire", "read", "sessions", "martin")


def columns(alias: str) -> Columns:
    kept: Columns = {}
    with connections[alias].cursor() as cursor:
        for table in connections[alias].introspection.table_names(cursor):
            if table in BOOKKEEPING:
                continue
            for told in connections[alias].introspection.get_table_description(cursor, table):
                cursor.execute(f'SELECT "{told.name}" FROM "{table}"')  # noqa: S608  # names from the database itself
                held = [repr(bytes(v) if isinstance(v, memoryview) else v) for (v,) in cursor.fetchall()]
                kept[f"{table}.{told.name}"] = Counter(held)
    return kept


def newest() -> Iterator[tuple[str, tuple[str, str], tuple[str, str | None]]]:
    """(database, the newest migration of an app of ours, the one before it)."""
    for alias in connections:
        graph = MigrationExecutor(connections[alias]).loader.graph
        for app, name in sorted(graph.leaf_nodes()):
            if (app == "audit") != (alias == "audit") or not _is_ours(app):
                continue
            before = [key for key in graph.node_map[app, name].parents if key[0] == app]
            yield alias, (app, name), (app, before[0][1]) if before else (app, None)


def _is_ours(app: str) -> bool:
    from django.apps import apps

    return apps.get_app_config(app).name.startswith("clinic.")


def main() -> None:
    fill()
    done, changed = list(newest()), list[str]()
    for alias in connections:
        was = columns(alias)
        MigrationExecutor(connections[alias]).migrate([before for where, _, before in done if where == alias])
        stood = columns(alias).keys()
        MigrationExecutor(connections[alias]).migrate([last for where, last, _ in done if where == alias])
        now = columns(alias)
        changed += [key for key in was.keys() & stood if was[key] - now.get(key, Counter())]
    print(json.dumps({"done": [".".join(last) for _, last, _ in done], "changed": sorted(changed)}))


if __name__ == "__main__":
    main()
