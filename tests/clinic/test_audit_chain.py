"""Whoever gets past the triggers is still found: altered, removed, moved."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import DatabaseError, connections, transaction

from clinic.audit import trail
from clinic.audit.chain import Chain
from clinic.audit.models import AuditEvent
from clinic.audit.verify import verify
from tests.clinic.parts import Commands

pytestmark = pytest.mark.django_db(databases=["default", "audit"])

TRIGGERS = {
    "sqlite": ["DROP TRIGGER audit_no_update", "DROP TRIGGER audit_no_delete", "DROP TRIGGER audit_no_replace"],
    "postgresql": ["DROP TRIGGER audit_no_change ON audit_auditevent"],
}


def entry(detail: str) -> AuditEvent:
    return AuditEvent(recorded_ms=1_763_733_900_000, agent="claire", action="read", patient="martin", detail=detail)


@pytest.fixture
def trailed() -> list[AuditEvent]:
    """Two processes, by turns; and nothing that guards the rows any more."""
    first, second = Chain(), Chain()
    made = [(first, second)[n % 2].append(entry(f"page {n} é\u202f")) for n in range(8)]
    with connections["audit"].cursor() as cursor:
        for statement in TRIGGERS[connections["audit"].vendor]:
            cursor.execute(statement)
    return made


def test_a_whole_trail_is_whole(trailed: list[AuditEvent]) -> None:
    found = verify(trailed[3].digest)
    assert (found.faults, found.entries, found.chains, found.head) == ([], 8, 2, trailed[-1].digest)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("agent", "paul"),
        ("detail", "page 2"),
        ("patient", "autre"),
        ("action", "write"),
        ("recorded_ms", 1),
        ("digest", "0" * 64),
        ("previous", "0" * 64),
        ("position", 40),
        ("chain", "another"),
        ("chain", None),
    ],
)
def test_an_altered_entry_is_found(trailed: list[AuditEvent], name: str, value: object) -> None:
    AuditEvent.objects.filter(pk=trailed[4].pk).update(**{name: value})
    assert verify().faults


@pytest.mark.parametrize("number", range(6))
def test_a_removed_entry_is_found(trailed: list[AuditEvent], number: int) -> None:
    """Any but the last of a chain: for that, a head noted elsewhere."""
    AuditEvent.objects.filter(pk=trailed[number].pk).delete()
    assert verify().faults


def test_an_end_that_was_cut_is_found_by_a_head_noted_before(trailed: list[AuditEvent]) -> None:
    head = verify().head
    AuditEvent.objects.filter(pk__gte=trailed[6].pk).delete()
    assert verify().faults == []
    assert "the trail was cut" in verify(head).faults[0]


def test_a_process_that_begins_after_a_removed_end_tells(trailed: list[AuditEvent]) -> None:
    Chain().append(entry("later"))
    AuditEvent.objects.filter(pk=trailed[-1].pk).delete()
    assert "begins chain" in verify().faults[0]


def test_entries_put_in_another_order_are_found(trailed: list[AuditEvent]) -> None:
    early, late = trailed[2], trailed[4]
    assert early.chain == late.chain
    place, other = early.pk, late.pk
    AuditEvent.objects.filter(pk=place).update(id=10_000)
    AuditEvent.objects.filter(pk=other).update(id=place)
    AuditEvent.objects.filter(pk=10_000).update(id=other)
    assert verify().faults


def test_after_a_failure_the_next_entry_begins_a_new_chain() -> None:
    chain = Chain()
    first = chain.append(entry("one"))
    full = AuditEvent(agent="x", action="read")  # no time: the database refuses it
    with pytest.raises(DatabaseError), transaction.atomic(using="audit"):
        chain.append(full)
    second = chain.append(entry("two"))
    assert (second.position, second.previous) == (1, first.digest)
    assert second.chain != first.chain
    assert verify().faults == []


def test_letters_that_no_database_keeps_are_written_as_they_are_hashed() -> None:
    trail._chains.clear()  # this test's own process begins here
    for words in ("\0", "\ud800", "é" * 600, "\U0001f600\r\n", " "):
        trail.record(words, "read", words, words)
    assert verify().faults == []


def _tamper(audit: Path, act: Callable[[sqlite3.Connection], object]) -> None:
    with sqlite3.connect(audit) as database:
        for statement in TRIGGERS["sqlite"]:
            database.execute(statement)
        act(database)
    database.close()


THREADS = """
import threading
import django
django.setup()
from clinic.audit import trail

def write():
    for number in range(10):
        trail.record("claire", "read", str(number), "martin")

threads = [threading.Thread(target=write) for _ in range(3)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
"""


def test_threads_of_one_process_write_one_chain_and_the_command_verifies_it(
    tmp_path: Path, clean_environment: dict[str, str]
) -> None:
    commands = Commands(tmp_path / "home", clean_environment)
    commands.run("init", "--clinic", "maison", "--broker-port", "0")
    environment = {**commands.environment, "DJANGO_SETTINGS_MODULE": "clinic.settings"}
    subprocess.run([sys.executable, "-c", THREADS], env=environment, check=True)
    assert "whole; 30 entries in 1 chains" in commands.run("audit", "verify")
    assert "tampered" in commands.run("audit", "verify", "--head", "0" * 64, fails=True)
    _tamper(commands.home / "audit.db", lambda db: db.execute("UPDATE audit_auditevent SET agent = 'x' WHERE id = 1"))
    assert "tampered" in commands.run("audit", "verify", fails=True)
