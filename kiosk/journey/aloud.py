"""The journey with a voice: what is heard and pressed beside it, what is said of each screen, what stands around it.

`step` of the journey decides everything else; it knows nothing of the voice. With open eyes the box reads a screen when
it is asked to. With closed eyes (X3) it says every screen, and the round button alone leads through.
"""

from dataclasses import replace

from kiosk.journey import eyes_closed, show, spoken
from kiosk.journey import step as journey_step
from kiosk.journey.effects import Effect, Hush, Say
from kiosk.journey.events import ButtonHeld, ButtonPressed, Event, SoundReported, SpeechEnded, Ticked, Touched
from kiosk.journey.places.service import Dying
from kiosk.journey.spoken import SILENT, Choice
from kiosk.journey.state import Journey, Playing
from kiosk.journey.views import (
    CommentView,
    ConfirmStopView,
    Frame,
    HelpView,
    HomeView,
    LevelView,
    PlayingView,
    ReadyView,
    RestView,
    SelfTestView,
    ServiceView,
    TouchTestView,
    View,
    WhoView,
)
from kiosk.journey.voice import Stage, Voice
from kiosk.words import Words
from mqtt_bridge.contract.care import LEVEL_DBA_MAX
from mqtt_bridge.contract.stamp import Stamp

SPEECH_DBA = 65.0
"""As a person speaks beside one. It is 15 dB below the cap: an hour a day adds less than 2 % to a week's dose."""
SPEECH_LUFS = -20.0
"""Of the recordings (-23, one channel) in both ears."""
OVER_DB = 3.0
"""Over music that is louder: so much above it, and never above what the plan allows."""
GAIN_DB_MIN = -40.0
PASSED_OVER_MAX = 60
"""Screens that cannot be said, one after the other: no form has more."""
OF_STAFF = (ServiceView, SelfTestView, TouchTestView, LevelView)
"""Whoever is there sees, and the button may be what is tested."""
Said = tuple[Voice, tuple[Effect, ...]]


def step(
    journey: Journey, voice: Voice, event: Event | SpeechEnded, words: Words
) -> tuple[Journey, Voice, tuple[Effect, ...]]:
    """The next state of both, and what must be done, in order. Pure."""
    before = show.view_of(journey, words, event.at)
    if isinstance(event, SpeechEnded):
        voice, said = _ended(journey, voice, event, before, words)
        return journey, voice, said
    voice, meant = _meant(journey, voice, event, before, words)
    journey, todo = _carried(journey, voice, meant, words, event.at)
    after = show.view_of(journey, words, event.at)
    voice, said = _spoken(journey, voice, (event, meant), (before, after), words)
    return journey, voice, (*todo, *said)


def alarm_of(journey: Journey, voice: Voice) -> int | None:
    """When (CLOCK_BOOTTIME, milliseconds) either wants a `Ticked`."""
    due = [journey_step.alarm_of(journey)]
    if closed(journey, voice):
        due.append(eyes_closed.alarm_ms(voice))
        due.append(None if voice.asked_ms is None else voice.asked_ms + eyes_closed.STOP_ASKED_MS)
    return min((one for one in due if one is not None), default=None)


def frame_of(journey: Journey, voice: Voice, view: View, words: Words) -> Frame:
    """What stands around this view."""
    speaking = voice.saying is not None
    label = words.aloud.hush if speaking else words.aloud.listen
    readable = voice.able and not isinstance(view, (*SILENT, ConfirmStopView)) and spoken.sentences(view, words)
    choices = spoken.choices_of(view, words) if closed(journey, voice) else ()
    focus = choices[voice.choice].target if voice.choice is not None and voice.choice < len(choices) else None
    still = journey.plan is not None and journey.plan.still
    return Frame(listen=label if readable else "", speaking=speaking, focus=focus, still=still)


def closed(journey: Journey, voice: Voice) -> bool:
    """Whether the button leads. Before anybody signed in: when it does so for somebody of this box."""
    plans = [journey.plan] if journey.plan else [resident.plan for resident in journey.plans]
    return voice.leads or any(plan.eyes_closed for plan in plans)


# What the hand meant


def _meant(journey: Journey, voice: Voice, event: Event, view: View, words: Words) -> tuple[Voice, tuple[Event, ...]]:
    """The events that the journey is to take, and the voice that has heard the button."""
    if not closed(journey, voice) or isinstance(journey.place, Dying):
        return voice, (event,)
    match event:
        case ButtonPressed(at):
            return _pressed(voice, event, at, view, words)
        case ButtonHeld(at):
            return _held(voice, event, at, view)
        case Ticked(at) if voice.asked_ms is not None and isinstance(view, ConfirmStopView):
            late = at.monotonic_ms - voice.asked_ms >= eyes_closed.STOP_ASKED_MS
            return voice, (event, Touched(at, "no")) if late else (event,)
        case _:
            return voice, (event,)


def _pressed(
    voice: Voice, event: ButtonPressed, at: Stamp, view: View, words: Words
) -> tuple[Voice, tuple[Event, ...]]:
    now_ms, awake = at.monotonic_ms, Touched(at, "listen")
    match view:
        case PlayingView() | RestView() | ServiceView() | SelfTestView() | TouchTestView() | LevelView():
            return replace(voice, pressed_ms=now_ms), (event,)
        case ReadyView(armed=True):
            trembles = eyes_closed.trembles(voice, now_ms)
            return replace(voice, pressed_ms=now_ms), () if trembles else (event,)
        case ConfirmStopView():
            sure = voice.asked_ms is not None and now_ms - voice.asked_ms >= eyes_closed.SURE_MS
            return replace(voice, pressed_ms=now_ms), (Touched(at, "yes"),) if sure else ()
    choices = spoken.choices_of(view, words)
    if voice.screen != spoken.screen_of(view) or not choices:
        return replace(voice, screen=None, pressed_ms=now_ms, former=None), (awake,)
    voice, chosen = eyes_closed.pressed(voice, choices, now_ms)
    if chosen is None:
        return voice, (awake,)
    return replace(voice, choice=None, backwards=chosen.target == "back"), (_touch(at, chosen),)


def _touch(at: Stamp, chosen: Choice) -> Touched:
    return Touched(at, chosen.target, chosen.height)


def _held(voice: Voice, event: ButtonHeld, at: Stamp, view: View) -> tuple[Voice, tuple[Event, ...]]:
    """A long press: to stop while the care sounds, else for help."""
    voice = eyes_closed.held(voice)
    match view:
        case PlayingView() | ServiceView() | SelfTestView() | TouchTestView() | LevelView():
            return voice, (event,)
        case ConfirmStopView() | HelpView() | RestView():
            return voice, ()
        case _:
            return voice, (Touched(at, "help"),)


def _carried(
    journey: Journey, voice: Voice, meant: tuple[Event, ...], words: Words, at: Stamp
) -> tuple[Journey, tuple[Effect, ...]]:
    """The journey after these events, past what cannot be answered with closed eyes."""
    todo: list[Effect] = []
    for event in meant:
        journey, effects = journey_step.step(journey, event)
        todo += effects
    for _ in range(PASSED_OVER_MAX):
        if not (closed(journey, voice) and isinstance(show.view_of(journey, words, at), CommentView)):
            break
        journey, effects = journey_step.step(journey, Touched(at, "back" if voice.backwards else "skip"))
        todo += effects
    return journey, tuple(todo)


# What is said


def _spoken(
    journey: Journey,
    voice: Voice,
    heard: tuple[Event, tuple[Event, ...]],
    shown: tuple[View, View],
    words: Words,
) -> Said:
    event, meant = heard
    before, after = shown
    asked = _asked_since(voice, event, shown)
    voice = replace(voice, asked_ms=asked)
    if closed(journey, voice):
        said = _with_closed_eyes(journey, voice, event, shown, meant, words)
    else:
        said = _on_request(journey, voice, event, after, words)
    if said is not None:
        return said
    if spoken.screen_of(before) != spoken.screen_of(after):
        return _silent(replace(voice, choice=None, former=None, ended_ms=None))
    return voice, ()


def _asked_since(voice: Voice, event: Event, shown: tuple[View, View]) -> int | None:
    if not isinstance(shown[1], ConfirmStopView):
        return None
    return event.at.monotonic_ms if voice.asked_ms is None else voice.asked_ms


def _on_request(journey: Journey, voice: Voice, event: Event, after: View, words: Words) -> Said | None:
    """« Écouter » reads the screen, and again: falls silent."""
    if not isinstance(event, Touched) or event.target != "listen" or not voice.able:
        return None
    if voice.saying is not None:
        return _silent(voice)
    return _say(journey, voice, spoken.sentences(after, words), "read")


def _with_closed_eyes(
    journey: Journey, voice: Voice, event: Event, shown: tuple[View, View], meant: tuple[Event, ...], words: Words
) -> Said | None:
    before, after = shown
    screen = spoken.screen_of(after)
    if isinstance(after, (*SILENT, *OF_STAFF)) or isinstance(journey.place, Dying):
        return _on_request(journey, voice, event, after, words)
    if voice.screen != screen:
        return _screen_told(journey, voice, after, words) if _may_speak(event, after) else None
    given = spoken.answer(after)
    if given and given != spoken.answer(before):
        return _say(journey, replace(voice, choice=None), (words.aloud.chosen, *given), "answer")
    if isinstance(event, ButtonPressed) and meant:
        return _choice_told(journey, voice if voice.choice is not None else replace(voice, choice=0), after, words)
    if isinstance(event, Touched) and event.target == "listen":
        return _on_request(journey, voice, event, after, words)
    if isinstance(event, Ticked) and _due(voice, event.at.monotonic_ms):
        again = replace(voice, repeats=voice.repeats + 1)
        return _choice_told(journey, again, after, words, words.aloud.how_short)
    return None


def _may_speak(event: Event, after: View) -> bool:
    """Nobody is spoken to who has not touched anything: a screen may change in an empty room, or at night."""
    by_hand = isinstance(event, Touched | ButtonPressed | ButtonHeld)
    return by_hand or (isinstance(event, SoundReported) and not isinstance(after, HomeView | WhoView))


def _screen_told(journey: Journey, voice: Voice, after: View, words: Words) -> Said:
    how = {HomeView: words.aloud.how, ConfirmStopView: words.aloud.stop_how}.get(type(after), "")
    said = (after.question,) if isinstance(after, ConfirmStopView) else spoken.heading(after)
    voice = replace(voice, screen=spoken.screen_of(after), choice=None, former=None, repeats=0)
    return _say(journey, voice, tuple(text for text in (*said, how) if text), "screen")


def _choice_told(journey: Journey, voice: Voice, view: View, words: Words, more: str = "") -> Said | None:
    choices = spoken.choices_of(view, words)
    if voice.choice is None or voice.choice >= len(choices):
        return None
    said = (*choices[voice.choice].said, more)
    return _say(journey, voice, tuple(text for text in said if text), "choice")


def _due(voice: Voice, now_ms: int) -> bool:
    alarm_ms = eyes_closed.alarm_ms(voice)
    return alarm_ms is not None and now_ms >= alarm_ms


def _ended(journey: Journey, voice: Voice, event: SpeechEnded, view: View, words: Words) -> Said:
    """After the screen, and after an answer, comes the first choice."""
    if event.number != voice.saying:
        return voice, ()
    voice = replace(voice, saying=None, ended_ms=event.at.monotonic_ms)
    leads = voice.stage in ("screen", "answer") and not isinstance(view, ConfirmStopView | ReadyView)
    if not (leads and closed(journey, voice)):
        return voice, ()
    return _choice_told(journey, replace(voice, choice=0), view, words) or (voice, ())


def _say(journey: Journey, voice: Voice, sentences: tuple[str, ...], stage: Stage) -> Said:
    gain_db = _level_dba(journey) - voice.dba_at_0_lufs - SPEECH_LUFS
    if gain_db < GAIN_DB_MIN:
        sentences = ()  # this box cannot speak as softly as the plan wants it: it says nothing
    number = voice.count + 1
    voice = replace(voice, count=number, saying=number, stage=stage, ended_ms=None)
    return voice, (Say(number, sentences, min(0.0, max(GAIN_DB_MIN, gain_db))),)


def _silent(voice: Voice) -> Said:
    return replace(voice, saying=None), () if voice.saying is None else (Hush(),)


def _level_dba(journey: Journey) -> float:
    """Never above what the plan allows, nor above what the care under way may become."""
    place = journey.place
    if isinstance(place, Playing) and place.session.volume is not None:
        music_dba = place.session.volume.dba_at_0_db + place.gain_db
        return min(place.session.request.level_max_dba, max(SPEECH_DBA, music_dba + OVER_DB))
    activity = journey.plan.activity if journey.plan else ()
    return min((SPEECH_DBA, LEVEL_DBA_MAX, *(request.level_max_dba for request in activity)))
