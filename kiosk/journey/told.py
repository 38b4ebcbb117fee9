"""What the shell has read and tells, where it only has to be known: nothing else follows from it here."""

from dataclasses import replace

from kiosk.journey import helping
from kiosk.journey.events import Event, FormsTold, HelpTold, LettersTold, PastTold, RecordTold, StandingsTold, TriesTold
from kiosk.journey.state import Journey, Record


def known(journey: Journey, event: Event) -> Journey | None:
    """The journey that knows it. None: something happened, and `step` decides."""
    match event:
        case RecordTold(_, patient, session, truth, reader):
            return replace(journey, record=Record(patient, session, truth, reader))
        case StandingsTold(_, standings):
            return replace(journey, standings=standings)
        case TriesTold(_, tries):
            return replace(journey, tries=tries)
        case LettersTold(_, letters):
            return replace(journey, letters=letters) if _is_in_front(journey, letters.patient) else journey
        case PastTold(_, past):
            return replace(journey, past=past) if _is_in_front(journey, past.patient) else journey
        case FormsTold(_, forms):
            return replace(journey, forms=forms) if _is_in_front(journey, forms.patient) else journey
        case HelpTold(at, request):
            return helping.told(journey, request, at)
        case _:
            return None


def _is_in_front(journey: Journey, patient: str) -> bool:
    return journey.plan is not None and journey.plan.patient.id == patient
