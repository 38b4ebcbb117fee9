"""What the shell has read and tells, where it only has to be known: nothing else follows from it here."""

from dataclasses import replace

from kiosk.journey import helping
from kiosk.journey.events import (
    BoxTold,
    Event,
    Examined,
    FormsTold,
    HelpTold,
    LettersTold,
    PastTold,
    RecordTold,
    StandingsTold,
    TriesTold,
)
from kiosk.journey.letters import Letters
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
            return _with_letters(journey, letters) if _is_in_front(journey, letters.patient) else journey
        case PastTold(_, past):
            return replace(journey, past=past) if _is_in_front(journey, past.patient) else journey
        case BoxTold(_, box):
            return replace(journey, box=box)
        case Examined(_, findings, filled):
            return replace(journey, examined=findings, filled=filled)
        case FormsTold(_, forms):
            return replace(journey, forms=forms) if _is_in_front(journey, forms.patient) else journey
        case HelpTold(at, request):
            return helping.told(journey, request, at)
        case _:
            return None


def _with_letters(journey: Journey, letters: Letters) -> Journey:
    """What is being written is known here before the disk has it: it is not told back."""
    known = journey.letters
    if known is not None and known.patient == letters.patient:
        letters = replace(letters, writings=known.writings)
    return replace(journey, letters=letters)


def _is_in_front(journey: Journey, patient: str) -> bool:
    return journey.plan is not None and journey.plan.patient.id == patient
