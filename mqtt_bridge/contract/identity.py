"""Names, people and spans of time, as every other word of the contract uses them."""

from typing import Annotated

from msgspec import Meta

from mqtt_bridge.contract.codec import Line, Word

Identifier = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"\A[A-Za-z0-9][A-Za-z0-9._-]*\Z")]
"""Letters, digits, dot, dash and underscore: safe in a topic, a file name and a URL."""

TimeOfDay = Annotated[str, Meta(pattern=r"\A([01][0-9]|2[0-3]):[0-5][0-9]\Z")]
"""« 21:30 », by the clock on the wall where the box stands."""


class Patient(Word, frozen=True):
    """The person, by no more than the box must show. `address_as`: how they chose to be addressed."""

    id: Identifier
    address_as: Line


class Practitioner(Word, frozen=True):
    """A member of staff as the patient knows them: « Claire, infirmière »."""

    given: Line
    role: Line


class Period(Word, frozen=True):
    """FHIR Period in milliseconds since 1970 UTC; the end is excluded."""

    start_ms: int
    end_ms: int

    def holds(self, wall_ms: int) -> bool:
        return self.start_ms <= wall_ms < self.end_ms


def minute_of(time: str) -> int:
    """Minutes since midnight of a TimeOfDay."""
    hours, minutes = time.split(":")
    return int(hours) * 60 + int(minutes)
