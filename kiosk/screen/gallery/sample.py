"""What a picture of the gallery is: a view with real words, and when the person meets it."""

from dataclasses import dataclass
from functools import cached_property

from kiosk import words
from kiosk.journey.views import View

NB, NN = "\u00a0", "\u202f"
"""No-break spaces of French typography: before a colon and a unit, before ? ! ;"""


@dataclass(frozen=True)
class Say:
    """One language: the box's own words, and what a clinic would have written in it."""

    language: str

    def __call__(self, french: str, english: str) -> str:
        return french if self.language == "fr" else english

    @cached_property
    def words(self) -> words.Words:
        return words.load(self.language)


@dataclass(frozen=True)
class Sample:
    """caption: what the screen is and when it appears, in English, for the index."""

    view: View
    caption: str


Samples = dict[str, Sample]
