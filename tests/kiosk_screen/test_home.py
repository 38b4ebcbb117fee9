"""Home under the longest honest lines that the box says of itself: nothing is cut, nothing gets too small to touch."""

from dataclasses import replace
from itertools import product

import pytest

from kiosk import words
from kiosk.journey.views import Banner, HomeView
from kiosk.screen import gallery
from kiosk.screen.painter import laid_out
from kiosk.screen.theme import PANELS, Panel

HOMES = [name for name, sample in gallery.samples().items() if isinstance(sample.view, HomeView)]
LANGUAGES = ("fr", "en")


def banners(language: str) -> tuple[str, ...]:
    said = words.load(language).service
    silent = said.banner_silent.format(since=said.days.format(span_count=400))
    return said.banner_full, said.banner_no_sound, silent, said.banner_clock


@pytest.mark.parametrize(("name", "language", "panel"), list(product(HOMES, LANGUAGES, PANELS)))
def test_an_honest_line_takes_no_word_from_home(name: str, language: str, panel: Panel) -> None:
    view = gallery.samples(language)[name].view
    assert isinstance(view, HomeView)
    for banner in banners(language):
        page = laid_out(replace(view, banner=Banner(banner)), panel.size)
        assert [piece.cut for piece in page.pieces if piece.cut] == [], banner
        assert all(target.rect.h >= panel.target_h for target in page.targets), banner


@pytest.mark.parametrize("panel", PANELS)
def test_what_sleeps_cannot_be_touched_and_says_when(panel: Panel) -> None:
    view = gallery.VIEWS["home-three"]
    assert isinstance(view, HomeView)
    asleep = next(tile for tile in view.tiles if tile.asleep)
    page = laid_out(view, panel.size)
    assert asleep.target not in [target.name for target in page.targets]
    assert {tile.target for tile in view.tiles if not tile.asleep} <= {target.name for target in page.targets}


@pytest.mark.parametrize("panel", PANELS)
def test_help_and_every_link_are_there_on_every_home(panel: Panel) -> None:
    for name in HOMES:
        view = gallery.VIEWS[name]
        assert isinstance(view, HomeView)
        wanted = {"help", *(link.target for link in view.links)}
        assert wanted <= {target.name for target in laid_out(view, panel.size).targets}
