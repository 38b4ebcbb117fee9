"""What the box says, and the whole journey by the round button alone (X3)."""

import dataclasses
import typing

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kiosk.journey import aloud, asked, spoken
from kiosk.journey.effects import Effect, Hush, Say
from kiosk.journey.events import ButtonHeld, ButtonPressed, Event, PlanChanged, SpeechEnded, Touched
from kiosk.journey.filling import begin, touched
from kiosk.journey.places.service import Dying, Menu
from kiosk.journey.views import ConfirmStopView, PlayingView, RestView, View
from kiosk.journey.voice import Voice
from kiosk.screen.gallery import VIEWS
from kiosk.words import load
from mqtt_bridge.contract.care import CodePicture
from mqtt_bridge.contract.report import Evaluation, Listening
from tests.support.journey import WORDS, Walker, with_changes
from tests.support.questions import item, questionnaire
from tests.support.words_of_care import INDICATORS, plan

KINDS = typing.get_args(View)
SLOW_MS = 2_000
"""A pause between two presses that mean one each."""


class Blind(Walker):
    """Somebody who hears what is said, to its end, and has the round button."""

    def __init__(self, *, closed: bool = True, hears: bool = True) -> None:
        self.voice = Voice(able=True, dba_at_0_lufs=100.0)
        self.said: list[tuple[str, ...]] = []
        self.hears = hears
        super().__init__(with_changes(plan(), eyes_closed=closed))

    def feel(self, event: Event | SpeechEnded) -> tuple[Effect, ...]:
        before = len(self.effects)
        self.journey, self.voice, effects = aloud.step(self.journey, self.voice, event, WORDS)
        self.effects += effects
        self.written(effects)
        for effect in effects:
            if isinstance(effect, Say):
                self.said.append(effect.sentences)
                if self.hears:
                    self.feel(SpeechEnded(self.clock(), effect.number))
        return tuple(self.effects[before:])

    @property
    def heard(self) -> str:
        """All that was said since the last hand."""
        return " ".join(text for said in self.said for text in said)

    def push(self, after_ms: int = SLOW_MS) -> str:
        self.said = []
        self.clock.pass_ms(after_ms)
        self.feel(ButtonPressed(self.clock()))
        return self.heard

    def hold(self) -> str:
        self.push()
        self.said = []
        self.clock.pass_ms(1_500)
        self.feel(ButtonHeld(self.clock()))
        return self.heard

    def twice(self) -> str:
        """Choose what was said last."""
        self.push()
        return self.push(600)

    def find(self, words: str) -> None:
        """Press until these words are said as a choice."""
        for _ in range(40):
            if self.said and self.voice.choice is not None and self.said[-1][0].startswith(words):
                return
            self.push()
        raise AssertionError(f"{words!r} is never said; last: {self.said}")

    def choose(self, words: str) -> str:
        self.find(words)
        return self.twice()

    def frame(self) -> str | None:
        return aloud.frame_of(self.journey, self.voice, self.view, WORDS).focus


def view_like(kind: type) -> st.SearchStrategy[typing.Any]:
    """Any view of a kind, with texts that may be empty; a target has a name always."""
    hints = typing.get_type_hints(kind)
    named = {"target": st.sampled_from(("care:one", "keep"))}
    return st.builds(kind, **{f.name: named.get(f.name, of_type(hints[f.name])) for f in dataclasses.fields(kind)})


def of_type(hint: typing.Any) -> st.SearchStrategy[typing.Any]:
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if hint is str:
        return st.sampled_from(("", "Bonjour", "Une phrase", "7"))
    if origin is tuple and inner[-1] is Ellipsis:
        return st.lists(of_type(inner[0]), max_size=3).map(tuple)
    if origin is tuple:
        return st.tuples(*(of_type(one) for one in inner))
    if dataclasses.is_dataclass(hint):
        return view_like(typing.cast("type", hint))
    return st.from_type(hint)


def filled(hint: typing.Any) -> typing.Any:
    """A view of this kind with every text in it."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if dataclasses.is_dataclass(hint):
        hints = typing.get_type_hints(hint)
        return typing.cast("type", hint)(**{f.name: filled(hints[f.name]) for f in dataclasses.fields(hint)})
    if origin is tuple:
        return tuple(filled(one) for one in inner if one is not Ellipsis)
    if origin is typing.Literal:
        return inner[0]
    if inner:
        return filled(inner[0])
    return {str: "Une phrase", int: 0, bool: False, float: 0.5}[hint]


@pytest.mark.parametrize("name", VIEWS)
def test_every_screen_says_something_or_is_meant_to_be_silent(name: str) -> None:
    view = VIEWS[name]
    if isinstance(view, spoken.SILENT):
        assert spoken.sentences(view, WORDS) == ()
    else:
        assert spoken.heading(view)
        assert all(text.strip() for text in spoken.sentences(view, WORDS))


@pytest.mark.parametrize("kind", KINDS)
def test_no_kind_of_view_is_forgotten(kind: type) -> None:
    view = filled(kind)
    assert isinstance(view, spoken.SILENT) or spoken.heading(view)


@settings(
    max_examples=60, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate]
)
@given(st.data())
def test_no_view_breaks_the_voice(data: st.DataObject) -> None:
    view = data.draw(st.one_of(*(view_like(kind) for kind in KINDS if kind.__name__ != "ScaleView")))
    said = spoken.sentences(view, WORDS)
    assert len(set(said)) == len(said)
    choices = spoken.choices_of(view, WORDS)
    assert all(choice.target and any(choice.said) for choice in choices)
    assert [choice.target for choice in choices][:1] != ["decline"] or len(choices) <= 2
    hash(spoken.screen_of(view))


def test_what_can_be_chosen_can_be_touched_on_the_screen() -> None:
    from kiosk.screen.painter import laid_out

    for name, view in VIEWS.items():
        targets = {target.name for target in laid_out(view, (1280, 800)).targets}
        chosen = {choice.target for choice in spoken.choices_of(view, WORDS)}
        assert chosen <= targets, f"{name}: {chosen - targets} cannot be touched there"


def test_reading_aloud_is_asked_for_and_hushed() -> None:
    box = Blind(closed=False, hears=False)
    assert not box.said
    box.feel(Touched(box.clock(), "listen"))
    assert "La rivière" in box.heard
    frame = aloud.frame_of(box.journey, box.voice, box.view, WORDS)
    assert (frame.speaking, frame.listen) == (True, WORDS.aloud.hush)
    effects = box.feel(Touched(box.clock(), "listen"))
    assert [type(effect) for effect in effects] == [Hush]
    box.feel(Touched(box.clock(), "listen"))
    effects = box.touch("care:riviere")  # another screen
    assert Hush() in effects


def test_open_eyes_hear_nothing_unasked_and_press_as_ever() -> None:
    box = Blind(closed=False)
    box.to_playing()
    box.sound("ended", 10, "heard_whole")
    assert box.said == []


def by_button_to_questions(box: Blind) -> None:
    assert "Appuyez deux fois pour choisir" in box.push()
    box.choose("La rivière")
    if box.screen == "ChoiceView":  # who answers
        box.choose("Moi")
        box.choose("Continuer")
    assert box.screen == "ConeView"


def by_button_to_ready(box: Blind, word: str = "moyen") -> None:
    by_button_to_questions(box)
    for _ in INDICATORS:
        assert "Vous avez choisi" in box.choose(word)
        box.choose("Continuer")
    while box.screen == "TextView":
        box.choose("Continuer")
    assert box.screen == "ReadyView"
    box.said = []
    box.sound("ready")
    assert "Appuyez sur le bouton" in box.heard


def test_the_whole_journey_by_the_button_alone() -> None:
    box = Blind()
    by_button_to_ready(box)
    box.push()
    assert box.screen == "PlayingView"
    box.sound("playing", 1)
    box.said = []
    box.sound("ended", 10, "heard_whole")
    assert "angoisse ?" in box.heard
    for _ in INDICATORS:
        box.choose("peu")
        box.choose("Continuer")
    assert box.screen == "ThanksView"
    before, heard, after = box.reports
    assert isinstance(before, Evaluation)
    assert isinstance(heard, Listening)
    assert isinstance(after, Evaluation)
    *cones, comment = before.response.item
    assert {item.answer[0].value_integer for item in cones} == {5}
    assert comment.absent_reason == "not-asked"
    assert heard.outcome == "heard_whole"


def test_a_trembling_hand_confirms_nothing() -> None:
    box = Blind()
    by_button_to_questions(box)
    question = box.view
    box.find("fort")
    for _ in range(12):  # one press of a trembling hand
        box.push(120)
    assert not box.reports
    assert spoken.screen_of(box.view) == spoken.screen_of(question)


def test_what_was_chosen_is_said_back_and_can_be_changed() -> None:
    box = Blind()
    by_button_to_questions(box)
    first = box.choose("fort")
    assert "Vous avez choisi" in first
    assert "Vous avez choisi" in box.choose(WORDS.aloud.a_little_less)
    assert "peu" in box.choose("peu")
    box.choose("Continuer")
    box.choose("Retour")
    assert box.view.value == 2  # type: ignore[union-attr]


def test_declining_is_there_and_never_first() -> None:
    box = Blind()
    by_button_to_questions(box)
    assert WORDS.decline not in box.said[-1]
    step = box.view.step  # type: ignore[union-attr]
    box.choose(WORDS.decline)
    assert box.view.step == step + 1  # type: ignore[union-attr]


def test_a_press_during_the_question_skips_to_the_first_choice() -> None:
    box = Blind(hears=False)
    box.push()
    assert box.frame() is None
    box.push()
    assert box.frame() == "care:riviere"


def test_nobody_is_spoken_to_in_an_empty_room() -> None:
    box = Blind()
    box.said = []
    for _ in range(20):
        box.wait_ms(60_000)
    assert box.said == []


def test_a_choice_is_said_again_twice_and_then_there_is_silence() -> None:
    box = Blind()
    box.push()
    box.said = []
    for _ in range(10):
        alarm_ms = aloud.alarm_of(box.journey, box.voice)
        if alarm_ms is None:
            break
        box.wait_ms(max(0, alarm_ms - box.clock.monotonic_ms))
    assert len(box.said) == 2
    assert box.screen == "HomeView"


def test_a_long_press_asks_for_help_and_changes_nothing_else() -> None:
    box = Blind()
    box.push()
    assert "Cette boîte n’appelle pas les secours." in box.hold()


def test_a_long_press_during_the_care_asks_once_and_a_press_stops() -> None:
    box = Blind()
    by_button_to_ready(box)
    box.push()
    box.sound("playing", 1)
    box.said = []
    assert "Voulez-vous arrêter" in box.hold()
    assert isinstance(box.view, ConfirmStopView)
    box.push(300)  # the hand that lets go
    assert isinstance(box.view, ConfirmStopView)
    box.push()
    assert "Stop" in [type(effect).__name__ for effect in box.effects]


def test_a_stop_that_nobody_confirms_goes_by() -> None:
    box = Blind()
    by_button_to_ready(box)
    box.push()
    box.sound("playing", 1)
    box.hold()
    box.wait_ms(31_000)
    assert isinstance(box.view, PlayingView)
    assert "Stop" not in [type(effect).__name__ for effect in box.effects]


def test_after_a_sleep_care_it_is_dark_and_silent_until_a_press() -> None:
    care = with_changes(plan(), eyes_closed=True)
    asleep = with_changes(care, activity=tuple(with_changes(one, kind="sleep") for one in care.activity))  # type: ignore[arg-type]
    box = Blind()
    box.feel(PlanChanged(box.clock(), asleep))
    box.hear_told()
    by_button_to_ready(box)
    box.push()
    box.sound("playing", 1)
    box.said = []
    box.sound("ended", 10, "heard_whole")
    assert isinstance(box.view, RestView)
    assert box.said == []
    assert "angoisse ?" in box.push()


def test_the_level_of_the_words_is_the_plans_and_their_own() -> None:
    box = Blind()
    box.push()
    say = next(effect for effect in box.effects if isinstance(effect, Say))
    assert 100.0 + aloud.SPEECH_LUFS + say.gain_db == pytest.approx(65.0)
    soft = with_changes(plan(), eyes_closed=True)
    low = tuple(with_changes(one, level_dba=50.0, level_max_dba=55.0) for one in soft.activity)  # type: ignore[arg-type]
    box.feel(PlanChanged(box.clock(), with_changes(soft, activity=low)))
    box.effects = []
    box.push()
    say = next(effect for effect in box.effects if isinstance(effect, Say))
    assert 100.0 + aloud.SPEECH_LUFS + say.gain_db == pytest.approx(55.0)


def test_every_picture_of_a_code_has_a_name() -> None:
    assert set(WORDS.aloud.pictures) == set(typing.get_args(CodePicture))
    assert set(load("en").aloud.pictures) == set(WORDS.aloud.pictures)


def test_staff_use_their_eyes_and_the_button_is_tested_as_a_button() -> None:
    box = Blind()
    box.journey = dataclasses.replace(box.journey, place=Menu())
    assert box.screen == "ServiceView"
    assert box.push() == ""
    assert box.hold() == ""
    assert box.frame() is None


@pytest.mark.parametrize("sure", [False, True])
def test_a_death_is_neither_spoken_at_the_bedside_nor_told_by_the_button(*, sure: bool) -> None:
    blind = Blind()
    blind.journey = dataclasses.replace(blind.journey, place=Dying("martin", sure))
    for after_ms in (SLOW_MS, 300, SLOW_MS, 600):
        assert blind.push(after_ms) == ""
    assert blind.journey.place == Dying("martin", sure)
    assert not blind.told


def test_yes_and_no_are_said_back_as_what_they_are() -> None:
    form = begin(questionnaire(item("q")), "self")
    said = {}
    for chosen in ("yes", "no"):
        touched_form, _ = touched(form, chosen)
        said[chosen] = spoken.answer(asked.view_of(touched_form, "", WORDS.home, WORDS))
    assert said == {"yes": (WORDS.asking.yes,), "no": (WORDS.asking.no,)}
