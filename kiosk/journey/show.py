"""What the screen shows for a state: words put in, nothing decided."""

from kiosk.journey import asked, listening
from kiosk.journey.chapters import all_chapters, chapter_of
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
    Record,
    Resting,
    Returning,
    Thanking,
)
from kiosk.journey.views import (
    ChoosingView,
    ConfirmStopView,
    HomeView,
    NoticeView,
    PlayingView,
    ReadyView,
    RestView,
    TextView,
    ThanksView,
    Tile,
    View,
)
from kiosk.words import Words
from mqtt_bridge.contract.care import ServiceRequest
from mqtt_bridge.contract.stamp import Stamp

CHOICES_MAX = 6
"""Tiles on the choosing screen."""
HOUR_MS, HOURS_SAID_MAX = 3600_000, 36
TILES_MAX = 3
"""More prescribed cares than this at home: they move to a screen of their own."""


def view_of(journey: Journey, words: Words, now: Stamp) -> View:
    """The picture of the state, at this instant."""
    match journey.place:
        case Home():
            return _home(journey, words, now)
        case Choosing(page):
            return ChoosingView(words.choosing, _page(_tiles(journey, words), page, words), words.home)
        case Asking() as asking:
            return _question(asking, words)
        case Resting():
            return RestView(words.rest)
        case Explaining() as explaining:
            return _text(explaining, words)
        case Ready() as ready:
            return _ready(ready, words)
        case Playing() as playing:
            return _playing(playing, words, now.monotonic_ms)
        case Returning() as returning:
            return _returning(returning, words)
        case Thanking(session):
            return _thanks(journey, session, words)
        case Noticing() as noticing:
            return _notice(journey, noticing, words)
        case place:
            chapter = chapter_of(place)
            assert chapter is not None, f"no chapter shows {place}"  # noqa: S101  # a place without a chapter is a bug
            return chapter.view(journey, place, words, now)


def record_line(journey: Journey, words: Words) -> str:
    """The true state of the last answers, in words; empty when there are none."""
    record = own_record(journey)
    if record is None:
        return ""
    lines = {"pending": words.record_pending, "in_record": words.record_in, "held": words.record_held}
    return lines[record.truth]


def own_record(journey: Journey) -> Record | None:
    """The record of the person in front of the box, never of another."""
    record, plan = journey.record, journey.plan
    return record if record and plan and record.patient == plan.patient.id else None


def _home(journey: Journey, words: Words, now: Stamp) -> HomeView:
    plan, record = journey.plan, own_record(journey)
    tiles = _tiles(journey, words)
    if len(tiles) > TILES_MAX:
        detail = words.choose_care_detail.format(count=len(tiles))
        tiles = (Tile("choose", words.choose_care, detail, tiles[0].kind),)
    tiles += tuple(tile for chapter in all_chapters() for tile in chapter.tiles(journey, words, now))
    return HomeView(
        greeting=words.hello.format(name=plan.patient.address_as if plan else "").strip(),
        subtitle=words.home_due if tiles else words.home_rest,
        tiles=tiles,
        help=words.help,
        record=record_line(journey, words),
        in_record=record is not None and record.truth == "in_record",
        read=words.read_by.format(reader=record.reader) if record and record.reader else "",
        links=tuple(link for chapter in all_chapters() for link in chapter.links(journey, words, now)),
    )


def _tiles(journey: Journey, words: Words) -> tuple[Tile, ...]:
    if journey.plan is None or journey.problem:
        return ()
    return tuple(Tile(f"care:{r.id}", r.title, _duration(r, words), r.kind) for r in journey.plan.activity)


def _page(tiles: tuple[Tile, ...], page: int, words: Words) -> tuple[Tile, ...]:
    """One screen of tiles; with more than fit, the last one leads on, and from the last page to the first."""
    if len(tiles) <= CHOICES_MAX:
        return tiles
    size = CHOICES_MAX - 1
    pages = -(-len(tiles) // size)
    first = page % pages * size
    return (*tiles[first : first + size], Tile("more", words.more_cares, "", "mediation"))


def _duration(request: ServiceRequest, words: Words) -> str:
    minutes = max(1, round(request.duration_s / 60))
    return words.one_minute if minutes == 1 else words.minutes.format(minutes=minutes)


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


def _playing(playing: Playing, words: Words, now_ms: int) -> PlayingView | ConfirmStopView:
    if playing.asking_to_stop:
        return ConfirmStopView(words.stop_question, words.stop_detail, words.stop_yes, words.stop_no)
    sound, loudest = playing.sound, listening.loudest_db(playing)
    return PlayingView(
        fraction=sound.frames_played / sound.frames_total if sound.frames_total else 0.0,
        sentence=_sentence(playing, words),
        softer=words.softer,
        louder=words.louder,
        stop=words.stop,
        dim=listening.dim(playing, now_ms),
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
    record = own_record(journey)
    ours = record is not None and record.session == session.id
    name = journey.plan.patient.address_as if journey.plan else ""
    return ThanksView(
        title=words.thanks.format(name=name).strip(),
        sentence=words.thanks_detail,
        record=record_line(journey, words) if ours else words.record_pending,
        in_record=ours and record is not None and record.truth == "in_record",
        done=words.done,
    )


def _notice(journey: Journey, noticing: Noticing, words: Words) -> NoticeView:
    code = noticing.code
    if code == "help":
        code = "help-home" if journey.plan and journey.plan.place == "home" else "help-establishment"
    notice = words.notice[code]
    lines = tuple(line.format(when=_when(noticing.in_ms, words)) for line in notice.lines)
    asked = noticing.code == "help"
    return NoticeView(notice.title, lines, words.done, noticing.cause, "help" if asked else "calm")


def _when(in_ms: int | None, words: Words) -> str:
    """« dans environ 3 heures », rounded up: it is possible then."""
    if in_ms is None:
        return words.later
    hours = -(-in_ms // HOUR_MS)
    if hours <= 1:
        return words.in_one_hour
    return words.in_hours.format(hours=hours) if hours <= HOURS_SAID_MAX else words.in_days.format(days=-(-hours // 24))
