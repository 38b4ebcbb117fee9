"""A form being filled in: one question a screen, back and change until it is confirmed. Pure; it knows no care."""

from dataclasses import dataclass, replace
from typing import Literal

from msgspec import structs

from kiosk.journey.views import Layer
from mqtt_bridge.contract.codec import ContractError
from mqtt_bridge.contract.forms import ORDINAL, Coding, Cone, Extension, Questionnaire, ResponseItem, absent, answered
from mqtt_bridge.contract.questions import (
    Asked,
    Choice,
    FreeText,
    Information,
    Option,
    Question,
    Scale,
    WholeNumber,
    YesNo,
    enabled,
    screens,
)
from mqtt_bridge.contract.schedule import Respondent

WHO = -1
"""Position of « who answers », before the first question."""
RESPONDENTS: tuple[Respondent, ...] = ("self", "with-relative", "relative", "carer")
LONG_FORM = 8
"""More questions than this: asked once more at the end before they are sent. Fewer: each was confirmed."""
CHOICES_A_PAGE = 6
TEXT_MAX = 500
"""Characters: a page of large type; longer ones are for the messages."""
LAYER_KEYS: dict[str, Layer] = {"shift": "capitals", "symbols": "symbols", "letters": "letters"}
Ended = Literal["", "completed", "out"]


@dataclass(frozen=True)
class Filling:
    """items: one for each question, in order, as it was answered; what is not asked any more stays here (`answers`).

    asks_who: whether who answers is asked first. position: WHO, an index of `screens`, or their number: « send ? ».
    value: touched and not yet confirmed: a height, an option, 1 for yes; text: typed, also digits. page: of a choice.
    """

    form: Questionnaire
    screens: tuple[Asked, ...]
    items: tuple[ResponseItem, ...]
    asks_who: bool
    position: int = 0
    answered_by: Respondent | None = None
    value: int | None = None
    text: str = ""
    layer: Layer = "letters"
    page: int = 0
    wrong: bool = False
    """The number typed is outside of what is asked."""


def begin(form: Questionnaire, answered_by: Respondent | None = None, *, asks_who: bool = True) -> Filling:
    """The form at its first screen. answered_by: known already, and not asked. Raises ContractError."""
    asked = screens(form)
    items = tuple(
        absent(one.question.link_id, "not-asked") for one in asked if not isinstance(one.question, Information)
    )
    asks_who = asks_who and answered_by is None
    filling = Filling(form, asked, items, asks_who, answered_by=answered_by)
    return show(filling, WHO if asks_who else 0)


def untouched(filling: Filling) -> bool:
    """Whether nothing has been answered or declined."""
    return all(item.absent_reason == "not-asked" for item in filling.items)


def question(filling: Filling) -> Question | None:
    """None: who answers is being asked, or whether to send."""
    return filling.screens[filling.position].question if 0 <= filling.position < len(filling.screens) else None


def answers(filling: Filling) -> tuple[ResponseItem, ...]:
    """Every question of the form once, in order; what the other answers do not ask for is `not-asked`."""
    if not filling.screens:
        return filling.items
    given = _given(filling)
    return tuple(given.get(item.link_id, absent(item.link_id, "not-asked")) for item in filling.items)


def declined(filling: Filling) -> bool:
    """Whether the question shown was declined."""
    item = _item(filling)
    return item is not None and item.absent_reason == "asked-declined"


def way(filling: Filling) -> tuple[int, ...]:
    """The positions asked, with the answers so far: « who » first where it is asked."""
    asked = tuple(place for place, one in enumerate(filling.screens) if enabled(one, _given(filling)))
    return (WHO, *asked) if filling.asks_who else asked


def touched(filling: Filling, target: str, height: int | None = None) -> tuple[Filling, Ended]:
    """One touch. `completed`: the last one was confirmed; `out`: back from the first. Other touches change nothing."""
    name, _, rest = target.partition(":")
    match name:
        case "continue":
            return _continued(filling)
        case "back":
            return _back(filling)
        case "decline":
            return _declined(filling)
        case "skip" if isinstance(question(filling), FreeText):
            return _onward(filling)  # with closed eyes nobody can write: it stays « not asked »
        case "key":
            return _typed(filling, rest), ""
        case _:
            return _chosen(filling, name, rest, height), ""


def show(filling: Filling, position: int) -> Filling:
    """Turn to a screen, with what was answered there before."""
    filling = replace(filling, position=position, value=None, text="", layer="letters", page=0, wrong=False)
    if position == WHO:
        who = filling.answered_by
        return replace(filling, value=None if who is None else RESPONDENTS.index(who))
    item = _item(filling)
    if item is None or not item.answer:
        return filling
    value, text = _as_touched(question(filling), item)
    return replace(filling, value=value, text=text, page=(value or 0) // CHOICES_A_PAGE)


def ask_who_again(filling: Filling) -> Filling:
    """Somebody else may be there now."""
    return show(replace(filling, asks_who=True, answered_by=None), WHO)


def resumed(
    form: Questionnaire,
    items: tuple[ResponseItem, ...],
    answered_by: Respondent | None,
    *,
    asks_who: bool,
    position: int | None,
    index: int = 0,
) -> Filling:
    """As it was written. position None: by a box of before, which counted questions: `index`. Raises ContractError."""
    filling = begin(form, answered_by, asks_who=False)
    kept = {item.link_id: item for item in items}
    items = tuple(kept.get(item.link_id, item) for item in filling.items)
    filling = replace(filling, items=items, asks_who=asks_who)
    if position is None:
        names = [one.question.link_id for one in filling.screens]
        if not 0 <= index < len(items):
            raise ContractError(f"question {index} of a form that has {len(items)}: begin it again")
        position = names.index(items[index].link_id)
    return show(filling, min(max(position, WHO), len(filling.screens)))


def unreadable(form: Questionnaire, items: tuple[ResponseItem, ...], answered_by: Respondent | None) -> Filling:
    """A form that this box cannot ask any more: what was answered can only be sent, or left."""
    return Filling(form, (), items, asks_who=False, answered_by=answered_by)


def touched_before(filling: Filling, value: int | None, text: str) -> Filling:
    """With what had been touched and not confirmed, where it can be an answer here."""
    match question(filling):
        case FreeText() | WholeNumber():
            return replace(filling, text=text)
        case Cone():
            last = 10
        case YesNo():
            last = 1
        case Scale(options=options) | Choice(options=options):
            last = len(options) - 1
        case _:
            last = len(RESPONDENTS) - 1 if filling.position == WHO else -1
    known = value is not None and 0 <= value <= last
    return replace(filling, value=value, page=(value or 0) // CHOICES_A_PAGE) if known else filling


def _given(filling: Filling) -> dict[str, ResponseItem]:
    """The answers that count: an answer to what is not asked any more asks for nothing either."""
    items = {item.link_id: item for item in filling.items}
    given: dict[str, ResponseItem] = {}
    for one in filling.screens:
        link_id = one.question.link_id
        if link_id in items and enabled(one, given):
            given[link_id] = items[link_id]
    return given


def _item(filling: Filling) -> ResponseItem | None:
    asked = question(filling)
    return next((item for item in filling.items if asked and item.link_id == asked.link_id), None)


def _as_touched(asked: Question | None, item: ResponseItem) -> tuple[int | None, str]:
    """(value, text) that would give this answer again."""
    given = item.answer[0]
    match asked:
        case Cone():
            return given.value_integer, ""
        case WholeNumber():
            return None, str(given.value_integer)
        case YesNo():
            return int(bool(given.value_boolean)), ""
        case Scale() | Choice():
            same = [n for n, one in enumerate(asked.options) if _same(one.coding, given.value_coding)]
            return (same[0] if same else None), ""
        case _:
            return None, given.value_string or ""


def _same(one: Coding, other: Coding | None) -> bool:
    return other is not None and (one.system, one.code) == (other.system, other.code)


def _chosen(filling: Filling, name: str, rest: str, height: int | None) -> Filling:
    asked = question(filling)
    match asked, name:
        case Cone(), "cone" if height is not None:
            return _moved(filling, height)
        case Cone(), "minus" | "plus" if filling.value is not None:
            return _moved(filling, filling.value + (1 if name == "plus" else -1))
        case YesNo(), "yes" | "no":
            return replace(filling, value=int(name == "yes"))
        case ((Scale() | Choice()), "option"):
            return _option(filling, rest, len(asked.options))
        case None, "option" if filling.position == WHO:
            return _option(filling, rest, len(RESPONDENTS))
        case Choice(), "more":
            pages = -(-len(asked.options) // CHOICES_A_PAGE)
            return replace(filling, page=(filling.page + 1) % pages)
        case _:
            return filling


def _moved(filling: Filling, height: int) -> Filling:
    return replace(filling, value=min(10, max(0, height)))


def _option(filling: Filling, number: str, options: int) -> Filling:
    known = number.isascii() and number.isdigit() and int(number) < options
    return replace(filling, value=int(number)) if known else filling


def _typed(filling: Filling, key: str) -> Filling:
    match question(filling):
        case WholeNumber(last=last):
            return _digit(filling, key, len(str(last)))
        case FreeText(length_max=length):
            return _letter(filling, key, min(length, TEXT_MAX))
        case _:
            return filling


def _digit(filling: Filling, key: str, length: int) -> Filling:
    if key == "backspace":
        return replace(filling, text=filling.text[:-1], wrong=False)
    if len(key) != 1 or key not in "0123456789":
        return filling
    text = key if filling.text == "0" else filling.text + key
    return replace(filling, text=text, wrong=False) if len(text) <= length else filling


def _letter(filling: Filling, key: str, length: int) -> Filling:
    if key == "backspace":
        return replace(filling, text=filling.text[:-1])
    if key in LAYER_KEYS:
        wanted = LAYER_KEYS[key]
        return replace(filling, layer="letters" if filling.layer == wanted else wanted)
    text = (filling.text + key)[:length]
    return replace(filling, text=text, layer="letters" if filling.layer == "capitals" else filling.layer)


def _continued(filling: Filling) -> tuple[Filling, Ended]:
    if filling.position == WHO:
        who = None if filling.value is None else RESPONDENTS[filling.value]
        return (filling, "") if who is None else _onward(replace(filling, answered_by=who))
    asked = question(filling)
    if asked is None:
        return filling, "completed"
    if isinstance(asked, Information):
        return _onward(filling)
    if isinstance(asked, Choice) and filling.value is not None and not _in_sight(filling):
        return replace(filling, page=filling.value // CHOICES_A_PAGE), ""  # nothing unseen is confirmed
    given = _confirmed(filling, asked)
    if given is None:
        return replace(filling, wrong=bool(filling.text)), ""
    return _onward(_put(filling, given))


def _in_sight(filling: Filling) -> bool:
    return filling.value is not None and filling.value // CHOICES_A_PAGE == filling.page


def _confirmed(filling: Filling, asked: Question) -> ResponseItem | None:
    """What is answered by going on; None: nothing yet."""
    value, text = filling.value, filling.text.strip()
    match asked:
        case FreeText():
            return answered(asked.link_id, text) if text else absent(asked.link_id, "asked-declined")
        case WholeNumber() if text:
            return answered(asked.link_id, int(text)) if asked.first <= int(text) <= asked.last else None
        case Cone() if value is not None:
            return answered(asked.link_id, value)
        case YesNo() if value is not None:
            return answered(asked.link_id, value == 1)
        case Scale() | Choice() if value is not None:
            return answered(asked.link_id, _chosen_coding(asked.options[value]))
        case _:
            return _item(filling) if declined(filling) else None


def _chosen_coding(option: Option) -> Coding:
    """With its step on a scale, so that a rule about pain holds whatever way it was asked."""
    if option.value is None:
        return option.coding
    return structs.replace(option.coding, extension=(Extension(url=ORDINAL, value_decimal=float(option.value)),))


def _declined(filling: Filling) -> tuple[Filling, Ended]:
    item = _item(filling)
    return (filling, "") if item is None else _onward(_put(filling, absent(item.link_id, "asked-declined")))


def _put(filling: Filling, given: ResponseItem) -> Filling:
    items = tuple(given if item.link_id == given.link_id else item for item in filling.items)
    return replace(filling, items=items)


def _onward(filling: Filling) -> tuple[Filling, Ended]:
    following = [place for place in way(filling) if place > filling.position]
    if following:
        return show(filling, following[0]), ""
    asked = [
        place for place in way(filling) if place >= 0 and not isinstance(filling.screens[place].question, Information)
    ]
    if len(asked) > LONG_FORM:
        return show(filling, len(filling.screens)), ""
    return filling, "completed"


def _back(filling: Filling) -> tuple[Filling, Ended]:
    former = [place for place in way(filling) if place < filling.position]
    return (show(_with_words(filling), former[-1]), "") if former else (filling, "out")


def _with_words(filling: Filling) -> Filling:
    """What was written stays, when one turns back to change another answer."""
    asked, text = question(filling), filling.text.strip()
    return _put(filling, answered(asked.link_id, text)) if isinstance(asked, FreeText) and text else filling
