"""Lessons (C3): prescribed like care; due until they were read to their end, then there to be read again."""

from dataclasses import replace

from kiosk.journey import occasions, people
from kiosk.journey.chapter import Chapter
from kiosk.journey.draft import Draft, is_recent
from kiosk.journey.events import Touched
from kiosk.journey.letters import Letters
from kiosk.journey.places.lessons import LessonList, LessonOpen
from kiosk.journey.state import Home, Journey
from kiosk.journey.turn import Turn, go, joined, reference_of, stay
from kiosk.journey.views import ChoosingView, LessonView, Tile, View
from kiosk.words import Words
from mqtt_bridge.contract.report import LessonRead
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.contract.teaching import Education

LEFT_MS = 10 * 60_000
"""A page of five hundred characters is read slowly; nobody touches it for so long: home."""
A_SCREEN = 5

Place = LessonList | LessonOpen


class LessonsChapter(Chapter[Place]):
    name = "lessons"
    drafts = ("lesson",)

    def tiles(self, journey: Journey, words: Words, now: Stamp) -> tuple[Tile, ...]:
        due = [one for one in _lessons(journey) if not _is_read(journey, one)]
        return tuple(Tile(f"lessons:{one.id}", one.title, words.lessons.to_read, "lesson") for one in due)

    def links(self, journey: Journey, words: Words, now: Stamp) -> tuple[Tile, ...]:
        read = [one for one in _lessons(journey) if _is_read(journey, one)]
        return (Tile("lessons", words.lessons.again, "", "lesson"),) if read else ()

    def entered(self, journey: Journey, rest: str, at: Stamp) -> Turn:
        return _opened(journey, rest, at) if rest else go(journey, LessonList())

    def touched(self, journey: Journey, place: Place, touch: Touched) -> Turn:
        if isinstance(place, LessonOpen):
            return _on_page(journey, place, touch)
        name, _, rest = touch.target.partition(":")
        if touch.target == "more":
            return go(journey, LessonList(place.page + 1))
        if touch.target == "back":
            return go(journey, Home())
        return _opened(journey, rest, touch.at) if name == "lessons" else stay(journey)

    def waited(self, journey: Journey, place: Place, at: Stamp) -> Turn:
        return self.left(journey, place, at) if at.monotonic_ms >= self.alarm_ms(journey, place) else stay(journey)

    def alarm_ms(self, journey: Journey, place: Place) -> int:
        return journey.touched_ms + LEFT_MS

    def draft(self, place: Place) -> Draft | None:
        """How far it was read is told even when the power goes."""
        if not isinstance(place, LessonOpen):
            return None
        return Draft(
            step="lesson",
            session=place.lesson.id,
            plan=place.plan,
            saved=place.opened,
            lesson=place.lesson,
            asked=place.opened,
            page=place.page,
            index=place.pages_read,
        )

    def returned(self, journey: Journey, draft: Draft, at: Stamp) -> Turn:
        """Go on at its page; after long, or in front of another person, what was read is told."""
        if draft.lesson is None:
            return go(journey, Home())
        place = LessonOpen(draft.lesson, draft.plan, draft.asked or draft.saved, draft.page, draft.index)
        same_person = people.in_front(journey) == draft.plan.patient
        if same_person and is_recent(draft, at):
            return go(journey, place)
        return _closed(journey, place, draft.saved)

    def left(self, journey: Journey, place: Place, at: Stamp) -> Turn:
        return _closed(journey, place, at) if isinstance(place, LessonOpen) else go(journey, Home())

    def view(self, journey: Journey, place: Place, words: Words, now: Stamp) -> View:
        return _page(place, words) if isinstance(place, LessonOpen) else _list(journey, place.page, words)


def _opened(journey: Journey, lesson_id: str, at: Stamp) -> Turn:
    lesson = next((one for one in _lessons(journey) if one.id == lesson_id), None)
    if lesson is None or journey.plan is None:
        return stay(journey)
    return go(journey, LessonOpen(lesson, reference_of(journey.plan), at))


def _on_page(journey: Journey, place: LessonOpen, touch: Touched) -> Turn:
    if touch.target == "back":
        return go(journey, replace(place, page=place.page - 1)) if place.page else _closed(journey, place, touch.at)
    if touch.target != "continue":
        return stay(journey)
    page = place.page + 1
    if page < len(place.lesson.pages):
        return go(journey, replace(place, page=page, pages_read=max(place.pages_read, page + 1)))
    return _finished(journey, place, touch.at)


def _finished(journey: Journey, place: LessonOpen, at: Stamp) -> Turn:
    """Read to its end. The first time, what was understood is asked."""
    first = not _is_read(journey, place.lesson)
    turn = _closed(journey, place, at)
    journey = _with_read(turn.journey, place.lesson)
    if not first or not _can_be_asked(journey, place.lesson):
        return replace(turn, journey=journey)
    return joined(turn, occasions.ask(journey, place.lesson, at))


def _can_be_asked(journey: Journey, lesson: Education) -> bool:
    """Whether the plan carries the lesson's read-back: another one may have come while it was read."""
    forms = journey.plan.questionnaires if journey.plan else ()
    return lesson.read_back in {form.canonical for form in forms}


def _closed(journey: Journey, place: LessonOpen, at: Stamp) -> Turn:
    """How far and for how long is told, however the lesson was left."""
    opened, lesson = place.opened, place.lesson
    read_ms = at.monotonic_ms - opened.monotonic_ms if opened.boot == at.boot else 0
    report = LessonRead(
        lesson=lesson.id,
        version=lesson.version,
        pages_read=place.pages_read,
        pages=len(lesson.pages),
        duration_s=read_ms / 1000,
        opened=opened,
    )
    return go(journey, Home(), reports=(report,))


def _with_read(journey: Journey, lesson: Education) -> Journey:
    if journey.plan is None:
        return journey
    letters = journey.letters or Letters(journey.plan.patient.id)
    return replace(journey, letters=replace(letters, lessons=(*letters.lessons, (lesson.id, lesson.version))))


def _lessons(journey: Journey) -> tuple[Education, ...]:
    return journey.plan.education if journey.plan and not journey.problem else ()


def _is_read(journey: Journey, lesson: Education) -> bool:
    """A new version is a new lesson."""
    return journey.letters is not None and (lesson.id, lesson.version) in journey.letters.lessons


def _list(journey: Journey, page: int, words: Words) -> ChoosingView:
    tiles = tuple(Tile(f"lessons:{one.id}", one.title, "", "lesson") for one in _lessons(journey))
    if len(tiles) > A_SCREEN + 1:
        first = page % -(-len(tiles) // A_SCREEN) * A_SCREEN
        tiles = (*tiles[first : first + A_SCREEN], Tile("more", words.lessons.more, "", "lesson"))
    return ChoosingView(words.lessons.again, tiles, words.home)


def _page(place: LessonOpen, words: Words) -> LessonView:
    page, pages = place.lesson.pages[place.page], len(place.lesson.pages)
    return LessonView(
        title=place.lesson.title,
        heading=page.heading,
        text=page.text,
        picture=page.picture or "",
        page=place.page + 1,
        pages=pages,
        go_on=words.go_on if place.page + 1 < pages else words.done,
        back=words.back if place.page else words.home,
    )
