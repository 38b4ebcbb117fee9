"""The same tests on a real PostgreSQL, started for them on a socket in a temporary folder."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clinic.parts import PASSWORD, Commands, furnished
from tests.clinic.postgresql import cluster_of_its_own, databases_on
from tests.clinic.test_real_parts import two_ingests_beside_each_other

RUN_AGAIN = (
    "test_batches.py",
    "test_bedside_pages.py",
    "test_bedside_store.py",
    "test_day.py",
    "test_arrivals.py",
    "test_shared_box.py",
    "test_store.py",
    "test_console.py",
    "test_hostile.py",
    "test_problems.py",
    "test_audit.py",
    "test_audit_chain.py",
    "test_access.py",
    "test_people_requests.py",
    "test_record.py",
    "test_record_fate.py",
    "test_plan_contraindications.py",
    "test_plan_pages.py",
    "test_plan_parts.py",
    "test_plan_together.py",
    "test_plan_life.py",
    "test_hostile_staff.py",
)
"""The others: `python -m tests.clinic.postgresql`."""


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    with cluster_of_its_own() as found:
        if found is None:
            pytest.skip("no PostgreSQL server here: apt-get install postgresql")
        yield found


@pytest.mark.slow
@pytest.mark.timeout(900)  # a hundred tests in one
def test_the_same_tests_pass_on_postgresql(cluster: str, clean_environment: dict[str, str]) -> None:
    here = Path(__file__).parent
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    ran = subprocess.run(
        [*command, *(str(here / name) for name in RUN_AGAIN)],
        env={**clean_environment, **databases_on(cluster)},
        capture_output=True,
        text=True,
        check=False,
        cwd=here.parents[1],
    )
    assert ran.returncode == 0, ran.stdout[-6000:] + ran.stderr[-2000:]
    assert "passed" in ran.stdout
    assert "skipped" not in ran.stdout


def test_a_clinic_with_both_databases_on_postgresql(
    cluster: str, clean_environment: dict[str, str], tmp_path: Path
) -> None:
    """From `init` on: two databases, the trail's triggers in one, and never one for both."""
    record, audit = cluster.format(name="record"), cluster.format(name="trail")
    for name in ("record", "trail"):
        subprocess.run(["psql", "-q", cluster.format(name="postgres"), "-c", f"CREATE DATABASE {name}"], check=True)
    commands = Commands(tmp_path / "home", clean_environment)
    refused = commands.run("init", "--clinic", "maison", "--database", record, "--audit-database", record, fails=True)
    assert "one database" in refused
    commands = Commands(tmp_path / "again", clean_environment)
    commands.run("init", "--clinic", "maison", "--broker-port", "0", "--database", record, "--audit-database", audit)
    claire = ("--given", "Claire", "--family", "Moreau", "--role", "nurse", "--shown-as", "infirmière")
    commands.run("add-practitioner", "claire", *claire, "--password-file", "-", said=PASSWORD)
    assert not list(commands.home.glob("*.db"))
    changed = ["psql", "-q", audit, "-v", "ON_ERROR_STOP=1", "-c", "UPDATE audit_auditevent SET agent = 'nobody'"]
    ran = subprocess.run(changed, capture_output=True, text=True, check=False)
    assert "append-only" in ran.stderr
    told = subprocess.run(
        ["psql", "-qAt", audit, "-c", "SELECT action FROM audit_auditevent"], capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == ["write"]


@pytest.mark.slow
def test_two_ingest_processes_keep_everything_once_on_postgresql(
    cluster: str, clean_environment: dict[str, str]
) -> None:
    subprocess.run(["psql", "-q", cluster.format(name="postgres"), "-c", "CREATE DATABASE two"], check=True)
    with furnished(clean_environment, "--database", cluster.format(name="two")) as commands:
        two_ingests_beside_each_other(commands, answers=1)


def test_a_backup_of_both_databases_goes_into_empty_ones(
    cluster: str, clean_environment: dict[str, str], tmp_path: Path
) -> None:
    """By pg_dump and pg_restore; into one that holds anything it is refused, and nothing is left of the try."""
    names = ("kept", "kept_trail", "again", "again_trail")
    for name in names:
        subprocess.run(["psql", "-q", cluster.format(name="postgres"), "-c", f"CREATE DATABASE {name}"], check=True)
    urls = [cluster.format(name=name) for name in names]
    commands = Commands(tmp_path / "home", clean_environment)
    commands.run("init", "--clinic", "maison", "--broker-port", "0", "--database", urls[0], "--audit-database", urls[1])
    claire = ("--given", "Claire", "--family", "Moreau", "--role", "nurse", "--shown-as", "infirmière")
    commands.run("add-practitioner", "claire", *claire, "--password-file", "-", said=PASSWORD)
    file, again = str(tmp_path / "file"), Commands(tmp_path / "restored", clean_environment)
    lock = ("--passphrase-file", "-")
    commands.run("backup", file, *lock, said="une longue nuit calme\n")
    refused = again.run("restore", file, *lock, said="une longue nuit calme\n", fails=True)
    assert "not empty" in refused
    assert not again.home.exists()
    into = ("--database", urls[2], "--audit-database", urls[3])
    again.run("restore", file, *lock, *into, said="une longue nuit calme\n")
    assert "whole" in again.run("audit", "verify")
    told = subprocess.run(
        ["psql", "-qAt", urls[2], "-c", "SELECT username FROM people_practitioner"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.split() == ["claire"]
