"""Between the person and the clinic: messages (A16), medicines to be delivered (C6), the person's standing (E2)."""

from typing import Annotated, Literal

from msgspec import Meta

from mqtt_bridge.contract.codec import Count, Line, Paragraph, Word
from mqtt_bridge.contract.identity import Identifier, Practitioner

MESSAGE_MAX = 2000
"""Characters of a message written on the box."""
MessageText = Annotated[str, Meta(min_length=1, max_length=MESSAGE_MAX)]

DeliveryState = Literal["received", "sent", "prepared", "on-the-way", "delivered", "refused"]
"""By the clinic: it has the request, has sent it to the pharmacy; there: prepared, on the way, handed over, refused."""
StandingState = Literal["active", "access-withdrawn", "consent-withdrawn", "deceased"]


class MessageToPatient(Word, frozen=True, tag="message"):
    """A message from the team. replies: ready answers that may be chosen. A correction is another message."""

    message: Identifier
    patient: Identifier
    sender: Practitioner
    sent_ms: Count
    text: Annotated[tuple[Paragraph, ...], Meta(min_length=1, max_length=10)]
    replies: Annotated[tuple[Line, ...], Meta(max_length=6)] = ()


class DeliveryTold(Word, frozen=True, tag="delivery"):
    """Where a request for medicines is. `note`: what the person must know (« Passage demain matin »)."""

    delivery: Identifier
    patient: Identifier
    state: DeliveryState
    told_ms: Count
    note: Line | None = None


class Standing(Word, frozen=True, tag="standing"):
    """Where a person stands with the clinic. Anything but `active` stops greeting, asking and reminding at once."""

    patient: Identifier
    state: StandingState
    since_ms: Count
