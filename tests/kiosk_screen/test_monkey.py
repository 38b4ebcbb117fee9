"""Fingers, button, player and time in any order, on the real window with the real shell: no crash, no illegal journey.

1,000 events in an ordinary run; CHEVET_MONKEY_EVENTS=10000 for the whole measure. The examples are always the same.
"""

import os
import shutil
import tempfile
from pathlib import Path
from typing import cast

import pygame
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from kiosk.journey import views
from kiosk.journey.step import draft_of
from kiosk.journey.views import View
from kiosk.screen.window import SdlWindow
from mqtt_bridge.contract.report import Evaluation
from tests.support.display import Display
from tests.support.shell import Bedside
from tests.support.wire import Wire

SIZE = (1280, 800)
STEPS = 200
EVENTS = int(os.environ.get("CHEVET_MONKEY_EVENTS", "1000"))
PLAYING_COMES_FROM = (views.ReadyView, views.PlayingView, views.ConfirmStopView, views.HelpView)
"""A care sounds only after « ready »; help lies over any screen and gives it back."""

ONWARD = ("care:", "continue", "option:", "cone", "keep", "skip", "done", "no", "wake")
"""What leads on, the surest first."""


class Watched(SdlWindow):
    """The real window; it remembers the last two screens."""

    def __init__(self) -> None:
        super().__init__(SIZE)
        self.shown: list[View] = []

    def show(self, view: View, monotonic_ms: int, frame: views.Frame = views.Frame()) -> None:  # noqa: B008
        super().show(view, monotonic_ms, frame)
        self.shown.append(view)


class Monkey(RuleBasedStateMachine):
    """One box, one plan, and whatever may happen in front of it."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="chevet-monkey-"))
        wire = Wire(self.folder)
        wire.settle_down()
        self.window = Watched()
        self.box = Bedside(self.folder, wire, self.window)
        self.box.prescribe()
        self.seen = 0

    def teardown(self) -> None:
        self.box.stop()
        self.window.close()
        self.box.window.close()
        self.box.button.close()
        self.box.wire.link_store.close()
        shutil.rmtree(self.folder)

    def _finger(self, kind: int, finger: int, x: int, y: int) -> None:
        place = {"x": (x + 0.5) / SIZE[0], "y": (y + 0.5) / SIZE[1], "dx": 0.0, "dy": 0.0, "pressure": 1.0}
        pygame.event.post(pygame.event.Event(kind, {"touch_id": 1, "finger_id": finger, **place}))

    def _turn(self) -> None:
        self.box.turn(1)

    @rule(which=st.integers(0, 60), wait_ms=st.sampled_from((60, 400, 400, 2_000)))
    def touch_a_target(self, which: int, wait_ms: int) -> None:
        targets = self.window.targets()
        if targets:
            self._touch_at(*targets[which % len(targets)].rect.center, wait_ms)

    @rule(times=st.integers(1, 12), share=st.floats(0.1, 0.9))
    def go_on(self, times: int, share: float) -> None:
        """As a person would: else the chance of ever hearing a care would be small."""
        for _ in range(times):
            target = next((one for name in ONWARD for one in self.window.targets() if one.name.startswith(name)), None)
            if isinstance(self.window.shown[-1], views.ReadyView):
                self.push_the_button(100)
            elif target is not None:
                rect = target.rect
                self._touch_at(rect.center[0], rect.y + round(share * rect.h) if target.slope else rect.center[1], 400)

    @rule(x=st.integers(0, SIZE[0] - 1), y=st.integers(0, SIZE[1] - 1))
    def touch_anywhere(self, x: int, y: int) -> None:
        self._touch_at(x, y, 400)

    def _touch_at(self, x: int, y: int, wait_ms: int) -> None:
        self.box.clock.pass_ms(wait_ms)
        self._finger(pygame.FINGERDOWN, 1, x, y)
        self._turn()
        self.box.clock.pass_ms(80)
        self._finger(pygame.FINGERUP, 1, x, y)
        self._turn()

    @rule(kind=st.sampled_from((pygame.FINGERDOWN, pygame.FINGERUP, pygame.FINGERMOTION)), data=st.data())
    def stray_finger(self, kind: int, data: st.DataObject) -> None:
        x, y = data.draw(st.integers(0, SIZE[0] - 1)), data.draw(st.integers(0, SIZE[1] - 1))
        self._finger(kind, data.draw(st.integers(1, 3)), x, y)
        self._turn()

    @rule(held_ms=st.sampled_from((100, 2_500)))
    def push(self, held_ms: int) -> None:
        self.push_the_button(held_ms)

    def push_the_button(self, held_ms: int) -> None:
        self.box.clock.pass_ms(400)
        self.box.button.push(self.box.clock.monotonic_ms)
        self.box.clock.pass_ms(held_ms)
        self.box.turn(2)

    @rule(wait_ms=st.sampled_from((100, 1_000, 5_000, 65_000, 6 * 60_000, 13 * 3600_000)))
    def time_passes(self, wait_ms: int) -> None:
        self.box.clock.pass_ms(wait_ms)
        self.box.turn(2)

    @rule()
    def the_care_ends(self) -> None:
        if self.box.player.connected and self.box.player.status.phase == "playing":
            self.box.player.play_whole()
        self.box.turn(2)

    @rule(back=st.booleans())
    def the_player_goes(self, *, back: bool) -> None:
        if back:
            self.box.player.come_back()
        else:
            self.box.player.vanish()
        self.box.clock.pass_ms(1_000)
        self.box.turn(2)

    @invariant()
    def the_journey_is_legal(self) -> None:
        shown = self.window.shown
        for before, after in zip(shown[max(0, self.seen - 1) :], shown[self.seen :], strict=False):
            if isinstance(after, views.PlayingView):
                assert isinstance(before, PLAYING_COMES_FROM), (before, after)
        self.seen = len(shown)

    @invariant()
    def what_the_screen_shows_is_on_the_disk(self) -> None:
        self.box.clock.pass_ms(1_100)  # letters may wait for a second
        self._turn()
        draft, kept = draft_of(self.box.shell._journey), self.box.store.draft()
        assert (draft is None) == (kept is None)
        if draft is not None and kept is not None:
            assert (draft.step, draft.session) == (kept.step, kept.session)

    @invariant()
    def somebody_can_go_on(self) -> None:
        """Every screen can be touched, or waits for the player or for staff, and says so."""
        view = self.window.shown[-1]
        waits = (views.ReadyView, views.NoticeView)
        assert self.window.targets() or isinstance(view, waits), view

    @invariant()
    def no_answer_was_made_up(self) -> None:
        """What is reported was touched: within its cone."""
        for report in self.box.wire.store.contents.reports:
            if isinstance(report, Evaluation):
                values = [one.value_integer for item in report.response.item for one in item.answer]
                assert all(value is None or 0 <= value <= 10 for value in values)


@pytest.fixture
def display(xvfb: Display, monkeypatch: pytest.MonkeyPatch) -> Display:
    monkeypatch.setenv("DISPLAY", xvfb.name)
    monkeypatch.delenv("SDL_VIDEODRIVER", raising=False)
    monkeypatch.setenv("SDL_FRAMEBUFFER_ACCELERATION", "0")
    return xvfb


def test_whatever_happens_the_journey_stays_legal(display: Display) -> None:
    house = settings(
        max_examples=max(1, EVENTS // STEPS),
        stateful_step_count=STEPS,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(cast("type[RuleBasedStateMachine]", Monkey), settings=house)
