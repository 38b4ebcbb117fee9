"""A request for help as staff read it: who asks, since when, who has seen it, who answers."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext

from clinic.console.bedside_words import rule_said
from clinic.correspondence.models import HelpRequest
from clinic.results.models import Reading


@dataclass(frozen=True)
class ToldHelp:
    asked: HelpRequest
    readers: tuple[Reading, ...]

    @property
    def who(self) -> str:
        """The person, or the box whose person is not known."""
        patient = self.asked.patient
        if patient is not None:
            return f"{patient.given} {patient.family}"
        return gettext("Une personne de la boîte %(box)s") % {"box": self.asked.device_id}

    @property
    def room(self) -> str:
        return self.asked.patient.room if self.asked.patient else ""

    @property
    def why(self) -> str:
        return rule_said(self.asked.rule)

    @property
    def since_ms(self) -> int:
        return self.asked.known_ms

    @property
    def uncertain(self) -> bool:
        return self.asked.error_ms is None


def read_by(found: Iterable[HelpRequest]) -> dict[int, list[Reading]]:
    """Who has opened each, by its ledger row."""
    readings: dict[int, list[Reading]] = {}
    rows = [asked.row_id for asked in found]
    for reading in Reading.objects.filter(row__in=rows).select_related("reader").order_by("pk"):
        readings.setdefault(reading.row_id, []).append(reading)
    return readings


def tell_help(found: Iterable[HelpRequest], readings: dict[int, list[Reading]]) -> list[ToldHelp]:
    return [ToldHelp(asked, tuple(readings.get(asked.row_id, ()))) for asked in found]
