"""docs/gallery shows what the code draws today, in small files, with a caption for each screen."""

from dataclasses import replace
from itertools import product
from pathlib import Path

import pygame
import pytest

from kiosk.screen import gallery, pictograms
from kiosk.screen.gallery import pages, small_png
from kiosk.screen.pictograms.advice import picture_of
from kiosk.screen.port import ScreenError

DOCS = Path(__file__).parents[2] / "docs" / "gallery"
LEVELS_MAX = 20
"""By how much a cell of 8 by 8 pixels may differ, of 255: the palette of a small file, never a letter."""
KINDS = {type(sample.view): name for name, sample in gallery.samples().items()}
HELD = [(name, pages.IN_DOCS[0]) for name in gallery.samples()]
HELD += list(product(KINDS.values(), pages.IN_DOCS[1:]))


@pytest.mark.parametrize(("name", "way"), [pytest.param(*one, id=f"{one[0]}-{one[1].name}") for one in HELD])
def test_a_picture_is_what_is_drawn_today(name: str, way: pages.Way) -> None:
    held = pygame.image.load(DOCS / way.name / f"{name}.png")
    assert unlike(held, pages.drawn(name, way)) <= LEVELS_MAX, f"{name}, {way.name}: run `make gallery` and look at it"


def unlike(one: pygame.Surface, other: pygame.Surface) -> int:
    """By how much the most different cells differ, in levels."""
    assert one.get_size() == other.get_size()
    return max(abs(a - b) for a, b in zip(cells(one), cells(other), strict=True))


def cells(surface: pygame.Surface) -> bytes:
    wide, tall = surface.get_size()
    plain = pygame.Surface((wide, tall), 0, 24)
    plain.blit(surface, (0, 0))
    return pygame.image.tobytes(pygame.transform.smoothscale(plain, (wide // 8, tall // 8)), "RGB")


def test_one_other_letter_is_another_picture() -> None:
    way = pages.IN_DOCS[0]
    frame = pages.frame_of(gallery.HOME, way)
    other = replace(gallery.HOME, subtitle=gallery.HOME.subtitle.replace("vous", "voux"), record="", read="")
    same = replace(gallery.HOME, record="", read="")
    assert unlike(*(gallery.draw(view, way.size, frame=frame) for view in (same, other))) > LEVELS_MAX


def test_the_page_names_every_screen_and_stays_small() -> None:
    assert (DOCS / "README.md").read_text(encoding="utf-8") == pages.index()
    files = [one for one in DOCS.rglob("*") if one.is_file()]
    wanted = {DOCS / way.name / f"{name}.png" for way in pages.IN_DOCS for name in gallery.samples()}
    assert set(files) == wanted | {DOCS / "README.md"}
    assert sum(one.stat().st_size for one in files) < pages.BYTES_MAX


def test_every_kind_of_screen_has_a_sample() -> None:
    from kiosk.screen.painter import SCREENS

    assert set(SCREENS) == set(KINDS)


def test_both_languages_have_the_same_screens_and_other_words() -> None:
    french, english = gallery.samples("fr"), gallery.samples("en")
    same = [name for name in french if french[name].view == english[name].view]
    assert list(french) == list(english)
    assert set(same) <= {"cone-long"}


def test_few_colours_are_kept_exactly(tmp_path: Path) -> None:
    surface = pygame.Surface((40, 20), 0, 32)
    surface.fill((250, 246, 238))
    surface.fill((14, 90, 99), (5, 5, 10, 10))
    (tmp_path / "a.png").write_bytes(small_png.encoded(surface))
    read = pygame.image.load(tmp_path / "a.png")
    assert [read.get_at(at)[:3] for at in ((0, 0), (7, 7), (39, 19))] == [
        (250, 246, 238),
        (14, 90, 99),
        (250, 246, 238),
    ]


def test_a_pictogram_that_is_not_drawn_is_refused_with_those_that_are() -> None:
    with pytest.raises(ScreenError, match="umbrella"):
        pictograms.drawn("dragon", 50)


def test_everything_that_the_contract_may_name_is_drawn() -> None:
    from typing import get_args

    from kiosk.journey.views import TileKind
    from mqtt_bridge.contract.teaching import Pictogram

    kinds = [name for one in get_args(TileKind) for name in (get_args(one) or (one,))]
    assert len(set(pictograms.CODES)) == 12
    assert {*kinds, *get_args(Pictogram), *pictograms.CODES, *pictograms.ADVICE} <= set(pictograms.names())


@pytest.mark.parametrize("one", pictograms.CODES)
def test_the_pictures_of_a_code_are_far_apart(one: str) -> None:
    shown = {name: cells(on_paper(name)) for name in pictograms.CODES}
    others = [sum(abs(a - b) for a, b in zip(shown[one], shown[other], strict=True)) for other in shown if other != one]
    assert min(others) / len(shown[one]) > 12


def on_paper(name: str) -> pygame.Surface:
    from kiosk.screen import vector

    surface = pygame.Surface((96, 96), 0, 32)
    surface.fill((250, 246, 238))
    surface.blit(vector.rasterised(96, 96, pictograms.drawn(name, 96)), (0, 0))
    return surface


@pytest.mark.parametrize(
    ("said", "picture"),
    [
        ("Mettez le casque sur vos oreilles.", "headphones"),
        ("Installez-vous dans votre fauteuil, puis mettez le casque.", "chair"),
        ("Allongez-vous. Baissez la lumière.", "bed"),
        ("Fermez la porte et coupez le téléphone.", "quiet"),
        ("Dim the light a little.", "light"),
        ("Respirez lentement.", ""),
    ],
)
def test_advice_is_shown_by_the_first_thing_that_it_speaks_of(said: str, picture: str) -> None:
    assert picture_of(said) == picture


def test_a_garden_of_years_is_as_cheap_as_one_of_a_month() -> None:
    from kiosk.screen.gallery.garden import grown
    from kiosk.screen.garden import Ground, picture

    ground = Ground(1280, 490, 260, 1224, 420, 42)
    month, years, life = (len(picture(grown(count), ground)) for count in (30, 1800, 30_000))
    assert years < 2.5 * month
    assert life < 1.1 * years
