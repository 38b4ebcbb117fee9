"""The journey: `(state, event) -> (state, effects)`. Everything that matters is written before the screen changes."""

from dataclasses import replace

from msgspec import structs

from kiosk.journey import evaluation, framing, helping, leaving, listening, people, returning, told
from kiosk.journey.chapters import chapter_of, named, of_draft, service
from kiosk.journey.chapters.people import ask_code, checked, code_changed
from kiosk.journey.draft import Draft
from kiosk.journey.effects import Effect, Light, Write
from kiosk.journey.events import (
    ButtonHeld,
    ButtonPressed,
    CodeChecked,
    EarsTold,
    Event,
    PlanChanged,
    PlayerGone,
    PowerReturned,
    RoomRefused,
    SoundReported,
    Ticked,
    Touched,
)
from kiosk.journey.notes import Writing
from kiosk.journey.places.people import Entering, Who
from kiosk.journey.places.standing import Stopped
from kiosk.journey.session import Session, draft_of_session
from kiosk.journey.state import (
    Asking,
    Choosing,
    Explaining,
    Home,
    Journey,
    Noticing,
    Playing,
    Ready,
    Resting,
    Returning,
    Thanking,
)
from kiosk.journey.turn import Turn, go, joined, reference_of, stay, still_prescribed
from mqtt_bridge.contract.care import PlanReference
from mqtt_bridge.contract.report import HelpAsked, SelfTested
from mqtt_bridge.contract.stamp import Stamp

THANKS_MS = 60_000
NOTICE_MS = 5 * 60_000
LEFT_MS = 15 * 60_000
"""A screen that nobody touches for so long goes home."""


def step(journey: Journey, event: Event) -> tuple[Journey, tuple[Effect, ...]]:
    """The next state and what must be done, in order. Pure."""
    turn = _heard_out(journey, _decide(journey, event), event.at)
    turn = _looking(leaving.settled(turn, event.at), event.at)
    before, after = draft_of(journey), draft_of(turn.journey)
    if not turn.reports and not turn.notes and before == after and not isinstance(event, PowerReturned):
        return turn.journey, (*turn.at_once, *turn.then)
    draft = structs.replace(after, saved=event.at) if after else None
    plan = _plan_of(turn, journey)
    typed = bool(turn.notes) and before == after
    may_wait = not turn.reports and _only_writing(turn) and (typed or _only_letters(before, after))
    write = Write(event.at, turn.reports, plan, draft, may_wait, turn.notes)
    return turn.journey, (*turn.at_once, write, *turn.then)


def _heard_out(journey: Journey, turn: Turn, at: Stamp) -> Turn:
    """Nobody touches anything while a care plays: what follows it waits for its person from the end of the sound on."""
    ended = isinstance(journey.place, Playing | Returning) and not isinstance(turn.journey.place, Playing | Returning)
    return replace(turn, journey=replace(turn.journey, touched_ms=at.monotonic_ms)) if ended else turn


def _looking(turn: Turn, at: Stamp) -> Turn:
    """Home looks at the clock again when something there may change. Nothing stands before a care that plays."""
    journey = turn.journey
    look_ms = framing.look_ms(journey, at) if isinstance(journey.place, Home | Choosing) else None
    shown = None if isinstance(journey.place, Playing) else journey.helping
    return replace(turn, journey=replace(journey, look_ms=look_ms, helping=shown))


def _only_writing(turn: Turn) -> bool:
    return all(isinstance(note, Writing) for note in turn.notes)


def _only_letters(before: Draft | None, after: Draft | None) -> bool:
    return (
        before is not None
        and after is not None
        and structs.replace(before, text=after.text, value=after.value) == after
    )


def alarm_of(journey: Journey) -> int | None:
    """When (CLOCK_BOOTTIME, milliseconds) the journey wants a `Ticked`; None when time changes nothing."""
    closes_ms = helping.closes_ms(journey) if journey.helping else None
    left = (leaving.alarm_ms(journey), service.training_ends_ms(journey))
    due = (_place_alarm(journey), *left, journey.look_ms, closes_ms)
    return min((one for one in due if one is not None), default=None)


def _place_alarm(journey: Journey) -> int | None:
    match journey.place:
        case Asking() as asking:
            return evaluation.unanswered_until(journey, asking)
        case Resting(asking):
            return (asking.ended or asking.asked).monotonic_ms + evaluation.LEFT_AFTER_MS
        case Choosing() | Explaining():
            return journey.touched_ms + LEFT_MS
        case Ready() as ready:
            left_ms = journey.touched_ms + listening.LEFT_READY_MS
            return left_ms if ready.armed else min(left_ms, ready.since_ms + listening.READY_MS_MAX)
        case Returning(_, _, since_ms):
            return since_ms + listening.PLAYER_BACK_MS
        case Thanking(_, since_ms):
            return max(since_ms, journey.touched_ms) + THANKS_MS
        case Noticing():
            return journey.touched_ms + NOTICE_MS
        case Playing() as playing:
            return listening.alarm_of(playing)
        case place:
            chapter = chapter_of(place)
            return chapter.alarm_ms(journey, place) if chapter else None


def draft_of(journey: Journey) -> Draft | None:
    """What must survive a power cut now. `saved` is put in when it is written."""
    place = getattr(journey.place, "under", None) or journey.place
    match place:
        case Asking() as asking:
            return evaluation.draft_of(asking, "asking")
        case Resting(asking):
            return evaluation.draft_of(asking, "resting")
        case Explaining(session, page):
            return structs.replace(draft_of_session(session, "explaining"), page=page)
        case Ready(session):
            return draft_of_session(session, "ready")
        case Playing() as playing:
            return listening.draft_of_playing(playing)
        case Returning(_, draft, _):
            return draft
        case _:
            chapter = chapter_of(place)
            return chapter.draft(place) if chapter else None


def _plan_of(turn: Turn, journey: Journey) -> PlanReference | None:
    """Whose reports these are: the session's that they tell of, which the state before or after still names.

    Without one, of the person in front of the box, as a call for help always is. A self-test is nobody's.
    """
    if turn.whose is not None:
        return turn.whose
    if any(isinstance(report, SelfTested) for report in turn.reports):
        return None
    if any(isinstance(report, HelpAsked) for report in turn.reports):  # beside another's questions that wait, too
        return reference_of(journey.plan) if journey.plan else None
    draft = draft_of(journey) or draft_of(turn.journey)
    if draft is not None:
        return draft.plan
    return reference_of(journey.plan) if journey.plan else None


def _decide(journey: Journey, event: Event) -> Turn:
    if (knowing := told.known(journey, event)) is not None:
        return stay(knowing)
    match event:
        case PlanChanged() as change:
            return _plans_told(leaving.uncovered(journey), change)
        case CodeChecked() as answer:
            return _code_checked(journey, answer)
        case EarsTold(at, ears):
            return _ears_told(replace(journey, ears=ears), at)
        case Touched(at) as touch:
            return _touched(replace(journey, touched_ms=at.monotonic_ms), touch)
        case ButtonPressed(at):
            return _pressed(replace(journey, touched_ms=at.monotonic_ms), at)
        case ButtonHeld(at):
            return _held(replace(journey, touched_ms=at.monotonic_ms), at)
        case SoundReported(at, sound):
            return listening.heard(journey, sound, at)
        case PlayerGone(at):
            return listening.player_gone(journey, at)
        case RoomRefused():
            return _no_room(journey)
        case PowerReturned(at, draft):
            journey = people.still_there(replace(journey, touched_ms=at.monotonic_ms), draft, at)
            turn = _power_returned(journey, draft, at)
            return replace(turn, whose=draft.plan) if draft else turn
        case Ticked(at):
            return _ticked(journey, at)
    return stay(journey)


def _power_returned(journey: Journey, draft: Draft | None, at: Stamp) -> Turn:
    chapter = of_draft(draft)
    if draft is not None and chapter is not None:
        return chapter.returned(journey, draft, at)
    return returning.power_returned(journey, draft, at)


def _ears_told(journey: Journey, at: Stamp) -> Turn:
    """A package that could not be read a moment ago was made ready as softly as can be: nobody would hear it."""
    if isinstance(journey.place, Ready):
        return listening.reckoned_anew(journey, journey.place, at)
    return stay(journey)


def _plans_told(journey: Journey, change: PlanChanged) -> Turn:
    after = code_changed(journey, leaving.in_the_dark_again(people.with_plans(journey, change)))
    if people.is_shared(journey) and after.plan is None:
        return leaving.emptied(after, change.at)
    return _plan_changed(after, people.in_front(journey), change.at)


def _plan_changed(journey: Journey, former: str | None, at: Stamp) -> Turn:
    """Another person's plan: nothing of the former one stays on the screen, what they answered is kept.

    A care that is no longer prescribed does not begin, even where all was ready for it.
    """
    if isinstance(journey.place, Ready):
        if still_prescribed(journey, journey.place.session):
            return listening.reckoned_anew(journey, journey.place, at)
        return listening.left_unready(journey, journey.place, "plan-expired")
    if isinstance(journey.place, Explaining) and not still_prescribed(journey, journey.place.session):
        return go(journey, Noticing("plan-expired"))
    place, plan = journey.place, journey.plan
    if isinstance(place, Resting):
        place = place.asking
    session = getattr(place, "session", None)
    if session is None:
        return _handed_over(journey, former, at)
    if plan is None or session.plan.patient == plan.patient.id:
        return stay(journey)
    match place:
        case Asking() as asking:
            return evaluation.left(journey, asking)
        case Thanking():
            return go(journey, Home())
        case _ if (chapter := chapter_of(place)) is not None:
            return chapter.left(journey, place, at)
        case _:
            return stay(journey)  # the sound goes on to its end


def _handed_over(journey: Journey, former: str | None, at: Stamp) -> Turn:
    """Where no care is under way: a letter, a lesson, a form, the garden are left with their person."""
    chapter = chapter_of(journey.place)
    if former in (None, people.in_front(journey)):
        return stay(journey)
    if isinstance(journey.place, Noticing) and journey.place.not_yet is not None:
        return go(journey, Home())  # of the former person's cares
    return chapter.left(journey, journey.place, at) if chapter and chapter.of_a_person else stay(journey)


def _touched(journey: Journey, touch: Touched) -> Turn:
    at, target, height = touch.at, touch.target, touch.height
    if journey.helping is not None:
        return helping.touched(journey, journey.helping, target, at)
    if target == "help":
        return helping.opened(journey)
    match journey.place:
        case Who(under=None) if target == "service":
            return service.opened(journey)
        case Home():
            return _from_home(journey, target, at)
        case Choosing() as choosing:
            return _from_choosing(journey, choosing, target, at)
        case Asking() as asking:
            return evaluation.touched(journey, asking, target, height, at)
        case Resting(asking):
            return _woken(journey, asking, at)
        case Explaining() as explaining:
            return _explained(journey, explaining, target, at)
        case Ready() as ready:
            return listening.leave_ready(journey, ready) if target == "back" else stay(journey)
        case Playing() as playing:
            return listening.touched(journey, playing, target, at)
        case Thanking() | Noticing():
            return go(journey, Home()) if target == "done" else stay(journey)
        case place:
            chapter = chapter_of(place)
            return chapter.touched(journey, place, touch) if chapter else stay(journey)


def _woken(journey: Journey, asking: Asking, at: Stamp) -> Turn:
    """A touch on the dark screen. On a shared box nobody is signed in there: whose the questions are must be shown."""
    if people.nobody(journey):
        return go(journey, Who(under=Resting(asking)))
    return evaluation.woken(journey, asking, at)


def _code_checked(journey: Journey, answer: CodeChecked) -> Turn:
    """Signed in, and on to what was touched before the code was asked for."""
    if answer.patient == service.STAFF:
        return service.checked(journey, answer)
    place, turn = journey.place, checked(journey, answer)
    if isinstance(place, Entering) and place.then and isinstance(turn.journey.place, Home):
        return joined(turn, _from_home(turn.journey, place.then, answer.at))
    return turn


def _from_home(journey: Journey, target: str, at: Stamp) -> Turn:
    if target in ("choose", "choose:others", "choose:links"):
        return go(journey, Choosing(others=target == "choose:others", links=target == "choose:links"))
    if (found := named(target)) is not None:
        chapter, rest = found
        return chapter.entered(journey, rest, at)
    return _choose(journey, target, at)


def _from_choosing(journey: Journey, choosing: Choosing, target: str, at: Stamp) -> Turn:
    if target == "more":
        return go(journey, replace(choosing, page=choosing.page + 1))
    return go(journey, Home()) if target == "back" else _from_home(journey, target, at)


def _choose(journey: Journey, target: str, at: Stamp) -> Turn:
    name, _, request_id = target.partition(":")
    plan = journey.plan
    if name != "care" or plan is None:
        return stay(journey)
    if not people.unlocked(journey, "care"):
        return ask_code(journey, target)
    if journey.problem or (at.trusted and not plan.period.holds(at.wall_ms)):
        return go(journey, Noticing("plan-expired"))
    request = next((r for r in plan.activity if r.id == request_id), None)
    if request is None:
        return stay(journey)
    if (refusal := framing.refusal(journey, request, plan.patient.id, at)) is not None:
        return go(journey, refusal)
    count = journey.count + 1
    form = plan.questionnaire(request.questionnaire)
    session = Session(f"{journey.epoch}.{count}", request, form, reference_of(plan))
    return go(replace(journey, count=count), evaluation.begin(session, "before", at))


def _explained(journey: Journey, explaining: Explaining, target: str, at: Stamp) -> Turn:
    request, page = explaining.session.request, explaining.page
    pages = len(request.explanation) + len(request.advice)
    if target == "back":
        return go(journey, replace(explaining, page=page - 1) if page else Home())
    if target != "continue":
        return stay(journey)
    if page + 1 < pages:
        return go(journey, replace(explaining, page=page + 1))
    return listening.make_ready(journey, explaining.session, at)


def _pressed(journey: Journey, at: Stamp) -> Turn:
    if journey.helping is not None:
        return stay(journey)
    match journey.place:
        case Ready() as ready if at.trusted and journey.plan and not journey.plan.period.holds(at.wall_ms):
            return listening.left_unready(journey, ready, "plan-expired")
        case Ready() as ready:
            return listening.pressed(journey, ready, at)
        case Resting(asking):
            return _woken(journey, asking, at)
        case place:
            chapter = chapter_of(place)
            return chapter.pressed(journey, place, at) if chapter else stay(journey)


def _held(journey: Journey, at: Stamp) -> Turn:
    """A long press asks whether to stop, as the stop tile does."""
    if journey.helping is not None:
        return stay(journey)
    match journey.place:
        case Playing() as playing:
            return listening.touched(journey, playing, "stop", at)
        case Who(under=None) | Stopped():
            return service.opened(journey)  # where little or nothing leads staff there; nobody's questions wait beneath
        case place:
            chapter = chapter_of(place)
            return chapter.held(journey, place, at) if chapter else stay(journey)


def _no_room(journey: Journey) -> Turn:
    match journey.place:
        case Ready() as ready:
            return listening.left_unready(journey, ready, "no-room", "disk-full")
        case _:
            return stay(journey)


def _ticked(journey: Journey, at: Stamp) -> Turn:
    if (turn := service.training_left(journey, at) or leaving.time_is_up(journey, at)) is not None:
        return turn
    journey = helping.waited(journey, at)
    match journey.place:
        case Asking() as asking:
            return evaluation.rest_or_leave(journey, asking, at)
        case Resting(asking) if at.monotonic_ms >= (alarm_of(journey) or 0):
            return evaluation.left(journey, asking)
        case Choosing() | Explaining() | Thanking() | Noticing() if at.monotonic_ms >= (alarm_of(journey) or 0):
            return go(journey, Home(), Light("off"))
        case place if (chapter := chapter_of(place)) is not None:
            return chapter.waited(journey, place, at)
        case _:
            return listening.waited(journey, at)
