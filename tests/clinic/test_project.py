"""The Django project itself: migrations, settings, the databases chosen."""

from pathlib import Path

import pytest
from django.core.management import call_command

from clinic.databases import database, told, wal_is_safe
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


def test_another_database_is_refused() -> None:
    with pytest.raises(HomeError, match="postgresql://"):
        database("mysql://x", None)


@pytest.mark.parametrize("text", ["", "clinic = 3", 'clinic = "a"\nsurprise = 1', "clinic = ["])
def test_a_wrong_clinic_toml_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "clinic.toml").write_text(text)
    with pytest.raises(HomeError, match=r"clinic\.toml"):
        Home(tmp_path).configuration()
