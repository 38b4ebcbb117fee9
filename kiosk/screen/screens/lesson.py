"""A page of a lesson: its picture, its heading, its words."""

from kiosk.journey.views import LessonView
from kiosk.screen.screens import reading
from kiosk.screen.sheet import Sheet
from kiosk.screen.theme import Panel


def sheet(view: LessonView, panel: Panel, pressed: str | None) -> Sheet:
    words = (view.title, view.heading, view.text, view.picture)
    return reading.sheet(reading.Reading(*words, view.page, view.pages, view.go_on, view.back), panel, pressed)
