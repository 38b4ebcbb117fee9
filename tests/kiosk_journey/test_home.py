"""Home: what is due now leads, three large tiles at most, and a greeting that copes with an uncertain clock."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from msgspec import structs

from kiosk.journey import home
from kiosk.journey.views import ChoosingView, HomeView, Tile
from mqtt_bridge.contract.care import Pharmacy
from mqtt_bridge.contract.teaching import Education, Page
from tests.support.journey import WORDS, Walker
from tests.support.words_of_care import plan, request


def greeting(hour: int, *, trusted: bool = True) -> str:
    walker = Walker()
    local = datetime(2027, 1, 15, hour, 0, tzinfo=ZoneInfo("Europe/Paris"))
    walker.clock.wall_ms, walker.clock.trusted = round(local.timestamp() * 1000), trusted
    view = walker.view
    assert isinstance(view, HomeView)
    return view.greeting


@pytest.mark.parametrize(("hour", "word"), [(5, "Bonjour"), (17, "Bonjour"), (18, "Bonsoir"), (2, "Bonsoir")])
def test_the_greeting_follows_the_hour(hour: int, word: str) -> None:
    assert greeting(hour) == f"{word} Madame Martin"


def test_an_uncertain_hour_is_greeted_with_what_is_always_right() -> None:
    assert greeting(22, trusted=False) == "Bonjour Madame Martin"


def test_nothing_due_is_a_restful_screen() -> None:
    walker = Walker(structs.replace(plan(), activity=()))
    view = walker.view
    assert isinstance(view, HomeView)
    assert view.tiles == ()
    assert view.subtitle == WORDS.home_rest
    assert view.help


def care(n: int, *, asleep: bool = False) -> Tile:
    return Tile(f"care:{n}", f"Soin {n}", "", "relaxation", asleep=asleep)


def due(n: int) -> Tile:
    return Tile(f"form:{n}", f"Questions {n}", "", "question")


@pytest.mark.parametrize(
    ("cares", "others", "shown"),
    [
        ([care(0)], [due(0), due(1)], ["care:0", "form:0", "form:1"]),
        ([care(0)], [due(0), due(1), due(2)], ["care:0", "form:0", "choose:others"]),
        ([care(0), care(1)], [due(0)], ["care:0", "care:1", "form:0"]),
        ([care(0), care(1)], [due(0), due(1)], ["choose", "form:0", "form:1"]),
        ([care(0), care(1), care(2), care(3)], [due(n) for n in range(9)], ["choose", "form:0", "choose:others"]),
        ([], [due(n) for n in range(4)], ["form:0", "form:1", "choose:others"]),
        ([care(0, asleep=True)], [due(0)], ["form:0", "care:0"]),
        ([care(0), care(1, asleep=True)], [due(0)], ["care:0", "form:0", "care:1"]),
        ([care(0, asleep=True), care(1, asleep=True)], [due(0), due(1)], ["form:0", "form:1", "choose"]),
        ([care(n, asleep=True) for n in range(4)], [], ["choose"]),
    ],
)
def test_three_tiles_at_most_and_nothing_is_lost(cares: list[Tile], others: list[Tile], shown: list[str]) -> None:
    tiles = home.gathered(tuple(cares), tuple(others), WORDS)
    assert [tile.target for tile in tiles] == shown
    for kind, tile in (("care", cares), ("form", others)):
        behind = "choose" if kind == "care" else "choose:others"
        assert all(one.target in shown or behind in shown for one in tile)


def test_every_combination_keeps_all_within_reach() -> None:
    for awake in range(6):
        for asleep in range(6):
            for others in range(6):
                cares = (*(care(n) for n in range(awake)), *(care(9 + n, asleep=True) for n in range(asleep)))
                shown = [one.target for one in home.gathered(cares, tuple(due(n) for n in range(others)), WORDS)]
                assert len(shown) <= home.TILES_MAX
                assert "choose" in shown or {one.target for one in cares} <= set(shown)
                assert "choose:others" in shown or {f"form:{n}" for n in range(others)} <= set(shown)


def test_the_others_have_a_screen_of_their_own() -> None:
    walker = Walker()
    walker.touch("choose:others")
    view = walker.view
    assert isinstance(view, ChoosingView)
    assert view.title == "Autre chose pour vous"
    walker.touch("back")
    assert walker.screen == "HomeView"


def test_behind_autre_chose_stands_what_home_counts_and_nothing_that_home_shows() -> None:
    pages = (Page(heading="Bien dormir", text="Le soir, éteignez les écrans."),)
    lessons = tuple(Education(id=f"l{n}", version=1, title=f"Leçon {n}", pages=pages) for n in range(4))
    walker = Walker(structs.replace(plan(), education=lessons))
    at_home = walker.view
    assert isinstance(at_home, HomeView)
    shown, counted = {tile.target for tile in at_home.tiles}, at_home.tiles[-1]
    assert (counted.target, counted.subtitle) == ("choose:others", WORDS.greeting.others_detail.format(count=3))
    walker.touch("choose:others")
    behind = walker.view
    assert isinstance(behind, ChoosingView)
    assert len(behind.tiles) == 3
    assert not shown & {tile.target for tile in behind.tiles}


def test_paging_stays_among_the_cares() -> None:
    walker = Walker(plan(*(request(f"soin-{n}") for n in range(9))))
    walker.touch("choose")
    walker.touch("more")
    view = walker.view
    assert isinstance(view, ChoosingView)
    assert [tile.target for tile in view.tiles][:2] == ["care:soin-5", "care:soin-6"]


def test_every_link_is_reached_from_home_however_many_there_are() -> None:
    """Medicines had no place any more once a lesson was read or a code was given."""
    everything = structs.replace(plan(), messages=True, pharmacy=Pharmacy(name="Pharmacie du Marché"))
    walker = Walker(everything)
    walker.journey = replace(walker.journey, proven=True)
    view = walker.view
    assert isinstance(view, HomeView)
    assert [link.target for link in view.links] == ["letters", "choose:links", "people", "service"]
    walker.touch("choose:links")
    behind = walker.view
    assert isinstance(behind, ChoosingView)
    assert [tile.target for tile in behind.tiles] == ["delivery", "garden"]
    walker.touch("delivery")
    assert walker.screen == "DeliveryView"
