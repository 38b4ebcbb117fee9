"""Whose a report is that still names a duplicate: the record's that stays."""

from django.db.models import F

from clinic.people.models import RecordMerge


def record_that_stays(patient_id: str) -> str | None:
    """The record that this one was merged into, None when it was not; counted, because it binds the two for good."""
    merged = RecordMerge.objects.filter(duplicate=patient_id, undone_ms=None).first()
    if merged is None:
        return None
    RecordMerge.objects.filter(pk=merged.pk).update(late_reports=F("late_reports") + 1)
    return merged.kept_id
