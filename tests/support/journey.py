"""Drives the journey without a shell: remembers what was written, in order, and what the screen shows."""

from kiosk.journey.draft import Draft
from kiosk.journey.effects import Effect, Write
from kiosk.journey.events import (
    ButtonPressed,
    EarsTold,
    Event,
    Heard,
    Phase,
    PlanChanged,
    PowerReturned,
    Resident,
    Sound,
    SoundReported,
    StandingsTold,
    Ticked,
    Touched,
    TriesTold,
)
from kiosk.journey.show import view_of
from kiosk.journey.state import Journey
from kiosk.journey.step import step
from kiosk.journey.views import ChoiceView, View
from kiosk.words import load
from mqtt_bridge.contract.care import CarePlan
from mqtt_bridge.contract.report import Content, Evaluation, Listening, Outcome
from tests.support.words_of_care import INDICATORS, ManualClock, ears, plan

WORDS = load("fr")


class Walker:
    """One person's journey, with a clock that moves when told."""

    def __init__(self, care_plan: CarePlan | None = None, epoch: str = "0" * 16) -> None:
        self.clock = ManualClock()
        self.alone = True
        """Asked who answers, they say « me » at once. False: a test does it."""
        self.journey = Journey(epoch)
        self.effects: list[Effect] = []
        self.reports: list[Evaluation | Listening] = []
        self.told: list[Content] = []
        """Every report; `reports` are those of a care."""
        self.draft: Draft | None = None
        self.feel(PlanChanged(self.clock(), care_plan or plan()))
        self.hear_told()
        self.feel(PowerReturned(self.clock(), None))

    @property
    def view(self) -> View:
        return view_of(self.journey, WORDS, self.clock())

    @property
    def screen(self) -> str:
        return type(self.view).__name__

    @property
    def session(self) -> str:
        return f"{self.journey.epoch}.{self.journey.count}"

    def feel(self, event: Event) -> tuple[Effect, ...]:
        self.journey, effects = step(self.journey, event)
        self.effects += effects
        self.written(effects)
        return effects

    def written(self, effects: tuple[Effect, ...]) -> None:
        """What the disk has from now on."""
        for effect in effects:
            if isinstance(effect, Write):
                self.told += effect.reports
                self.reports += [one for one in effect.reports if isinstance(one, Evaluation | Listening)]
                self.draft = effect.draft

    def hear_told(self, *heard: Heard) -> None:
        """The shell says what the person has heard this week, and how loud the packages are."""
        current = self.journey.plan
        if current is not None:
            self.feel(EarsTold(self.clock(), ears(current, *heard)))

    def touch(self, target: str, height: int | None = None) -> tuple[Effect, ...]:
        self.clock.pass_ms(400)
        effects = self.feel(Touched(self.clock(), target, height))
        if self.alone and target != "back" and self._asked_who():
            effects += (*self.touch("option:0"), *self.touch("continue"))
        return effects

    def _asked_who(self) -> bool:
        view = self.view
        return isinstance(view, ChoiceView) and view.question == WORDS.asking.who and view.chosen is None

    def press(self) -> tuple[Effect, ...]:
        self.clock.pass_ms(400)
        return self.feel(ButtonPressed(self.clock()))

    def wait_ms(self, milliseconds: int) -> tuple[Effect, ...]:
        return self.feel(Ticked(self.clock.pass_ms(milliseconds)))

    def sound(
        self, phase: Phase, seconds: float = 0, outcome: Outcome | None = None, cause: str = "", session: str = ""
    ) -> tuple[Effect, ...]:
        self.clock.pass_ms(100)
        told = Sound(
            phase, session or self.session, 480_000, round(seconds * 48_000), 48_000, outcome=outcome, cause=cause
        )
        return self.feel(SoundReported(self.clock(), told))

    def evaluate(self, *heights: int) -> None:
        for height in heights or (5,) * len(INDICATORS):
            self.touch("cone", height)
            self.touch("continue")
        self.touch("continue")  # no comment

    def to_ready(self, request: str = "riviere") -> None:
        self.touch(f"care:{request}")
        self.evaluate()
        while self.screen == "TextView":
            self.touch("continue")
        self.sound("ready")

    def to_playing(self, request: str = "riviere") -> None:
        self.to_ready(request)
        self.press()
        self.sound("playing", 1)

    def power_cut(self, *, same_boot: bool = True, minutes: float = 0.1) -> None:
        """Everything in memory is gone; what was written is not."""
        self.clock.pass_ms(round(minutes * 60_000))
        if not same_boot:
            self.clock.boot, self.clock.monotonic_ms = "boot-2", 1_000
        plans, tries, standings = self.journey.plans, self.journey.tries, self.journey.standings
        if len(plans) <= 1:
            plans = (Resident(self.journey.plan, self.journey.problem),) if self.journey.plan else ()
        self.journey = Journey(f"{int(self.journey.epoch, 16) + 1:016x}")
        first = plans[0] if plans else None
        told = PlanChanged(self.clock(), None, "none")
        self.feel(PlanChanged(self.clock(), first.plan, first.problem, plans[1:]) if first else told)
        self.feel(TriesTold(self.clock(), tries))
        self.feel(StandingsTold(self.clock(), standings))
        self.hear_told()
        self.feel(PowerReturned(self.clock(), self.draft))


def with_changes(care_plan: CarePlan, **changes: object) -> CarePlan:
    """A frozen struct with other values."""
    from msgspec import structs

    return structs.replace(care_plan, **changes)
