"""Migrations of people and of the trail, on a filled database, forth and back."""

import json
import subprocess
import sys
from pathlib import Path

from tests.clinic.test_on_postgresql import cluster

__all__ = ["cluster"]


def lived_through(folder: Path, environment: dict[str, str]) -> None:
    (folder / "clinic.toml").write_text('clinic = "maison"')
    (folder / "secret-key").write_text("x" * 50)
    ran = subprocess.run(
        [sys.executable, "-m", "tests.clinic.old_people"],
        env={**environment, "CHEVET_CLINIC_HOME": str(folder), "DJANGO_SETTINGS_MODULE": "clinic.settings"},
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert told["first"] == {
        "referents": [["martin", "nurse"]],
        "validated": ["martin"],
        "nurse reads": ["martin"],
        "trail": [4, 3, []],
    }
    assert told["back"] == [
        "administrator: technician",
        "advanced-practice-nurse: nurse",
        "nurse: nurse",
        "physician: physician",
        "social-worker: technician",
        "technician: technician",
    ]
    assert told["again"] == {**told["first"], "trail": [5, 4, []]}


def test_care_under_way_goes_on_on_sqlite(tmp_path: Path, clean_environment: dict[str, str]) -> None:
    lived_through(tmp_path, clean_environment)


def test_care_under_way_goes_on_on_postgresql(cluster: str, tmp_path: Path, clean_environment: dict[str, str]) -> None:
    for name in ("people", "people_trail"):
        subprocess.run(["psql", "-q", cluster.format(name="postgres"), "-c", f"CREATE DATABASE {name}"], check=True)
    urls = {
        "CHEVET_DATABASE_URL": cluster.format(name="people"),
        "CHEVET_AUDIT_DATABASE_URL": cluster.format(name="people_trail"),
    }
    lived_through(tmp_path, {**clean_environment, **urls})
