"""The hand-over (A3): whatever has happened, the place must be one that may be shown to who is in front now.

This is asked after every event, whatever it was, so that no path through the chapters can forget it.
"""

from dataclasses import replace

from kiosk.journey import evaluation, listening, people
from kiosk.journey.chapters import chapter_of
from kiosk.journey.chapters.people import WARNED_MS, gone
from kiosk.journey.effects import Stop
from kiosk.journey.places.people import Entering, Leaving, Who
from kiosk.journey.places.standing import Stopped
from kiosk.journey.state import (
    Asking,
    Choosing,
    Home,
    Journey,
    Noticing,
    Playing,
    Ready,
    Resting,
    Returning,
    Thanking,
)
from kiosk.journey.turn import Turn, go, joined
from mqtt_bridge.contract.report import Content, Evaluation, FormAnswered
from mqtt_bridge.contract.stamp import Stamp

IDLE_MS = 2 * 60_000
"""Nobody has touched home, or the end of a care, for so long: the person has gone. Warned before."""
READING_MS = 5 * 60_000
"""The same where there is something to read, to answer or to write, and while all is ready for the button."""


def settled(turn: Turn, at: Stamp) -> Turn:
    """The turn, and what follows from who is in front after it."""
    turn = _rested(turn)
    journey = turn.journey
    if isinstance(journey.place, Playing):
        return joined(turn, _faded(journey, journey.place, at))
    if _must_leave(journey):
        turn = joined(turn, leave(journey, at))
    return replace(turn, journey=_at_home(turn.journey))


def uncovered(journey: Journey) -> Journey:
    """The place beneath « êtes-vous encore là ? »: what is told meanwhile is decided there; time asks again."""
    return replace(journey, place=journey.place.under) if isinstance(journey.place, Leaving) else journey


def in_the_dark_again(journey: Journey) -> Journey:
    """« Qui est là ? » over questions that wait is over where the box is one person's, or theirs has left it."""
    place = journey.place
    if not isinstance(place, Who | Entering) or not isinstance(place.under, Resting):
        return journey
    theirs = people.resident(journey, place.under.asking.session.plan.patient)
    return journey if people.is_shared(journey) and theirs else replace(journey, place=place.under)


def emptied(journey: Journey, at: Stamp) -> Turn:
    """The plan of who was in front of a shared box is gone from it, perhaps with all the others."""
    place, chapter = journey.place, chapter_of(journey.place)
    if isinstance(place, Playing | Returning | Noticing) or (chapter is not None and not chapter.of_a_person):
        return Turn(journey)
    if isinstance(place, Resting) and people.resident(journey, place.asking.session.plan.patient) is not None:
        return Turn(journey)  # nobody was in front: the questions go on waiting for their person
    return leave(journey, at)


def leave(journey: Journey, at: Stamp) -> Turn:
    """Go from wherever the former person was; what they answered is kept, but what their consent no longer covers."""
    match journey.place:
        case Asking() as asking:
            return _kept(journey, evaluation.left(journey, asking), asking.session.plan.patient)
        case Resting(asking):
            return _kept(journey, evaluation.left(journey, asking), asking.session.plan.patient)
        case Ready() as ready:
            return listening.leave_ready(journey, ready)
        case place if (chapter := chapter_of(place)) is not None:
            return _kept(journey, chapter.left(journey, place, at), people.in_front(journey) or "")
        case _:
            return go(journey, Home())


def alarm_ms(journey: Journey) -> int | None:
    """When (CLOCK_BOOTTIME) the person in front counts as gone, or is asked; None: they are not signed in."""
    idle_ms = _idle_ms(journey)
    return None if idle_ms is None else journey.touched_ms + idle_ms


def time_is_up(journey: Journey, at: Stamp) -> Turn | None:
    """What time makes of somebody who has signed in; None: nothing yet."""
    due_ms = alarm_ms(journey)
    if due_ms is None or at.monotonic_ms < due_ms:
        return None
    if not people.is_shared(journey):
        return Turn(people.signed_out(journey))
    if isinstance(journey.place, Ready):
        return gone(journey, journey.place)  # the player would be told to stop by another place in front of it
    return go(replace(journey, helping=None), Leaving(journey.place, at.monotonic_ms))


def _idle_ms(journey: Journey) -> int | None:
    place = journey.place
    if not people.is_shared(journey):
        return IDLE_MS if journey.proven and isinstance(place, Home) else None
    chapter = chapter_of(place)
    if (
        journey.plan is None
        or isinstance(place, Playing | Returning | Resting)
        or (chapter and not chapter.of_a_person)
    ):
        return None
    if isinstance(place, Ready):
        return READING_MS
    return (IDLE_MS if isinstance(place, Home | Choosing | Thanking | Noticing) else READING_MS) - WARNED_MS


def _rested(turn: Turn) -> Turn:
    """On a shared box the questions that wait in the dark wait for their person to sign in."""
    journey = turn.journey
    if isinstance(journey.place, Resting) and people.is_shared(journey) and journey.plan is not None:
        return replace(turn, journey=people.signed_out(journey))
    return turn


def _faded(journey: Journey, playing: Playing, at: Stamp) -> Turn:
    """Nobody is there to hear it any more. Otherwise what sounds is never cut."""
    died = people.standing_of(journey, playing.session.plan.patient) == "deceased"
    if not died or playing.stopping_ms is not None:
        return Turn(journey)
    stopping = replace(playing, asking_to_stop=False, stopping_ms=at.monotonic_ms)
    return go(journey, stopping, Stop(playing.session.id))


def _must_leave(journey: Journey) -> bool:
    match journey.place:
        case Home() | Returning() | Noticing():
            return False
        case Resting(asking):
            return people.standing_of(journey, asking.session.plan.patient) != "active"
        case Who(_, Resting(asking)):
            return people.standing_of(journey, asking.session.plan.patient) != "active"
        case place if (chapter := chapter_of(place)) is not None and not chapter.of_a_person:
            return False
        case _:
            return people.nobody(journey) or people.standing(journey) != "active"


def _kept(journey: Journey, turn: Turn, patient: str) -> Turn:
    withdrawn = people.standing_of(journey, patient) == "consent-withdrawn"
    return replace(turn, reports=tuple(one for one in turn.reports if not withdrawn and _says_something(one)))


def _says_something(report: Content) -> bool:
    if not isinstance(report, Evaluation | FormAnswered):
        return True
    return any(item.absent_reason != "not-asked" for item in report.response.item)


def _at_home(journey: Journey) -> Journey:
    """Home is of somebody who is in front and well with the clinic."""
    if people.is_shared(journey) and people.standing(journey) == "deceased":
        journey = people.signed_out(journey)
    if not isinstance(journey.place, Home | Stopped | Who):
        return journey
    state = people.standing(journey)
    if state != "active":
        awake = isinstance(journey.place, Stopped) and journey.place.awake
        return replace(journey, place=Stopped(state, awake))
    if people.nobody(journey):
        return journey if isinstance(journey.place, Who) else replace(journey, place=Who())
    return replace(journey, place=Home())
