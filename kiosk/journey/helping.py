"""Help (A14): first that the box does not call for rescue and what to do, then a request, told truly.

It is shown over the place where the person is. That place goes on beneath: questions wait, a sound is not touched.
"""

from dataclasses import replace

from kiosk.journey import needing, people
from kiosk.journey.events import HelpRequest
from kiosk.journey.places.need import Needing, Worrying
from kiosk.journey.state import Helping, Journey, Playing
from kiosk.journey.turn import Turn, stay
from kiosk.journey.views import HelpView
from kiosk.journey.views.need import Sent
from kiosk.words import Words
from mqtt_bridge.contract.need import HELP
from mqtt_bridge.contract.report import HelpAsked
from mqtt_bridge.contract.stamp import Stamp

CLOSED_MS = 5 * 60_000
"""Nobody has touched it for so long: what was there before is shown again."""
AGAIN_MS = 3600_000
"""Within an hour a request that nobody has read is on its way: another would only hide it."""
NOBODYS_MS = 5 * 60_000
"""Where nobody is signed in, who touches help so long after a request may be another, who has asked nobody yet."""
JUST_ASKED_MS = 60_000
"""So soon after asking nobody needs to hear that they have asked already."""
TOLD_MS = 24 * 3600_000
"""The state of a request stays at home for so long."""
READ_TOLD_MS = 3600_000
"""And who has read it, for so long after that was learnt."""


def opened(journey: Journey) -> Turn:
    """Help was touched, anywhere."""
    place = journey.place
    if isinstance(place, Playing):
        return stay(journey)  # its three targets are all that is there
    session = getattr(place, "session", None)
    return stay(replace(journey, helping=Helping(_rule(place), session.id if session else None)))


def _rule(place: object) -> str | None:
    """Which need has proposed it; None: it was asked for unasked."""
    needs = place.needs if isinstance(place, Needing) else (place.need,) if isinstance(place, Worrying) else ()
    return next((need.rule for need in needs if need.offer == HELP), None)


def touched(journey: Journey, helping: Helping, target: str, at: Stamp) -> Turn:
    if target == "ask" and _may_ask(journey, at):
        return _asked(journey, helping, at)
    return stay(closed(journey)) if target == "done" else stay(journey)


def told(journey: Journey, request: HelpRequest, at: Stamp) -> Journey:
    """Where the request is. Since when it is known to be read is remembered: it is told for an hour."""
    known = journey.help
    if not request.reader:
        return replace(journey, help=request)
    since_ms = known.read_ms if known and known.help == request.help and known.reader else None
    return replace(journey, help=replace(request, read_ms=at.monotonic_ms if since_ms is None else since_ms))


def waited(journey: Journey, at: Stamp) -> Journey:
    """Time has passed."""
    return closed(journey) if journey.helping and at.monotonic_ms >= closes_ms(journey) else journey


def closed(journey: Journey) -> Journey:
    return replace(journey, helping=None)


def closes_ms(journey: Journey) -> int:
    return journey.touched_ms + CLOSED_MS


def home_line(journey: Journey, words: Words, now: Stamp) -> tuple[str, Sent]:
    """What home says of the last request; empty when it is over."""
    request = _own(journey, now)
    if request is None or now.monotonic_ms - request.asked_ms >= TOLD_MS:
        return "", "no"
    if _trains(journey):
        return words.helping.training, "pending"
    if request.read_ms is not None and now.monotonic_ms - request.read_ms >= READ_TOLD_MS:
        return "", "no"
    return _state(request, words)


def view(journey: Journey, words: Words, now: Stamp) -> HelpView:
    told, sent = home_line(journey, words, now)
    request = _own(journey, now)
    again = sent in ("pending", "arrived") and request is not None
    again = again and request is not None and now.monotonic_ms - request.asked_ms >= JUST_ASKED_MS
    may_ask = _may_ask(journey, now)
    return HelpView(
        title=words.helping.title,
        lines=(*_what_to_do(journey, words), *((words.helping.again,) if again and not may_ask else ())),
        ask=words.helping.ask if may_ask else "",
        state=words.helping.training if _trains(journey) else told,
        sent=sent,
        done=words.back if may_ask else words.done,
    )


def _asked(journey: Journey, helping: Helping, at: Stamp) -> Turn:
    """Written at once, before the screen says anything of it."""
    request = HelpRequest(f"{journey.epoch}.help-{at.monotonic_ms}", people.in_front(journey), at.monotonic_ms)
    report = HelpAsked(help=request.help, asked=at, rule=helping.rule, session=helping.session)
    journey, reports = needing.helped(replace(journey, help=request), at)
    return Turn(journey, reports=(report, *reports))


def _may_ask(journey: Journey, now: Stamp) -> bool:
    """The box is somebody's, and no request of theirs is under way. On a shared box one need not sign in for this."""
    if (journey.plan is None and not journey.plans) or people.standing(journey) != "active":
        return False
    request = _own(journey, now)
    if request is None or request.reader:
        return True
    wait_ms = JUST_ASKED_MS if request.truth == "held" else AGAIN_MS  # no carer is shown what nobody can read
    return now.monotonic_ms - request.asked_ms >= wait_ms


def _trains(journey: Journey) -> bool:
    return journey.box is not None and journey.box.training


def _own(journey: Journey, now: Stamp) -> HelpRequest | None:
    """The request of the person in front of the box, never of another."""
    request = journey.help
    if request is None or request.patient != people.in_front(journey):
        return None
    gone = request.patient is None and now.monotonic_ms - request.asked_ms >= NOBODYS_MS
    return None if gone else request


def _state(request: HelpRequest, words: Words) -> tuple[str, Sent]:
    if request.reader:
        return words.helping.read_help.format(reader=request.reader), "read"
    if request.truth == "held":
        return words.helping.held, "pending"
    return (words.helping.pending, "pending") if request.truth == "pending" else (words.helping.arrived, "arrived")


def _what_to_do(journey: Journey, words: Words) -> tuple[str, ...]:
    plan = journey.plan or (journey.plans[0].plan if journey.plans else None)
    if plan is None:
        return words.helping.anywhere
    return words.helping.home if plan.place == "home" else words.helping.establishment
