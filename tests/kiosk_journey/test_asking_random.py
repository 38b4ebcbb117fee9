"""Random forms of every kind of question, answered at random: back, declined, changed, power cuts, time that passes.

Every report decodes, has each question once and in order, and no answer to what the others do not ask for; what was
confirmed is in it. The answers are taken from what the screen showed, not from the code that keeps them.
"""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from kiosk.journey.events import Forms, FormsTold
from kiosk.journey.views import (
    ChoiceView,
    CommentView,
    ConeView,
    HomeView,
    NumberView,
    ScaleView,
    TextView,
    YesNoView,
)
from mqtt_bridge.contract.codec import decode, encode
from mqtt_bridge.contract.form_rules import check_form
from mqtt_bridge.contract.forms import EnableWhen, Questionnaire, QuestionnaireItem, ResponseItem
from mqtt_bridge.contract.questions import Asked, Choice, Information, Scale, enabled, screens
from mqtt_bridge.contract.report import Evaluation, FormAnswered
from mqtt_bridge.contract.schedule import FormRequest
from tests.support.journey import WORDS, Walker
from tests.support.questions import choice, coding, cone, group, item, number, questionnaire, scale, when
from tests.support.words_of_care import NOW_MS, plan, request

TEXTS = st.sampled_from(
    [
        "Et la nuit\u202f?",
        "كيف حالك اليوم؟",
        "מה שלומך?",
        "😀👵🏽🌊",
        "W" * 90,
        "é" * 90,
        "<script>alert(1)</script>",
        "a\u200fb",
    ]
)
KINDS = ("cone", "scale", "faces", "choice", "yes", "number", "text", "string", "display")


@st.composite
def forms(draw: st.DrawFn, size: int = 10) -> Questionnaire:
    """Up to `size` screens; each condition asks about one before it."""
    before: list[tuple[str, str]] = []
    items: list[QuestionnaireItem] = []
    for place in range(draw(st.integers(1, size))):
        kind = draw(st.sampled_from(KINDS)) if place else "yes"
        conditions = tuple(draw(condition(before)) for _ in range(draw(st.integers(0, 2)))) if before else ()
        fields: dict[str, Any] = {"text": draw(TEXTS), "enable_when": conditions}
        if len(conditions) > 1:
            fields["enable_behavior"] = draw(st.sampled_from(["all", "any"]))
        one = _item(kind, f"q{place}", fields, draw(st.integers(2, 12)))
        items.append(group(f"g{place}", one, text=draw(TEXTS)[:40]) if draw(st.booleans()) else one)
        if kind != "display":
            before.append((f"q{place}", kind))
    return questionnaire(*items)


@st.composite
def condition(draw: st.DrawFn, before: list[tuple[str, str]]) -> EnableWhen:
    name, kind = draw(st.sampled_from(before))
    if draw(st.booleans()):
        return when(name, "exists", boolean=draw(st.booleans()))
    if kind in ("cone", "number"):
        return when(name, draw(st.sampled_from(["=", ">", "<=", "!="])), integer=draw(st.integers(0, 10)))
    if kind in ("scale", "faces", "choice"):
        return when(name, draw(st.sampled_from(["=", "!="])), coding=coding(draw(st.integers(0, 1))))
    if kind in ("text", "string"):
        return when(name, "=", string="a")
    return when(name, boolean=draw(st.booleans()))


def _item(kind: str, name: str, fields: dict[str, Any], options: int) -> QuestionnaireItem:
    match kind:
        case "cone":
            return cone(name, **fields)
        case "scale" | "faces":
            return scale(name, min(options, 7), faces=kind == "faces", **fields)
        case "choice":
            return choice(name, options, **fields)
        case "number":
            return number(name, 0, options * 9, **fields)
        case "text" | "string" | "display":
            return item(name, kind, **fields)
        case _:
            return item(name, **fields)


TOUCHES = st.one_of(
    st.sampled_from(
        ["continue", "continue", "continue", "decline", "back", "more", "yes", "no", "help", "plus", "wake"]
    ),
    st.integers(0, 13).map(lambda n: f"option:{n}"),
    st.sampled_from(["key:a", "key:é", "key:3", "key:0", "key:backspace", "key:shift", "key:x" * 3]),
    st.integers(0, 10).map(lambda n: f"cone:{n}"),
)
STEPS = st.one_of(
    *(st.integers(0, 12).map(lambda n: f"answer:{n}"),) * 3,
    *(TOUCHES,) * 3,
    st.sampled_from(["kill", "kill", "cut", "night", "minutes", "quarter"]),
)


@dataclass
class Witness:
    """What the person has confirmed, as they saw it: linkId -> the answer, None when declined."""

    form: Questionnaire
    confirmed: dict[str, object] = field(default_factory=dict)

    def looks(self, walker: Walker, target: str) -> None:
        """Before the touch."""
        asked = self._asked(walker)
        if asked is None or target not in ("continue", "decline", "back"):
            return
        name, view = asked.question.link_id, walker.view
        words = view.text.strip() if isinstance(view, CommentView) else ""
        if target == "back":
            if words:
                self.confirmed[name] = words
            return
        if target == "decline":
            if not isinstance(view, TextView):
                self.confirmed[name] = None
            return
        self._confirms(name, asked, view)

    def _confirms(self, name: str, asked: Asked, view: object) -> None:
        match view:
            case ConeView(value=int() as value):
                self.confirmed[name] = value
            case ScaleView(chosen=int() as chosen) if isinstance(asked.question, Scale):
                self.confirmed[name] = asked.question.options[chosen].coding.code
            case ChoiceView(chosen=str() as chosen) if isinstance(asked.question, Choice):
                self.confirmed[name] = asked.question.options[int(chosen.removeprefix("option:"))].coding.code
            case YesNoView(chosen=bool() as chosen):
                self.confirmed[name] = chosen
            case NumberView(digits=digits) if digits and int(digits) <= asked.question.last:  # type: ignore[union-attr]
                self.confirmed[name] = int(digits)
            case CommentView(text=text):
                self.confirmed[name] = text.strip() or None

    def _asked(self, walker: Walker) -> Asked | None:
        """The question on the screen, found by what it shows of the state."""
        filling = getattr(walker.journey.place, "filling", None)
        if filling is None or walker.journey.helping is not None or not 0 <= filling.position < len(filling.screens):
            return None
        found: Asked = filling.screens[filling.position]
        return found

    def judges(self, report: Evaluation | FormAnswered) -> None:
        given = {one.link_id: one for one in report.response.item}
        asked = [one for one in screens(self.form) if not isinstance(one.question, Information)]
        assert [one.link_id for one in report.response.item] == [one.question.link_id for one in asked]
        for one in asked:
            told, name = given[one.question.link_id], one.question.link_id
            if not enabled(one, given) or name not in self.confirmed:
                assert (told.answer, told.absent_reason) == ((), "not-asked")
            else:
                assert _said(told) == self.confirmed[name]
        assert decode(encode(report), type(report)) == report


def _said(told: ResponseItem) -> object:
    if not told.answer:
        assert told.absent_reason == "asked-declined"
        return None
    assert told.absent_reason is None
    answer = told.answer[0]
    if answer.value_coding is not None:
        return answer.value_coding.code
    values = (answer.value_boolean, answer.value_integer, answer.value_string)
    (value,) = [one for one in values if one is not None]
    return value


def _do(walker: Walker, witness: Witness, step: str) -> None:
    match step:
        case "kill" | "cut":
            walker.power_cut(same_boot=step == "kill")
            walker.feel(FormsTold(walker.clock(), Forms("martin")))
        case "night":
            walker.power_cut(minutes=600)
        case "minutes" | "quarter":
            walker.wait_ms(60_000 * (6 if step == "minutes" else 16))
        case _ if step.startswith("answer:"):
            _touch(walker, witness, _sensible(walker.view, int(step.removeprefix("answer:"))))
            _touch(walker, witness, "continue")
        case _:
            _touch(walker, witness, step)


def _touch(walker: Walker, witness: Witness, target: str) -> None:
    name, _, height = target.partition(":")
    name, at = ("cone", int(height)) if name == "cone" else (target, None)
    witness.looks(walker, name)
    walker.touch(name, at)


def _sensible(view: object, n: int) -> str:
    """A touch that answers this question."""
    match view:
        case ConeView():
            return f"cone:{min(n, 10)}"
        case ScaleView(options=options):
            return f"option:{n % len(options)}"
        case ChoiceView(options=options):
            return options[n % len(options)].target
        case YesNoView():
            return "yes" if n % 3 else "no"
        case NumberView():
            return f"key:{n % 10}"
        case _:
            return "key:a"


@given(forms(), st.lists(STEPS, max_size=40))
@settings(max_examples=70, deadline=None, derandomize=True)
def test_a_form_before_a_care_however_it_is_answered(form: Questionnaire, steps: list[str]) -> None:
    check_form(form)
    care = structs.replace(request(), questionnaire=form.canonical)
    walker = Walker(structs.replace(plan(care), questionnaires=(form,)))
    _walk(walker, Witness(form), "care:riviere", steps)
    for report in walker.reports:
        assert isinstance(report, Evaluation)


@given(forms(), st.lists(STEPS, max_size=40))
@settings(max_examples=70, deadline=None, derandomize=True)
def test_a_form_apart_from_a_care_however_it_is_answered(form: Questionnaire, steps: list[str]) -> None:
    asked = FormRequest(
        id="f", title="Votre semaine", questionnaire=form.canonical, purpose="other", every_days=1, start_ms=NOW_MS
    )
    carried = (*plan().questionnaires, form)
    walker = Walker(structs.replace(plan(), questionnaires=carried, forms=(asked,)))
    walker.feel(FormsTold(walker.clock(), Forms("martin")))
    _walk(walker, Witness(form), "forms:f", steps)


def _walk(walker: Walker, witness: Witness, begin: str, steps: list[str]) -> None:
    """Until it is over for the first time; at the end the person goes away."""
    walker.touch(begin)
    assert isinstance(walker.view, ConeView | ScaleView | ChoiceView | YesNoView | NumberView | CommentView | TextView)
    for step in (*steps, "done", "back", "quarter", "quarter"):
        _do(walker, witness, step)
        assert walker.view is not None
        reports = [one for one in walker.told if isinstance(one, Evaluation | FormAnswered)]
        if reports:
            witness.judges(reports[0])
            return
        if isinstance(walker.view, HomeView):
            break
    assert not witness.confirmed, "what was confirmed is in no report"


def test_the_longest_form_at_the_limits_of_its_words() -> None:
    words = "Ж" * 90
    form = questionnaire(
        *(_item(KINDS[place % len(KINDS)], f"q{place}", {"text": words}, 12) for place in range(60)), name="long"
    )
    check_form(form)
    care = structs.replace(request(), questionnaire=form.canonical)
    walker = Walker(structs.replace(plan(care), questionnaires=(form,)))
    walker.touch("care:riviere")
    for _ in range(60):
        walker.touch("continue" if isinstance(walker.view, TextView) else "decline")
    assert isinstance(walker.view, TextView)
    assert walker.view.heading == WORDS.asking.finished
    walker.touch("continue")
    (report,) = walker.reports
    assert isinstance(report, Evaluation)
    assert {one.absent_reason for one in report.response.item} == {"asked-declined"}
    assert len(report.response.item) == 60 - 6  # of nine kinds one is read, not answered
    assert len(encode(report)) < 64 * 1024


def test_a_chain_of_conditions_is_taken_back_to_its_end() -> None:
    chain = [item("q0")]
    chain += [item(f"q{n}", enable_when=(when(f"q{n - 1}", boolean=True),)) for n in range(1, 20)]
    form = questionnaire(*chain)
    care = structs.replace(request(), questionnaire=form.canonical)
    walker = Walker(structs.replace(plan(care), questionnaires=(form,)))
    walker.touch("care:riviere")
    for _ in range(20):
        walker.touch("yes")
        walker.touch("continue")
    for _ in range(20):
        walker.touch("back")
    walker.touch("no")
    walker.touch("continue")
    (report,) = walker.reports
    assert isinstance(report, Evaluation)
    assert [bool(one.answer) for one in report.response.item] == [True] + [False] * 19
    assert not any(one.answer and one.answer[0].value_boolean for one in report.response.item)
