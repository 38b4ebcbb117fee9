"""The questions before and after a care: answered, declined, changed until confirmed, kept at every item."""

from dataclasses import replace

from kiosk.journey.session import Session
from kiosk.journey.state import Asking, Explaining, Home, Journey, Resting, Thanking
from kiosk.journey.turn import Turn, go, stay
from kiosk.journey.views import Layer
from mqtt_bridge.contract.forms import (
    CONE_MAX,
    CONE_MIN,
    QuestionnaireItem,
    QuestionnaireResponse,
    Reference,
    ResponseItem,
    absent,
    answered,
)
from mqtt_bridge.contract.report import Evaluation, Moment
from mqtt_bridge.contract.stamp import Stamp

LAYER_KEYS: dict[str, Layer] = {"shift": "capitals", "symbols": "symbols", "letters": "letters"}
COMMENT_MAX = 500
"""Characters of a comment: a page of large type; longer ones are for the messages."""
LEFT_BEFORE_MS = 15 * 60_000
"""Nobody has touched the questions before a care for so long: they are left, and what was answered is kept."""
DARK_AFTER_MS = 5 * 60_000
"""Nobody answers after a care: dark and silent, the questions wait (A8)."""
LEFT_AFTER_MS = 12 * 3600_000
"""The questions after a care are asked until the next morning, not longer: the answer would be about another day."""


def questions(session: Session) -> tuple[QuestionnaireItem, ...]:
    return tuple(item for item in session.form.item if item.type in ("integer", "text"))


def begin(session: Session, moment: Moment, at: Stamp, ended: Stamp | None = None) -> Asking:
    items = tuple(absent(q.link_id, "not-asked") for q in questions(session))
    return Asking(session, moment, at, items, ended=ended)


def question(asking: Asking) -> QuestionnaireItem:
    return questions(asking.session)[asking.index]


def touched(journey: Journey, asking: Asking, target: str, height: int | None, at: Stamp) -> Turn:
    """One touch on a question."""
    asking = _first_touch(asking, at)
    name, _, rest = target.partition(":")
    if name == "cone" and height is not None:
        return _moved(journey, asking, height)
    if name in ("minus", "plus") and asking.value is not None:
        return _moved(journey, asking, asking.value + (1 if name == "plus" else -1))
    if name == "key":
        return go(journey, _typed(asking, rest))
    if name == "back":
        return _back(journey, asking)
    if name == "decline":
        return _onward(journey, asking, absent(question(asking).link_id, "asked-declined"), at)
    if name == "continue":
        return _continued(journey, asking, at)
    return stay(journey)


def left(journey: Journey, asking: Asking) -> Turn:
    """The person went away: what was answered is kept, as stopped. Nothing answered before a care: nothing to tell."""
    untouched = all(item.absent_reason == "not-asked" for item in asking.items)
    if untouched and asking.moment == "before":
        return go(journey, Home())
    return go(journey, Home(), reports=(_report(asking, "stopped"),))


def rest_or_leave(journey: Journey, asking: Asking, at: Stamp) -> Turn:
    """Time has passed without a touch."""
    idle_ms = at.monotonic_ms - max(journey.touched_ms, asking.asked.monotonic_ms)
    if asking.moment == "before":
        return left(journey, asking) if idle_ms >= LEFT_BEFORE_MS else stay(journey)
    return go(journey, Resting(asking)) if idle_ms >= DARK_AFTER_MS else stay(journey)


def unanswered_until(journey: Journey, asking: Asking) -> int:
    wait_ms = LEFT_BEFORE_MS if asking.moment == "before" else DARK_AFTER_MS
    return max(journey.touched_ms, asking.asked.monotonic_ms) + wait_ms


def answer_of(asking: Asking) -> tuple[int | None, str]:
    """(height, text) already given to the question shown."""
    given = asking.items[asking.index].answer
    if not given:
        return None, ""
    return given[0].value_integer, given[0].value_string or ""


def show(asking: Asking, index: int) -> Asking:
    """Turn to a question, with what was answered to it before."""
    asking = replace(asking, index=index, layer="letters")
    value, text = answer_of(asking)
    return replace(asking, value=value, text=text)


def _first_touch(asking: Asking, at: Stamp) -> Asking:
    """How long the questions waited is told once: at the first touch after the care."""
    untouched = all(item.absent_reason == "not-asked" for item in asking.items) and asking.delay_s == 0
    if not untouched or asking.ended is None or asking.ended.boot != at.boot:
        return asking
    return replace(asking, delay_s=(at.monotonic_ms - asking.ended.monotonic_ms) / 1000)


def _moved(journey: Journey, asking: Asking, height: int) -> Turn:
    if question(asking).type != "integer":
        return stay(journey)
    return go(journey, replace(asking, value=min(CONE_MAX, max(CONE_MIN, height))))


def _typed(asking: Asking, key: str) -> Asking:
    if question(asking).type != "text":
        return asking
    if key == "backspace":
        return replace(asking, text=asking.text[:-1])
    if key in LAYER_KEYS:
        wanted = LAYER_KEYS[key]
        return replace(asking, layer="letters" if asking.layer == wanted else wanted)
    text = (asking.text + key)[:COMMENT_MAX]
    return replace(asking, text=text, layer="letters" if asking.layer == "capitals" else asking.layer)


def _back(journey: Journey, asking: Asking) -> Turn:
    if asking.index > 0:
        return go(journey, show(_with_words(asking), asking.index - 1))
    # Before a care the first question leads back home; after one there is nothing behind it.
    return left(journey, asking) if asking.moment == "before" else stay(journey)


def _with_words(asking: Asking) -> Asking:
    """What was written stays, when one turns back to change another answer."""
    text = asking.text.strip()
    if question(asking).type != "text" or not text:
        return asking
    given = answered(question(asking).link_id, text)
    return replace(asking, items=(*asking.items[: asking.index], given, *asking.items[asking.index + 1 :]))


def _continued(journey: Journey, asking: Asking, at: Stamp) -> Turn:
    item = question(asking)
    if item.type == "text":
        text = asking.text.strip()
        given = answered(item.link_id, text) if text else absent(item.link_id, "asked-declined")
        return _onward(journey, asking, given, at)
    if asking.value is not None:
        return _onward(journey, asking, answered(item.link_id, asking.value), at)
    if asking.items[asking.index].absent_reason == "asked-declined":
        return _onward(journey, asking, asking.items[asking.index], at)
    return stay(journey)


def _onward(journey: Journey, asking: Asking, given: ResponseItem, at: Stamp) -> Turn:
    items = (*asking.items[: asking.index], given, *asking.items[asking.index + 1 :])
    asking = replace(asking, items=items)
    if asking.index + 1 < len(items):
        return go(journey, show(asking, asking.index + 1))
    report = (_report(asking, "completed"),)
    if asking.moment == "before":
        return go(journey, Explaining(asking.session), reports=report)
    return go(journey, Thanking(asking.session, at.monotonic_ms), reports=report)


def _report(asking: Asking, status: str) -> Evaluation:
    session = asking.session
    patient = Reference(reference=f"Patient/{session.plan.patient}")
    response = QuestionnaireResponse(
        questionnaire=session.form.canonical,
        status="completed" if status == "completed" else "stopped",
        subject=patient,
        source=patient,
        item=asking.items,
    )
    return Evaluation(
        session=session.id,
        request=session.request.id,
        moment=asking.moment,
        response=response,
        asked=asking.asked,
        delay_s=asking.delay_s,
    )
