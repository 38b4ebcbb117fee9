"""The checklists of a patient, on the timeline."""

from clinic.events import Rows, rows
from clinic.people.events import full_name
from clinic.people.models import Patient
from clinic.suitability.models import HomeChecklist


def events_of(patient: Patient) -> list[Rows]:
    return [
        rows(
            "home-checklist", HomeChecklist.objects.filter(patient=patient), at="authored_ms", code="outcome",
            said="reason", by=full_name("author"), ref="id",
        )
    ]  # fmt: skip
