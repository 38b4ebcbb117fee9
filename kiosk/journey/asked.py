"""What a form shows at its position: words put in, nothing decided."""

from typing import Any

from kiosk.journey import filling
from kiosk.journey.filling import CHOICES_A_PAGE, Filling
from kiosk.journey.views import (
    ChoiceView,
    CommentView,
    ConeView,
    NumberView,
    Option,
    ScaleView,
    TextView,
    View,
    YesNoView,
)
from kiosk.words import Words
from mqtt_bridge.contract.forms import Cone
from mqtt_bridge.contract.questions import Choice, FreeText, Information, Question, Scale, WholeNumber, YesNo

LABEL_MAX = 20
"""Characters of the small words beside a question; a longer title stood on the tile that was touched."""
WHO_PICTURES = ("person", "with-relative", "relative", "carer")


def view_of(form: Filling, moment: str, out: str, words: Words) -> View:
    """The screen. `moment`: « Avant le soin », or the form's title; `out`: where back leads from the first one."""
    moment = moment if len(moment) <= LABEL_MAX else words.asking.form
    if form.position == filling.WHO:
        return _who(form, moment, out, words)
    asked = filling.question(form)
    if asked is None:
        return _finished(form, moment, words)
    return _question(form, asked, moment, out, words)


def _question(form: Filling, asked: Question, moment: str, out: str, words: Words) -> View:
    if isinstance(asked, Information):
        return _information(form, asked, moment, out, words)
    common = _common(form, moment, out, words) | {"question": asked.question}
    match asked:
        case FreeText():
            return _text(form, asked.question, common, words)
        case Cone():
            return _cone(form, asked, common, words)
        case Scale(help=advice, options=options, faces=faces, ramp=ramp):
            labels = tuple(option.text for option in options)
            return ScaleView(**common, help=advice, options=labels, chosen=form.value, faces=faces, ramp=ramp)
        case Choice():
            return _choice(form, asked, common, words)
        case YesNo(help=advice):
            chosen = None if form.value is None else form.value == 1
            return YesNoView(**common, help=advice, yes=words.asking.yes, no=words.asking.no, chosen=chosen)
        case WholeNumber(help=advice, first=first, last=last):
            allowed = words.asking.number_allowed.format(first=first, last=last)
            wrong = words.asking.number_wrong if form.wrong else ""
            return NumberView(**common, help=advice, digits=form.text, allowed=allowed, wrong=wrong)


def _common(form: Filling, moment: str, out: str, words: Words) -> dict[str, Any]:
    """What every kind of question shows; the cone and the comment have the heading in the place of the moment."""
    step, steps, back = _step(form, out, words)
    return {
        "moment": moment,
        "decline": words.decline,
        "go_on": words.go_on,
        "back": back,
        "step": step,
        "steps": steps,
        "declined": form.value is None and not form.text and filling.declined(form),
        "heading": form.screens[form.position].heading,
    }


def _step(form: Filling, out: str, words: Words) -> tuple[int, int, str]:
    """(step, steps, label of back)."""
    way = filling.way(form)
    return way.index(form.position) + 1, len(way), words.back if form.position != way[0] else out


def _who(form: Filling, moment: str, out: str, words: Words) -> ChoiceView:
    said = words.asking
    step, steps, back = _step(form, out, words)
    labels = (said.who_self, said.who_with_relative, said.who_relative, said.who_carer)
    options = tuple(
        Option(f"option:{n}", label, picture)
        for n, (label, picture) in enumerate(zip(labels, WHO_PICTURES, strict=True))
    )
    return ChoiceView(
        question=said.who,
        moment=moment,
        help=said.who_help,
        decline="",
        go_on=words.go_on,
        back=back,
        step=step,
        steps=steps,
        options=options,
        chosen=None if form.value is None else f"option:{form.value}",
    )


def _finished(form: Filling, moment: str, words: Words) -> TextView:
    said, steps = words.asking, len(filling.way(form))
    return TextView(
        title=moment,
        heading=said.finished,
        paragraph=said.finished_detail,
        go_on=said.send,
        back=words.back,
        page=steps,
        pages=steps,
    )


def _information(form: Filling, asked: Information, moment: str, out: str, words: Words) -> TextView:
    step, steps, back = _step(form, out, words)
    return TextView(
        title=moment,
        heading=form.screens[form.position].heading,
        paragraph=asked.text,
        go_on=words.go_on,
        back=back,
        page=step,
        pages=steps,
    )


def _text(form: Filling, question: str, common: dict[str, Any], words: Words) -> CommentView:
    return CommentView(
        question=question,
        moment=_label(common),
        text=form.text,
        placeholder=words.comment_placeholder,
        layer=form.layer,
        go_on=words.go_on_comment,
        back=common["back"],
        step=common["step"],
        steps=common["steps"],
    )


def _label(common: dict[str, Any]) -> str:
    """The heading, where there is no room for both and it is short enough."""
    heading: str = common["heading"]
    moment: str = common["moment"]
    return heading if 0 < len(heading) <= LABEL_MAX else moment


def _cone(form: Filling, cone: Cone, common: dict[str, Any], words: Words) -> ConeView:
    value = form.value
    shown = {name: told for name, told in common.items() if name not in ("heading", "moment")}
    return ConeView(
        **shown,
        moment=_label(common),
        help=cone.help,
        ramp=cone.ramp,
        anchors=(cone.word(0), cone.word(5), cone.word(10)),
        value=value,
        word="" if value is None else cone.word(value),
        prompt=(words.touch_cone, words.touch_cone_detail),
        ladder=tuple(((word.first + word.last) // 2, word.text) for word in cone.words),
    )


def _choice(form: Filling, asked: Choice, common: dict[str, Any], words: Words) -> ChoiceView:
    """Six options a page; the chosen one is marked on its own page."""
    first = form.page * CHOICES_A_PAGE
    options = tuple(
        Option(f"option:{first + n}", option.text)
        for n, option in enumerate(asked.options[first : first + CHOICES_A_PAGE])
    )
    chosen = None if form.value is None else f"option:{form.value}"
    return ChoiceView(
        **common,
        help=asked.help,
        options=options,
        chosen=chosen if any(option.target == chosen for option in options) else None,
        more=words.asking.more if len(asked.options) > CHOICES_A_PAGE else "",
    )
