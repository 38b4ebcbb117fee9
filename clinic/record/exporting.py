"""One record in one file, for the person or for another system: a FHIR Bundle, a page to read, and tables.

Access and portability: RGPD, articles 15 and 20; Code de la santé publique, L.1111-7.
"""

import io
import json
import zipfile
from collections.abc import Iterable, Sequence

from clinic.audit.models import AuditEvent
from clinic.people.models import Patient
from clinic.record.fhir import bundle, instant
from clinic.record.merging import records_of
from clinic.results.sessions import sessions
from clinic.spreadsheet import Value, table

Table = tuple[Sequence[str], Iterable[Sequence[Value]]]
"""The head, and the rows."""


def archive(patient: Patient, page: str, timeline: Table, made_ms: int) -> bytes:
    """A ZIP of it all. `page`: the HTML to read; `timeline`: everything that happened, as it is said to staff."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as made:
        told = json.dumps(bundle(patient, made_ms), ensure_ascii=False, indent=1)
        made.writestr("dossier.fhir.json", told)
        made.writestr("dossier.html", page)
        made.writestr("chronologie.csv", table(*timeline))
        made.writestr("reponses.csv", table(*_answers(patient)))
        made.writestr("lectures.csv", table(*_readings(patient)))
    return kept.getvalue()


def _answers(patient: Patient) -> Table:
    """One answer a line: before and after each session. A silence has its reason and no value."""
    head = ("session", "started", "certain", "care", "moment", "who", "item", "value", "absent_reason")

    def lines() -> Iterable[Sequence[Value]]:
        for one in sessions(patient.id):
            at_ms = one.first_received_ms if one.error_ms is None else one.started_ms
            for told in one.evaluations.all():
                for answer in told.answers.all():
                    yield (
                        one.session, instant(at_ms), one.error_ms is not None, one.care, told.moment, told.answered_by,
                        answer.item, answer.value, answer.absent_reason,
                    )  # fmt: skip

    return head, lines()


def _readings(patient: Patient) -> Table:
    """Who has read or changed the record, and when."""
    head = ("at", "who", "action", "what")
    found = AuditEvent.objects.filter(patient__in=records_of(patient)).order_by("pk")
    told = found.values_list("recorded_ms", "agent", "action", "detail")
    return head, ((instant(at_ms), *rest) for at_ms, *rest in told.iterator())
