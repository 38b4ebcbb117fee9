"""The same clinic on PostgreSQL: every row of a filled SQLite one, by COPY.

    CHEVET_CLINIC_HOME=home python -m tests.bench.console_copy URL_OF_AN_EMPTY_DATABASE URL_OF_A_SCRATCH_ONE

Twenty million rows: the tables first, without an index; their rows; the indexes and constraints last. All of them are
those that the migrations make, in the scratch database.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import psycopg

from tests.support.postgresql import programs

ROWS_AT_ONCE = 20_000


def main(record: str, scratch: str) -> int:
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "clinic.settings"
    django.setup()
    from django.db import connection

    migrated = {**os.environ, "CHEVET_DATABASE_URL": scratch}
    command = [sys.executable, "-m", "django", "migrate", "--database", "default", "--verbosity", "0"]
    subprocess.run(command, env=migrated, check=True)
    _carry("pre-data", scratch, record)
    with psycopg.connect(record) as there, connection.cursor() as here:
        for model in _models():
            _copy(model, here, there)
    _carry("post-data", scratch, record)
    with psycopg.connect(record, autocommit=True) as there:
        for model in _models():
            _keys_follow(model, there)
        there.execute("VACUUM ANALYZE")
    return 0


def _carry(section: str, scratch: str, record: str) -> None:
    folder = programs()
    assert folder is not None
    dump = [str(folder / "pg_dump"), "--schema-only", "--no-owner", f"--section={section}", scratch]
    ran = subprocess.run(dump, stdout=subprocess.PIPE, check=True)
    command = [str(folder / "psql"), "--quiet", "--set=ON_ERROR_STOP=1", record]
    subprocess.run(command, input=ran.stdout, stdout=subprocess.DEVNULL, check=True)


def _models() -> Iterator[Any]:
    from django.apps import apps
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder

    yield MigrationRecorder(connection).Migration
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_label != "audit" and model._meta.managed and not model._meta.proxy:
            yield model


def _copy(model: Any, here: Any, there: psycopg.Connection[Any]) -> None:
    """SQLite writes the lines of COPY's text format itself: this process only carries them."""
    table = model._meta.db_table
    fields = model._meta.concrete_fields
    columns = ", ".join(f'"{field.column}"' for field in fields)
    line = " || char(9) || ".join(map(_told, fields))
    here.execute(f'SELECT {line} FROM "{table}"')  # noqa: S608  # our own names
    with there.cursor() as cursor, cursor.copy(f'COPY "{table}" ({columns}) FROM STDIN') as copy:
        while rows := here.fetchmany(ROWS_AT_ONCE):
            copy.write("".join(f"{row[0]}\n" for row in rows))
    there.commit()


def _told(field: Any) -> str:
    column, kind = f'"{field.column}"', field.get_internal_type()
    while kind in ("ForeignKey", "OneToOneField"):
        field = field.target_field
        kind = field.get_internal_type()
    if kind == "BinaryField":
        return rf"coalesce('\\x' || hex({column}), '\N')"
    if kind in ("CharField", "TextField", "JSONField"):
        told = column
        for sign, written in (("'\\'", r"'\\'"), ("char(9)", r"'\t'"), ("char(10)", r"'\n'"), ("char(13)", r"'\r'")):
            told = f"replace({told}, {sign}, {written})"
        return rf"coalesce({told}, '\N')"
    return rf"coalesce({column}, '\N')"


def _keys_follow(model: Any, there: psycopg.Connection[Any]) -> None:
    """What is added later gets a key that nobody has."""
    key, table = model._meta.pk, model._meta.db_table
    if key.get_internal_type() in ("AutoField", "BigAutoField"):
        sequence = f"pg_get_serial_sequence('\"{table}\"', '{key.column}')"
        there.execute(f'SELECT setval({sequence}, coalesce(max("{key.column}"), 1)) FROM "{table}"')  # noqa: S608


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1], sys.argv[2]))
