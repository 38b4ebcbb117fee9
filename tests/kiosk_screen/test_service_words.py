"""Words of the service screens and honest lines find room on both panels, in both languages."""

import itertools
from collections.abc import Iterator

import pytest

from kiosk.journey.chapters.selftest import STANDS_ON
from kiosk.journey.places.service import POINTS
from kiosk.journey.views import (
    Banner,
    ConfirmStopView,
    FindingLine,
    HomeView,
    LevelView,
    NoticeView,
    SelfTestView,
    ServiceView,
    Tile,
    TouchTestView,
    View,
    WhoView,
)
from kiosk.screen.painter import laid_out
from kiosk.words import Words, load

SIZES = ((1280, 800), (800, 480))


def views(words: Words) -> Iterator[View]:
    said = words.service
    link = (Tile("service", said.link, "", "service"),)
    silent = said.banner_silent.format(since=said.hours.format(span_count=47))
    for banner in (said.banner_full, said.banner_no_sound, said.banner_clock, silent):
        care = Tile("care:x", "Soin", "1", "sleep")
        yield HomeView("Bonjour", words.home_rest, (care,), words.help, banner=Banner(banner), links=link)
    for notice in said.no_plan.values():
        yield HomeView(notice.title, " ".join(notice.lines), (), words.help, links=link)
    for ask, elsewhere in itertools.product(said.ask.values(), ("box-file", "room")):  # one line for both
        checks = {name: label for name, label in said.checks.items() if name != elsewhere}
        found = tuple(FindingLine(label, "failed", said.remedies[name]) for name, label in checks.items())
        yield SelfTestView(said.test_title, found, ask, said.yes, said.fails, words.back)
    yield from ill_alone(words)
    yield SelfTestView(said.test_running, (), "", said.yes, said.no, words.back)
    yield TouchTestView(said.touch_points, POINTS, said.skip)
    wrong = tuple(line.format(line=9999) for line in said.no_pin_wrong_lines)
    for without in (said.no_pin_lines, said.no_pin_card_lines, wrong, said.no_pin_unread_lines):
        yield NoticeView(said.no_pin, without, words.done)
    for reckoned in (said.level_from.format(headphones="Casque fermé HD 200 Pro"), said.level_unmeasured):
        lines = (*said.level_lines, reckoned)
        yield LevelView(said.level, lines, said.level_dba.format(level=70), words.softer, words.louder, words.done)
    for cause in (*said.causes.values(), said.cause_other):
        longest = words.notice["sound-lost"]
        yield NoticeView(longest.title, longest.lines, words.done, "", said.for_staff.format(cause=cause), words.help)
    name = "Madame de La Rochefoucauld"
    yield ConfirmStopView(said.died.format(name=name), said.died_detail, said.died_yes, said.died_no)
    yield ConfirmStopView(said.died_again.format(name=name), said.died_again_detail, said.died_yes, said.died_no)
    yield menu(words)
    people = tuple(Tile(f"person:{n}", name, "", "person") for n in range(6))
    yield WhoView(words.people.who, words.people.who_detail, people, words.help, words.people.more, said.link)


def ill_alone(words: Words) -> Iterator[View]:
    """Each remedy beneath the whole list: what to do is told of the first check that is ill."""
    said = words.service
    ill = [(name, said.remedies[name]) for name in said.checks]
    ill += [(line, said.remedies[check]) for check, line in STANDS_ON.items()]
    ill += [("room", told) for told in said.full_of.values()]
    ill += [("disk", said.key_known), ("link", said.remedy_other)]
    for name, told in ill:
        elsewhere = "room" if name == "box-file" else "box-file"  # one line for both
        found = tuple(
            FindingLine(label, "failed" if check == name else "fine", told if check == name else "")
            for check, label in said.checks.items()
            if check != elsewhere
        )
        for question in (said.ask["sound"], said.keep):
            yield SelfTestView(said.test_title, found, question, said.yes, said.fails, words.back)


def menu(words: Words) -> ServiceView:
    said = words.service
    lines = (
        said.box.format(box="chambre-12-gauche", version="0.1.0"),
        said.answered_unknown,
        said.waiting.format(waiting=12345),
        said.clock_unsure,
        said.room.format(room=120_000),
        said.headphones.format(headphones="Casque fermé HD 200 Pro"),
    )
    titles = (said.test, said.level, said.training_end, said.death, said.restart)
    return ServiceView(said.menu, lines, tuple(Tile(t, t, "", "service") for t in titles), said.leave)


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("size", SIZES)
def test_every_word_has_room(language: str, size: tuple[int, int]) -> None:
    for view in views(load(language)):
        cut = [piece.cut for piece in laid_out(view, size).pieces if piece.cut]
        assert not cut, f"{type(view).__name__}: {cut}"
