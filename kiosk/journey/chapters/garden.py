"""The garden (A13): each care that was heard is a plant, nothing withers; the person's own words before and after."""

from kiosk.journey import framing
from kiosk.journey.chapter import Chapter
from kiosk.journey.chapters.people import ask_code
from kiosk.journey.events import PastCare, Touched
from kiosk.journey.people import unlocked
from kiosk.journey.places.garden import Strolling
from kiosk.journey.state import Home, Journey
from kiosk.journey.turn import Turn, go, stay
from kiosk.journey.views import GardenView, Pair, Plant, Tile
from kiosk.words import Words
from mqtt_bridge.contract.forms import CONE_MAX, CONE_MIN, Cone
from mqtt_bridge.contract.questions import screens
from mqtt_bridge.contract.stamp import Stamp

LEFT_MS = 5 * 60_000
"""Nobody has touched it for so long: home again."""
PAIRS_MAX = 3
"""Indicators a screen."""


class GardenChapter(Chapter[Strolling]):
    name = "garden"

    def links(self, journey: Journey, words: Words, now: Stamp) -> tuple[Tile, ...]:
        if journey.plan is None or not journey.plan.garden:
            return ()
        return (Tile("garden", words.garden.link, "", "garden"),)

    def entered(self, journey: Journey, rest: str, at: Stamp) -> Turn:
        if journey.plan is None or not journey.plan.garden:
            return stay(journey)
        return go(journey, Strolling()) if unlocked(journey, "garden") else ask_code(journey, "garden")

    def touched(self, journey: Journey, place: Strolling, touch: Touched) -> Turn:
        if touch.target == "more":
            return go(journey, Strolling(place.page + 1))
        return go(journey, Home()) if touch.target == "back" else stay(journey)

    def waited(self, journey: Journey, place: Strolling, at: Stamp) -> Turn:
        return go(journey, Home()) if at.monotonic_ms >= journey.touched_ms + LEFT_MS else stay(journey)

    def alarm_ms(self, journey: Journey, place: Strolling) -> int | None:
        return journey.touched_ms + LEFT_MS

    def view(self, journey: Journey, place: Strolling, words: Words, now: Stamp) -> GardenView:
        care = _last_told(journey)
        pairs = _pairs(journey, care) if care else ()
        pages = -(-len(pairs) // PAIRS_MAX)
        first = place.page % pages * PAIRS_MAX if pages else 0
        plants = _plants(journey)
        return GardenView(
            title=words.garden.title,
            sentence=_sentence(len(plants), words),
            plants=plants,
            pairs=pairs[first : first + PAIRS_MAX],
            pairs_title=words.garden.last_care.format(care=_title(journey, care)) if care and pairs else "",
            back=words.home,
            more=words.garden.more if pages > 1 else "",
        )


def _plants(journey: Journey) -> tuple[Plant, ...]:
    past = framing.own_past(journey)
    if past is None:
        return ()
    grown = [Plant(one.kind, one.share, one.eased) for one in past.grown]
    return (*grown, *(Plant(one.kind, one.share, one.eased) for one in past.cares if one.counts))


def _sentence(cares: int, words: Words) -> str:
    said = words.garden
    if cares == 0:
        return said.no_care
    return said.one_care if cares == 1 else said.many_cares.format(cares=cares)


def _last_told(journey: Journey) -> PastCare | None:
    """The last care about which the person answered twice, in their own words."""
    past = framing.own_past(journey)
    told = [one for one in past.cares if one.own and _pairs(journey, one)] if past else []
    return told[-1] if told else None


def _pairs(journey: Journey, care: PastCare) -> tuple[Pair, ...]:
    after = dict(care.after)
    cones = _cones(journey, care)
    return tuple(
        _pair(cones[name], height, after[name])
        for name, height in care.before
        if name in after and name in cones and _are_heights(height, after[name])
    )


def _are_heights(*numbers: int) -> bool:
    """What a cone asks now may have been a larger number in an earlier version of the plan."""
    return all(CONE_MIN <= number <= CONE_MAX for number in numbers)


def _pair(cone: Cone, before: int, after: int) -> Pair:
    return Pair(cone.question, before, after, cone.word(before), cone.word(after), cone.ramp)


def _cones(journey: Journey, care: PastCare) -> dict[str, Cone]:
    """The cones of the form that the care asks, as the plan in force has it; none when it is prescribed no more."""
    plan = journey.plan
    request = next((one for one in plan.activity if one.id == care.request), None) if plan else None
    if plan is None or request is None:
        return {}
    asked = (one.question for one in screens(plan.questionnaire(request.questionnaire)))
    return {cone.link_id: cone for cone in asked if isinstance(cone, Cone)}


def _title(journey: Journey, care: PastCare) -> str:
    activity = journey.plan.activity if journey.plan else ()
    return next((one.title for one in activity if one.id == care.request), "")
