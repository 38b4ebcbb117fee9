"""Kinds of field that the pages of a plan share: one line of visible words, paragraphs, codes, days."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy

from mqtt_bridge.contract.codec import TEXT

PARAGRAPHS_MAX, PARAGRAPH_MAX = 12, 500
_LINE = re.compile(TEXT)


def check_line(words: str) -> str:
    """The same words. Raises ValidationError: a sign that no screen can show, or nothing that can be seen."""
    if words and not _LINE.match(words):
        raise forms.ValidationError(gettext("Des lettres visibles, sur une seule ligne."))
    return words


class LineField(forms.CharField):
    """Words on one line, as the box shows them."""

    def clean(self, value: Any) -> str:
        return check_line(str(super().clean(value)))


class ParagraphsField(forms.CharField):
    """Paragraphs, one a line; each has a screen of its own on the box."""

    def __init__(self, **told: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": 5}), max_length=PARAGRAPHS_MAX * 510, **told)

    def clean(self, value: Any) -> Any:
        lines = tuple(line.strip() for line in str(super().clean(value)).splitlines() if line.strip())
        if len(lines) > PARAGRAPHS_MAX:
            raise forms.ValidationError(gettext("%(n)s paragraphes au plus.") % {"n": PARAGRAPHS_MAX})
        long = next((line for line in lines if len(line) > PARAGRAPH_MAX), None)
        if long is not None:
            words = gettext("Un paragraphe a %(n)s lettres ; %(max)s au plus tiennent sur un écran : « %(start)s… »")
            raise forms.ValidationError(words % {"n": len(long), "max": PARAGRAPH_MAX, "start": long[:30]})
        return tuple(check_line(line) for line in lines)


class DayField(forms.DateField):
    """A day, in the browser's own calendar."""

    def __init__(self, **told: Any) -> None:
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **told)


class HourField(forms.RegexField):
    """A time of day, as 21:30."""

    def __init__(self, **told: Any) -> None:
        widget = forms.TextInput(attrs={"type": "time"})
        messages = {"invalid": gettext_lazy("Une heure, comme 21:30.")}
        super().__init__(r"\A([01][0-9]|2[0-3]):[0-5][0-9]\Z", widget=widget, error_messages=messages, **told)


class DaysField(forms.CharField):
    """Days after a care: « 1, 3 »."""

    def clean(self, value: Any) -> Any:
        parts = re.findall(r"[^\s,;]+", str(super().clean(value)))
        known = sorted({int(part) for part in parts if part.isascii() and part.isdecimal() and len(part) < 3})
        if len(parts) > 14 or any(not part.isascii() or not part.isdecimal() for part in parts) or not known:
            raise forms.ValidationError(gettext("Des nombres de 1 à 14, comme « 1, 3 »."))
        if known[0] < 1 or known[-1] > 14:
            raise forms.ValidationError(gettext("Des nombres de 1 à 14, comme « 1, 3 »."))
        return tuple(known)
