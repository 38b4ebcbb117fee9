"""What the clinic writes, at the limits of its words: shown whole on both panels, or refused where it is written."""

from dataclasses import replace

import pytest
from msgspec import structs

from clinic.correspondence.messaging import PARAGRAPH_MAX, REPLIES_MAX, REPLY_MAX
from clinic.plans.plan_draft import TITLE_MAX
from kiosk.journey.events import LettersTold
from kiosk.journey.letters import Letters, Received
from kiosk.journey.views import ChoosingView, HomeView, LetterView
from kiosk.screen.painter import Painter
from mqtt_bridge.contract.care import CarePlan
from mqtt_bridge.contract.correspondence import MessageToPatient
from mqtt_bridge.contract.identity import Practitioner
from mqtt_bridge.contract.report import MessageOpened
from tests.support.journey import Walker
from tests.support.words_of_care import NOW_MS, plan

SIZES = ((800, 480), (1280, 800))
SAID = (
    "Relaxation profonde : la rivière et la forêt, pour le soir, la nuit et les moments difficiles.",
    "Séance d’apaisement pendant un soin douloureux, avec respiration guidée et musique très douce.",
    "Comment allez-vous depuis le début de votre nouveau traitement contre les douleurs du dos ?",
)
LONG = (" ".join(SAID) * 3)[:PARAGRAPH_MAX].strip()


def words(number: int, most: int) -> str:
    return SAID[number % len(SAID)][:most].strip()


def with_message(text: tuple[str, ...]) -> Walker:
    replies = tuple(words(n, REPLY_MAX) for n in range(REPLIES_MAX))
    claire = Practitioner(given="Claire", role="infirmière")
    told = MessageToPatient(message="m1", patient="martin", sender=claire, sent_ms=NOW_MS, text=text, replies=replies)
    walker = Walker(structs.replace(plan(), messages=True))
    walker.feel(LettersTold(walker.clock(), Letters("martin", received=(Received(told),))))
    return walker


@pytest.mark.parametrize("size", SIZES)
def test_a_message_at_its_limits_is_read_whole(size: tuple[int, int]) -> None:
    walker, painter, read = with_message((LONG, "Deux.", LONG)), Painter(size), list[str]()
    walker.touch("letters:m1")
    while isinstance(walker.view, LetterView) and not walker.view.replies:
        assert painter.paint(walker.view).cut == ()
        read.append(walker.view.paragraph)
        opened = [one for one in walker.told if isinstance(one, MessageOpened)]
        assert bool(opened) == (" ".join(read) == f"{LONG} Deux. {LONG}"), "opened is told at the end, and not before"
        walker.touch("continue")
    assert isinstance(walker.view, LetterView)
    assert len(walker.view.replies) == REPLIES_MAX
    assert painter.paint(walker.view).cut == ()


def with_cares(count: int) -> CarePlan:
    first = plan().activity[0]
    cares = tuple(structs.replace(first, id=f"soin-{n}", title=words(n, TITLE_MAX)) for n in range(count))
    return structs.replace(plan(), activity=cares)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("count", [1, 2, 3, 40])
def test_every_care_of_a_plan_is_shown_with_its_whole_name(count: int, size: tuple[int, int]) -> None:
    walker, painter = Walker(with_cares(count)), Painter(size)
    assert isinstance(walker.view, HomeView)
    assert painter.paint(walker.view).cut == ()
    found = {tile.target for tile in walker.view.tiles if tile.target.startswith("care:")}
    if count > 3:
        walker.touch("choose")
    for _ in range(count):
        if isinstance(walker.view, ChoosingView):
            assert painter.paint(walker.view).cut == ()
            found |= {tile.target for tile in walker.view.tiles if tile.target.startswith("care:")}
            walker.touch("more")
    assert found == {f"care:soin-{n}" for n in range(count)}


@pytest.mark.parametrize("name", ["مريم بنت علي", "מרים", "👵🏽 Zoé", "Nguyễn Thị Hương", "<b>Jeanne</b> {name}"])
@pytest.mark.parametrize("size", SIZES)
def test_every_name_is_greeted(name: str, size: tuple[int, int]) -> None:
    told = structs.replace(plan(), patient=structs.replace(plan().patient, address_as=name))
    walker = Walker(told)
    assert isinstance(walker.view, HomeView)
    assert name in walker.view.greeting
    drawn = Painter(size).paint(walker.view)
    assert drawn.cut == ()
    plain = Painter(size).paint(replace(walker.view, greeting=walker.view.greeting.replace(name, "")))
    assert drawn.surface.get_view("2").raw != plain.surface.get_view("2").raw
