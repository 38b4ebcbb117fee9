"""The ledger of reports, what they say, and what could not be read. Raw bytes and raw stamps are kept."""

from clinic.results.models.answer import Answer, FormAnswer, GivenAnswer
from clinic.results.models.beside import LessonReading, Need, SelfTest, StopReason
from clinic.results.models.form import FormResponse
from clinic.results.models.lease import IngestLease
from clinic.results.models.ledger import LedgerHead, LedgerRow, Quarantine, Reading
from clinic.results.models.progress import Progress, ProgressHead, PromptSetAside
from clinic.results.models.session import Evaluation, Listening, Session
from clinic.results.models.stamped import StampedResult, Timed, TimedResult

__all__ = [
    "Answer", "Evaluation", "FormAnswer", "FormResponse", "GivenAnswer", "IngestLease", "LedgerHead", "LedgerRow",
    "LessonReading", "Listening", "Need", "Progress", "ProgressHead", "PromptSetAside", "Quarantine", "Reading",
    "SelfTest", "Session", "StampedResult", "StopReason", "Timed", "TimedResult",
]  # fmt: skip
