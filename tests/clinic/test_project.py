"""The Django project itself: migrations, settings, the databases chosen."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

from clinic.databases import database, databases, told, wal_is_safe
from clinic.errors import HomeError
from clinic.home import Home


@pytest.mark.django_db(databases=["default", "audit"])
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_the_system_check_is_clean() -> None:
    call_command("check", fail_level="WARNING")


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 9), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), True),
    ],
)
def test_a_write_ahead_log_only_where_it_is_safe(version: tuple[int, int, int], safe: bool) -> None:  # noqa: FBT001
    assert wal_is_safe(version) is safe


def test_sqlite_survives_a_power_cut_and_takes_its_lock_at_once() -> None:
    options = database("sqlite", None)["OPTIONS"]
    assert "synchronous=FULL" in options["init_command"]
    assert options["transaction_mode"] == "IMMEDIATE"


def test_postgresql_by_one_url() -> None:
    made = database("postgresql://chevet:p%40ss@db.example:5433/record?sslmode=require", None)
    assert (made["USER"], made["PASSWORD"], made["HOST"], made["PORT"]) == ("chevet", "p@ss", "db.example", "5433")
    assert made["OPTIONS"]["sslmode"] == "require"
    assert "db.example" in told(made)
    assert "p@ss" not in told(made)
    assert made["OPTIONS"]["options"] == "-c jit=off", "making code takes longer than our queries"
    chosen = database("postgresql://chevet@db.example/record?options=-c%20statement_timeout%3D9s", None)
    assert chosen["OPTIONS"]["options"] == "-c statement_timeout=9s"


def test_record_and_trail_are_never_one_database(tmp_path: Path) -> None:
    one = "postgresql://chevet@db.example/record"
    with pytest.raises(HomeError, match="audit_database"):
        databases(one, one, tmp_path)
    made = databases(one, "postgresql://chevet@db.example/trail", tmp_path)
    assert (made["default"]["NAME"], made["audit"]["NAME"]) == ("record", "trail")
    assert databases("sqlite", "sqlite", tmp_path)["audit"]["NAME"].endswith("audit.db")


def test_another_database_is_refused() -> None:
    with pytest.raises(HomeError, match="postgresql://"):
        database("mysql://x", None)


@pytest.mark.parametrize("text", ["", "clinic = 3", 'clinic = "a"\nsurprise = 1', "clinic = ["])
def test_a_wrong_clinic_toml_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "clinic.toml").write_text(text)
    with pytest.raises(HomeError, match=r"clinic\.toml"):
        Home(tmp_path).configuration()


OLD_READING = """
import django
django.setup()
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def migrate(*names):
    executor = MigrationExecutor(connection)
    executor.migrate([("plans", "0001_initial"), *(("results", name) for name in names)])
    return executor.loader.project_state([("results", names[0])]).apps.get_model


old = migrate("0001_initial")
who = old("people", "Practitioner").objects.create(username="claire")
whose = old("people", "Patient").objects.create(id="martin")
box = old("fleet", "Device").objects.create(id="box-12", verify_key=b"", seal_key=b"", enrolled_ms=0)
session = old("results", "Session").objects.create(
    device=box, session="s-1", patient=whose, started_ms=0, time_source="", first_received_ms=0
)
for seq, at_ms in ((1, 10), (2, 30)):
    row = old("results", "LedgerRow").objects.create(device=box, seq=seq, received_ms=at_ms, payload=b"")
    old("results", "Evaluation").objects.create(
        row=row, session=session, wall_ms=0, trusted=True, monotonic_ms=0, delay_s=0
    )
old("results", "Reading").objects.create(session=session, reader=who, read_ms=20)
migrate("0003_a_reading_has_no_session")
from django.core.management import call_command
call_command("migrate", verbosity=0)
from clinic.results.models import Reading
print([(reading.row.seq, reading.reader.username, reading.read_ms) for reading in Reading.objects.all()])
"""


def test_who_had_read_a_session_has_read_what_it_had_then(tmp_path: Path, clean_environment: dict[str, str]) -> None:
    (tmp_path / "clinic.toml").write_text('clinic = "maison"')
    (tmp_path / "secret-key").write_text("x" * 50)
    environment = {
        **clean_environment,
        "CHEVET_CLINIC_HOME": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "clinic.settings",
    }
    ran = subprocess.run(
        [sys.executable, "-c", OLD_READING], env=environment, capture_output=True, text=True, check=False
    )
    assert ran.stdout.strip() == "[(1, 'claire', 20)]", ran.stderr
