"""The audit trail only grows."""

import pytest
from django.db import DatabaseError, connections, transaction

from clinic.audit import trail
from clinic.audit.models import AuditEvent

pytestmark = pytest.mark.django_db(databases=["default", "audit"])


def test_an_event_is_never_changed() -> None:
    trail.record("claire", "read", "sessions", "martin")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(using="audit"):
        AuditEvent.objects.update(agent="nobody")
    assert AuditEvent.objects.get().agent == "claire"


def test_an_event_is_never_removed() -> None:
    trail.record("claire", "read", "sessions", "martin")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(using="audit"):
        AuditEvent.objects.all().delete()
    assert AuditEvent.objects.count() == 1


COPY = "SELECT id, 0, 'nobody', '', '', '', 'x', '', 1, '' FROM audit_auditevent"
UPSERT = f"INSERT INTO audit_auditevent {COPY} ON CONFLICT (id) DO UPDATE SET agent = 'nobody'"
PAST_DJANGO = {
    "sqlite": [f"INSERT OR REPLACE INTO audit_auditevent {COPY}"],
    "postgresql": ["TRUNCATE audit_auditevent", UPSERT.replace("SELECT", "OVERRIDING SYSTEM VALUE SELECT", 1)],
}


def test_an_event_is_not_replaced_by_the_databases_own_words_either() -> None:
    trail.record("claire", "read", "sessions", "martin")
    connection = connections["audit"]
    for statement in PAST_DJANGO[connection.vendor]:
        with (
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(using="audit"),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    assert AuditEvent.objects.get().agent == "claire"


def test_the_trail_is_in_a_database_of_its_own() -> None:
    assert "audit_auditevent" in connections["audit"].introspection.table_names()
    assert "audit_auditevent" not in connections["default"].introspection.table_names()
    assert "results_session" not in connections["audit"].introspection.table_names()


def test_what_is_recorded_is_bounded_and_printable() -> None:
    trail.record("x" * 9_999, "refused", "a\0b", "p" * 999)
    kept = AuditEvent.objects.get()
    assert (len(kept.agent), len(kept.patient)) == (150, 64)
    assert "\0" not in kept.detail
