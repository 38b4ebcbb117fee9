"""The colours of the night: when they are worn, and that every screen has them."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from msgspec import structs

from kiosk.journey.nightfall import is_night
from kiosk.journey.views import Frame
from kiosk.screen import gallery, theme
from kiosk.screen.painter import Painter
from kiosk.screen.theme import PANELS, Panel, rgb
from mqtt_bridge.contract.identity import Period
from tests.support.journey import Walker
from tests.support.words_of_care import ManualClock, plan, request

PARIS = ZoneInfo("Europe/Paris")
DARK_MAX = 0.16
"""Mean luminance of a screen by night; by day it is above 0.5."""


def at(hour: int, minute: int = 0) -> ManualClock:
    here = datetime(2027, 3, 14, hour, minute, tzinfo=PARIS)
    return ManualClock(wall_ms=round(here.timestamp() * 1000))


def walker() -> Walker:
    day_ms = round(timedelta(days=800).total_seconds() * 1000)
    long = structs.replace(plan(request(kind="sleep")), period=Period(start_ms=0, end_ms=at(12).wall_ms + day_ms))
    return Walker(long)


@pytest.mark.parametrize(("hour", "minute", "night"), [(21, 29, False), (21, 30, True), (3, 0, True), (6, 30, False)])
def test_night_by_the_clock_where_the_box_stands(hour: int, minute: int, *, night: bool) -> None:
    assert is_night(walker().journey, at(hour, minute)()) is night


def test_an_uncertain_clock_makes_no_night() -> None:
    clock = at(3)
    clock.trusted = False
    assert not is_night(walker().journey, clock())


def test_after_a_sleep_care_the_questions_are_dark() -> None:
    box = walker()
    noon = at(12)()
    box.to_playing()
    box.sound("ended", 60, "heard_whole")
    box.wait_ms(100)
    assert is_night(box.journey, noon)


@pytest.mark.parametrize("panel", PANELS)
@pytest.mark.parametrize("name", gallery.VIEWS)
def test_every_screen_is_dark_by_night(name: str, panel: Panel) -> None:
    page = Painter(panel.size).paint(gallery.VIEWS[name], None, Frame(night=True)).surface
    colours = [page.get_at((x, y)) for x in range(8, panel.width_px, 37) for y in range(8, panel.height_px, 31)]
    lights = [theme.luminance(theme.hexed(*tuple(colour)[:3])) for colour in colours]
    assert sum(lights) / len(lights) < DARK_MAX


def test_by_day_a_page_is_paper() -> None:
    assert tuple(Painter((800, 480)).paint(gallery.HOME).surface.get_at((4, 4)))[:3] == rgb(theme.PAPER)
