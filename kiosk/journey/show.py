"""What the screen shows for a state: words put in, nothing decided."""

from kiosk.journey import asked, framing, helping, home, honest, listening, wording
from kiosk.journey.chapters import chapter_of
from kiosk.journey.session import Session
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
from kiosk.journey.views import (
    ConfirmStopView,
    NoticeView,
    PlayingView,
    ReadyView,
    RestView,
    TextView,
    ThanksView,
    View,
)
from kiosk.words import Words
from mqtt_bridge.contract.framing import NotYet
from mqtt_bridge.contract.stamp import Stamp


def view_of(journey: Journey, words: Words, now: Stamp) -> View:
    """The picture of the state, at this instant."""
    if journey.helping is not None:
        return helping.view(journey, words, now)
    match journey.place:
        case Home():
            return home.view(journey, words, now)
        case Choosing() as choosing:
            return home.choosing(journey, choosing, words, now)
        case Asking() as asking:
            return _question(asking, words)
        case Resting():
            return RestView(words.rest)
        case Explaining() as explaining:
            return _text(explaining, words)
        case Ready() as ready:
            return _ready(ready, words)
        case Playing() as playing:
            return _playing(journey, playing, words, now)
        case Returning() as returning:
            return _returning(returning, words)
        case Thanking(session):
            return _thanks(journey, session, words)
        case Noticing() as noticing:
            return _notice(journey, noticing, words, now)
        case place:
            chapter = chapter_of(place)
            assert chapter is not None, f"no chapter shows {place}"  # noqa: S101  # a place without a chapter is a bug
            return chapter.view(journey, place, words, now)


def _question(asking: Asking, words: Words) -> View:
    before = asking.moment == "before"
    return asked.view_of(asking.filling, words.before if before else words.after, words.home if before else "", words)


def _text(explaining: Explaining, words: Words) -> TextView:
    request, page = explaining.session.request, explaining.page
    pages = (*request.explanation, *request.advice)
    return TextView(
        title=request.title,
        heading=words.explanation if page < len(request.explanation) else words.advice,
        paragraph=pages[page],
        go_on=words.go_on,
        back=words.back if page else words.home,
        page=page + 1,
        pages=len(pages),
    )


def _ready(ready: Ready, words: Words) -> ReadyView:
    return ReadyView(
        title=words.ready if ready.armed else ready.session.request.title,
        instruction=words.ready_armed if ready.armed else words.ready_waiting,
        detail=_ready_detail(ready, words),
        back=words.home,
        armed=ready.armed,
    )


def _ready_detail(ready: Ready, words: Words) -> str:
    volume = ready.session.volume
    if volume is not None and volume.softened:
        return words.ready_softer
    return words.ready_unplugged if ready.headphones == "out" else words.ready_detail


def _confirm_stop(journey: Journey, playing: Playing, words: Words, now: Stamp) -> ConfirmStopView:
    """It says when the care can be begun again: from the beginning at once, unless its limits keep it."""
    later = framing.not_again(journey, playing.session, now)
    detail = words.stop_detail if later is None else _possible(journey, later, words, now)
    return ConfirmStopView(words.stop_question, detail, words.stop_yes, words.stop_no)


def _playing(journey: Journey, playing: Playing, words: Words, now: Stamp) -> PlayingView | ConfirmStopView:
    if playing.asking_to_stop:
        return _confirm_stop(journey, playing, words, now)
    sound, loudest = playing.sound, listening.loudest_db(playing)
    return PlayingView(
        fraction=sound.frames_played / sound.frames_total if sound.frames_total else 0.0,
        sentence=_sentence(playing, words),
        softer=words.softer,
        louder=words.louder,
        stop=words.stop,
        dim=listening.dim(playing, now.monotonic_ms),
        level=listening.gain_level(loudest, playing.gain_db),
        level_max=listening.GAIN_STEPS,
        show_level=playing.level_shown,
    )


def _sentence(playing: Playing, words: Words) -> str:
    """One calm line. Nothing is asked of the person: the sound goes on."""
    if playing.stopping_ms is not None:
        return words.stopping
    if playing.at_cap:
        return words.loudest
    return words.headphones_out if playing.sound.headphones == "out" else words.playing


def _returning(returning: Returning, words: Words) -> ReadyView:
    title = returning.session.request.title
    return ReadyView(title=title, instruction=words.ready_waiting, detail="", back="", armed=False)


def _thanks(journey: Journey, session: Session, words: Words) -> ThanksView:
    record = home.own_record(journey)
    ours = record is not None and record.session == session.id
    name = journey.plan.patient.address_as if journey.plan else ""
    return ThanksView(
        title=words.thanks.format(name=name).strip(),
        sentence=words.thanks_detail,
        record=home.record_line(journey, words) if ours else words.record_pending,
        in_record=ours and record is not None and record.truth == "in_record",
        done=words.done,
    )


def _notice(journey: Journey, noticing: Noticing, words: Words, now: Stamp) -> NoticeView:
    if noticing.code == "not-yet" and noticing.not_yet is not None:
        return _not_yet(journey, noticing.not_yet, words, now)
    notice = words.notice[honest.notice_code(noticing.code, noticing.cause)]
    lines = tuple(line.format(when=wording.when(noticing.in_ms, words)) for line in notice.lines)
    if noticing.not_yet is not None:  # a care was interrupted, and its limits keep it from being begun again
        lines = (*lines[:-1], _possible(journey, noticing.not_yet, words, now))
    told = honest.for_staff(noticing.cause, words)
    return NoticeView(notice.title, lines, words.done, noticing.cause, told, words.help)


def _not_yet(journey: Journey, later: NotYet, words: Words, now: Stamp) -> NoticeView:
    said = words.framing
    when = () if later.why == "over" else (_possible(journey, later, words, now),)
    return NoticeView(said.not_now, (said.why[later.why], *when, said.if_unwell), words.done, help=words.help)


def _possible(journey: Journey, later: NotYet, words: Words, now: Stamp) -> str:
    return f"{wording.possible(later, framing.local_time(journey.plan, now), words)}."
