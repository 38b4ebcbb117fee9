"""Messages (A16): the team's, read page by page, and the person's own, written here, each with its true state."""

import math
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from kiosk.journey import people
from kiosk.journey.chapter import Chapter
from kiosk.journey.chapters.people import ask_code
from kiosk.journey.events import Touched
from kiosk.journey.keys import typed
from kiosk.journey.letters import Letters, Received, SentLetter
from kiosk.journey.notes import Writing
from kiosk.journey.places.letters import LetterList, LetterOpen, LetterSent, LetterWriting
from kiosk.journey.state import Home, Journey
from kiosk.journey.turn import Turn, go, new_name, stay
from kiosk.journey.views import LetterLine, LettersView, LetterView, NoticeView, Tile, View, WritingView
from kiosk.words import Words
from mqtt_bridge.contract.correspondence import MESSAGE_MAX, MessageToPatient
from mqtt_bridge.contract.report import MessageFromPatient, MessageOpened
from mqtt_bridge.contract.stamp import Stamp

LEFT_MS = 5 * 60_000
"""Nobody touches a message for so long: home. What was written is kept."""
A_SCREEN = 4
EXCERPT_MAX = 60
PAGE_MAX = 400
"""Characters of a message on a screen: more are cut on the 7-inch panel."""

Place = LetterList | LetterOpen | LetterWriting | LetterSent


class LettersChapter(Chapter[Place]):
    name = "letters"

    def tiles(self, journey: Journey, words: Words, now: Stamp) -> tuple[Tile, ...]:
        unread = _unread(journey)
        if not unread:
            return ()
        shown = people.unlocked(journey, "messages")
        said = words.letters
        if len(unread) == 1:
            sender = said.from_whom.format(sender=_who(unread[0])) if shown else said.to_read
            return (Tile(f"letters:{unread[0].message}", said.one_unread, sender, "message"),)
        return (Tile("letters", said.unread.format(unread=len(unread)), said.to_read, "message"),)

    def links(self, journey: Journey, words: Words, now: Stamp) -> tuple[Tile, ...]:
        """Marked while there is something new: its tile may not be at home (a care sounds, the plan is missing)."""
        if journey.plan is None or not (journey.plan.messages or _received(journey)):
            return ()
        new, said = len(_unread(journey)), words.letters
        told = "" if not new else said.one_unread if new == 1 else said.unread.format(unread=new)
        return (Tile("letters", said.title, told, "message", new=new),)

    def entered(self, journey: Journey, rest: str, at: Stamp) -> Turn:
        if not people.unlocked(journey, "messages"):
            return ask_code(journey, f"letters:{rest}")
        return _open(journey, rest, at) if rest else go(journey, LetterList())

    def touched(self, journey: Journey, place: Place, touch: Touched) -> Turn:
        match place:
            case LetterList():
                return _in_list(journey, place, touch)
            case LetterOpen():
                return _in_letter(journey, place, touch)
            case LetterWriting():
                return _in_writing(journey, place, touch)
            case LetterSent():
                return go(journey, LetterList()) if touch.target == "done" else stay(journey)

    def waited(self, journey: Journey, place: Place, at: Stamp) -> Turn:
        return go(journey, Home()) if at.monotonic_ms >= self.alarm_ms(journey, place) else stay(journey)

    def alarm_ms(self, journey: Journey, place: Place) -> int:
        return journey.touched_ms + LEFT_MS

    def view(self, journey: Journey, place: Place, words: Words, now: Stamp) -> View:
        match place:
            case LetterList(page):
                return _list(journey, page, words, now)
            case LetterOpen():
                return _letter(journey, place, words, now)
            case LetterWriting():
                return _writing(journey, place, words)
            case LetterSent(message):
                return _sent(journey, message, words)


# What is done


def _in_list(journey: Journey, place: LetterList, touch: Touched) -> Turn:
    name, _, rest = touch.target.partition(":")
    match name:
        case "letter":
            return _open(journey, rest, touch.at)
        case "write" if _may_write(journey):
            return go(journey, _begun(journey, None))
        case "more":
            return go(journey, LetterList(place.page + 1))
        case "back":
            return go(journey, Home())
        case _:
            return stay(journey)


def _in_letter(journey: Journey, place: LetterOpen, touch: Touched) -> Turn:
    name, _, rest = touch.target.partition(":")
    found = _found(journey, place.message)
    match name:
        case "continue":
            return _turned(journey, replace(place, page=place.page + 1), touch.at)
        case "back":
            return go(journey, replace(place, page=place.page - 1) if place.page else LetterList())
        case "write" if _may_write(journey) and isinstance(found, Received):
            return go(journey, _begun(journey, found.message.message))
        case "reply" if _may_write(journey) and isinstance(found, Received) and rest.isdecimal():
            return _replied(journey, found.message, int(rest))
        case _:
            return stay(journey)


def _open(journey: Journey, message: str, at: Stamp) -> Turn:
    return _turned(journey, LetterOpen(message), at) if _found(journey, message) else go(journey, LetterList())


def _turned(journey: Journey, place: LetterOpen, at: Stamp) -> Turn:
    """One page on; beyond the last one back to the list. At the last one the team is told that it was opened."""
    found = _found(journey, place.message)
    pages = _pages(found, journey)
    if found is None or place.page >= len(pages):
        return go(journey, LetterList())
    if not isinstance(found, Received) or found.opened or place.page + 1 < len(_paragraphs(found.message)):
        return go(journey, place)
    report = MessageOpened(message=place.message, opened=at)
    return go(_with_opened(journey, place.message), place, reports=(report,))


def _replied(journey: Journey, message: MessageToPatient, number: int) -> Turn:
    """A ready answer is put where one writes, and sent from there: one touch alone sends nothing."""
    if number >= len(message.replies):
        return stay(journey)
    begun = _begun(journey, message.message)
    text = " ".join(filter(None, (begun.text.strip(), message.replies[number])))[:MESSAGE_MAX]
    return _noted(journey, replace(begun, text=text))


def _in_writing(journey: Journey, place: LetterWriting, touch: Touched) -> Turn:
    name, _, rest = touch.target.partition(":")
    match name:
        case "key":
            text, layer = typed(place.text, place.layer, rest, MESSAGE_MAX)
            return _noted(journey, replace(place, text=text, layer=layer))
        case "phrase":
            text = with_phrase(place.text, journey.phrases.letter, rest, MESSAGE_MAX)
            return _noted(journey, replace(place, text=text, phrases=False))
        case "more":
            return go(journey, replace(place, phrases=not place.phrases))
        case "back":
            return go(journey, LetterList())
        case "send" if place.text.strip():
            return _sent_off(journey, place, touch.at)
        case _:
            return stay(journey)


def with_phrase(text: str, phrases: tuple[str, ...], number: str, length_max: int) -> str:
    """The words so far, and a ready phrase after them."""
    if not number.isdecimal() or int(number) >= len(phrases):
        return text
    return " ".join(filter(None, (text.rstrip(), phrases[int(number)])))[:length_max]


def _noted(journey: Journey, place: LetterWriting) -> Turn:
    """On the disk within a second, so that a power cut takes nothing that was written."""
    if journey.plan is None:
        return stay(journey)
    note = Writing(journey.plan.patient.id, "letter", place.text, place.reply_to)
    return replace(go(with_writing(journey, note), place), notes=(note,))


def _sent_off(journey: Journey, place: LetterWriting, at: Stamp) -> Turn:
    if journey.plan is None or not _may_write(journey):
        return stay(journey)
    journey, name = new_name(journey)
    report = MessageFromPatient(message=name, text=place.text.strip(), written=at, reply_to=place.reply_to)
    assert journey.plan is not None  # noqa: S101  # the same plan, for the type checker
    nothing = Writing(journey.plan.patient.id)  # noted too: its last letters may wait to be written
    return replace(go(with_writing(journey, nothing), LetterSent(name), reports=(report,)), notes=(nothing,))


def with_writing(journey: Journey, note: Writing) -> Journey:
    """The journey that knows what was written, until the next start without asking the disk."""
    letters = journey.letters or Letters(note.patient)
    others = tuple(one for one in letters.writings if one.about != note.about)
    return replace(journey, letters=replace(letters, writings=(*others, *((note,) if note.text else ()))))


def begun(journey: Journey, about: str) -> Writing | None:
    """What the person has begun to write."""
    return next((one for one in (journey.letters.writings if journey.letters else ()) if one.about == about), None)


def _begun(journey: Journey, reply_to: str | None) -> LetterWriting:
    kept = begun(journey, "letter")
    return LetterWriting(kept.text, reply_to or kept.reply_to) if kept else LetterWriting(reply_to=reply_to)


def _with_opened(journey: Journey, message: str) -> Journey:
    letters = journey.letters
    if letters is None:
        return journey
    received = tuple(replace(one, opened=True) if one.message.message == message else one for one in letters.received)
    return replace(journey, letters=replace(letters, received=received))


def _unread(journey: Journey) -> list[MessageToPatient]:
    return [one.message for one in _received(journey) if not one.opened]


def _received(journey: Journey) -> tuple[Received, ...]:
    return journey.letters.received if journey.letters else ()


def _found(journey: Journey, message: str) -> Received | SentLetter | None:
    letters = journey.letters
    if letters is None:
        return None
    received = next((one for one in letters.received if one.message.message == message), None)
    return received or next((one for one in letters.sent if one.message == message), None)


def _may_write(journey: Journey) -> bool:
    return journey.plan is not None and journey.plan.messages


# What is shown


def _pages(found: Received | SentLetter | None, journey: Journey) -> tuple[str, ...]:
    """The paragraphs; after them an empty one where ready answers are chosen."""
    match found:
        case Received(message):
            return (*_paragraphs(message), *(("",) if message.replies and _may_write(journey) else ()))
        case SentLetter(text=text):
            return _cut(text)
        case _:
            return ()


def _paragraphs(message: MessageToPatient) -> tuple[str, ...]:
    """One a screen; a long one is more than the 7-inch panel holds, and takes two."""
    return tuple(part for paragraph in message.text for part in _cut(paragraph))


def _cut(text: str) -> tuple[str, ...]:
    """Words in screens, between words where it can be."""
    pages: list[str] = []
    while len(text) > PAGE_MAX:
        space = text.rfind(" ", PAGE_MAX // 2, PAGE_MAX)
        end = space if space > 0 else PAGE_MAX
        pages.append(text[:end])
        text = text[end:].lstrip()
    return (*pages, text)


def _list(journey: Journey, page: int, words: Words, now: Stamp) -> LettersView:
    said = words.letters
    lines = _lines(journey, words, now)
    more, shown = "", lines
    if len(lines) > A_SCREEN:
        first = page % -(-len(lines) // A_SCREEN) * A_SCREEN
        more, shown = said.more, lines[first : first + A_SCREEN]
    return LettersView(
        title=said.title,
        letters=shown,
        write=said.write if _may_write(journey) else "",
        back=words.home,
        more=more,
        empty="" if lines else said.empty,
    )


def _lines(journey: Journey, words: Words, now: Stamp) -> tuple[LetterLine, ...]:
    """The newest first. What was written here while the clock was not to be trusted stands before all: it is of now."""
    letters = journey.letters or Letters("")
    received = [(one.message.sent_ms, 0, _line_of(journey, one, words, now)) for one in letters.received]
    sent = [(_written_ms(one), one.order, _own_line(journey, one, words, now)) for one in letters.sent]
    return tuple(line for *_, line in sorted(received + sent, key=lambda one: one[:2], reverse=True))


def _written_ms(letter: SentLetter) -> float:
    return math.inf if letter.written_ms is None else letter.written_ms


def _line_of(journey: Journey, one: Received, words: Words, now: Stamp) -> LetterLine:
    message = one.message
    when = _when(journey, message.sent_ms, words, now)
    return LetterLine(
        f"letter:{message.message}", _who(message), when, _excerpt(message.text[0]), unread=not one.opened
    )


def _own_line(journey: Journey, one: SentLetter, words: Words, now: Stamp) -> LetterLine:
    when = _when(journey, one.written_ms, words, now)
    return LetterLine(
        f"letter:{one.message}", words.letters.mine, when, _excerpt(one.text), mine=True, state=_state(one, words)
    )


def _letter(journey: Journey, place: LetterOpen, words: Words, now: Stamp) -> View:
    found, said = _found(journey, place.message), words.letters
    pages = _pages(found, journey)
    if found is None or place.page >= len(pages):
        return _list(journey, 0, words, now)
    own = isinstance(found, SentLetter)
    choosing = isinstance(found, Received) and place.page == len(_paragraphs(found.message))
    last = place.page + 1 == len(pages)
    return LetterView(
        who=said.mine if isinstance(found, SentLetter) else _who(found.message),
        when=_when(journey, found.written_ms if isinstance(found, SentLetter) else found.message.sent_ms, words, now),
        paragraph=said.what_reply if choosing else pages[place.page],
        page=place.page + 1,
        pages=len(pages),
        go_on=words.decline if choosing else words.done if last else words.go_on,
        back=words.back,
        replies=found.message.replies if choosing and isinstance(found, Received) else (),
        reply=(said.write if choosing else said.reply) if last and not own and _may_write(journey) else "",
        state=_state(found, words) if isinstance(found, SentLetter) else "",
    )


def _writing(journey: Journey, place: LetterWriting, words: Words) -> WritingView:
    said = words.letters
    return WritingView(
        title=said.reply if place.reply_to else said.write,
        text=place.text,
        placeholder=said.placeholder,
        layer=place.layer,
        warning=warning(journey, words),
        send=said.send,
        back=words.back,
        phrases_label=said.keyboard if place.phrases else said.phrases_label,
        phrases=journey.phrases.letter,
        phrases_shown=place.phrases,
    )


def warning(journey: Journey, words: Words) -> str:
    """The same in few words: it stands over the keyboard of the smallest panel, and is never cut."""
    at_home = journey.plan is not None and journey.plan.place == "home"
    return words.letters.warning_home if at_home else words.letters.warning


def urgent(journey: Journey, words: Words) -> str:
    """That nobody reads it at once, and what to do when it is urgent, by where the person is."""
    at_home = journey.plan is not None and journey.plan.place == "home"
    return words.letters.urgent_home if at_home else words.letters.urgent


def _sent(journey: Journey, message: str, words: Words) -> NoticeView:
    found = _found(journey, message)
    state = _state(found, words) if isinstance(found, SentLetter) else words.letters.pending
    return NoticeView(words.letters.kept, (state, urgent(journey, words)), words.done)


def _state(letter: SentLetter, words: Words) -> str:
    """The truth: kept here alone, in the record, read by whom. « In the record » is never worded as read."""
    said = words.letters
    if letter.reader:
        return said.read_by.format(reader=letter.reader)
    return {"pending": said.pending, "in_record": said.arrived, "held": said.held}[letter.truth]


def _who(message: MessageToPatient) -> str:
    return f"{message.sender.given}, {message.sender.role}"


def _excerpt(text: str) -> str:
    return text if len(text) <= EXCERPT_MAX else text[: EXCERPT_MAX - 1].rstrip() + "…"


def _when(journey: Journey, wall_ms: int | None, words: Words, now: Stamp) -> str:
    """« aujourd’hui », « hier », « le 21 novembre » by the clock on the wall; nothing where no clock was sure."""
    if wall_ms is None or journey.plan is None:
        return ""
    zone = ZoneInfo(journey.plan.time_zone)
    day = datetime.fromtimestamp(wall_ms / 1000, UTC).astimezone(zone).date()
    today = datetime.fromtimestamp(now.wall_ms / 1000, UTC).astimezone(zone).date()
    if now.trusted and 0 <= (today - day).days <= 1:
        return words.letters.today if today == day else words.letters.yesterday
    return words.letters.on_day.format(day=day.day, month=words.letters.months[day.month - 1])
