"""From fingers to touches."""

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kiosk.screen import gallery
from kiosk.screen.geometry import Rect
from kiosk.screen.painter import laid_out
from kiosk.screen.port import Pointer, PointerDown, PointerMoved, PointerUp, Target
from kiosk.screen.slope import HEIGHTS
from kiosk.screen.theme import PANELS, Panel
from kiosk.screen.touch import (
    BOUNCE_MS,
    KEY_TOLERANCE_PX,
    SETTLE_MS,
    STALE_MS,
    Hand,
    Touch,
    feel,
    screen_changed,
    target_at,
)

YES = Target("yes", Rect(0, 0, 120, 120), "Oui")
NO = Target("no", Rect(200, 0, 120, 120), "Non")
TARGETS = (YES, NO)

xs, ys = st.integers(0, 400), st.integers(0, 200)
pointers = st.builds(
    lambda kind, finger, x, y: kind(finger, x, y),
    st.sampled_from([PointerDown, PointerMoved, PointerUp]),
    st.integers(1, 3),
    xs,
    ys,
)


def played(hand: Hand, *events: tuple[int, Pointer]) -> tuple[Hand, list[Touch]]:
    touches = []
    for at_ms, pointer in events:
        hand, touch = feel(hand, pointer, TARGETS, at_ms)
        touches += [touch] if touch else []
    return hand, touches


def test_a_release_inside_counts() -> None:
    _, touches = played(Hand(), (0, PointerDown(1, 10, 10)), (80, PointerUp(1, 100, 100)))
    assert touches == [Touch("yes")]


@pytest.mark.parametrize(("down", "up"), [((10, 10), (210, 10)), ((10, 10), (150, 10)), ((150, 10), (10, 10))])
def test_a_slide_off_or_onto_a_target_is_nothing(down: tuple[int, int], up: tuple[int, int]) -> None:
    assert played(Hand(), (0, PointerDown(1, *down)), (80, PointerUp(1, *up)))[1] == []


def test_only_the_first_finger_counts_until_all_are_lifted() -> None:
    hand, touches = played(
        Hand(),
        (0, PointerDown(1, 10, 10)),
        (10, PointerDown(2, 210, 10)),
        (50, PointerUp(1, 10, 10)),
        (60, PointerDown(3, 10, 10)),
        (70, PointerUp(3, 10, 10)),
        (90, PointerUp(2, 210, 10)),
    )
    assert touches == [Touch("yes")]
    assert not hand.down
    assert played(hand, (300, PointerDown(4, 210, 10)), (350, PointerUp(4, 210, 10)))[1] == [Touch("no")]


def test_the_hand_that_is_still_there_when_the_screen_changes_touches_nothing() -> None:
    hand, _ = played(Hand(), (0, PointerDown(1, 10, 10)))
    assert played(screen_changed(hand, 50), (400, PointerUp(1, 10, 10)))[1] == []


@pytest.mark.parametrize(("after_ms", "counts"), [(0, False), (SETTLE_MS - 1, False), (SETTLE_MS, True)])
def test_a_press_right_after_a_change_of_screen_is_not_yet_meant(after_ms: int, *, counts: bool) -> None:
    hand = screen_changed(Hand(), 1000)
    at_ms = 1000 + after_ms
    touches = played(hand, (at_ms, PointerDown(1, 10, 10)), (at_ms + 500, PointerUp(1, 10, 10)))[1]
    assert bool(touches) == counts


@pytest.mark.parametrize(("after_ms", "count"), [(BOUNCE_MS - 1, 1), (BOUNCE_MS, 2)])
def test_a_tremor_on_one_target_is_one_touch(after_ms: int, count: int) -> None:
    again_ms = 80 + after_ms
    _, touches = played(
        Hand(),
        (0, PointerDown(1, 10, 10)),
        (80, PointerUp(1, 10, 10)),
        (again_ms, PointerDown(1, 12, 10)),
        (again_ms + 60, PointerUp(1, 12, 10)),
    )
    assert len(touches) == count


def test_another_target_may_be_touched_at_once() -> None:
    first = ((0, PointerDown(1, 10, 10)), (80, PointerUp(1, 10, 10)))
    second = ((90, PointerDown(1, 210, 10)), (140, PointerUp(1, 210, 10)))
    assert played(Hand(), *first, *second)[1] == [Touch("yes"), Touch("no")]


def test_a_lift_that_was_never_seen_does_not_silence_the_screen() -> None:
    hand, _ = played(Hand(), (0, PointerDown(1, 10, 10)))
    same = played(hand, (500, PointerDown(1, 10, 10)), (600, PointerUp(1, 10, 10)))[1]
    other = played(hand, (STALE_MS, PointerDown(9, 210, 10)), (STALE_MS + 80, PointerUp(9, 210, 10)))[1]
    assert (same, other) == ([Touch("yes")], [Touch("no")])


@example(
    [
        (0, PointerDown(2, 200, 0)),
        (0, PointerDown(1, 0, 0)),
        (0, PointerDown(2, 0, 0)),
        (0, PointerUp(2, 200, 0)),
    ]
)
@given(st.lists(st.tuples(st.integers(0, 200), pointers), max_size=40))
def test_whatever_the_fingers_do_a_touch_began_and_ended_inside_its_target(
    moves: list[tuple[int, Pointer]],
) -> None:
    hand, at_ms, downs = Hand(), 0, {}
    for wait_ms, pointer in moves:
        at_ms += wait_ms
        hand, touch = feel(hand, pointer, TARGETS, at_ms)
        if isinstance(pointer, PointerDown):
            downs[pointer.finger] = target_at(TARGETS, pointer.x, pointer.y)
        if touch:
            here = target_at(TARGETS, pointer.x, pointer.y)
            assert here is not None
            assert touch.name == here.name
            assert downs[pointer.finger] == here
        assert hand.first is None or hand.first in hand.down
        assert hand.pressed is None or hand.first is not None


@given(st.integers(0, 2), xs, ys, st.integers(1, 5))
def test_two_fingers_never_make_two_touches(finger: int, x: int, y: int, more: int) -> None:
    events: list[tuple[int, Pointer]] = [(0, PointerDown(finger, 10, 10))]
    events += [(n, PointerDown(finger + n, x, y)) for n in range(1, more + 1)]
    events += [(90 + n, PointerUp(finger + n, x, y)) for n in range(1, more + 1)]
    events += [(200, PointerUp(finger, 10, 10))]
    assert played(Hand(), *events)[1] == [Touch("yes")]


def keys(panel: Panel) -> tuple[Target, ...]:
    return tuple(laid_out(gallery.COMMENT, panel.size).targets)


@given(st.sampled_from(PANELS), st.data())
def test_between_the_keys_the_nearest_is_meant(panel: Panel, data: st.DataObject) -> None:
    targets = keys(panel)
    key = data.draw(st.sampled_from([one for one in targets if one.name.startswith("key:")]))
    x = data.draw(st.integers(key.rect.x, key.rect.right - 1))
    assert target_at(targets, x, key.rect.center[1]) == key
    edge = target_at(targets, key.rect.right, key.rect.center[1])
    assert edge is not None
    assert edge == key or edge.rect.holds(key.rect.right, key.rect.center[1])


def test_far_from_every_key_is_nothing() -> None:
    targets = keys(PANELS[0])
    top = min(target.rect.y for target in targets)
    assert target_at(targets, 640, top - KEY_TOLERANCE_PX - 2) is None
    assert target_at(targets, 640, top - KEY_TOLERANCE_PX + 2) is not None


@given(st.sampled_from(PANELS), st.integers(0, HEIGHTS - 1), st.floats(-0.85, 0.85), st.floats(-0.4, 0.4))
def test_a_touch_anywhere_on_a_slice_means_its_height(panel: Panel, height: int, along: float, up: float) -> None:
    """Along the bowed band that is drawn, and beside it level with its number."""
    target = next(one for one in laid_out(gallery.PAIN, panel.size).targets if one.name == "cone")
    slope = target.slope
    assert slope
    middle = slope.middle_y(height)
    half = slope.half_px(middle)
    bow = slope.curve * half * (1 - along * along) ** 0.5
    x, y = slope.axis_x + along * half, middle + bow + up * slope.pitch_px
    assert slope.height_at(x, y) == height
    assert slope.height_at(slope.axis_x - half - 30, middle + up * slope.pitch_px) == height


@given(st.sampled_from(PANELS), st.data())
def test_the_whole_column_answers(panel: Panel, data: st.DataObject) -> None:
    targets = tuple(laid_out(gallery.PAIN, panel.size).targets)
    cone = next(one for one in targets if one.name == "cone")
    x = data.draw(st.integers(cone.rect.x, cone.rect.right - 1))
    y = data.draw(st.integers(cone.rect.y, cone.rect.bottom - 1))
    hand, _ = feel(Hand(), PointerDown(1, x, y), targets, 0)
    _, touch = feel(hand, PointerUp(1, x, y), targets, 100)
    assert touch is not None
    assert touch.name == "cone"
    assert touch.value is not None
    assert 0 <= touch.value <= 10


def test_asleep_buttons_are_no_targets() -> None:
    asleep = {target.name for target in laid_out(gallery.PAIN, (800, 480)).targets}
    awake = {target.name for target in laid_out(replace(gallery.PAIN, value=0), (800, 480)).targets}
    declined = {target.name for target in laid_out(replace(gallery.PAIN, declined=True), (800, 480)).targets}
    assert asleep == {"cone", "back", "decline"}
    assert awake == asleep | {"minus", "plus", "continue"}
    assert declined == asleep | {"continue"}
