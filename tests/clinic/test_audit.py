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


def test_the_trail_is_in_a_database_of_its_own() -> None:
    assert "audit_auditevent" in connections["audit"].introspection.table_names()
    assert "audit_auditevent" not in connections["default"].introspection.table_names()
    assert "results_session" not in connections["audit"].introspection.table_names()


def test_what_is_recorded_is_bounded_and_printable() -> None:
    trail.record("x" * 9_999, "refused", "a\0b", "p" * 999)
    kept = AuditEvent.objects.get()
    assert (len(kept.agent), len(kept.patient)) == (150, 64)
    assert "\0" not in kept.detail
