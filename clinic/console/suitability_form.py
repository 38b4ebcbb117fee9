"""The form of a checklist: a line is answered by one touch, and « not seen » stands until somebody has seen."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from clinic.console.plans.fields import DayField
from clinic.console.suitability_words import answer_said, method_said, outcome_said, place_said
from clinic.people.models import Lives, Patient
from clinic.suitability.assessing import (
    INFORMANT_MAX,
    REASON_MAX,
    REMARK_MAX,
    Answered,
    Assessment,
    wants_reason,
)
from clinic.suitability.checklist import NOT_SEEN, ChecklistLine, current
from clinic.suitability.models import HomeChecklist

DAYS_BACK_MAX = 366
_IN_ESTABLISHMENT = (Lives.CARE_HOME, Lives.SOCIAL_HOME, Lives.HOSPITAL)


@dataclass(frozen=True)
class AskedLine:
    """A line as it is asked. `before`: what was answered the last time, empty where nothing was."""

    line: ChecklistLine
    question: str
    help: str
    remedy: str
    answer: forms.BoundField
    remark: forms.BoundField
    before: str


def _radios(label: Any, said: Any, values: Any) -> forms.ChoiceField:
    beside = forms.RadioSelect(attrs={"class": "beside"})
    return forms.ChoiceField(label=label, choices=lambda: [(value, said(value)) for value in values], widget=beside)


class SuitabilityForm(forms.Form):
    """`before`: the answers of the last checklist, by line; they are shown, and carried over to nothing."""

    place = _radios(gettext_lazy("Où la boîte sera-t-elle ?"), place_said, HomeChecklist.Place.values)
    method = _radios(gettext_lazy("Comment la liste est-elle faite ?"), method_said, HomeChecklist.Method.values)
    made_on = DayField(label=gettext_lazy("Quel jour"))
    informant = forms.CharField(
        label=gettext_lazy("Avec qui"),
        help_text=gettext_lazy("La personne, un proche, qui vous a répondu au téléphone."),
        max_length=INFORMANT_MAX,
        required=False,
    )
    outcome = forms.ChoiceField(
        label=gettext_lazy("Le lieu convient-il ?"),
        help_text=gettext_lazy("C’est vous qui décidez : aucune réponse n’interdit le prêt, et rien n’est calculé."),
        choices=lambda: [(value, outcome_said(value).capitalize()) for value in HomeChecklist.Outcome.values],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=gettext_lazy("Pourquoi, et ce qui est à arranger"),
        max_length=REASON_MAX,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, patient: Patient, before: Mapping[str, Answered], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._before = before
        self.checklist = current()
        self.initial = {
            "place": "establishment" if patient.lives in _IN_ESTABLISHMENT else "home",
            "method": "visit",
            "made_on": timezone.localdate(),
        }
        for line in self.checklist.line:
            self.fields[f"{line.id}-answer"] = _answer_field(line)
            self.fields[f"{line.id}-remark"] = forms.CharField(
                label=gettext("Remarque"), max_length=REMARK_MAX, required=False
            )

    def parts(self) -> Iterator[tuple[str, list[AskedLine]]]:
        """The lines under their headings."""
        for heading, lines in groupby(self.checklist.line, lambda line: line.heading):
            yield gettext(heading), [self._asked(line) for line in lines]

    def _asked(self, line: ChecklistLine) -> AskedLine:
        help_, remedy = (gettext(words) if words else "" for words in (line.help, line.remedy))
        before = self._before.get(line.id)
        said = answer_said(line, before.answer) if before and before.answer in line.answers else ""
        return AskedLine(
            line,
            gettext(line.question),
            help_,
            remedy,
            self[f"{line.id}-answer"],
            self[f"{line.id}-remark"],
            " · ".join(filter(None, (said, before.remark if before else ""))),
        )

    def clean_made_on(self) -> dt.date:
        day: dt.date = self.cleaned_data["made_on"]
        if not 0 <= (timezone.localdate() - day).days <= DAYS_BACK_MAX:
            raise forms.ValidationError(gettext("Un jour de la dernière année, aujourd’hui au plus tard."))
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        given = [cleaned.get(f"{line.id}-answer", NOT_SEEN) for line in self.checklist.line]
        said = cleaned.get("reason", "").strip()
        if (
            "outcome" in cleaned
            and not said
            and "reason" not in self.errors
            and wants_reason(cleaned["outcome"], given)
        ):
            self.add_error("reason", gettext("Dites pourquoi : la décision est la vôtre, aucune réponse ne la prend."))
        return cleaned

    @property
    def assessment(self) -> Assessment:
        told = self.cleaned_data
        return Assessment(
            made_on=told["made_on"],
            place=told["place"],
            method=told["method"],
            outcome=told["outcome"],
            informant=told["informant"],
            reason=told["reason"],
            answers={
                line.id: Answered(told[f"{line.id}-answer"], told[f"{line.id}-remark"]) for line in self.checklist.line
            },
        )


def _answer_field(line: ChecklistLine) -> forms.ChoiceField:
    choices = [(answer, answer_said(line, answer)) for answer in line.answers]
    beside = forms.RadioSelect(attrs={"class": "beside"})
    return forms.ChoiceField(label=gettext(line.question), choices=choices, widget=beside, initial=NOT_SEEN)
