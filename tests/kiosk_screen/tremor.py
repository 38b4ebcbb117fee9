"""A hand that trembles, and a person who looks at the screen before they confirm. Pure: no window, no clock.

The end of a movement misses by 3.4 mm in the mean (the ages of 67 to 81); many touches come twice, are held for long or
slide while they are held. The person sees what became of a touch and corrects it, as anybody would.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from math import pi, sqrt
from random import Random

from kiosk.journey import views
from kiosk.journey.events import Touched
from kiosk.journey.views import View
from kiosk.screen.painter import laid_out
from kiosk.screen.place import place
from kiosk.screen.port import Pointer, PointerDown, PointerUp, Target
from kiosk.screen.theme import Panel
from kiosk.screen.touch import Hand, feel, screen_changed
from tests.support.journey import Walker

ERROR_MM = 3.4
LOOK_MS = (600, 2500)
TWICE, LONG, SLIDING = 0.25, 0.15, 0.2
SLIDE_MM = 5.0
TOUCHES_MAX = 60
"""For one screen: more would be somebody who cannot do it."""


@lru_cache(maxsize=512)
def targets_of(view: View, size: tuple[int, int]) -> tuple[Target, ...]:
    return tuple(laid_out(view, size).targets)


@dataclass
class Tremor:
    """One person in front of one panel."""

    walker: Walker
    panel: Panel
    random: Random
    error_mm: float = ERROR_MM
    hand: Hand = field(default_factory=Hand)
    touches: int = 0
    view: View = field(init=False)
    """What is on the screen, as of the last look."""

    def __post_init__(self) -> None:
        self.look()

    def look(self) -> View:
        self.view = self.walker.view
        return self.view

    def touch(self, name: str, height: int | None = None) -> None:
        """Look, reach for a target, touch it somehow; perhaps twice."""
        self._pass(self.random.randint(*LOOK_MS))
        self.look()
        x, y = self._middle(name, height)
        self._tap(x, y)
        if self.random.random() < TWICE:
            self._pass(self.random.randint(40, 220))
            self._tap(x, y)

    def _middle(self, name: str, height: int | None) -> tuple[float, float]:
        target = next((one for one in self._targets() if one.name == name), None)
        assert target is not None, f"{name} is not on {self.view}"
        if target.slope is None or height is None:
            return target.rect.center
        y = target.slope.middle_y(height)
        return target.slope.axis_x, y + target.slope.curve * target.slope.half_px(y)

    def _tap(self, x: float, y: float) -> None:
        self.touches += 1
        down = self._missed(x, y)
        up = self._slid(down) if self.random.random() < SLIDING else down
        held_ms = self.random.randint(700, 3000) if self.random.random() < LONG else self.random.randint(40, 250)
        self._feel(PointerDown(1, *down))
        self._pass(held_ms)
        self._feel(PointerUp(1, *up))

    def _missed(self, x: float, y: float) -> tuple[int, int]:
        spread_mm = self.error_mm / sqrt(pi / 2)  # of each axis: the mean of the distance is then the error
        dx, dy = (self.random.gauss(0, spread_mm) for _ in "xy")
        return self._within(x + dx * self.panel.px_per_mm_x, y + dy * self.panel.px_per_mm_y)

    def _slid(self, at: tuple[int, int]) -> tuple[int, int]:
        dx, dy = (self.random.uniform(-SLIDE_MM, SLIDE_MM) for _ in "xy")
        return self._within(at[0] + dx * self.panel.px_per_mm_x, at[1] + dy * self.panel.px_per_mm_y)

    def _within(self, x: float, y: float) -> tuple[int, int]:
        return min(self.panel.width_px - 1, max(0, round(x))), min(self.panel.height_px - 1, max(0, round(y)))

    def _feel(self, pointer: Pointer) -> None:
        now_ms, before = self.walker.clock.monotonic_ms, self.view
        self.hand, touched = feel(self.hand, pointer, self._targets(), now_ms)
        if touched is None:
            return
        self.walker.feel(Touched(self.walker.clock(), touched.name, touched.value))
        if place(self.look()) != place(before):
            self.hand = screen_changed(self.hand, now_ms)

    def _targets(self) -> tuple[Target, ...]:
        return targets_of(self.view, self.panel.size)

    def _pass(self, milliseconds: int) -> None:
        self.walker.clock.pass_ms(milliseconds)


@dataclass
class Person:
    """Knows what they want to say to each question, and says it until the screen shows it."""

    tremor: Tremor
    wanted: dict[str, int] = field(default_factory=dict)
    """Question -> the answer: a height, an option, 1 or 0 for yes or no, a number."""

    def answer(self) -> None:
        """The question on the screen, until it is no more there."""
        first = place(self.tremor.look())
        for _ in range(TOUCHES_MAX):
            if place(self.tremor.view) != first:
                return
            self.tremor.touch(*self._next(self.tremor.view))
        raise AssertionError(f"{TOUCHES_MAX} touches did not answer {first}")

    def _next(self, view: View) -> tuple[str, int | None]:
        match view:
            case views.ConeView():
                return self._cone(view)
            case views.ScaleView():
                wanted = self._wanted(view.question, len(view.options))
                return ("continue" if view.chosen == wanted else f"option:{wanted}"), None
            case views.ChoiceView():
                target = f"option:{self._wanted(view.question, len(view.options))}"
                return ("continue" if view.chosen == target else target), None
            case views.YesNoView():
                wanted_yes = self._wanted(view.question, 2) == 1
                return ("continue" if view.chosen is wanted_yes else "yes" if wanted_yes else "no"), None
            case views.NumberView():
                return self._number(view), None
            case _:
                return "continue", None

    def _cone(self, view: views.ConeView) -> tuple[str, int | None]:
        """Near the height first; then one less or one more."""
        wanted = self._wanted(view.question, 11)
        if view.value is None:
            return "cone", wanted
        if abs(view.value - wanted) > 2:
            return "cone", wanted
        return ("continue" if view.value == wanted else "plus" if view.value < wanted else "minus"), None

    def _number(self, view: views.NumberView) -> str:
        wanted = str(self._wanted(view.question, 25))
        if view.digits == wanted:
            return "continue"
        if not wanted.startswith(view.digits):
            return "key:backspace"
        return f"key:{wanted[len(view.digits)]}"

    def _wanted(self, question: str, count: int) -> int:
        return self.wanted.setdefault(question, self.tremor.random.randrange(count))
