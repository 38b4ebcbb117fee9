"""Access or consent withdrawn, or the person has died (E2): nothing greets, asks or reminds any more."""

from dataclasses import replace

from kiosk.journey import people
from kiosk.journey.chapter import Chapter
from kiosk.journey.events import Touched
from kiosk.journey.places.standing import Stopped
from kiosk.journey.state import Home, Journey
from kiosk.journey.turn import Turn, go, reference_of, stay
from kiosk.journey.views import NoticeView, RestView, View
from kiosk.words import Words
from mqtt_bridge.contract.report import DeathTold
from mqtt_bridge.contract.stamp import Stamp

AWAKE_MS = 60_000


def died(journey: Journey, patient: str, at: Stamp) -> Turn:
    """A member of staff has said here that this person has died. Lifted by a later order of the clinic alone."""
    found = people.resident(journey, patient)
    if found is None:
        return stay(journey)
    others = tuple(one for one in journey.standings if one[0] != patient)
    told = replace(journey, standings=(*others, (patient, "deceased")))
    return replace(go(told, Home(), reports=(DeathTold(told=at),)), whose=reference_of(found.plan))


class Standing(Chapter[Stopped]):
    name = "standing"
    of_a_person = False

    def touched(self, journey: Journey, place: Stopped, touch: Touched) -> Turn:
        """The dark screen says what to do when it is touched; then it is dark again."""
        if people.is_shared(journey) and touch.target == "done":
            return go(people.signed_out(journey), Home())
        return go(journey, replace(place, awake=touch.target != "done"))

    def waited(self, journey: Journey, place: Stopped, at: Stamp) -> Turn:
        due_ms = self.alarm_ms(journey, place)
        if due_ms is None or at.monotonic_ms < due_ms:
            return stay(journey)
        return go(people.signed_out(journey), replace(place, awake=False))

    def alarm_ms(self, journey: Journey, place: Stopped) -> int | None:
        return journey.touched_ms + AWAKE_MS if place.awake or people.is_shared(journey) else None

    def view(self, journey: Journey, place: Stopped, words: Words, now: Stamp) -> View:
        said = words.standing
        if place.state == "deceased":
            return (
                NoticeView(said.returned, said.returned_lines, words.done) if place.awake else RestView(said.returned)
            )
        withdrawn = said.access if place.state == "access-withdrawn" else said.consent
        lines = (*withdrawn.lines, *_urgent(journey, words))
        return NoticeView(withdrawn.title, lines, words.done if people.is_shared(journey) else "")


def _urgent(journey: Journey, words: Words) -> tuple[str, ...]:
    """What to do; all of it where the plan is gone and nobody knows where the box stands."""
    if journey.plan is None:
        return words.standing.urgent_anywhere
    return words.standing.urgent_home if journey.plan.place == "home" else words.standing.urgent
