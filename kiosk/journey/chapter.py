"""A chapter: what one capability does at the places that are its own, and what it shows there."""

from abc import abstractmethod
from typing import Generic, TypeVar

from kiosk.journey.draft import Draft, DraftStep
from kiosk.journey.events import Touched
from kiosk.journey.state import Home, Journey
from kiosk.journey.turn import Turn, go, stay
from kiosk.journey.views import Tile, View
from kiosk.words import Words
from mqtt_bridge.contract.stamp import Stamp

P = TypeVar("P", contravariant=True)  # noqa: PLC0105  # named after what it is: a place


class Chapter(Generic[P]):
    """Pure. A chapter says only what differs from doing nothing; `chapters.TABLE` says which places are whose.

    name: the first word of the targets by which home leads here: `name` or `name:<rest>`.
    """

    name = ""
    of_a_person = True
    """Its places are left when the person in front goes. False: they show nothing of a person."""
    drafts: tuple[DraftStep, ...] = ()
    """The steps of its own drafts: `returned` gets them."""

    def tiles(self, journey: Journey, words: Words, now: Stamp) -> tuple[Tile, ...]:
        """What is due now, for home."""
        return ()

    def links(self, journey: Journey, words: Words, now: Stamp) -> tuple[Tile, ...]:
        """What is always there, for home."""
        return ()

    def entered(self, journey: Journey, rest: str, at: Stamp) -> Turn:
        """One of its tiles or links was touched at home."""
        return stay(journey)

    def touched(self, journey: Journey, place: P, touch: Touched) -> Turn:
        return stay(journey)

    def pressed(self, journey: Journey, place: P, at: Stamp) -> Turn:
        """The round button."""
        return stay(journey)

    def held(self, journey: Journey, place: P, at: Stamp) -> Turn:
        """The round button, for long."""
        return stay(journey)

    def waited(self, journey: Journey, place: P, at: Stamp) -> Turn:
        """The time of `alarm_ms` has come, or another: look at the clock again."""
        return stay(journey)

    def alarm_ms(self, journey: Journey, place: P) -> int | None:
        """When (CLOCK_BOOTTIME) this place wants `waited`."""
        return None

    def draft(self, place: P) -> Draft | None:
        """What must survive a power cut here."""
        return None

    def returned(self, journey: Journey, draft: Draft, at: Stamp) -> Turn:
        """The kiosk starts again, and this was under way."""
        return go(journey, Home())

    def left(self, journey: Journey, place: P, at: Stamp) -> Turn:
        """Another person is in front of the box, or nobody may be: nothing of the former one stays on the screen."""
        return go(journey, Home())

    @abstractmethod
    def view(self, journey: Journey, place: P, words: Words, now: Stamp) -> View: ...
