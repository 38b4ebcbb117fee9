"""The newest migration of each app, back and forth on a full clinic: nothing that both versions have is lost."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.db.migrations.loader import MigrationLoader

from tests.clinic.test_on_postgresql import cluster

__all__ = ["cluster"]


ONE_WAY = {("results", "0002_a_reading_is_of_a_report")}
"""Of readings of a session it made readings of its reports: which of them were one is not known any more."""


def there_and_back(folder: Path, environment: dict[str, str]) -> None:
    (folder / "clinic.toml").write_text('clinic = "maison"')
    (folder / "secret-key").write_text("x" * 50)
    ran = subprocess.run(
        [sys.executable, "-m", "tests.clinic.back_and_forth"],
        env={**environment, "CHEVET_CLINIC_HOME": str(folder), "DJANGO_SETTINGS_MODULE": "clinic.settings"},
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    told = json.loads(ran.stdout)
    assert {one.partition(".")[0] for one in told["done"]} == {
        "audit", "console", "coordination", "correspondence", "fleet", "people", "plans", "results", "shelf",
        "suitability",
    }  # fmt: skip
    assert told["changed"] == []


def test_every_migration_has_a_way_back() -> None:
    loader = MigrationLoader(None)
    ours = {key: one for key, one in loader.disk_migrations.items() if type(one).__module__.startswith("clinic.")}
    assert ours
    assert {key for key, one in ours.items() for act in one.operations if not act.reversible} == ONE_WAY


@pytest.mark.slow
def test_there_and_back_on_sqlite(tmp_path: Path, clean_environment: dict[str, str]) -> None:
    there_and_back(tmp_path, clean_environment)


@pytest.mark.slow
def test_there_and_back_on_postgresql(cluster: str, tmp_path: Path, clean_environment: dict[str, str]) -> None:
    for name in ("newest", "newest_trail"):
        subprocess.run(["psql", "-q", cluster.format(name="postgres"), "-c", f"CREATE DATABASE {name}"], check=True)
    urls = {
        "CHEVET_DATABASE_URL": cluster.format(name="newest"),
        "CHEVET_AUDIT_DATABASE_URL": cluster.format(name="newest_trail"),
    }
    there_and_back(tmp_path, {**clean_environment, **urls})
