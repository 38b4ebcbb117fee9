"""What has passed between a person and the clinic, as the journey knows it: messages, lessons, medicines."""

from dataclasses import dataclass
from typing import Literal

from kiosk.journey.notes import Writing
from mqtt_bridge.contract.correspondence import DeliveryState, MessageToPatient

Truth = Literal["pending", "in_record", "held"]


@dataclass(frozen=True)
class Received:
    """A message of the team. opened: the person has read it to its last page on this box."""

    message: MessageToPatient
    opened: bool = False


@dataclass(frozen=True)
class SentLetter:
    """A message that the person wrote here. written_ms: 1970 UTC, None when the clock was not to be trusted."""

    message: str
    text: str
    order: int
    """In which order they were written here."""
    written_ms: int | None = None
    truth: Truth = "pending"
    reader: str = ""


@dataclass(frozen=True)
class Delivery:
    """The last request for medicines. told: what the clinic has said of it; received: the person has the parcel."""

    delivery: str
    truth: Truth = "pending"
    told: DeliveryState | None = None
    note: str = ""
    received: bool = False


@dataclass(frozen=True)
class Phrases:
    """Ready ones, in the language of the box."""

    letter: tuple[str, ...] = ()
    delivery: tuple[str, ...] = ()


NO_PHRASES = Phrases()


@dataclass(frozen=True)
class Letters:
    """Of one person. received, sent: newest first. lessons: (id, version) of those that were read to their end."""

    patient: str
    received: tuple[Received, ...] = ()
    sent: tuple[SentLetter, ...] = ()
    writings: tuple[Writing, ...] = ()
    delivery: Delivery | None = None
    lessons: tuple[tuple[str, int], ...] = ()
