"""Education prescribed like care (C3): a lesson of pages, and what is asked to see that it was understood."""

from typing import Annotated, Literal

from msgspec import Meta

from mqtt_bridge.contract.codec import TEXT, Line, Paragraph, Word
from mqtt_bridge.contract.identity import Identifier

Pictogram = Literal[
    "pill", "water", "sleep", "walk", "breath", "pain", "meal", "phone", "hands", "sun", "temperature", "bed", "ear",
]  # fmt: skip
"""Drawn by the box; nothing else travels."""


Heading = Annotated[str, Meta(min_length=1, max_length=60, pattern=TEXT)]
"""Shorter than a Line: with 500 characters of text it has its place on the 7-inch panel at 5 mm."""


class Page(Word, frozen=True):
    """One screen of a lesson. Plain words: markup in them is shown as it is written."""

    heading: Heading
    text: Paragraph
    picture: Pictogram | None = None


class Education(Word, frozen=True):
    """A lesson. `read_back`: canonical of the questionnaire asked at its end, in the person's own words."""

    id: Identifier
    version: Annotated[int, Meta(ge=1)]
    title: Line
    pages: Annotated[tuple[Page, ...], Meta(min_length=1, max_length=30)]
    read_back: str = ""
