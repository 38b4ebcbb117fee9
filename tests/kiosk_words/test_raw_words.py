"""Nobody reads a name of the code, or a word of the other language: on any screen, for any value that is shown."""

import ast
import dataclasses
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import get_args, get_type_hints

import msgspec
import pytest

from audio.hearing.calibration import UNCALIBRATED
from audio.player.protocol import Cause
from kiosk.journey.chapters.people import PICTURES
from kiosk.journey.chapters.selftest import ASKED, STANDS_ON
from kiosk.journey.events import Examined, Filler, PlanChanged, PlanProblem
from kiosk.journey.framing import LEVEL_CAUSES, not_offered
from kiosk.journey.loudness import NotOffered
from kiosk.journey.show import view_of
from kiosk.journey.state import Noticing, OwnCause
from kiosk.journey.views import NoticeView, View
from kiosk.screen.gallery import samples
from kiosk.shell import data_key, machine, selftest
from kiosk.words import LANGUAGES, Words, load
from mqtt_bridge.contract.correspondence import DeliveryState
from mqtt_bridge.contract.framing import NotYet
from mqtt_bridge.contract.report import Finding, StopReason
from tests.support.at_a_box import at_a_box, in_the_menu
from tests.support.journey import Walker
from tests.support.raw_words import code_names, raw, seen, vocabulary

SAID = load("fr")
OF_THE_PLAN = {"Madame Martin", "Relaxation"}
TOMORROW = "a-name-of-tomorrow"
"""What a newer player or self-test may say, for which there are no words yet."""
CAUSES = {*get_args(Cause), *get_args(OwnCause)} - {""}


def values(kind: type, field: str) -> set[str]:
    """What may stand in a field that is a Literal."""
    return set(get_args(get_type_hints(kind)[field]))


def checks() -> set[str]:
    """Every check of the self-test that the box makes by itself, as the code names it."""
    files = [Path(module.__file__ or "") for module in (selftest, machine)]
    calls = [node for file in files for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)]
    made = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id in ("Finding", "_tried")]
    names = {call.args[0].value for call in made if call.args and isinstance(call.args[0], ast.Constant)}
    return {name for name in names if isinstance(name, str)} - {"voice"}  # it is told as one of the packages


TABLES: dict[str, tuple[Collection[str], set[str]]] = {
    "service.no_plan": (SAID.service.no_plan, set(get_args(PlanProblem)) - {""}),
    "service.ask": (SAID.service.ask, set(ASKED) - {"touch"}),
    "service.checks": (SAID.service.checks, {*ASKED, *checks()} - set(STANDS_ON)),
    "service.remedies": (SAID.service.remedies, {*ASKED, *checks()}),
    "service.full_of": (SAID.service.full_of, set(get_args(Filler))),
    "service.causes": (SAID.service.causes, CAUSES),
    "stopped.reasons": (SAID.stopped.reasons, set(get_args(StopReason))),
    "framing.why": (SAID.framing.why, values(NotYet, "why")),
    "need.reasons": (SAID.need.reasons, {"strong-pain", "pain-risen"}),
    "delivery.told": (SAID.delivery.told, set(get_args(DeliveryState))),
    "aloud.pictures": (SAID.aloud.pictures, set(PICTURES)),
}
"""Words by a name of the code, and all the names that there are."""


@pytest.mark.parametrize("table", TABLES)
def test_every_name_has_words_and_no_words_are_of_a_name_that_is_gone(table: str) -> None:
    words, names = TABLES[table]
    assert set(words) == names


def test_every_table_of_words_is_held_to_its_names() -> None:
    found = {
        f"{chapter.name}.{field.name}"
        for chapter in msgspec.structs.fields(Words)
        if isinstance(chapter.type, type) and issubclass(chapter.type, msgspec.Struct)
        for field in msgspec.structs.fields(chapter.type)
        if getattr(field.type, "__origin__", None) is dict
    }
    assert found == set(TABLES), "a table of words by names needs its names in TABLES"


# What is drawn


def measured_or_not() -> Iterator[Walker]:
    for headphones in (UNCALIBRATED, "", "Superlux"):
        yield (walker := in_the_menu(headphones=headphones))
        walker.touch("level")
        yield walker


def without_a_pin() -> Iterator[Walker]:
    for state in ("", "absent", "used", "refused"):
        for line in (0, 7):
            walker = at_a_box(service="", box_file=state, box_file_line=line)
            walker.touch("service")
            yield walker


def without_a_plan() -> Iterator[Walker]:
    for problem in get_args(PlanProblem):
        walker = at_a_box()
        walker.feel(PlanChanged(walker.clock(), None, problem))
        yield walker


def examined() -> Iterator[Walker]:
    names = {*checks(), *(f"key-{kind}" for kind in data_key.KINDS), TOMORROW}
    for name in sorted(names):
        for fine in (True, False):
            hosts = {"disk", "room", STANDS_ON.get(name, name)} - {name, *ASKED}
            walker = in_the_menu()
            walker.touch("test")
            found = (*(Finding(check=host, fine=True) for host in hosts), Finding(check=name, fine=fine, told="none"))
            walker.feel(Examined(walker.clock(), found))
            yield walker


def full() -> Iterator[Walker]:
    for by in get_args(Filler):
        walker = in_the_menu()
        walker.touch("test")
        walker.feel(Examined(walker.clock(), (Finding(check="room", fine=False, told="none"),), by))
        yield walker


def failed() -> Iterator[Walker]:
    for cause in sorted({*CAUSES, TOMORROW}):
        for heard_s in (0, 4):
            walker = Walker()
            walker.to_playing()
            walker.sound("ended", heard_s, "failed", cause)
            yield walker


def not_now() -> Iterator[Walker]:
    for why in get_args(get_type_hints(NotYet)["why"]):
        yield noticing(Noticing("not-yet", not_yet=NotYet(why, in_s=4000.0)))
    for offered in get_args(get_type_hints(NotOffered)["why"]):
        yield noticing(not_offered(NotOffered(offered, 4_000_000)))


def noticing(place: Noticing) -> Walker:
    walker = Walker()
    walker.journey = dataclasses.replace(walker.journey, place=place)
    return walker


JOURNEYS: tuple[Callable[[], Iterator[Walker]], ...] = (
    measured_or_not,
    without_a_pin,
    without_a_plan,
    examined,
    full,
    failed,
    not_now,
)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("journeys", JOURNEYS)
def test_no_value_comes_on_a_screen_by_its_name(journeys: Callable[[], Iterator[Walker]], language: str) -> None:
    words = load(language)
    shown = 0
    for walker in journeys():
        texts = tuple(one for one in seen(view_of(walker.journey, words, walker.clock())) if one not in OF_THE_PLAN)
        assert raw(texts, language) == set(), texts
        assert not [one for one in texts if TOMORROW in one], texts
        shown += bool(texts)
    assert shown > 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_notice_is_drawn_with_its_code(language: str) -> None:
    words = load(language)
    for code, notice in words.notice.items():
        lines = tuple(line.format(when="") for line in notice.lines)
        assert raw(seen(NoticeView(notice.title, lines, "", code)), language) == set(), code


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", samples())
def test_no_screen_of_the_gallery_has_a_raw_word(name: str, language: str) -> None:
    view = samples(language)[name].view
    if samples("fr")[name].view != samples("en")[name].view:  # one sample is a plan's own French in both
        assert raw(seen(view), language) == set()


# That such words would be found


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("Casque : uncalibrated", "fr", {"uncalibrated"}),
        ("Pour le soignant : device-lost.", "fr", {"device-lost"}),
        ("Le soin, in_record", "fr", {"in_record"}),
        ("The care has stopped.", "fr", {"the", "care", "has", "stopped"}),
        ("Headphones: pas mesuré", "en", {"mesuré"}),
        ("For staff: device-lost.", "en", {"device-lost"}),
        ("Technicien : chevet-clinic enrol", "fr", set()),
        ("Demandez de l’aide à un soignant.", "fr", set()),
    ],
)
def test_raw_words_are_found(text: str, language: str, found: set[str]) -> None:
    assert raw((text,), language) == found


def test_both_languages_have_words_of_their_own_and_the_code_has_names() -> None:
    assert len(vocabulary("fr") - vocabulary("en")) > 300
    assert len(vocabulary("en") - vocabulary("fr")) > 200
    assert {"uncalibrated", "device-lost", "in_record", "sound-card"} <= code_names()


def test_what_is_drawn_is_what_is_read() -> None:
    view: View = NoticeView("Un titre", ("Une ligne.",), "Bien", "un-code", "dit aux soignants")
    assert set(seen(view)) == {"Un titre", "Une ligne.", "Bien", "dit aux soignants"}


def test_no_cause_of_a_level_is_forgotten() -> None:
    assert set(LEVEL_CAUSES) == values(NotOffered, "why") - {"week"}
