"""Staff on the box, behind a PIN: how it is, the self-test, the level, training (B10), « the person has died ».

Nothing here is of one person but the last: whoever is in front of the box stays there.
"""

from dataclasses import replace

from kiosk.journey import honest, people
from kiosk.journey.chapter import Chapter
from kiosk.journey.chapters import levelling, selftest
from kiosk.journey.chapters.standing import died
from kiosk.journey.effects import CheckCode, Examine, Light, RestartScreen, Train
from kiosk.journey.events import Box, CodeChecked, Touched
from kiosk.journey.notes import Tries
from kiosk.journey.places.service import Dying, Examining, Levelling, Menu, NoPin, Pin, StaffPlace
from kiosk.journey.state import Home, Journey, Playing, Returning
from kiosk.journey.turn import Turn, go, stay
from kiosk.journey.views import (
    CodeView,
    ConfirmStopView,
    NoticeView,
    ServiceView,
    Tile,
    View,
)
from kiosk.words import Words
from mqtt_bridge.contract.stamp import Stamp

STAFF = "(staff)"
"""Whose code the PIN is, beside the persons': no identifier of a patient can be this."""
DIGITS = 6
TILES = 5
"""On a screen of staff: no more have a place."""
LEFT_MS = 5 * 60_000
"""A staff screen that nobody touches goes home: a PIN must not be left open at a bedside."""
TRAINING_LEFT_MS = 10 * 60_000
"""A training that nobody touches ends by itself: who comes to the box next may need it."""
MINUTE_MS = 60_000


def checked(journey: Journey, told: CodeChecked) -> Turn:
    """Whether it was staff's PIN."""
    forgiven = Tries(STAFF)
    if told.fits:
        journey = people.with_tries(journey, forgiven)
    notes = (forgiven,) if told.fits else ()
    if not isinstance(journey.place, Pin) or not journey.place.checking:
        return replace(stay(journey), notes=notes)
    return replace(go(journey, Menu() if told.fits else Pin(wrong=True)), notes=notes)


def opened(journey: Journey) -> Turn:
    """Staff's small target was touched, at home or where nobody is signed in."""
    return go(journey, Pin() if journey.box and journey.box.service else NoPin())


class Service(Chapter[StaffPlace]):
    name = "service"
    of_a_person = False

    def links(self, journey: Journey, words: Words, now: Stamp) -> tuple[Tile, ...]:
        return (Tile("service", words.service.link, "", "service"),)

    def entered(self, journey: Journey, rest: str, at: Stamp) -> Turn:
        return opened(journey)

    def touched(self, journey: Journey, place: StaffPlace, touch: Touched) -> Turn:
        target, at = touch.target, touch.at
        if target == "back" and not isinstance(place, Menu | Pin):
            return go(journey, Menu(), Light("off"))
        match place:
            case Pin():
                return _entered(journey, place, target, at)
            case NoPin():
                return go(journey, Home())
            case Menu():
                return _chosen(journey, target)
            case Examining():
                return selftest.answered(journey, place, target, at)
            case Levelling():
                return levelling.levelled(journey, place, target)
            case Dying():
                return _dying(journey, place, target, at)

    def pressed(self, journey: Journey, place: StaffPlace, at: Stamp) -> Turn:
        return selftest.pressed(journey, place) if isinstance(place, Examining) else stay(journey)

    def waited(self, journey: Journey, place: StaffPlace, at: Stamp) -> Turn:
        if at.monotonic_ms >= journey.touched_ms + LEFT_MS:
            return go(journey, Home(), Light("off"))
        return stay(journey)

    def alarm_ms(self, journey: Journey, place: StaffPlace) -> int | None:
        left_ms = journey.touched_ms + LEFT_MS
        until_ms = people.tries_of(journey, STAFF).until_ms if isinstance(place, Pin) else 0
        return min(left_ms, until_ms) if until_ms > journey.touched_ms else left_ms

    def left(self, journey: Journey, place: StaffPlace, at: Stamp) -> Turn:
        return stay(journey)

    def view(self, journey: Journey, place: StaffPlace, words: Words, now: Stamp) -> View:
        match place:
            case Pin():
                return _pin(journey, place, words, now)
            case NoPin():
                return NoticeView(words.service.no_pin, _without_pin(journey.box or Box(), words), words.done)
            case Menu():
                return _menu(journey, words, now)
            case Examining():
                return selftest.view(journey, place, words)
            case Levelling():
                return levelling.view(journey, place, words)
            case Dying():
                return _death(journey, place, words)


# The PIN


def _entered(journey: Journey, place: Pin, target: str, at: Stamp) -> Turn:
    if target == "back":
        return go(journey, Home())
    if place.checking or at.monotonic_ms < people.tries_of(journey, STAFF).until_ms:
        return stay(journey)
    if target == "key:backspace":
        return go(journey, replace(place, entered=place.entered[:-1]))
    name, _, digit = target.partition(":")
    if name != "key" or len(digit) != 1 or digit not in "0123456789":
        return stay(journey)
    place = Pin((*place.entered, digit))
    return _tried(journey, place, at) if len(place.entered) == DIGITS else go(journey, place)


def _tried(journey: Journey, place: Pin, at: Stamp) -> Turn:
    """Counted as in vain before it is compared: a box that is switched off in between gives no free try."""
    if journey.box is None or not journey.box.service:
        return go(journey, NoPin())
    failures = people.tries_of(journey, STAFF).failures + 1
    tries = Tries(STAFF, failures, at.monotonic_ms + people.delay_ms(failures))
    order = CheckCode(STAFF, journey.box.service, "".join(place.entered))
    turn = go(people.with_tries(journey, tries), Pin(checking=True), order)
    return replace(turn, notes=(tries,))


# The end of a training that was left


def training_ends_ms(journey: Journey) -> int | None:
    """When (CLOCK_BOOTTIME) it counts as left; None: no training, or a care that plays in it."""
    trains = journey.box is not None and journey.box.training and not isinstance(journey.place, Playing | Returning)
    return journey.touched_ms + TRAINING_LEFT_MS if trains else None


def training_left(journey: Journey, at: Stamp) -> Turn | None:
    """None: nothing ends yet."""
    ends_ms = training_ends_ms(journey)
    if ends_ms is None or at.monotonic_ms < ends_ms:
        return None
    return go(replace(journey, helping=None), Home(), Light("off"), Train(on=False))


# What was chosen


def _chosen(journey: Journey, target: str) -> Turn:
    match target:
        case "back":
            return go(journey, Home())
        case "test":
            return go(replace(journey, examined=None), Examining(), Examine())
        case "level":
            return levelling.tone(journey, levelling.LEVELS_DBA[2])
        case "training" | "training-end":
            return replace(go(journey, Home()), then=(Train(on=target == "training"),))
        case "death":
            return go(journey, Dying(None if people.is_shared(journey) else people.in_front(journey)))
        case "restart":
            return go(journey, Home(), RestartScreen())
        case _:
            return stay(journey)


def _dying(journey: Journey, place: Dying, target: str, at: Stamp) -> Turn:
    if place.patient is None and target == "more":
        return go(journey, replace(place, page=place.page + 1))
    if place.patient is None:
        name, _, patient = target.partition(":")
        known = name == "person" and people.resident(journey, patient) is not None
        return go(journey, Dying(patient)) if known else stay(journey)
    match target:
        case "yes" if place.sure:
            return died(journey, place.patient, at)
        case "yes":
            return go(journey, replace(place, sure=True))
        case "no":
            return go(journey, Menu())
        case _:
            return stay(journey)


# What is shown


def _pin(journey: Journey, place: Pin, words: Words, now: Stamp) -> CodeView:
    left_ms = people.tries_of(journey, STAFF).until_ms - now.monotonic_ms
    minutes = -(-left_ms // MINUTE_MS)
    wait = words.people.wait_one if minutes == 1 else words.people.wait.format(wait_minutes=minutes)
    said = words.service
    return CodeView(
        title=said.pin,
        detail=said.pin_detail,
        pictures=(),
        entered=DIGITS if place.checking else len(place.entered),
        length=DIGITS,
        back=words.home,
        help=words.help,
        wrong=said.pin_wrong if place.wrong else "",
        wait=wait if left_ms > 0 and not place.checking else "",
    )


def _without_pin(box: Box, words: Words) -> tuple[str, ...]:
    """What a technician can do about it, on this very box."""
    said = words.service
    if box.box_file == "refused" and box.box_file_line:
        return tuple(line.format(line=box.box_file_line) for line in said.no_pin_wrong_lines)
    if box.box_file == "refused":
        return said.no_pin_unread_lines
    return said.no_pin_card_lines if box.box_file else said.no_pin_lines


def _menu(journey: Journey, words: Words, now: Stamp) -> ServiceView:
    said, box = words.service, journey.box or Box()
    training = ("training-end", said.training_end) if box.training else ("training", said.training)
    chosen = [("test", said.test), ("level", said.level), training, ("restart", said.restart)]
    if journey.plans:
        chosen.insert(3, ("death", said.death))
    tiles = tuple(Tile(target, title, "", "service") for target, title in chosen)
    return ServiceView(said.menu, _lines(box, words, now), tiles, said.leave)


def _lines(box: Box, words: Words, now: Stamp) -> tuple[str, ...]:
    said = words.service
    return (
        said.box.format(box=box.name, version=box.version),
        _contact(box, words, now),
        said.waiting.format(waiting=box.waiting) if box.waiting else said.nothing_waits,
        said.clock_sure if box.sure_of_time else said.clock_unsure,
        said.room.format(room=box.room_mb),
        levelling.headphones(box, words),
    )


def _contact(box: Box, words: Words, now: Stamp) -> str:
    said = words.service
    if box.answered_ms is not None:
        return said.answered.format(since=honest.span(max(0, now.monotonic_ms - box.answered_ms), words))
    return said.answered_unknown if box.answered_once else said.never_answered


def _death(journey: Journey, place: Dying, words: Words) -> ServiceView | ConfirmStopView:
    said = words.service
    if place.patient is None:
        return ServiceView(said.who_died, (), _names(journey, place.page, words), words.back)
    plan = people.plan_of(journey, place.patient)
    name = plan.patient.address_as if plan else ""
    if place.sure:
        return ConfirmStopView(said.died_again.format(name=name), said.died_again_detail, said.died_yes, said.died_no)
    return ConfirmStopView(said.died.format(name=name), said.died_detail, said.died_yes, said.died_no)


def _names(journey: Journey, page: int, words: Words) -> tuple[Tile, ...]:
    """Of those who live, as many as have a place; with more, the last one leads on."""
    there = [
        one.plan.patient for one in journey.plans if people.standing_of(journey, one.plan.patient.id) != "deceased"
    ]
    tiles = tuple(Tile(f"person:{one.id}", one.address_as, "", "person") for one in there)
    if len(tiles) <= TILES:
        return tiles
    size = TILES - 1
    first = page % -(-len(tiles) // size) * size
    return (*tiles[first : first + size], Tile("more", words.people.more, "", "person"))
