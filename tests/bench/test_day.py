"""A box's day, by invented shares."""

import pytest

from tests.bench import day
from tests.bench.day import Used, Walked

WALKED = Walked(whole_s=400.0, played_s=100.0)
USED = {
    "kiosk": Used(home=0.001, playing=0.011, walk_s=3.4),
    "player": Used(home=0.0, playing=0.005, walk_s=0.5),
    "link": Used(home=0.0005, playing=0.0004, walk_s=0.23),
}


def test_a_day_is_three_sessions_of_twenty_minutes_and_waiting() -> None:
    told = day.days(USED, WALKED)
    assert told["kiosk"].waiting_s == pytest.approx(86.4)
    # 3.4 s less 0.4 of waiting, and 1,100 s of sound more at 1 % beyond home.
    assert told["kiosk"].sessions_s == pytest.approx(3 * (3.0 + 11.0))
    assert told["player"].total_s == pytest.approx(3 * (0.5 + 5.5))
    assert told["link"].sessions_s == pytest.approx(3 * 0.03)
    assert told["link"].letters_s == pytest.approx(192 * 0.01)


def test_the_figure_tells_each_part_and_adds_them() -> None:
    figure = day.figure(USED, WALKED)
    assert figure.value == pytest.approx(sum(one.total_s for one in day.days(USED, WALKED).values()))
    for part in ("kiosk 128 s (at home 86.4, sessions 42.0)", "player 18 s", "hellos and heartbeats 1.9)"):
        assert part in figure.note
