"""The explanation and the advice, one paragraph at a time; beside the advice, a picture of what it speaks of."""

from kiosk.journey.views import TextView
from kiosk.screen.pictograms.advice import picture_of
from kiosk.screen.screens import reading
from kiosk.screen.sheet import Sheet
from kiosk.screen.theme import Panel


def sheet(view: TextView, panel: Panel, pressed: str | None) -> Sheet:
    picture = picture_of(view.paragraph)
    words = (view.title, view.heading, view.paragraph, picture)
    return reading.sheet(reading.Reading(*words, view.page, view.pages, view.go_on, view.back), panel, pressed)
