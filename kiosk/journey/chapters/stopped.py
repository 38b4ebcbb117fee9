"""Why a care was stopped: asked once, and nobody has to say it. Then the questions after it."""

from dataclasses import replace
from typing import get_args

from kiosk.journey import evaluation
from kiosk.journey.chapter import Chapter
from kiosk.journey.draft import Draft
from kiosk.journey.events import Touched
from kiosk.journey.places.stopped import StoppedCare
from kiosk.journey.state import Asking, Journey, Resting
from kiosk.journey.turn import Turn, go, stay
from kiosk.journey.views import StopWhyView, Tile
from kiosk.words import Words
from mqtt_bridge.contract.report import StopExplained, StopReason
from mqtt_bridge.contract.stamp import Stamp

REASONS: tuple[StopReason, ...] = get_args(StopReason)


class StoppedChapter(Chapter[StoppedCare]):
    def touched(self, journey: Journey, place: StoppedCare, touch: Touched) -> Turn:
        name, _, told = touch.target.partition(":")
        reason = next((one for one in REASONS if name == "reason" and one == told), None)
        if reason is not None:
            report = StopExplained(session=place.session.id, reason=reason)
            return go(journey, _asking(place, touch.at), reports=(report,))
        return go(journey, _asking(place, touch.at)) if touch.target == "skip" else stay(journey)

    def pressed(self, journey: Journey, place: StoppedCare, at: Stamp) -> Turn:
        return go(journey, _asking(place, at))

    def waited(self, journey: Journey, place: StoppedCare, at: Stamp) -> Turn:
        """Nobody says why: dark and silent, the questions wait."""
        due = at.monotonic_ms >= self.alarm_ms(journey, place)
        return go(journey, Resting(_asking(place, place.ended))) if due else stay(journey)

    def alarm_ms(self, journey: Journey, place: StoppedCare) -> int:
        return max(journey.touched_ms, place.ended.monotonic_ms) + evaluation.DARK_AFTER_MS

    def draft(self, place: StoppedCare) -> Draft | None:
        """After a power cut the questions are next: why is asked once."""
        return evaluation.draft_of(_asking(place, place.ended), "asking")

    def left(self, journey: Journey, place: StoppedCare, at: Stamp) -> Turn:
        """The reports are of who listened, whoever is in front of the box now."""
        return replace(evaluation.left(journey, _asking(place, place.ended)), whose=place.session.plan)

    def view(self, journey: Journey, place: StoppedCare, words: Words, now: Stamp) -> StopWhyView:
        reasons = tuple(Tile(f"reason:{one}", words.stopped.reasons[one], "", "question") for one in REASONS)
        return StopWhyView(words.stopped.question, reasons, words.stopped.skip)


def _asking(place: StoppedCare, at: Stamp) -> Asking:
    return evaluation.begin(place.session, "after", at, ended=place.ended)
