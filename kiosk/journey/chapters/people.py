"""Signing in and out (A3): who is there, their code, and « are you still there ? »."""

from dataclasses import replace

from kiosk.journey import evaluation, people
from kiosk.journey.chapter import Chapter
from kiosk.journey.draft import Draft
from kiosk.journey.effects import CheckCode
from kiosk.journey.events import CodeChecked, Touched
from kiosk.journey.notes import Tries
from kiosk.journey.places.people import Entering, Leaving, Who
from kiosk.journey.places.stopped import StoppedCare
from kiosk.journey.state import Asking, Home, Journey, Noticing, Place, Resting
from kiosk.journey.turn import Turn, go, stay
from kiosk.journey.views import CodeView, NoticeView, Tile, View, WhoView
from kiosk.words import Words
from mqtt_bridge.contract.care import AccessCode, CodePicture
from mqtt_bridge.contract.stamp import Stamp

PICTURES: tuple[str, ...] = CodePicture.__args__  # type: ignore[attr-defined]  # of a Literal: its words
DIGITS = tuple("0123456789")
A_PAGE = 6
"""Names on one screen."""
DARK_AGAIN_MS = 60_000
"""« Qui est là ? » over questions that wait for the morning: nobody signs in, and it is dark again."""
CODE_LEFT_MS = 2 * 60_000
WARNED_MS = 30_000
"""How long « êtes-vous encore là ? » waits."""
MINUTE_MS = 60_000


def ask_code(journey: Journey, then: str) -> Turn:
    """The code of the person in front, and then on to this target of home."""
    if journey.plan is None:
        return stay(journey)
    return go(journey, Entering(journey.plan.patient.id, then))


def checked(journey: Journey, told: CodeChecked) -> Turn:
    """The code fits, or not. Where it leads to is `then` of the place before."""
    place = journey.place
    forgiven = Tries(told.patient)
    if told.fits:
        journey = people.with_tries(journey, forgiven)
    notes = (forgiven,) if told.fits else ()
    if not isinstance(place, Entering) or place.patient != told.patient or not place.checking:
        return replace(stay(journey), notes=notes)
    if not told.fits:
        return go(journey, replace(place, entered=(), checking=False, wrong=True))
    journey = people.signed_in(journey, told.patient, proven=True)
    waiting = place.under if isinstance(place.under, Resting) else None
    if waiting is None:
        return replace(go(journey, Home()), notes=notes)
    asking = waiting.asking
    mine = asking.session.plan.patient == told.patient
    turn = evaluation.woken(journey, asking, told.at) if mine else evaluation.left(journey, asking)
    return replace(turn, notes=notes)


def code_changed(before: Journey, after: Journey) -> Journey:
    """A plan with another code, or none, has come while one is entered: it is begun anew, or there is none to enter."""
    place = after.place
    if not isinstance(place, Entering):
        return after
    was, now = people.plan_of(before, place.patient), people.plan_of(after, place.patient)
    if now is None or now.code is None:
        return replace(after, place=_before(after, place))
    if was is not None and was.code == now.code:
        return after
    return replace(after, place=replace(place, entered=(), checking=False, wrong=False))


class People(Chapter[Who | Entering | Leaving]):
    name = "people"
    of_a_person = False

    def links(self, journey: Journey, words: Words, now: Stamp) -> tuple[Tile, ...]:
        if not (people.is_shared(journey) or journey.proven):
            return ()
        return (Tile("people", words.people.leave, words.people.leave_detail, "person"),)

    def entered(self, journey: Journey, rest: str, at: Stamp) -> Turn:
        return go(people.signed_out(journey), Home())

    def touched(self, journey: Journey, place: Who | Entering | Leaving, touch: Touched) -> Turn:
        match place:
            case Who():
                return _named(journey, place, touch.target)
            case Entering():
                return _entered(journey, place, touch.target, touch.at)
            case Leaving(under):
                return go(journey, under)

    def pressed(self, journey: Journey, place: Who | Entering | Leaving, at: Stamp) -> Turn:
        return go(journey, place.under) if isinstance(place, Leaving) else stay(journey)

    def waited(self, journey: Journey, place: Who | Entering | Leaving, at: Stamp) -> Turn:
        due_ms = self.alarm_ms(journey, place)
        if due_ms is None or at.monotonic_ms < due_ms:
            return stay(journey)
        match place:
            case Leaving(under):
                return gone(journey, under)
            case Entering() if at.monotonic_ms >= journey.touched_ms + CODE_LEFT_MS:
                return go(journey, _before(journey, place))
            case Who(_, under) if under is not None:
                return go(journey, under)
            case Entering():
                return go(journey, replace(place, looked_ms=at.monotonic_ms))
            case _:
                return stay(journey)

    def alarm_ms(self, journey: Journey, place: Who | Entering | Leaving) -> int | None:
        match place:
            case Leaving(_, since_ms):
                return since_ms + WARNED_MS
            case Entering():
                return min(journey.touched_ms + CODE_LEFT_MS, _next_minute_ms(journey, place))
            case Who(_, under):
                return journey.touched_ms + DARK_AGAIN_MS if under is not None else None

    def draft(self, place: Who | Entering | Leaving) -> Draft | None:
        return None  # of what is under it: `step.draft_of`

    def left(self, journey: Journey, place: Who | Entering | Leaving, at: Stamp) -> Turn:
        return go(journey, place.under or Home())

    def view(self, journey: Journey, place: Who | Entering | Leaving, words: Words, now: Stamp) -> View:
        match place:
            case Who():
                return _who(journey, place, words)
            case Entering():
                return _code(journey, place, words, now)
            case Leaving():
                return NoticeView(words.people.still_there, words.people.still_there_lines, words.people.still_here)


def gone(journey: Journey, place: Place) -> Turn:
    """The person in front has gone from this place. Questions after a care wait for them, in the dark."""
    if isinstance(place, Asking) and place.ended is not None:
        return go(people.signed_out(journey), Resting(place))
    if isinstance(place, StoppedCare):
        return go(
            people.signed_out(journey), Resting(evaluation.begin(place.session, "after", place.ended, place.ended))
        )
    if isinstance(place, Noticing):
        return go(people.signed_out(journey), Home())  # it was said to the one who has gone
    return go(people.signed_out(journey), place)  # `leaving.settled` leaves it


def _named(journey: Journey, place: Who, target: str) -> Turn:
    name, _, patient = target.partition(":")
    if target == "more":
        return go(journey, replace(place, page=place.page + 1))
    if name != "person" or people.resident(journey, patient) is None:
        return stay(journey)
    return go(journey, Entering(patient, under=place.under))


def _entered(journey: Journey, place: Entering, target: str, at: Stamp) -> Turn:
    if target == "back":
        return go(journey, _before(journey, place))
    plan = people.plan_of(journey, place.patient)
    if plan is None or plan.code is None or place.checking or _must_wait(journey, place.patient, at):
        return stay(journey)
    if target == "key:backspace":
        return go(journey, replace(place, entered=place.entered[:-1]))
    name, _, one = target.partition(":")
    allowed = PICTURES if plan.code.kind == "pictures" else DIGITS
    if name not in ("picture", "key") or one not in allowed:
        return stay(journey)
    place = replace(place, entered=(*place.entered, one), wrong=False)
    return _tried(journey, place, plan.code, at) if len(place.entered) == plan.code.length else go(journey, place)


def _tried(journey: Journey, place: Entering, code: AccessCode, at: Stamp) -> Turn:
    """Counted as in vain before it is compared: a box that is switched off in between gives no free try."""
    failures = people.tries_of(journey, place.patient).failures + 1
    tries = Tries(place.patient, failures, at.monotonic_ms + people.delay_ms(failures))
    said = (" " if code.kind == "pictures" else "").join(place.entered)
    turn = go(people.with_tries(journey, tries), replace(place, checking=True))
    return replace(turn, then=(CheckCode(place.patient, code.digest, said),), notes=(tries,))


def _before(journey: Journey, place: Entering) -> Who | Home:
    return Who(under=place.under) if people.nobody(journey) else Home()


def _must_wait(journey: Journey, patient: str, at: Stamp) -> bool:
    return at.monotonic_ms < people.tries_of(journey, patient).until_ms


def _next_minute_ms(journey: Journey, place: Entering) -> int:
    """When the wait that is shown becomes shorter."""
    since_ms = max(journey.touched_ms, place.looked_ms)
    left_ms = max(0, people.tries_of(journey, place.patient).until_ms - since_ms)
    return since_ms + (left_ms % MINUTE_MS or min(left_ms, MINUTE_MS) or CODE_LEFT_MS)


def _who(journey: Journey, place: Who, words: Words) -> WhoView:
    there = [
        one.plan.patient for one in journey.plans if people.standing_of(journey, one.plan.patient.id) != "deceased"
    ]
    tiles = tuple(Tile(f"person:{one.id}", one.address_as, "", "person") for one in there)
    more, shown = "", tiles
    if len(tiles) > A_PAGE:
        first = place.page % -(-len(tiles) // A_PAGE) * A_PAGE
        more, shown = words.people.more, tiles[first : first + A_PAGE]
    staff = "" if place.under is not None else words.service.link
    return WhoView(words.people.who, words.people.who_detail, shown, words.help, more, staff)


def _code(journey: Journey, place: Entering, words: Words, now: Stamp) -> CodeView:
    plan = people.plan_of(journey, place.patient)
    code = plan.code if plan else None
    pictures = code is not None and code.kind == "pictures"
    said = words.people
    return CodeView(
        title=(said.code.format(name=plan.patient.address_as) if plan else "").strip(),
        detail=said.touch_pictures if pictures else said.touch_digits,
        pictures=PICTURES if pictures else (),
        entered=len(place.entered),
        length=code.length if code else 0,
        back=words.back,
        help=words.help,
        wrong=said.wrong if place.wrong else "",
        wait=_wait(people.tries_of(journey, place.patient), words, now),
    )


def _wait(tries: Tries, words: Words, now: Stamp) -> str:
    left_ms = tries.until_ms - now.monotonic_ms
    if left_ms <= 0:
        return ""
    minutes = -(-left_ms // MINUTE_MS)
    return words.people.wait_one if minutes == 1 else words.people.wait.format(wait_minutes=minutes)
