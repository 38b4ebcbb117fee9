"""What the box notes for itself about a person, beside reports and the draft: in clear or sealed, never on the wire."""

from dataclasses import dataclass, field
from typing import Literal

from mqtt_bridge.contract.care import CareKind


@dataclass(frozen=True)
class Tries:
    """Codes tried in vain. until_ms: none may be tried before (CLOCK_BOOTTIME). No failure: they are forgotten."""

    patient: str
    failures: int = 0
    until_ms: int = 0


About = Literal["letter", "delivery"]


@dataclass(frozen=True)
class Writing:
    """What a person has begun to write; kept until it is sent or emptied. reply_to: the message that it answers."""

    patient: str
    about: About = "letter"
    text: str = field(default="", repr=False)
    reply_to: str | None = None


@dataclass(frozen=True)
class CareNote:
    """What the reports of a care do not say, and the garden shows. eased: 0 (no better) to 10, None: not known yet."""

    patient: str
    session: str
    kind: CareKind
    eased: int | None = None


Note = Tries | Writing | CareNote


def subject_of(note: Note) -> tuple[object, ...]:
    """Of two notes about one subject the later holds."""
    if isinstance(note, CareNote):
        return (CareNote, note.patient, note.session)
    return (Tries, note.patient) if isinstance(note, Tries) else (Writing, note.patient, note.about)
